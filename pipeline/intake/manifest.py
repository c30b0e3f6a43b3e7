"""Manifests: a row names a recording and says what is known of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.columns import MANIFEST, lay_out
from pipeline.intake.fields import Cell, read_fields
from pipeline.intake.place import Found, Items, Place, RefusedError
from pipeline.intake.recordings import content_hash, locate
from pipeline.intake.table import Table
from pipeline.intake.values import Parser, as_text


def read_manifest(table: Table, name: str, *, bases: Sequence[Path], parsers: Mapping[str, Parser]) -> Items:
    """The calls that the rows name, and every problem of the rows that fail.

    Raises:
        RefusedError: a column stands there twice.
    """
    layout = lay_out(table.headers, MANIFEST)
    for row in table.rows:
        place = Place(name, row.number)
        if row.fault:
            yield place.problem(row.fault)
            continue
        known = {column: Cell(table.headers[at], row.cells[at]) for column, at in layout.known.items()}
        extra = {header: row.cells[at] for header, at in layout.extra.items()}
        yield from read_recording(place, known, extra, bases=bases, parsers=parsers)


def read_recording(
    place: Place,
    known: Mapping[str, Cell],
    extra: Mapping[str, object],
    *,
    bases: Sequence[Path],
    parsers: Mapping[str, Parser],
) -> Items:
    """The call of one row; or all that is wrong with it, and then no call.

    A row with a bad optional value is not scored: a score under the wrong day or team is worse than none.
    """
    fields = read_fields(place, known, extra, parsers)
    path = known["path"]
    try:
        if (text := as_text(path.value)) is None:
            raise RefusedError("没有填录音路径", "请填录音文件的路径", code=ProblemCode.MISSING_VALUE)
        file = locate(text, bases=bases)
        digest = content_hash(file)
    except RefusedError as refused:
        fields.refuse(refused.refusal, column=path.header)
    if fields.problems:
        yield from fields.problems
    else:
        yield Found(place, fields.call(digest, audio_path=file))
