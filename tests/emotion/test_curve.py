"""Emotions on one scale, turn by turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.emotion.curve import ACKNOWLEDGEMENT_WEIGHT, curve, mean_valence, smoothed, valence, weight
from tests.emotion.calls import felt


@pytest.mark.parametrize(
    ("label", "value"),
    [
        (EmotionLabel.SATISFIED, 1.0),
        (EmotionLabel.CALM, 0.0),
        (EmotionLabel.ANXIOUS, -1 / 3),
        (EmotionLabel.DISSATISFIED, -2 / 3),
        (EmotionLabel.ANGRY, -1.0),
    ],
)
def test_each_label_has_its_place_on_the_scale(label: EmotionLabel, value: float) -> None:
    assert valence(felt(label, 1.0)) == pytest.approx(value)


@given(st.lists(st.floats(0.01, 1), min_size=5, max_size=5))
def test_the_valence_of_any_shares_stays_on_the_scale(shares: list[float]) -> None:
    total = sum(shares)
    emotion = TurnEmotion(EmotionLabel.CALM, 0.5, dict(zip(EmotionLabel, [s / total for s in shares], strict=True)))
    assert -1 <= valence(emotion) <= 1


@pytest.mark.parametrize("text", ["嗯", "好的好的", "对对对", ""])
def test_who_only_listens_says_next_to_nothing(text: str) -> None:
    assert weight(Turn(0, Role.CUSTOMER, text)) == ACKNOWLEDGEMENT_WEIGHT


def test_a_longer_turn_says_more_up_to_a_limit() -> None:
    weights = [weight(Turn(0, Role.CUSTOMER, "我要退款" * n)) for n in (1, 2, 9)]
    assert weights[0] < weights[1] == weights[2] == 1


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.05, 1)), min_size=1, max_size=40))
def test_smoothing_stays_between_the_least_and_the_greatest(points: list[tuple[float, float]]) -> None:
    values, weights = (np.array(each) for each in zip(*points, strict=True))
    smooth = smoothed(values, weights)
    assert len(smooth) == len(values)
    assert values.min() - 1e-9 <= smooth.min()
    assert smooth.max() <= values.max() + 1e-9


def test_smoothing_leaves_a_constant_curve_as_it_is() -> None:
    assert smoothed(np.full(7, -0.4), np.linspace(0.1, 1, 7)) == pytest.approx(np.full(7, -0.4))


def test_only_turns_that_are_surely_the_sides_own_are_in_the_curve() -> None:
    turns = [
        Turn(0, Role.CUSTOMER, "太过分了"),
        Turn(1, Role.AGENT, "非常抱歉"),
        Turn(2, Role.CUSTOMER, "谢谢观看", quarantine=Quarantine.STOCK),
        Turn(3, Role.CUSTOMER, "也许是他说的", role_confidence=0.6),
        Turn(4, Role.CUSTOMER, "没有情绪的话"),
    ]
    emotions = [felt(EmotionLabel.ANGRY)] * 4 + [None]
    assert [p.turn for p in curve(turns, emotions, Role.CUSTOMER)] == [0]


def test_a_mean_is_by_weight() -> None:
    turns = [Turn(0, Role.CUSTOMER, "嗯"), Turn(1, Role.CUSTOMER, "你们这样做太过分了吧")]
    points = curve(turns, [felt(EmotionLabel.SATISFIED, 1.0), felt(EmotionLabel.ANGRY, 1.0)], Role.CUSTOMER)
    assert mean_valence(points) == pytest.approx((1 * ACKNOWLEDGEMENT_WEIGHT - 1) / (1 + ACKNOWLEDGEMENT_WEIGHT))
