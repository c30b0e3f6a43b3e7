"""Excel workbooks: cells keep their types, so that dates are dates and ids keep their zeros."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.domain.errors import ProblemCode
from pipeline.intake.columns import kind_of
from pipeline.intake.place import RefusedError
from pipeline.intake.table import Row, Table, fit, is_blank
from pipeline.intake.values import as_text

_ZEROS = re.compile(r"0{2,}")


def open_excel(path: Path) -> Table:
    """The table in a workbook: its only sheet that names recordings or turns, else its first one.

    Raises:
        RefusedError: no workbook, no data in it, or more than one sheet that could be meant.
        OSError: the file cannot be read.
    """
    tables = open_sheets(path)
    if not tables:
        raise RefusedError("工作簿里没有内容", "请在第一行写表头,从第二行起每行一条", code=ProblemCode.NO_CALLS)
    meant = [title for title, table in tables.items() if kind_of(table.headers)]
    if len(meant) > 1:
        raise RefusedError(
            f"有 {len(meant)} 张工作表都像清单: {'、'.join(meant)}",
            "请合并到一张工作表,或分成几个文件",
            code=ProblemCode.BAD_FORMAT,
        )
    return tables[meant[0]] if meant else next(iter(tables.values()))


def open_sheets(path: Path) -> dict[str, Table]:
    """Every sheet of a workbook that holds anything, by title; its first row that does is the header.

    Raises:
        RefusedError: no workbook.
        OSError: the file cannot be read.
    """
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which hold no data
        try:
            sheets = _sheets(file)
        except Exception as error:  # a broken zip or XML surfaces as one of a dozen types
            raise RefusedError(
                "不是完好的 Excel 文件", "请用 Excel 打开后另存为 .xlsx", code=ProblemCode.BAD_FORMAT
            ) from error
    return {title: _table(rows) for title, rows in sheets if rows}


def _table(rows: list[tuple[int, tuple[object, ...]]]) -> Table:
    (header_row, first), *others = rows
    headers = _headers(first)
    return Table(headers, header_row, _rows(others, headers))


def _sheets(file: Any) -> list[tuple[str, list[tuple[int, tuple[object, ...]]]]]:
    """Title and rows that are not blank, with their numbers, of each sheet."""
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    try:
        sheets = []
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # other programs than Excel write wrong ones
            cells = ((n, tuple(_value(cell) for cell in row)) for n, row in enumerate(sheet.iter_rows(), start=1))
            sheets.append((sheet.title, [(n, row) for n, row in cells if not is_blank(row)]))
        return sheets
    finally:
        book.close()


def _value(cell: Any) -> object:
    if isinstance(cell.value, int) and _ZEROS.fullmatch(cell.number_format):
        return str(cell.value).zfill(len(cell.number_format))  # 123 shown as 00123 is meant as 00123
    return cell.value


def _headers(cells: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(as_text(cell) or "" for cell in cells)


def _rows(rows: list[tuple[int, tuple[object, ...]]], headers: tuple[str, ...]) -> Iterator[Row]:
    for number, cells in rows:
        yield fit(number, cells, headers)
