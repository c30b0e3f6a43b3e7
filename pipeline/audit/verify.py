"""Checks that the tables of a lake fit together, down to every call and every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from pipeline.audit.coverage import rules_of
from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.verdict import VerdictValue
from pipeline.domain.wording import VERDICT_NAMES
from pipeline.store.lake import Lake
from pipeline.store.schemas import CALL_TABLES, TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

_REMEDY = "请从备份恢复数据湖，或在新的文件夹里重新质检这通电话"
_NAMED = 3
_COUNTED = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED, VerdictValue.UNDETERMINED)

_COLUMNS: Mapping[Table, list[str]] = {
    Table.VERDICTS: ["verdict", "rules_digest"],
    Table.FINDINGS: ["verdict", "rules_digest"],
    Table.SCORES: ["rules_digest", "sheet_digest", *_COUNTED],
    Table.SCORE_ITEMS: ["rules_digest", "sheet_digest"],
}
"""What is read of a table beside its key."""

_DIGESTS = {"rules_digest": "规则包", "sheet_digest": "评分表"}

_Day: TypeAlias = "Mapping[Table, pd.DataFrame]"
_Fault: TypeAlias = tuple[Table, str, str]
"""The table, the call and what is wrong with it."""


def verify(lake: Lake) -> list[Problem]:
    """Everything about the lake that does not fit, by call; an empty list is the proof that it does.

    Found are: calls on two days or without a score, rows without a call, keys that come twice, calls without a verdict
    of a rule of the pack they were inspected with, evidence without its verdict or of another one, rows of another
    pack or sheet than the call's score, and scores that count other verdicts than there are. Raises LakeError when
    the lake cannot be read.
    """
    rules = rules_of(lake)
    problems: list[Problem] = []
    first_day: dict[str, str] = {}
    for day in sorted({day for table in CALL_TABLES for day in lake.read(table, columns=["day"])["day"].unique()}):
        rows = {
            table: lake.read(table, columns=[*TABLES[table].key, *_COLUMNS.get(table, [])], day=day)
            for table in CALL_TABLES
        }
        faults = [*_unpaired(rows), *_repeated(rows), *_missing(rows, rules)]
        faults += [*_loose(rows), *_foreign(rows), *_miscounted(rows)]
        for call_id in rows[Table.CALLS]["call_id"].unique():
            if first_day.setdefault(call_id, day) != day:
                faults.append((Table.CALLS, call_id, f"这通电话在 {first_day[call_id]} 也有记录"))
        problems += [
            Problem(
                code=ProblemCode.LAKE_INVALID, what=what, remedy=_REMEDY, file=f"{table}/day={day}", call_id=call_id
            )
            for table, call_id, what in faults
        ]
    return sorted(problems, key=lambda p: (p.call_id or "", p.file or "", p.what))


def _unpaired(rows: _Day) -> Iterator[_Fault]:
    calls = rows[Table.CALLS]["call_id"]
    for table, of_table in rows.items():
        for call_id in sorted(set(of_table["call_id"]) - set(calls)):
            yield table, call_id, "calls 表里没有这通电话"
    for call_id in sorted(set(calls) - set(rows[Table.SCORES]["call_id"])):
        yield Table.SCORES, call_id, "这通电话没有评分"


def _repeated(rows: _Day) -> Iterator[_Fault]:
    for table, of_table in rows.items():
        again = of_table[of_table.duplicated(list(TABLES[table].key))]
        for call_id, n in again.groupby("call_id").size().items():
            yield table, str(call_id), f"有 {n} 行重复"


def _missing(rows: _Day, rules: Mapping[str, frozenset[str]]) -> Iterator[_Fault]:
    """Only calls with fewer verdicts than their pack has rules are looked at rule by rule."""
    verdicts = rows[Table.VERDICTS].drop_duplicates(["call_id", "rule_id"])
    digest_of = rows[Table.SCORES].drop_duplicates("call_id").set_index("call_id")["rules_digest"]
    own = verdicts[verdicts["rules_digest"] == verdicts["call_id"].map(digest_of)]
    given = own.groupby("call_id").size().reindex(digest_of.index, fill_value=0)
    wanted = digest_of.map({digest: len(ids) for digest, ids in rules.items()}).fillna(0).astype(int)
    short = digest_of[(given < wanted) | (given == 0)]
    have = verdicts[verdicts["call_id"].isin(short.index)].groupby("call_id")["rule_id"].agg(set)
    for call_id, digest in short.items():
        lacking = sorted(rules.get(digest, frozenset()) - have.get(call_id, set()))
        if lacking:
            yield Table.VERDICTS, str(call_id), f"缺少 {len(lacking)} 条规则的判定：{_names(lacking)}"
        elif call_id not in have:
            yield Table.VERDICTS, str(call_id), "没有任何规则的判定"


def _loose(rows: _Day) -> Iterator[_Fault]:
    verdicts = rows[Table.VERDICTS].drop_duplicates(["call_id", "rule_id"])
    both = rows[Table.FINDINGS].merge(
        verdicts[["call_id", "rule_id", "verdict"]], how="left", on=["call_id", "rule_id"], suffixes=("", "_given")
    )
    without = both[both["verdict_given"].isna()]
    other = both[both["verdict_given"].notna() & (both["verdict_given"] != both["verdict"])]
    for found, what in ((without, "有证据而没有判定"), (other, "证据所属的判定与 verdicts 表不同")):
        for call_id, ids in found.groupby("call_id")["rule_id"].unique().items():
            yield Table.FINDINGS, str(call_id), f"{what}：{_names(sorted(ids))}"


def _foreign(rows: _Day) -> Iterator[_Fault]:
    scores = rows[Table.SCORES].drop_duplicates("call_id").set_index("call_id")
    for table in (Table.VERDICTS, Table.FINDINGS, Table.SCORE_ITEMS):
        of_table = rows[table][rows[table]["call_id"].isin(scores.index)]
        for column, name in _DIGESTS.items():
            if column not in of_table:
                continue
            foreign = of_table[of_table[column] != of_table["call_id"].map(scores[column])]
            for call_id, n in foreign.groupby("call_id").size().items():
                yield table, str(call_id), f"有 {n} 行出自另一版{name}，与评分不同"


def _miscounted(rows: _Day) -> Iterator[_Fault]:
    scores = rows[Table.SCORES].drop_duplicates("call_id").set_index("call_id")
    verdicts = rows[Table.VERDICTS].drop_duplicates(["call_id", "rule_id"])
    for value in _COUNTED:
        there = verdicts[verdicts["verdict"] == value].groupby("call_id").size().reindex(scores.index, fill_value=0)
        counted = scores[value].astype(int)
        wrong = counted != there
        for call_id, said, found in zip(counted.index[wrong], counted[wrong], there[wrong], strict=True):
            what = f"评分记了 {said} 条{VERDICT_NAMES[value]}，verdicts 表里有 {found} 条"
            yield Table.SCORES, str(call_id), what


def _names(rules: Iterable[str]) -> str:
    named = list(rules)
    return "、".join(named[:_NAMED]) + (f" 等 {len(named)} 条" if len(named) > _NAMED else "")
