from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.coverage import RuleCoverage, coverage
from pipeline.audit.verify import verify
from pipeline.domain.verdict import RuleKind
from pipeline.store.lake import Lake
from pipeline.store.schemas import TABLES, Table
from tests.insight.build import ABUSE, COMPLAINT, GREET, RULES, SHIRK, N, P, S, U, V, hit, inspected, lake_of

DAY = "day=2026-03-02"


def by_rule(lake: Lake) -> dict[str, RuleCoverage]:
    return {rule.rule_id: rule for rule in coverage(lake)}


def tamper(lake: Lake, table: Table, change: Callable[[pd.DataFrame], pd.DataFrame], *, day: str = DAY) -> None:
    """Change a file of the lake behind its back."""
    path = lake.root / table / day / "data.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pq.ParquetFile(path).read().to_pandas() if path.exists() else pd.DataFrame()
    schema = TABLES[table].schema
    pq.write_table(pa.Table.from_pandas(change(rows), schema=schema, preserve_index=False), path)


def small_lake(folder: Path) -> Lake:
    return lake_of(folder, inspected("c1", {SHIRK: V}, hit()), inspected("c2", {GREET: U}))


def test_every_rule_is_counted_on_every_call(tmp_path: Path) -> None:
    values = [P, V, S, N, U, U]
    calls = [inspected(f"c{n}", {SHIRK: value}) for n, value in enumerate(values)]
    lake = lake_of(tmp_path, *calls, inspected("c9", {SHIRK: U}, unjudged_reason="没有识别到任何讲话"))
    shirk, greet = by_rule(lake)[SHIRK], by_rule(lake)[GREET]
    assert shirk == RuleCoverage(
        rule_id=SHIRK,
        title="推卸责任",
        kind="banned",
        severity="major",
        versions=(2,),
        calls=7,
        passed=1,
        violated=1,
        suspected=1,
        not_applicable=1,
        undetermined=3,
        missing=0,
        outside=0,
        surplus=0,
        reasons=(("角色分不清", 2), ("没有识别到任何讲话", 1)),
    )
    assert shirk.complete
    assert (greet.passed, greet.reasons) == (7, ())


@settings(max_examples=20)
@given(st.lists(st.dictionaries(st.sampled_from(list(RULES)), st.sampled_from([P, V, S, N, U])), max_size=6))
def test_an_untouched_lake_is_complete_and_verified(
    tmp_path_factory: pytest.TempPathFactory, calls: list[dict[str, object]]
) -> None:
    made = [inspected(f"c{n}", values) for n, values in enumerate(calls)]  # type: ignore[arg-type]
    lake = lake_of(tmp_path_factory.mktemp("lake"), *made)
    for rule in coverage(lake):
        assert rule.complete
        given = (rule.passed, rule.violated, rule.suspected, rule.not_applicable, rule.undetermined)
        assert sum(given) == rule.calls == len(calls)
    assert verify(lake) == []


def test_only_the_kinds_asked_for_are_covered(tmp_path: Path) -> None:
    rules = coverage(small_lake(tmp_path), kinds=(RuleKind.RISK, RuleKind.BANNED))
    assert [rule.rule_id for rule in rules] == [ABUSE, SHIRK, COMPLAINT]


def test_a_call_of_another_pack_is_outside_not_missing(tmp_path: Path) -> None:
    fewer = {rule: info for rule, info in RULES.items() if rule != SHIRK}
    lake = lake_of(tmp_path, inspected("new"), inspected("old", rules=fewer, rules_digest="rules-0"))
    shirk = by_rule(lake)[SHIRK]
    assert (shirk.calls, shirk.passed, shirk.outside, shirk.missing, shirk.complete) == (2, 1, 1, 0, True)
    assert verify(lake) == []


def test_a_lost_verdict_is_missing(tmp_path: Path) -> None:
    lake = small_lake(tmp_path)
    tamper(lake, Table.VERDICTS, lambda rows: rows[(rows["call_id"] != "c2") | (rows["rule_id"] != SHIRK)])
    shirk = by_rule(lake)[SHIRK]
    assert (shirk.violated, shirk.passed, shirk.missing, shirk.outside, shirk.complete) == (1, 0, 1, 0, False)


