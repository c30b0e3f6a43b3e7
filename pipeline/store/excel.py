"""Spreadsheets that are safe to open: every text is inert, whoever wrote it, and the same rows give the same bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain, islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pipeline.domain.errors import Problem, ProblemCode, UserError
from pipeline.store.files import replacing

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_575
"""Rows under the header that a sheet of Excel can hold; also the other limits are from its specification."""

_MAX_TEXT = 32_767  # UTF-16 units in a cell
_MAX_NAME = 31  # characters in a sheet's name
_MAX_INT = 10**15  # from here on Excel's numbers lose digits
_CUT = "……（过长，已截断）"
_EMPTY = "没有记录"
_NOTES = "说明"
_WORDS = {"True": "是", "False": "否"}

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FORMULA = re.compile(r"[\t\n]|\s*[=+\-@＝＋－＠]")
_LINE_HEIGHT = 16.5  # points, of the 10-point font
_MAX_LINES = 24  # Excel shows rows of up to 409 points
_CREATED = datetime(2000, 1, 1)


class Kind(StrEnum):
    """How a column is shown: `score` with one decimal, `percent` of a share from 0 to 1, `wrap` text over lines."""

    TEXT = "text"
    INT = "int"
    SCORE = "score"
    PERCENT = "percent"
    DATETIME = "datetime"
    WRAP = "wrap"


_FORMATS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: {"num_format": "@"},
    Kind.INT: {"num_format": "0"},
    Kind.SCORE: {"num_format": "0.0"},
    Kind.PERCENT: {"num_format": "0.0%"},
    Kind.DATETIME: {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
    Kind.WRAP: {"num_format": "@", "text_wrap": True},
}


@dataclass(frozen=True, slots=True)
class Column:
    """`key` finds the value in a row, `header` is what people read, `width` is in digits (a Chinese character is 2)."""

    key: str
    header: str
    width: float = 12
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows are read once, in order, so they may come from a generator; a missing key is an empty cell."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]


def write_workbook(
    path: Path,
    sheets: Sequence[Sheet],
    *,
    timezone: ZoneInfo,
    title: str = "",
    notes: Sequence[str] = (),
    rows_per_sheet: int = MAX_ROWS,
) -> None:
    """Write `path` as an Excel workbook, in one step: it is there whole or not at all.

    Each sheet has a frozen header with a filter; one with more than `rows_per_sheet` rows goes on in further
    sheets. Times are shown in `timezone`. `title` and `notes` fill a last sheet 说明. Rows are streamed: memory
    does not grow with them.

    Text is always written as text. Where it begins like a formula (= + - @, their full-width forms, a tab or a line
    end) an apostrophe is put before it, so that it stays text in a CSV saved from the workbook. Characters that XML
    forbids are dropped, and text beyond 32,767 units is cut with a visible mark.

    Raises UserError when the file cannot be written, ValueError for a time without a zone.
    """
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "use_zip64": True,
        "default_format_properties": {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"},
    }
    try:
        with replacing(path) as handle, Workbook(handle, options) as book:
            book.set_properties({"title": _inert(title), "created": _CREATED})
            _write_sheets(book, sheets, timezone, rows_per_sheet)
            if title or notes:
                _write_notes(book, title, notes)
    except OSError as error:
        raise UserError(
            Problem(
                code=ProblemCode.FILE_UNWRITABLE,
                what=f"无法写入表格：{error.strerror or error}",
                remedy="请关闭正在打开它的程序，检查磁盘空间和文件夹权限",
                file=str(path),
            )
        ) from error


def _write_sheets(book: Workbook, sheets: Sequence[Sheet], timezone: ZoneInfo, rows_per_sheet: int) -> None:
    formats = {kind: book.add_format(dict(properties)) for kind, properties in _FORMATS.items()}
    header = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF7", "bottom": 1})
    names = {_NOTES}
    for sheet in sheets:
        for part in _parts(sheet.rows, rows_per_sheet):
            page = book.add_worksheet(_free_name(sheet.name, names))
            _write_page(page, sheet.columns, part, header=header, formats=formats, timezone=timezone)


def _write_page(
    page: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    header: Format,
    formats: Mapping[Kind, Format],
    timezone: ZoneInfo,
) -> None:
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for x, column in enumerate(columns):
        page.set_column(x, x, column.width, formats[column.kind])
        page.write_string(0, x, _inert(column.header), header)
    last = 0
    for last, row in enumerate(rows, start=1):
        page.set_row(last, _LINE_HEIGHT * _lines(columns, row))
        for x, column in enumerate(columns):
            _write_cell(page, last, x, row.get(column.key), column.kind, formats, timezone)
    page.autofilter(0, 0, last, max(len(columns) - 1, 0))
    if last == 0:
        page.write_string(1, 0, _EMPTY)


def _lines(columns: Sequence[Column], row: Mapping[str, Any]) -> int:
    """How many lines the row's wrapped cells need: not every program finds that out by itself."""
    most = 1
    for column in columns:
        value = row.get(column.key)
        if column.kind is Kind.WRAP and not _is_missing(value):
            text = _as_text(value)
            needed = sum(max(1, ceil(_digits_wide(line) / column.width)) for line in text.split("\n"))
            most = max(most, min(needed, _MAX_LINES))
    return most


