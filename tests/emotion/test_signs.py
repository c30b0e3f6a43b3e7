"""How signs are graded and add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.course import Grade, TraitKind
from pipeline.domain.transcript import Role
from pipeline.emotion.signs import AT_THRESHOLD, CLEAR_FROM, SIGNS_FROM, SignKind, added_up, grade_of, ramp, trait

SHARES = st.lists(st.floats(0, 1), max_size=8)
KIND = SignKind(code="x", title="催促的话", unit="句", threshold=2, full=4, weight=0.8)


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_greater_value_is_never_a_weaker_sign(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= ramp(low, threshold=2, full=5) <= ramp(high, threshold=2, full=5) <= 1


@pytest.mark.parametrize(("value", "strength"), [(1.99, 0), (2, AT_THRESHOLD), (3.5, 0.75), (5, 1), (99, 1)])
def test_a_sign_counts_from_its_threshold_and_in_full_from_its_full(value: float, strength: float) -> None:
    assert ramp(value, threshold=2, full=5) == strength


def test_a_sign_whose_limits_are_one_counts_in_full_at_once() -> None:
    assert ramp(1, threshold=1, full=1) == 1


@given(SHARES, st.randoms())
def test_the_order_of_signs_makes_no_difference(shares: list[float], random: object) -> None:
    shuffled = sorted(shares, key=lambda _: random.random())  # type: ignore[attr-defined]  # hypothesis' Random
    assert added_up(shares) == added_up(shuffled)


@given(SHARES, st.floats(0, 1))
def test_one_more_sign_never_weakens_and_nothing_exceeds_one(shares: list[float], more: float) -> None:
    assert max([0, *shares]) - 0.001 <= added_up(shares) <= added_up([*shares, more]) <= 1


def test_grades_follow_the_strength() -> None:
    assert [grade_of(s) for s in (0, SIGNS_FROM - 0.01, SIGNS_FROM, CLEAR_FROM - 0.01, CLEAR_FROM, 1)] == [
        *[Grade.NONE] * 2,
        *[Grade.SIGNS] * 2,
        *[Grade.CLEAR] * 2,
    ]


def test_what_could_not_be_measured_is_said_and_bounds_the_strength() -> None:
    told = trait(
        TraitKind.IMPATIENT, Role.CUSTOMER, [KIND.measured(3, [4, 9, 11], found="“快点”"), KIND.unmeasured("没有时间")]
    )
    assert told.strength == 0.6
    assert told.strength_at_most == pytest.approx(1 - 0.4 * 0.2)
    assert told.turns == (4, 9, 11)
    assert "催促的话:3 句(从 2 句 起算),“快点”" in told.explanation
    assert "未能测量:催促的话,测得后强度最多 0.92" in told.explanation


def test_nothing_measured_is_undetermined_and_not_none() -> None:
    told = trait(TraitKind.IMPATIENT, Role.CUSTOMER, [KIND.unmeasured("没有时间")])
    assert told.grade is Grade.UNDETERMINED
    assert "无法判断" in told.explanation


def test_a_trait_without_signs_is_refused() -> None:
    with pytest.raises(ValueError, match="rests on signs"):
        trait(TraitKind.IMPATIENT, Role.CUSTOMER, [])


def test_turns_of_a_sign_that_does_not_count_are_no_evidence() -> None:
    assert trait(TraitKind.IMPATIENT, Role.CUSTOMER, [KIND.measured(1, [4])]).turns == ()
