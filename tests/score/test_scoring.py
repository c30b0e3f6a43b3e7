from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.score import ScoreSheet, score_call
from tests.score.build import SEVERITIES, SHEET, TITLES, N, P, S, U, V, scored, sheet_of, verdicts_of

Values = dict[str, VerdictValue]
OPENING_OUT: Values = {"t.open.greet": N, "t.open.name": N}
SOLVING_OUT: Values = dict.fromkeys(("t.solve.ask", "t.solve.answer", "t.solve.sum", "t.ban.refuse"), U)
ATTITUDE_OUT: Values = dict.fromkeys(("t.ban.shirk", "t.ban.command", "t.ban.rude"), U)

NO_ITEMS: Values = dict.fromkeys(("t.solve.ask", "t.solve.answer", "t.solve.sum"), U)
ALL_ITEMS: Values = dict.fromkeys(("t.solve.ask", "t.solve.answer", "t.solve.sum"), V)
ASK, ANSWER, SUM, GREET, NAME = "t.solve.ask", "t.solve.answer", "t.solve.sum", "t.open.greet", "t.open.name"
REFUSE, SHIRK, COMMAND, RUDE = "t.ban.refuse", "t.ban.shirk", "t.ban.command", "t.ban.rude"

# Worked out by hand from the sheet: 开场白 20 (3:1), 解决 50 (1:1:1, refuse 10), 服务态度 30 (10, 7.5, 20).
WORKED: list[tuple[str, Values, str, str]] = [
    ("all passed", {}, "100.0", "A"),
    ("an item loses its share of the weight", {GREET: V}, "85.0", "C"),
    ("a third of 50", {ASK: V}, "83.3", "C"),
    ("two thirds of 50", {ASK: V, SUM: V}, "66.7", "C"),
    ("a deduction costs what the sheet says", {COMMAND: V}, "92.5", "A"),
    ("an item that does not apply leaves its points to all others: 16.7 of 83.3", {SUM: N, ASK: V}, "80.0", "C"),
    ("suspected and undetermined items do so too: 16.7 of 66.7", {SUM: S, ANSWER: U, ASK: V}, "75.0", "C"),
    ("a small item stays small beside one not judged: 5 of 85", {GREET: U, NAME: V}, "94.1", "A"),
    ("deductions end at 0 in their dimension", {SHIRK: V, COMMAND: V, RUDE: V}, "70.0", "C"),
    ("a deduction costs beside items that lost all", ALL_ITEMS | {REFUSE: V}, "40.0", "D"),
    ("and beside items that lost some", {ASK: V, SUM: V, REFUSE: V}, "56.7", "D"),
    ("a dimension out gives its 20 to 50 and 30", OPENING_OUT | {ASK: V}, "79.2", "C"),
    ("a deduction is not scaled by that", OPENING_OUT | {SHIRK: V}, "90.0", "A"),
    ("but finds more to take: 30 of 60", SOLVING_OUT | {SHIRK: V, RUDE: V}, "70.0", "C"),
    ("with only deductions judged it starts from the full weight", NO_ITEMS | {REFUSE: V}, "90.0", "A"),
    ("one dimension alone is the whole", OPENING_OUT | SOLVING_OUT | {SHIRK: V}, "90.0", "A"),
    ("one item alone is the whole", SOLVING_OUT | ATTITUDE_OUT | {GREET: U, NAME: V}, "0.0", "D"),
    ("a suspected deduction holds its dimension", ATTITUDE_OUT | {SHIRK: S, GREET: V}, "85.0", "C"),
    ("an undetermined one does not", ATTITUDE_OUT | {GREET: V}, "78.6", "C"),
    ("a fatal violation takes all", {"t.ban.abuse": V}, "0.0", "D"),
    ("whatever else was lost", {"t.ban.abuse": V, "t.ban.threat": V, ASK: V}, "0.0", "D"),
    ("a suspected fatal rule takes nothing", {"t.ban.abuse": S}, "100.0", "A"),
    ("a customer's risk costs nothing", {"t.risk.complain": V}, "100.0", "A"),
]


