"""Manifests: a row names a recording, or its transcript, and says what is known of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.columns import MANIFEST, lay_out
from pipeline.intake.fields import Cell, read_fields
from pipeline.intake.place import Found, Items, Place, Refusal, RefusedError
from pipeline.intake.recordings import content_hash, locate
from pipeline.intake.table import Table
from pipeline.intake.transcripts import read_named
from pipeline.intake.values import Parser, as_text


def read_manifest(
    table: Table, name: str, *, bases: Sequence[Path], parsers: Mapping[str, Parser], agent_channel: int | None
) -> Items:
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
        yield from read_row(place, known, extra, bases=bases, parsers=parsers, agent_channel=agent_channel)


def read_row(
    place: Place,
    known: Mapping[str, Cell],
    extra: Mapping[str, object],
    *,
    bases: Sequence[Path],
    parsers: Mapping[str, Parser],
    agent_channel: int | None,
) -> Items:
    """The call of one row; or all that is wrong with it, and then no call.

    A row with a bad optional value is not scored: a score under the wrong day or team is worse than none. A row that
    names a transcript is a call with those turns: its recording, where it names one too, is not sought, and kept as
    metadata.
    """
    fields = read_fields(place, known, extra, parsers)
    path, transcript = known.get("path"), known.get("transcript_path")
    if transcript and as_text(transcript.value) is not None:
        if path:
            fields.keep(path.header, path.value)
        yield from read_named(fields, transcript, bases=bases, agent_channel=agent_channel)
        return
    if path is None:
        fields.refuse(_NO_TRANSCRIPT, column=transcript.header if transcript else None)
        yield from fields.problems
        return
    try:
        if (text := as_text(path.value)) is None:
            raise RefusedError.of(_NEITHER if transcript else _NO_RECORDING)
        file = locate(text, bases=bases)
        digest = content_hash(file)
    except RefusedError as refused:
        fields.refuse(refused.refusal, column=path.header)
    if fields.problems:
        yield from fields.problems
    else:
        yield Found(place, fields.call(digest, audio_path=file))


_NO_RECORDING = Refusal("没有填录音路径", "请填录音文件的路径", code=ProblemCode.MISSING_VALUE)
_NO_TRANSCRIPT = Refusal("没有填转写文件", "请填转写文件的路径", code=ProblemCode.MISSING_VALUE)
_NEITHER = Refusal("录音路径和转写文件都没有填", "请填其中一个", code=ProblemCode.MISSING_VALUE)
