"""What holds for every sheet and every way in which its rules can come out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.score import CallScore
from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.score import ScoreSheet, score_call
from tests.score.build import N, P, S, U, V

points = st.integers(1, 1000).map(lambda tenths: tenths / 10)


@dataclass(frozen=True)
class Case:
    sheet: ScoreSheet
    values: dict[str, VerdictValue]

    def score(self, values: dict[str, VerdictValue] | None = None, *, seed: int | None = None) -> CallScore:
        verdicts = [
            Verdict(rule_id=rule, rule_version=1, value=value, reason="原因")
            for rule, value in (values or self.values).items()
        ]
        if seed is not None:
            random.Random(seed).shuffle(verdicts)
        titles = {rule: f"标题{rule}" for rule in self.values}
        return score_call(self.sheet, verdicts, dict.fromkeys(self.values, Severity.MAJOR), titles)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 4))
    cuts = sorted(draw(st.sets(st.integers(1, 999), min_size=count - 1, max_size=count - 1)))
    weights = [(b - a) / 10 for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    rules: list[str] = []

    def rule() -> str:
        rules.append(f"r{len(rules)}")
        return rules[-1]

    dimensions = []
    for i, weight in enumerate(weights):
        items = [{"rule": rule(), "points": draw(points)} for _ in range(draw(st.integers(0, 3)))]
        least = 0 if items else 1
        deductions = [{"rule": rule(), "deduct": draw(points)} for _ in range(draw(st.integers(least, 3)))]
        dimensions.append(
            {"id": f"d{i}", "title": f"维度{i}", "weight": weight, "items": items, "deductions": deductions}
        )
    sheet = ScoreSheet.model_validate(
        {
            "id": "any",
            "version": 1,
            "title": "任意",
            "dimensions": dimensions,
            "fatal": [rule() for _ in range(draw(st.integers(0, 2)))],
            "bands": [{"min": 0, "grade": "D", "title": "有分"}],
        }
    )
    fatal_values = st.sampled_from([P, P, P, N, U, S, V])
    return Case(sheet, {r: draw(fatal_values if r in sheet.fatal else st.sampled_from(VerdictValue)) for r in rules})


@given(cases())
def test_a_score_lies_between_0_and_100_with_one_decimal(case: Case) -> None:
    result = case.score()
    if result.score is not None:
        assert 0 <= result.score <= 100
        assert result.score.as_tuple().exponent == -1
    assert 0 <= result.judged_weight <= 1


@given(cases())
def test_what_the_lines_lost_sums_exactly_to_what_the_call_lost(case: Case) -> None:
    result = case.score()
    lost = sum((i.lost for i in result.items), Decimal(0))
    assert lost == (0 if result.score is None else 100 - result.score)


@given(cases())
def test_only_violated_lines_lose_and_none_loses_more_than_it_is_worth(case: Case) -> None:
    for item in case.score().items:
        assert item.lost == 0 or item.verdict is V
        assert 0 <= item.lost <= item.points <= 100
        assert item.judged == (item.verdict in (P, V))
        assert item.judged or item.points == 0


@given(cases())
def test_every_violation_on_the_sheet_has_its_reason(case: Case) -> None:
    result = case.score()
    violated = [i for i in result.items if i.verdict is V]
    assert len(result.reasons) == len(violated)
    assert all(any(r.startswith(f"{i.dimension_title} −{i.lost} {i.title}") for r in result.reasons) for i in violated)


@given(cases(), st.integers(0, 100))
def test_the_order_of_the_verdicts_does_not_matter(case: Case, seed: int) -> None:
    assert case.score(seed=seed) == case.score()


def _joins_by_a_deduction(case: Case, rule: str) -> bool:
    """Whether the rule is a deduction of a dimension that would not count without it."""
    for dimension in case.sheet.dimensions:
        if rule in [d.rule for d in dimension.deductions]:
            return not dimension.items and all(case.values[d.rule] in (N, U) for d in dimension.deductions)
    return False


@given(cases(), st.data())
def test_one_more_violation_never_raises_the_score(case: Case, data: st.DataObject) -> None:
    """A dimension that starts to count through a deduction is another sheet, and may be better than the rest."""
    rule = data.draw(st.sampled_from(sorted(case.values)))
    before, after = case.score().score, case.score(case.values | {rule: V}).score
    if before is not None and not _joins_by_a_deduction(case, rule):
        assert after is not None
        assert after <= before


@given(cases())
def test_confirming_what_is_suspected_never_raises_the_score(case: Case) -> None:
    result = case.score()
    confirmed = case.score({r: V if v is S else v for r, v in case.values.items()})
    assert result.score_if_confirmed == confirmed.score
    if result.score is not None:
        assert result.score_if_confirmed is not None
        assert result.score_if_confirmed <= result.score


@given(cases())
def test_a_suspicion_never_lowers_the_score_of_what_was_judged(case: Case) -> None:
    judged_only = case.score({r: N if v is S else v for r, v in case.values.items()}).score
    result = case.score().score
    assert (result is None) == (judged_only is None)
    if result is not None and judged_only is not None:
        assert result >= judged_only


@given(cases())
def test_what_could_not_be_judged_scores_like_what_does_not_apply(case: Case) -> None:
    assert case.score({r: N if v is U else v for r, v in case.values.items()}).score == case.score().score


@given(cases())
def test_a_call_that_passes_all_that_was_judged_has_100(case: Case) -> None:
    result = case.score({r: P if v is V else v for r, v in case.values.items()})
    assert result.score in (None, 100)