@pytest.mark.parametrize(("values", "score", "grade"), [w[1:] for w in WORKED], ids=[w[0] for w in WORKED])
def test_worked_examples(sheet: ScoreSheet, values: Values, score: str, grade: str) -> None:
    result = scored(sheet, values)
    assert (str(result.score), result.grade) == (score, grade)


@pytest.mark.parametrize(("score", "grade"), [("90.0", "A"), ("89.9", "C"), ("60.0", "C"), ("59.9", "D"), ("0.0", "D")])
def test_a_band_starts_exactly_at_its_minimum(sheet: ScoreSheet, score: str, grade: str) -> None:
    assert sheet.grade(Decimal(score)) == grade


def test_halves_of_a_tenth_are_rounded_up(tmp_path: Path) -> None:
    text = SHEET.replace("greet, points: 3", "greet, points: 39.9").replace("name, points: 1}", "name, points: 0.1}")
    result = scored(sheet_of(tmp_path, text), {"t.open.name": V})  # loses 20 * 0.1 / 40 = 0.05
    assert result.score == Decimal("100.0")
    assert [i.lost for i in result.items if i.rule_id == "t.open.name"] == [Decimal("0.0")]


def test_every_lost_point_shows_its_reason_worst_first(sheet: ScoreSheet) -> None:
    result = scored(sheet, {"t.open.name": V, "t.ban.shirk": V, "t.solve.sum": V})
    assert result.reasons == (
        "解决 −16.7 总结: 总结的原因",
        "服务态度 −10.0 推诿责任: 推诿责任的原因",
        "开场白 −5.0 报姓名: 报姓名的原因",
    )
    assert result.score == Decimal("68.3")


def test_a_violation_that_found_nothing_left_to_take_is_still_named(sheet: ScoreSheet) -> None:
    result = scored(sheet, SOLVING_OUT | ATTITUDE_OUT | {GREET: V, NAME: V, REFUSE: V})
    assert result.score == 0
    assert result.reasons == (
        "开场白 −75.0 问候: 问候的原因",
        "开场白 −25.0 报姓名: 报姓名的原因",
        "解决 −0.0 直接拒绝: 直接拒绝的原因",
    )


def test_deductions_share_what_is_left_in_proportion(sheet: ScoreSheet) -> None:
    result = scored(sheet, {"t.ban.shirk": V, "t.ban.rude": V, "t.ban.command": V})
    lost = {i.rule_id: i.lost for i in result.items if i.lost}
    assert lost == {"t.ban.shirk": Decimal("8.0"), "t.ban.command": Decimal("6.0"), "t.ban.rude": Decimal("16.0")}


def test_a_fatal_violation_says_which_and_takes_up_what_the_others_left(sheet: ScoreSheet) -> None:
    result = scored(sheet, {"t.ban.abuse": V, "t.ban.shirk": V})
    assert result.fatal
    assert result.reasons == ("一票否决 −90.0 辱骂客户: 辱骂客户的原因", "服务态度 −10.0 推诿责任: 推诿责任的原因")
    fatal = next(i for i in result.items if i.rule_id == "t.ban.abuse")
    assert (fatal.dimension, fatal.fatal, fatal.points, fatal.lost) == ("fatal", True, Decimal("90.0"), Decimal("90.0"))


def test_a_fatal_violation_counts_even_when_nothing_else_was_judged(sheet: ScoreSheet) -> None:
    result = scored(sheet, {"t.ban.abuse": V}, otherwise=U)
    assert (result.score, result.grade, result.fatal, result.flagged) == (Decimal("0.0"), "D", True, True)
    assert sum(i.lost for i in result.items) == 100


