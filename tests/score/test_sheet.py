from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from flows.options import industries, of_industry, shipped_packs
from pipeline.assets import asset
from pipeline.domain.errors import ProblemCode, RuleError
from pipeline.domain.verdict import RuleKind
from pipeline.rulepack.load import load_pack, load_rules
from pipeline.score import load_sheet
from tests.score.build import RULES, SHEET, sheet_of

STANDARD = asset("rules/scoresheets/standard.yml")


@pytest.fixture(scope="module")
def general() -> dict[str, RuleKind]:
    """The rules of the general pack and their kinds."""
    return {rule.spec.id: rule.spec.kind for rule in load_pack(asset("rules/general")).rules}


def test_the_standard_sheet_gives_every_general_rule_one_place(general: dict[str, RuleKind]) -> None:
    assert sorted(load_sheet(STANDARD, rule_ids=general).rules) == sorted(general)


def test_on_the_standard_sheet_the_customers_risk_costs_the_agent_nothing(general: dict[str, RuleKind]) -> None:
    sheet = load_sheet(STANDARD, rule_ids=general)
    assert sorted(sheet.flag.rules) == sorted(rule for rule, kind in general.items() if kind is RuleKind.RISK)
    assert sheet.fatal == ("general.banned.abuse",)


def test_the_standard_sheet_has_the_five_dimensions_and_four_grades(general: dict[str, RuleKind]) -> None:
    sheet = load_sheet(STANDARD, rule_ids=general)
    weights = [(d.title, int(d.weight)) for d in sheet.dimensions]
    assert weights == [("开场白规范", 15), ("问题解决", 30), ("服务态度", 30), ("专业知识", 10), ("结束语", 15)]
    assert all(sum(i.points for i in d.items) == d.weight for d in sheet.dimensions)
    assert [sheet.grade(Decimal(s)) for s in (100, 90, 80, 60, 0)] == ["A", "A", "B", "C", "D"]


def test_the_digest_is_of_the_content_and_not_of_the_layout(tmp_path: Path) -> None:
    digest = sheet_of(tmp_path).digest
    assert len(digest) == 64
    laid_out = "# 说明\n" + SHEET.replace("weight: 20", "weight: 20.0").replace(
        "id: small\nversion: 1", "version: 1\nid: small"
    )
    assert sheet_of(tmp_path, laid_out).digest == digest
    for old, new in (("deduct: 7.5", "deduct: 8"), ("title: 开场白", "title: 开场"), ("version: 1", "version: 2")):
        assert sheet_of(tmp_path, SHEET.replace(old, new)).digest != digest


def test_a_tenth_is_a_tenth(tmp_path: Path) -> None:
    text = SHEET.replace("weight: 20", "weight: 20.1").replace("weight: 50", "weight: 49.9")
    assert [d.weight for d in sheet_of(tmp_path, text).dimensions[:2]] == [Decimal("20.1"), Decimal("49.9")]