def test_a_second_verdict_is_surplus_and_not_counted_twice(tmp_path: Path) -> None:
    lake = small_lake(tmp_path)
    tamper(lake, Table.VERDICTS, lambda rows: pd.concat([rows, rows[rows["rule_id"] == SHIRK]]))
    copied = pq.ParquetFile(lake.root / "verdicts" / DAY / "data.parquet").read().to_pandas()
    tamper(lake, Table.VERDICTS, lambda _: copied[copied["rule_id"] == SHIRK].head(1), day="day=2026-03-01")
    lake_calls = lake.root / "calls" / "day=2026-03-01"
    lake_calls.mkdir()
    pq.write_table(TABLES[Table.CALLS].schema.empty_table(), lake_calls / "data.parquet")
    shirk = by_rule(lake)[SHIRK]
    assert (shirk.violated, shirk.passed, shirk.surplus, shirk.complete) == (1, 1, 2, False)


def _edited(column: str, value: object, *, call_id: str = "c1") -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows.assign(**{column: rows[column].where(rows["call_id"] != call_id, value)})


def _without(call_id: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows[rows["call_id"] != call_id]


@pytest.mark.parametrize(
    ("table", "change", "call_id", "what"),
    [
        (
            Table.VERDICTS,
            lambda rows: rows[(rows["call_id"] == "c1") | ~rows["rule_id"].isin([SHIRK, GREET])],
            "c2",
            f"缺少 2 条规则的判定：{SHIRK}、{GREET}",
        ),
        (Table.VERDICTS, _without("c2"), "c2", "缺少 4 条规则的判定："),
        (Table.VERDICTS, lambda rows: pd.concat([rows, rows.head(2)]), "c1", "有 2 行重复"),
        (Table.FINDINGS, lambda rows: pd.concat([rows, rows]), "c1", "有 1 行重复"),
        (Table.FINDINGS, _edited("rule_id", "t.no.rule"), "c1", "有证据而没有判定：t.no.rule"),
        (Table.FINDINGS, _edited("verdict", "suspected"), "c1", f"证据所属的判定与 verdicts 表不同：{SHIRK}"),
        (Table.VERDICTS, _edited("verdict", "passed"), "c1", "评分记了 1 条违规，verdicts 表里有 0 条"),
        (Table.VERDICTS, _edited("rules_digest", "rules-0"), "c1", "有 4 行出自另一版规则包，与评分不同"),
        (Table.FINDINGS, _edited("rules_digest", "rules-0"), "c1", "有 1 行出自另一版规则包，与评分不同"),
        (Table.SCORE_ITEMS, _edited("sheet_digest", "sheet-0"), "c1", "有 1 行出自另一版评分表，与评分不同"),
        (Table.SCORES, _without("c1"), "c1", "这通电话没有评分"),
        (Table.CALLS, _without("c1"), "c1", "calls 表里没有这通电话"),
        (Table.SIGNALS, _edited("call_id", "c3"), "c3", "calls 表里没有这通电话"),
    ],
)
def test_whatever_does_not_fit_is_found_and_named(
    tmp_path: Path, table: Table, change: Callable[[pd.DataFrame], pd.DataFrame], call_id: str, what: str
) -> None:
    lake = small_lake(tmp_path)
    tamper(lake, table, change)
    problems = [problem for problem in verify(lake) if problem.what.startswith(what)]
    assert {problem.call_id for problem in problems} == {call_id}
    assert all(problem.file and problem.file.endswith(DAY) for problem in problems)


def test_a_call_on_two_days_is_found(tmp_path: Path) -> None:
    lake = small_lake(tmp_path)
    copied = pq.ParquetFile(lake.root / "calls" / DAY / "data.parquet").read().to_pandas()
    tamper(lake, Table.CALLS, lambda _: copied[copied["call_id"] == "c1"], day="day=2026-03-01")
    said = [(problem.call_id, problem.what) for problem in verify(lake)]
    assert ("c1", "这通电话在 2026-03-01 也有记录") in said


def test_an_empty_lake_has_nothing_to_cover_and_no_problem(tmp_path: Path) -> None:
    lake = lake_of(tmp_path)
    assert coverage(lake) == ()
    assert verify(lake) == []