def test_items_stand_in_the_sheets_order_with_what_they_were_worth(sheet: ScoreSheet) -> None:
    items = scored(sheet, {"t.solve.sum": N, "t.solve.ask": V, "t.ban.shirk": S}).items
    rows = [(i.dimension_title, i.title, i.verdict, i.judged, str(i.points), str(i.lost)) for i in items]
    assert rows == [
        ("开场白", "问候", P, True, "18.0", "0.0"),
        ("开场白", "报姓名", P, True, "6.0", "0.0"),
        ("解决", "确认需求", V, True, "20.0", "20.0"),
        ("解决", "解答", P, True, "20.0", "0.0"),
        ("解决", "总结", N, False, "0.0", "0.0"),
        ("解决", "直接拒绝", P, True, "10.0", "0.0"),
        ("服务态度", "推诿责任", S, False, "0.0", "0.0"),
        ("服务态度", "命令客户", P, True, "7.5", "0.0"),
        ("服务态度", "态度恶劣", P, True, "20.0", "0.0"),
        ("一票否决", "辱骂客户", P, True, "0.0", "0.0"),
        ("一票否决", "威胁客户", P, True, "0.0", "0.0"),
    ]


CONFIRMED: list[tuple[str, Values, str | None, str | None]] = [
    ("nothing suspected", {"t.open.name": V}, "95.0", "95.0"),
    ("a suspected deduction", {"t.ban.shirk": S}, "100.0", "90.0"),
    ("a suspected item", {"t.solve.ask": S, "t.solve.sum": V}, "80.0", "66.7"),
    ("a suspected fatal rule", {"t.ban.abuse": S}, "100.0", "0.0"),
    ("a suspected deduction alone in its dimension", ATTITUDE_OUT | {"t.ban.shirk": S}, "100.0", "90.0"),
    ("nothing judged yet", dict.fromkeys(TITLES, U) | {"t.ban.shirk": S}, None, "90.0"),
    ("nothing judged and a suspected fatal rule", dict.fromkeys(TITLES, U) | {"t.ban.abuse": S}, None, "0.0"),
    ("nothing judged at all", dict.fromkeys(TITLES, N), None, None),
]


@pytest.mark.parametrize(("values", "score", "confirmed"), [c[1:] for c in CONFIRMED], ids=[c[0] for c in CONFIRMED])
def test_the_score_if_a_person_confirms_what_is_suspected(
    sheet: ScoreSheet, values: Values, score: str | None, confirmed: str | None
) -> None:
    result = scored(sheet, values)
    assert result.score == (None if score is None else Decimal(score))
    assert result.score_if_confirmed == (None if confirmed is None else Decimal(confirmed))


@pytest.mark.parametrize("value", [N, U])
def test_a_call_on_which_nothing_was_judged_has_no_score_and_is_flagged(sheet: ScoreSheet, value: VerdictValue) -> None:
    result = scored(sheet, {}, otherwise=value)
    assert (result.score, result.grade, result.judged_weight, result.flagged) == (None, None, 0.0, True)
    assert result.flag_reasons == ("未评分: 没有一项能够判定",)
    assert result.reasons == ()


def test_a_passed_fatal_rule_alone_is_no_score(sheet: ScoreSheet) -> None:
    assert scored(sheet, {"t.ban.abuse": P}, otherwise=U).score is None


def test_a_rule_of_the_sheet_without_a_verdict_is_a_programming_error(sheet: ScoreSheet) -> None:
    for rule in TITLES:
        verdicts = [v for v in verdicts_of({}) if v.rule_id != rule]
        with pytest.raises(ValueError, match=rule):
            score_call(sheet, verdicts, SEVERITIES, TITLES)


def test_two_verdicts_of_one_rule_are_a_programming_error(sheet: ScoreSheet) -> None:
    verdicts = verdicts_of({})
    with pytest.raises(ValueError, match="more than one"):
        score_call(sheet, (*verdicts, verdicts[0]), SEVERITIES, TITLES)


def test_a_rule_without_severity_or_title_is_a_programming_error(sheet: ScoreSheet) -> None:
    extra = Verdict(rule_id="x.y.z", rule_version=1, value=V, reason="")
    with pytest.raises(ValueError, match=r"x\.y\.z"):
        score_call(sheet, (*verdicts_of({}), extra), SEVERITIES, TITLES)
    with pytest.raises(ValueError, match=r"x\.y\.z"):
        score_call(sheet, (*verdicts_of({}), extra), SEVERITIES | {"x.y.z": Severity.MINOR}, TITLES)
