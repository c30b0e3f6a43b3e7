"""The one shape of tables of every format: headers, then rows under the numbers that a person sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.errors import ProblemCode
from pipeline.intake.place import Refusal, quoted
from pipeline.intake.values import as_text


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` stand in the order of the headers; with a `fault` they may be too few, and none can be trusted."""

    number: int
    cells: tuple[object, ...]
    fault: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`header_row` is the header's line, None where the format has none. `rows` can be run through once."""

    headers: tuple[str, ...]
    header_row: int | None
    rows: Iterator[Row]


def is_blank(cells: Sequence[object]) -> bool:
    """True when no cell holds anything."""
    return all(as_text(cell) is None for cell in cells)


def fit(number: int, cells: Sequence[object], headers: Sequence[str]) -> Row:
    """The row under its headers; values that no header names are a fault of the row."""
    for position, cell in enumerate(cells):
        if as_text(cell) is not None and (position >= len(headers) or not headers[position].strip()):
            what = f"第 {position + 1} 个字段 {quoted(str(cell))} 没有表头,这一行有 {len(cells)} 个字段"
            fault = Refusal(
                what, "请检查多余的分隔符(含分隔符的文字要加双引号),或补上表头", code=ProblemCode.BAD_FORMAT
            )
            return Row(number, tuple(cells), fault)
    padding = (None,) * (len(headers) - len(cells))
    return Row(number, (*cells[: len(headers)], *padding))
