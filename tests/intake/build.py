"""Files as users hand them in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.transcript import Turn
from pipeline.intake import Intake, read

Row = tuple[str, str, int | None, int | None]
"""A turn: role, text, start_ms, end_ms."""
Words = list[list[tuple[str, int, int]]]
"""The words of each turn with their times."""

GREETING = {"role": "agent", "text": "您好"}


def recording(path: Path, content: bytes = b"RIFF sound") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def manifest(folder: Path, text: str, *, name: str = "manifest.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def jsonl(path: Path, *objects: object) -> Path:
    """Escaped as JSON may be, so that halves of emojis can be written too."""
    path.write_text("".join(json.dumps(o) + "\n" for o in objects), encoding="ascii")
    return path


def document(path: Path, content: object) -> Path:
    """A JSON file as recognisers write it."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def turns_of(intake: Intake) -> tuple[Turn, ...]:
    """The turns of the one call."""
    call = only(intake)
    assert call.turns is not None
    return call.turns


def plain(turns: Sequence[Turn]) -> list[Row]:
    return [(turn.role.value, turn.text, turn.start_ms, turn.end_ms) for turn in turns]


def timed(turn: Turn) -> list[tuple[str, int, int]]:
    """The words of the turn, each as its span in the text says it."""
    assert all(turn.text[w.char_start : w.char_end] == w.text for w in turn.words)
    return [(w.text, w.start_ms, w.end_ms) for w in turn.words]


def workbook(path: Path, *rows: Sequence[object], formats: dict[str, str] | None = None, title: str = "Sheet") -> Path:
    """`formats` gives the number format of cells by their names (`A2`)."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    book.save(path)
    return path


def only(intake: Intake) -> Call:
    """The one call of an intake without failures."""
    assert [str(p) for p in intake.failures] == []
    (call,) = intake.calls
    return call


def problem(intake: Intake) -> Problem:
    """The one failure of an intake without calls."""
    assert intake.calls == ()
    (found,) = intake.failures
    return found


def spots(intake: Intake) -> list[tuple[ProblemCode, int | None, str | None]]:
    return [(p.code, p.row, p.column) for p in intake.failures]


def refused(*paths: Path, **options: Any) -> Problem:
    """The one problem for which `read` gives up."""
    try:
        read(list(paths), **options)
    except InputError as error:
        (found,) = error.problems
        return found
    raise AssertionError("read did not refuse")


def utc(*parts: int) -> datetime:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
