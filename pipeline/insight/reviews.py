"""What reviewers decided, read back from the workbooks that they filled in, or from a table of their own.

A review is about a call and a rule, whichever version judged it: 确认 and 部分成立 say that the rule was broken there,
误判 that it was not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.intake.columns import Columns, lay_out, plain
from pipeline.intake.csvfile import open_csv
from pipeline.intake.excel import open_sheets
from pipeline.intake.place import Place, Refusal, RefusedError, quoted
from pipeline.intake.table import Row, Table
from pipeline.intake.values import as_text


class Review(StrEnum):
    """What a person decided of a rule on a call."""

    RIGHT = "right"
    WRONG = "wrong"


_DECIDED: Mapping[str, Review] = {"确认": Review.RIGHT, "部分成立": Review.RIGHT, "误判": Review.WRONG}

REVIEW_HEADER = "复核结论（确认/误判/部分成立）"
"""The header under which reviewers write, in every workbook that asks them to."""

_COLUMNS = Columns(
    {"call_id": ("通话编号",), "rule_id": ("规则编号",), "review": ("复核结论", REVIEW_HEADER)},
)
_NEEDED = frozenset(_COLUMNS.names)
_READERS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "excel", ".xlsm": "excel"}

Key = tuple[str, str]
"""A call's id and a rule's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """What was decided, by call and rule. `disputed`: of which files say different things, so nothing is decided."""

    decided: Mapping[Key, Review]
    disputed: frozenset[Key] = frozenset()


NO_REVIEWS = Reviews(decided={})


def read_reviews(paths: Sequence[Path]) -> Reviews:
    """The reviews of the files: workbooks (every sheet with the three columns), or CSV in UTF-8 or GBK.

    A rule with several pieces of evidence on a call is right there when one of them is. Rows without a decision are
    passed over. Raises InputError with every row and file that cannot be used.
    """
    problems: list[Problem] = []
    decided: dict[Key, Review] = {}
    disputed: set[Key] = set()
    for path in paths:
        for key, review in _of_file(path, problems).items():
            if decided.setdefault(key, review) is not review:
                disputed.add(key)
    if problems:
        raise InputError(problems)
    return Reviews(
        decided={key: decided[key] for key in sorted(decided) if key not in disputed}, disputed=frozenset(disputed)
    )


def _of_file(path: Path, problems: list[Problem]) -> dict[Key, Review]:
    found: dict[Key, Review] = {}
    place = Place(path.name)
    try:
        for where, table in _tables(path):
            for key, review in _rows(where, table, problems):
                if found.get(key) is not Review.RIGHT:
                    found[key] = review
    except RefusedError as refused:
        problems.append(place.problem(refused.refusal))
    except OSError as error:
        code = ProblemCode.FILE_MISSING if isinstance(error, FileNotFoundError) else ProblemCode.FILE_UNREADABLE
        what = f"打不开({error.strerror or error})"
        problems.append(place.problem(Refusal(what, "请核对路径和权限", code=code)))
    return found


def _tables(path: Path) -> Iterator[tuple[str, Table]]:
    """The tables with reviews, and what to call each of them. Raises RefusedError where there is none."""
    reader = _READERS.get(path.suffix.casefold())
    if reader is None:
        raise RefusedError(
            f"不支持 {path.suffix or '没有后缀'} 的文件", "请用 .xlsx 或 .csv", code=ProblemCode.BAD_FORMAT
        )
    tables = {"": open_csv(path)} if reader == "csv" else open_sheets(path)
    found = {title: table for title, table in tables.items() if _meant(table.headers) >= _NEEDED}
    if not found:
        raise RefusedError(
            "没有同时写有 通话编号、规则编号、复核结论 三列的表",
            "请用 zhijian export flagged 写出的“证据”表,或自己的表加上这三列(call_id、rule_id、review)",
            code=ProblemCode.MISSING_COLUMN,
        )
    yield from ((f"{path.name} 工作表“{title}”" if title else path.name, table) for title, table in found.items())


def _meant(headers: Sequence[str]) -> set[str]:
    return {_COLUMNS.meaning[key] for header in headers if (key := plain(header)) in _COLUMNS.meaning}


def _rows(where: str, table: Table, problems: list[Problem]) -> Iterator[tuple[Key, Review]]:
    try:
        known = lay_out(table.headers, _COLUMNS).known
    except RefusedError as refused:
        problems.append(Place(where, table.header_row).problem(refused.refusal))
        return
    for row in table.rows:
        place = Place(where, row.number)
        try:
            decision = _decision(row, known)
        except RefusedError as refused:
            problems.append(place.problem(refused.refusal))
            continue
        if decision is not None:
            yield decision


def _decision(row: Row, known: Mapping[str, int]) -> tuple[Key, Review] | None:
    """What a row decides; None where nobody did. Raises RefusedError."""
    if row.fault is not None:
        raise RefusedError.of(row.fault)
    call, rule, review = (as_text(row.cells[known[name]]) for name in ("call_id", "rule_id", "review"))
    if review is None:
        return None
    decided = _DECIDED.get(unicodedata.normalize("NFKC", review))
    if decided is None:
        raise RefusedError(f"复核结论 {quoted(review)} 不认识", f"请写 {'、'.join(_DECIDED)} 之一,没有复核的留空")
    # The workbooks put an apostrophe before what a spreadsheet would take for a formula; no id has one.
    call, rule = (call or "").lstrip("'"), (rule or "").lstrip("'")
    if not call or not rule:
        what = "写了复核结论,却没有写通话编号" if not call else "写了复核结论,却没有写规则编号"
        raise RefusedError(what, "请补上,或删去这条结论", code=ProblemCode.MISSING_VALUE)
    return (call, rule), decided
