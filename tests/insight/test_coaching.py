from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.domain.verdict import VerdictValue
from pipeline.insight.coaching import export_coaching
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.store.inspected import InspectedCall

from .build import COMPLAINT, GREET, NOON, SHIRK, N, P, S, U, V, all_cells, hit, inspected, lake_of, sheet_rows


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    """A pack that has guidance for SHIRK only."""
    folder = tmp_path / "t"
    folder.mkdir()
    pack = {"id": "t", "version": "1.0.0", "title": "测试", "owner": "质检组", "language": "zh", "covers": "测试"}
    rule = {
        "id": SHIRK,
        "title": "推卸责任",
        "kind": "banned",
        "severity": "major",
        "status": "test",
        "version": 2,
        "since": "2026-01-01",
        "guidance": "不说“不归我管”,说“我来帮您联系”。",
        "checks": {"said": {"phrase": ["不归我管"]}},
        "forbid": "said",
    }
    (folder / "pack.yml").write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    (folder / "a.yml").write_text(yaml.safe_dump([rule], allow_unicode=True), encoding="utf-8")
    return load_rules([folder])


def several(
    prefix: str, value: VerdictValue, count: int, *, rule: str = SHIRK, day: int = 0, **fields: Any
) -> list[InspectedCall]:
    """`count` calls on which the rule came out so, each with evidence where it was broken."""
    return [
        inspected(
            f"{prefix}-{n}",
            {rule: value},
            *([hit(rule)] if value in (V, S) else []),
            started_at=NOON + timedelta(days=day, minutes=n),
            **fields,
        )
        for n in range(count)
    ]