def _digits_wide(line: str) -> int:
    """The width in digits; everything beyond Latin counts as two."""
    return sum(1 if char < "\u0250" else 2 for char in line)


def _write_cell(
    page: Worksheet, y: int, x: int, value: Any, kind: Kind, formats: Mapping[Kind, Format], timezone: ZoneInfo
) -> None:
    if _is_missing(value):
        return
    if kind is Kind.DATETIME and isinstance(value, datetime):
        page.write_datetime(y, x, _local(value, timezone), formats[kind])
    elif kind in (Kind.INT, Kind.SCORE, Kind.PERCENT) and _fits(value):
        page.write_number(y, x, value, formats[kind])
    elif text := _inert(_as_text(value)):
        page.write_string(y, x, text, formats[Kind.WRAP if kind is Kind.WRAP else Kind.TEXT])


def _write_notes(book: Workbook, title: str, notes: Sequence[str]) -> None:
    page = book.add_worksheet(_NOTES)
    page.set_column(0, 0, 100, book.add_format(dict(_FORMATS[Kind.WRAP])))
    page.write_string(0, 0, _inert(title), book.add_format({"bold": True, "font_size": 14}))
    for y, note in enumerate(notes, start=1):
        page.write_string(y, 0, _inert(note), book.add_format(dict(_FORMATS[Kind.WRAP])))


def _parts(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[Iterator[Mapping[str, Any]]]:
    """The rows in runs of `size`; one empty run when there are none. Each run must be used up before the next."""
    left = iter(rows)
    yield islice(left, size)
    for first in left:
        yield chain([first], islice(left, size - 1))


def _free_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel accepts and that no sheet has, which it compares without case; notes it in `taken`."""
    base = _ILLEGAL.sub("", re.sub(r"[\[\]:*?/\\]", " ", wanted)).strip("' ") or "Sheet"
    n = 1
    while True:
        suffix = "" if n == 1 else f" ({n})"
        name = _utf16_cut(base, _MAX_NAME - len(suffix)) + suffix
        if name.casefold() not in taken and name.casefold() != "history":  # Excel keeps that one for itself
            taken.add(name.casefold())
            return name
        n += 1


def _inert(text: str) -> str:
    clean = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _FORMULA.match(clean):
        clean = "'" + clean
    if len(clean) * 2 > _MAX_TEXT and _utf16_length(clean) > _MAX_TEXT:
        clean = _utf16_cut(clean, _MAX_TEXT - len(_CUT)) + _CUT
    return clean


def _as_text(value: Any) -> str:
    """A list becomes one line per entry, a truth value 是 or 否."""
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        return "\n".join(str(part) for part in value)
    return _WORDS.get(str(value), str(value))


def _is_missing(value: Any) -> bool:
    """None and pandas' and numpy's ways to say it, which are the values that do not equal themselves."""
    if value is None:
        return True
    if isinstance(value, Iterable):
        return False
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA refuses to be either
        return True


def _fits(value: Any) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return math.isfinite(number) and abs(number) < _MAX_INT


def _local(value: datetime, timezone: ZoneInfo) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone")
    return value.astimezone(timezone).replace(tzinfo=None)


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _utf16_cut(text: str, units: int) -> str:
    """At most that many UTF-16 units, never half a character."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")
