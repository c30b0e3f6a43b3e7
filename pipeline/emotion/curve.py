"""One side's emotion turn by turn on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pipeline.domain.course import CurvePoint
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE, Role, Turn
from pipeline.signals.pace import count_syllables
from pipeline.text.back_channel import only_acknowledges

VALENCE = {
    EmotionLabel.SATISFIED: 1.0,
    EmotionLabel.CALM: 0.0,
    EmotionLabel.ANXIOUS: -1 / 3,
    EmotionLabel.DISSATISFIED: -2 / 3,
    EmotionLabel.ANGRY: -1.0,
}
"""The labels in their order, in equal steps from calm to angry: an order made into numbers, not a measurement."""

FULL_SYLLABLES = 8
"""A turn of so many syllables counts in full. Shorter ones count less: of few words the model knows little."""

ACKNOWLEDGEMENT_WEIGHT = 0.05
"""Of a bare 嗯 or 好的, which says that somebody listens and not how he feels."""

_KERNEL = (0.25, 0.5, 1.0, 0.5, 0.25)


def valence(emotion: TurnEmotion) -> float:
    """The expected value over the labels' probabilities: −1 is angry, 0 calm, 1 satisfied."""
    return sum(VALENCE[label] * share for label, share in emotion.probabilities.items())


def weight(turn: Turn) -> float:
    """How much a turn says of how its speaker feels, 0 to 1."""
    return _text_weight(turn.text)


@lru_cache(maxsize=4096)
def _text_weight(text: str) -> float:
    if only_acknowledges(text):
        return ACKNOWLEDGEMENT_WEIGHT
    return max(ACKNOWLEDGEMENT_WEIGHT, min(1.0, count_syllables(text) / FULL_SYLLABLES))


def sure_turns(turns: Sequence[Turn], role: Role) -> list[Turn]:
    """What `role` said that may be judged: not set apart, and not perhaps the other side's."""
    return [t for t in turns if t.role is role and not t.quarantined and t.role_confidence >= MIN_ROLE_CONFIDENCE]


def curve(turns: Sequence[Turn], emotions: Sequence[TurnEmotion | None], role: Role) -> tuple[CurvePoint, ...]:
    """The turns of `role` that were judged, in order. One emotion (or None) per turn is expected.

    A point is smoothed over itself and two of its speaker's turns on either side, which count a half and a quarter,
    each by its weight.
    """
    felt = [(t, e) for t in sure_turns(turns, role) if (e := emotions[t.index]) is not None]
    values = np.array([valence(e) for _, e in felt])
    weights = np.array([weight(t) for t, _ in felt])
    smooth = smoothed(values, weights)
    return tuple(
        CurvePoint(turn.index, round(float(v), 4), round(float(s), 4), round(float(w), 3))
        for (turn, _), v, s, w in zip(felt, values, smooth, weights, strict=True)
    )


def smoothed(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weighted moving mean of `values`; both have shape (n,), all weights are above 0."""
    if not len(values):
        return values
    reach = len(_KERNEL) // 2
    sums = np.convolve(values * weights, _KERNEL)[reach : reach + len(values)]
    return sums / np.convolve(weights, _KERNEL)[reach : reach + len(values)]


def mean_valence(points: Sequence[CurvePoint]) -> float:
    """The mean over turns, each by its weight; `points` must not be empty."""
    return sum(p.valence * p.weight for p in points) / sum(p.weight for p in points)