def faults_of(tmp_path: Path, rules: RuleSet, *calls: InspectedCall) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of 问题明细 by agent and rule."""
    out = tmp_path / "辅导.xlsx"
    count = export_coaching(lake_of(tmp_path, *calls), out, rules)
    rows = sheet_rows(out, "问题明细")
    assert len(rows) == count
    return {(row["坐席编号"], row["规则编号"]): row for row in rows}


def test_only_passed_and_violated_calls_are_in_the_denominator(tmp_path: Path, rules: RuleSet) -> None:
    calls = [
        *several("v", V, 3),
        *several("p", P, 5),
        *several("s", S, 2),
        *several("n", N, 4),
        *several("u", U, 6),
    ]
    row = faults_of(tmp_path, rules, *calls)["A1", SHIRK]
    counts = {header: row[header] for header in ("违规", "已判定", "违规率", "存疑", "不适用", "无法判断")}
    assert counts == {"违规": 3, "已判定": 8, "违规率": 0.375, "存疑": 2, "不适用": 4, "无法判断": 6}
    assert row["违规率95%区间"] == "13.7%–69.4%"
    assert row["全组违规/已判定"] == "3/8（37.5%）"


def test_the_guidance_is_the_rules_own(tmp_path: Path, rules: RuleSet) -> None:
    found = faults_of(tmp_path, rules, *several("a", V, 1), *several("b", V, 1, rule=GREET))
    assert found["A1", SHIRK]["辅导要点"] == "不说“不归我管”,说“我来帮您联系”。"
    assert found["A1", GREET]["辅导要点"] == "（现用的规则包里没有这条规则）"


def test_what_is_only_suspected_is_listed_as_unconfirmed(tmp_path: Path, rules: RuleSet) -> None:
    row = faults_of(tmp_path, rules, *several("s", S, 2))["A1", SHIRK]
    assert (row["违规"], row["已判定"], row["违规率"], row["问题类型"]) == (0, 0, None, "待确认")
    assert row["建议听 1"] == "s-1 @ 01:05（存疑）"


def test_kept_rules_and_risks_of_the_customer_are_no_faults(tmp_path: Path, rules: RuleSet) -> None:
    assert faults_of(tmp_path, rules, *several("r", V, 3, rule=COMPLAINT), *several("p", P, 3)) == {}


def test_the_trend_compares_the_later_days_with_the_earlier(tmp_path: Path, rules: RuleSet) -> None:
    calls = [
        *several("a", P, 12, day=0),
        *several("b", P, 8, day=1),
        *several("c", V, 11, day=2),
        *several("d", P, 3, day=3),
        *several("undated", V, 1, team="一组"),
    ]
    calls[-1] = inspected("undated", {SHIRK: V}, started_at=None)
    row = faults_of(tmp_path, rules, *calls)["A1", SHIRK]
    assert (row["前半期"], row["后半期"], row["趋势"]) == ("0/20（0.0%）", "11/14（78.6%）", "上升")
    assert (row["违规"], row["已判定"]) == (12, 35)


def test_one_day_alone_has_no_trend(tmp_path: Path, rules: RuleSet) -> None:
    row = faults_of(tmp_path, rules, *several("a", V, 30))["A1", SHIRK]
    assert (row["前半期"], row["后半期"], row["趋势"]) == ("0/0", "0/0", "数据不足")


def test_three_clips_of_different_calls_the_surest_and_latest_first(tmp_path: Path, rules: RuleSet) -> None:
    later = NOON + timedelta(days=1)
    calls = [
        inspected("suspected", {SHIRK: S}, hit(confidence=1.0)),
        inspected("unsure", {SHIRK: V}, hit(confidence=0.6), started_at=later),
        inspected("old", {SHIRK: V}, hit(confidence=0.9), hit(confidence=0.9, start_ms=70_000)),
        inspected("new", {SHIRK: V}, hit(confidence=0.9, start_ms=5_000), started_at=later),
        inspected("placeless", {SHIRK: V}, hit(confidence=0.5, start_ms=None, end_ms=None, turn=None)),
    ]
    row = faults_of(tmp_path, rules, *calls)["A1", SHIRK]
    assert [row[f"建议听 {n}"] for n in (1, 2, 3)] == ["new @ 00:05", "old @ 01:05", "unsure @ 01:05"]


@pytest.mark.parametrize(
    ("broken", "type_"),
    [
        ({"A1": (5, 5), "A2": (5, 5), "A3": (0, 9)}, "共性"),  # two of three have it
        ({"A1": (5, 5), "A2": (0, 9), "A3": (0, 9)}, "个人"),
        ({"A1": (5, 5), "A2": (1, 40)}, "共性"),  # one of two
        ({"A1": (5, 5)}, "个人"),  # nobody to share it with
        ({"A1": (2, 1), "A2": (2, 1)}, "数据不足"),
    ],
)
def test_a_fault_is_common_when_half_of_the_team_has_it(
    tmp_path: Path, rules: RuleSet, broken: dict[str, tuple[int, int]], type_: str
) -> None:
    calls: list[InspectedCall] = []
    for agent, (violated, kept) in broken.items():
        calls += several(f"{agent}-v", V, violated, agent_id=agent) + several(f"{agent}-p", P, kept, agent_id=agent)
    calls += several("other-team", V, 9, agent_id="B1", team="二组")
    assert faults_of(tmp_path, rules, *calls)["A1", SHIRK]["问题类型"] == type_


def test_teams_and_agents_are_summed_up(tmp_path: Path, rules: RuleSet) -> None:
    calls = [
        *several("a", V, 2, score="60.0", agent_id="A1", agent_name="李静"),
        *several("b", P, 1, score="90.0", agent_id="A2", agent_name=None, flagged=False),
        *several("c", U, 1, score=None, agent_id="A2", agent_name="王磊"),
        *several("d", P, 1, score="0.0", fatal=True, team=None, agent_id=None, agent_name=None),
    ]
    out = tmp_path / "辅导.xlsx"
    export_coaching(lake_of(tmp_path, *calls), out, rules)
    teams = {row["班组"]: row for row in sheet_rows(out, "班组概览")}
    assert list(teams) == ["一组", "（未填班组）"]
    assert teams["一组"] == {
        "班组": "一组",
        "通话数": 4,
        "已评分": 3,
        "未评分": 1,
        "平均分": 70,
        "一票否决": 0,
        "待复核": 3,
        "待复核占比": 0.75,
        "占比95%区间": "30.1%–95.4%",
        "最多的问题（违规/已判定）": "推卸责任 2/3（66.7%）",
    }
    assert teams["（未填班组）"]["一票否决"] == 1
    agents = [(row["坐席编号"], row["坐席姓名"], row["平均分"]) for row in sheet_rows(out, "坐席概览")]
    assert agents == [("A1", "李静", 60), ("A2", "王磊", 90), ("（未填坐席）", None, 0)]


def test_personal_data_is_masked(tmp_path: Path, rules: RuleSet) -> None:
    out = tmp_path / "辅导.xlsx"
    lake = lake_of(tmp_path, *several("a", V, 2, team="一组13800138000", agent_name="李静 138 0013 8000"))
    export_coaching(lake, out, rules)
    texts = "\n".join(map(str, all_cells(out)))
    assert "13800138000" not in texts
    assert "138 0013 8000" not in texts
    assert "一组138****8000" in texts


def test_an_empty_lake_gives_empty_sheets(tmp_path: Path, rules: RuleSet) -> None:
    assert faults_of(tmp_path, rules) == {}
    out = tmp_path / "辅导.xlsx"
    assert sheet_rows(out, "班组概览") == sheet_rows(out, "坐席概览") == []
    assert "共 0 通。" in all_cells(out)


def test_the_same_lake_gives_the_same_bytes(tmp_path: Path, rules: RuleSet) -> None:
    calls = [*several("a", V, 4), *several("b", P, 4, agent_id="A2", day=1), *several("c", S, 3, rule=GREET)]
    for name, ordered in (("one", calls), ("two", calls[::-1])):
        export_coaching(lake_of(tmp_path / name, *ordered), tmp_path / f"{name}.xlsx", rules)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
