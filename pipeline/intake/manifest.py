"""Manifests: a row names a recording and says what is known of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.columns import Layout
from pipeline.intake.fields import Cell, Fields, read_fields
from pipeline.intake.place import Found, Items, Place, Refused
from pipeline.intake.recordings import content_hash, derived_id, locate
from pipeline.intake.table import Row, Table
from pipeline.intake.values import Parser, as_text


def read_manifest(
    table: Table, layout: Layout, name: str, *, bases: Sequence[Path], parsers: Mapping[str, Parser]
) -> Items:
    """The calls that the rows name, one by one, and every problem of the rows that fail."""
    for row in table.rows:
        place = Place(name, row.number)
        if row.fault:
            yield place.problem(row.fault)
            continue
        known = {column: Cell(table.headers[at], row.cells[at]) for column, at in layout.known.items()}
        extra = {header: row.cells[at] for header, at in layout.extra.items()}
        yield from recording(place, known, extra, bases=bases, parsers=parsers)


def recording(
    place: Place,
    known: Mapping[str, Cell],
    extra: Mapping[str, object],
    *,
    bases: Sequence[Path],
    parsers: Mapping[str, Parser],
) -> Items:
    """The call of one manifest row; or all that is wrong with it, and then no call.

    A row with a bad optional value is not scored: a score under the wrong day or team is worse than none.
    """
    fields = read_fields(place, known, extra, parsers)
    path = known["path"]
    try:
        text = as_text(path.value)
        if text is None:
            raise Refused("没有填录音路径", "请填录音文件的路径", code=ProblemCode.MISSING_VALUE)
        file = locate(text, bases=bases)
        digest = content_hash(file)
    except Refused as refused:
        fields.refuse(refused, column=path.header)
    if fields.problems:
        yield from fields.problems
        return
    yield Found(place, audio_call(place, file, digest, fields))