def problems_of(folder: Path, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(RuleError) as caught:
        sheet_of(folder, text)
    assert {(p.code, p.file) for p in caught.value.problems} == {(ProblemCode.SHEET_INVALID, "sheet.yml")}
    return [(p.row, str(p)) for p in caught.value.problems]


# Where a fault is of several lines, the line that is named.
PLACES = {"weight: 25": "dimensions:", "min: 10": "bands:"}

BROKEN: list[tuple[str, str, str]] = [
    ("t.solve.answer, points", "t.solve.anser, points", "您是否想写“t.solve.answer”"),
    ("t.solve.answer, points", "完全不同, points", "没有规则“完全不同”"),
    ("rules: [t.risk.complain]", "rules: [t.risk.complaint]", "您是否想写“t.risk.complain”"),
    ("fatal: [t.ban.abuse", "fatal: [t.ban.abus", "您是否想写“t.ban.abuse”"),
    ("t.solve.sum,", "t.open.greet,", "规则“t.open.greet”重复出现（已在第 9 行）"),
    ("fatal: [t.ban.abuse", "fatal: [t.ban.shirk", "规则“t.ban.shirk”重复出现（已在第 24 行）"),
    ("rules: [t.risk.complain]", "rules: [t.risk.complain, t.risk.complain]", "重复出现（已在第 36 行）"),
    ("weight: 20", "weight: 25", "之和是 105，应为 100"),
    ("weight: 20", "weight: 二十", "应为数字"),
    ("weight: 20", "weight: true", "应为数字"),
    ("weight: 20", 'weight: "20"', "应为数字"),
    ("weight: 20", "weight: 0", "大于 0"),
    ("weight: 20", "weight: .nan", "超出范围"),
    ("points: 3", "points: -3", "超出范围"),
    ("points: 3", "points: 3.25", "最多写 1 位小数"),
    ("deduct: 20", "deduct: 101", "不大于 100"),
    ("deduct: 20", "points: 20", "“points”不认识的项"),
    ("deduct: 20", "deduct: 20, deduct: 5", "键“deduct”重复出现"),
    ("title: 小评分表", "titel: 小评分表", "您是否想写“title”"),
    ("id: attitude", "id: opening", "维度“opening”重复出现"),
    ("id: attitude", "id: fatal", "一票否决项专用"),
    ("grade: D", "grade: A", "等级“A”重复出现"),
    ("min: 60", "min: 90", "等级下限“90”重复出现"),
    ("min: 0", "min: 10", "没有从 0 分开始的等级"),
    ("violated: [critical]", "violated: [terrible]", "“terrible”不可用"),
    ("score_below: 75", "score_below: 175", "不大于 100"),
    ("version: 1", "version: 一", "应为整数"),
    ("version: 1", "version: 0", "超出范围"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN, ids=[f"{b[1]} {b[2]}" for b in BROKEN])
def test_a_fault_is_reported_with_its_line_and_what_to_do(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert SHEET.count(old) == 1
    found = problems_of(tmp_path, SHEET.replace(old, new))
    line = SHEET[: SHEET.index(PLACES.get(new, old))].count("\n") + 1
    assert [row for row, what in found if expected in what] == [line], found


def test_all_faults_are_reported_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = (
        SHEET.replace("title: 小评分表", "titel: 小评分表")
        .replace("weight: 50", "weight: 40")
        .replace("t.solve.ask", "t.solve.aks")
        .replace("deduct: 20", "deduct: 很多")
        .replace("min: 0,", "min: 5,")
    )
    rows = [row for row, _ in problems_of(tmp_path, text)]
    assert rows == sorted(row or 0 for row in rows)
    assert len(rows) == 6  # the misspelt title is also missing under its right name


@pytest.mark.parametrize(
    "text", ["", "[]", "只是文字", "dimensions: 1", "dimensions: [1, {items: 2}]\nflag: []", "bands: {}"]
)
def test_a_file_of_another_shape_is_refused_with_reasons(tmp_path: Path, text: str) -> None:
    assert problems_of(tmp_path, text)


def test_a_dimension_without_lines_is_refused(tmp_path: Path) -> None:
    text = SHEET.replace("weight: 30", "weight: 20").replace(
        "fatal:", "  - {id: empty, title: 空的, weight: 10}\nfatal:"
    )
    found = problems_of(tmp_path, text)
    line = text[: text.index("id: empty")].count("\n") + 1
    assert [(row, "“空的”没有评分项" in what) for row, what in found] == [(line, True)]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"nowhere\.yml.*找不到文件"):
        load_sheet(tmp_path / "nowhere.yml", rule_ids=RULES)


@pytest.mark.parametrize("industry", industries())
def test_the_sheet_of_a_trade_gives_every_rule_of_its_pack_one_place(industry: str) -> None:
    packs, path = of_industry(industry)
    rules = load_rules(packs).rules
    sheet = load_sheet(path, rule_ids=[r.spec.id for r in rules])
    assert {r.spec.id for r in rules if r.pack_id == industry} <= set(sheet.rules)
    assert (sheet.id, len(sheet.dimensions)) == (industry, 5)


def test_every_trade_that_has_a_pack_has_a_sheet() -> None:
    assert len(industries()) == len(shipped_packs()) - 1
    with pytest.raises(RuleError, match="您是否想写“banking”"):
        of_industry("bankin")


def test_every_industry_can_be_asked_for_in_chinese() -> None:
    names = ["银行", "催收", "电商", "保险", "物业", "通信"]
    assert [of_industry(name) for name in names] == [of_industry(name) for name in industries()]
