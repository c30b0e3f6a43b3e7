from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.score import ScoreSheet, score_call
from tests.score.build import SEVERITIES, SHEET, TITLES, N, S, U, V, scored, sheet_of, verdicts_of

Values = dict[str, VerdictValue]
HALF_UNKNOWN: Values = dict.fromkeys(("t.solve.ask", "t.solve.answer", "t.solve.sum", "t.ban.refuse", "t.ban.rude"), U)

FLAGS: list[tuple[str, Values, tuple[str, ...]]] = [
    ("nothing wrong", {}, ()),
    ("a minor violation is not looked at", {"t.ban.command": V}, ()),
    ("a critical violation is", {"t.ban.rude": V}, ("严重违规: 态度恶劣",)),
    ("a major suspicion is", {"t.ban.shirk": S}, ("疑似重要违规，待人工确认: 推诿责任",)),
    ("a minor suspicion is not", {"t.ban.command": S}, ()),
    ("a major violation is not on this sheet", {"t.ban.shirk": V}, ()),
    ("a customer's risk is", {"t.risk.complain": V}, ("需要关注: 客户扬言投诉",)),
    ("a low score is", {"t.solve.ask": V, "t.solve.sum": V}, ("得分 66.7 低于 75",)),
    ("a fatal violation is named once", {"t.ban.abuse": V}, ("一票否决: 辱骂客户", "得分 0.0 低于 75")),
    (
        "too little judged is",
        HALF_UNKNOWN,
        ("66% 的评分权重未能判定，能判定的不足 50%",),
    ),
    ("what does not apply is not missed", dict.fromkeys(HALF_UNKNOWN, N), ()),
    (
        "all together, gravest first",
        {"t.ban.abuse": V, "t.ban.rude": V, "t.ban.shirk": S, "t.risk.complain": V},
        (
            "一票否决: 辱骂客户",
            "严重违规: 态度恶劣",
            "疑似重要违规，待人工确认: 推诿责任",
            "需要关注: 客户扬言投诉",
            "得分 0.0 低于 75",
        ),
    ),
]


@pytest.mark.parametrize(("values", "expected"), [f[1:] for f in FLAGS], ids=[f[0] for f in FLAGS])
def test_a_person_looks_at_a_call_for_a_reason_that_is_named(
    sheet: ScoreSheet, values: Values, expected: tuple[str, ...]
) -> None:
    result = scored(sheet, values)
    assert result.flag_reasons == expected
    assert result.flagged == bool(expected)


def test_a_score_on_the_line_is_not_below_it(sheet: ScoreSheet) -> None:
    on_the_line = scored(sheet, {"t.solve.sum": N, "t.solve.answer": N, "t.solve.ask": V})
    assert (str(on_the_line.score), on_the_line.flag_reasons) == ("75.0", ())


def test_a_critical_violation_of_a_rule_outside_the_sheet_flags_the_call(sheet: ScoreSheet) -> None:
    extra = Verdict(rule_id="bank.promise.gain", rule_version=1, value=V, reason="")
    severities = SEVERITIES | {"bank.promise.gain": Severity.CRITICAL}
    result = score_call(sheet, (*verdicts_of({}), extra), severities, TITLES | {"bank.promise.gain": "承诺收益"})
    assert (str(result.score), result.flag_reasons) == ("100.0", ("严重违规: 承诺收益",))


def test_a_sheet_without_a_flag_section_still_flags_what_could_not_be_judged(tmp_path: Path) -> None:
    plain = sheet_of(tmp_path, SHEET[: SHEET.index("flag:")])
    assert scored(plain, {"t.ban.rude": V, "t.solve.ask": V}).flagged is False
    assert scored(plain, {}, otherwise=U).flagged is True
    assert scored(plain, {"t.ban.abuse": V}).flag_reasons == ("一票否决: 辱骂客户",)


@pytest.mark.parametrize(
    ("values", "share"),
    [
        ({}, 1.0),
        ({"t.open.greet": U}, 0.85),
        ({"t.open.greet": S}, 0.85),
        ({"t.open.greet": N}, 1.0),
        (dict.fromkeys(TITLES, U), 0.0),
        (dict.fromkeys(TITLES, U) | {"t.open.greet": N, "t.open.name": V}, 5 / 85),
    ],
)
def test_the_judged_share_is_of_the_weight_that_applies(sheet: ScoreSheet, values: Values, share: float) -> None:
    assert scored(sheet, values).judged_weight == pytest.approx(share)


@pytest.mark.parametrize(("quarantined", "flagged"), [(0.0, False), (0.2, False), (0.37, True), (1.0, True)])
def test_a_call_of_which_much_was_probably_invented_is_looked_at_and_loses_nothing(
    sheet: ScoreSheet, quarantined: float, flagged: bool
) -> None:
    result = score_call(sheet, verdicts_of({}), SEVERITIES, TITLES, quarantined=quarantined)
    assert result.score == 100
    assert any("已隔离不判" in reason and "%" in reason for reason in result.flag_reasons) is flagged
    assert result.flagged is flagged
