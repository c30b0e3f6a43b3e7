"""The rows of a user's labels, from a table of any kind or JSON Lines, under our names for their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.columns import Columns, lay_out, missing
from pipeline.intake.csvfile import open_csv
from pipeline.intake.excel import open_excel
from pipeline.intake.jsonl import objects
from pipeline.intake.parquetfile import open_parquet
from pipeline.intake.place import Place, RefusedError
from pipeline.intake.table import Table

MOST_ROWS = 200_000
SHOWN_PROBLEMS = 50

Cells: TypeAlias = Mapping[str, tuple[str, object]]
"""By column: the header that the user wrote, and the value."""

_TABLES: Mapping[str, Callable[[Path], Table]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".txt": open_csv,
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".parquet": open_parquet,
}


def read_rows(path: Path, columns: Columns, *, needed: Sequence[str]) -> Iterator[tuple[Place, Cells] | Problem]:
    """Each row with its place, or what is wrong with it; what is wrong with the whole file comes as a problem too."""
    try:
        for count, row in enumerate(_rows(path, columns, needed), start=1):
            if count > MOST_ROWS:
                raise RefusedError(f"超过 {MOST_ROWS} 行", "请抽取一部分")
            yield row
    except RefusedError as refused:
        yield Place(path.name).problem(refused.refusal)
    except FileNotFoundError:
        yield whole_file(path, ProblemCode.FILE_MISSING, "找不到这个文件", "请核对路径")
    except OSError as error:
        what = f"读不到这个文件({error.strerror})"
        yield whole_file(path, ProblemCode.FILE_UNREADABLE, what, "请检查权限和磁盘")


def shown(path: Path, problems: Sequence[Problem]) -> list[Problem]:
    """The problems by row, the first fifty of many."""
    first = sorted(problems, key=lambda problem: problem.row or 0)[:SHOWN_PROBLEMS]
    if len(problems) > len(first):
        what = f"另有 {len(problems) - len(first)} 处问题没有列出"
        first.append(whole_file(path, ProblemCode.BAD_VALUE, what, "请先改正以上各处,再运行一次"))
    return first


def whole_file(path: Path, code: ProblemCode, what: str, remedy: str) -> Problem:
    """A problem of no row."""
    return Problem(code=code, what=what, remedy=remedy, file=path.name)


def _rows(path: Path, columns: Columns, needed: Sequence[str]) -> Iterator[tuple[Place, Cells] | Problem]:
    suffix = path.suffix.casefold()
    if suffix in (".jsonl", ".ndjson"):
        return _of_json(path, columns, needed)
    if suffix in _TABLES:
        return _of_table(path, _TABLES[suffix](path), columns, needed)
    what = f"不支持 {suffix or '没有后缀'} 的文件"
    raise RefusedError(what, "可用: CSV、Excel(.xlsx)、JSONL、Parquet", code=ProblemCode.BAD_FORMAT)


def _of_table(
    path: Path, table: Table, columns: Columns, needed: Sequence[str]
) -> Iterator[tuple[Place, Cells] | Problem]:
    layout = lay_out(table.headers, columns)
    if lacking := [column for column in needed if column not in layout.known]:
        raise RefusedError.of(missing(lacking, table.headers, columns))
    for row in table.rows:
        place = Place(path.name, row.number)
        if row.fault:
            yield place.problem(row.fault)
        else:
            yield place, {column: (table.headers[at], row.cells[at]) for column, at in layout.known.items()}


def _of_json(path: Path, columns: Columns, needed: Sequence[str]) -> Iterator[tuple[Place, Cells] | Problem]:
    for entry in objects(path, path.name):
        if isinstance(entry, Problem):
            yield entry
            continue
        place, values = entry
        headers = tuple(values)
        try:
            layout = lay_out(headers, columns)
            if lacking := [column for column in needed if column not in layout.known]:
                raise RefusedError.of(missing(lacking, headers, columns))
        except RefusedError as refused:
            yield place.problem(refused.refusal)
        else:
            yield place, {column: (headers[at], values[headers[at]]) for column, at in layout.known.items()}
