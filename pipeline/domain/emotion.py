"""The emotion of a turn, as the words show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EmotionLabel(StrEnum):
    """Ordered from best to worst, as supervisors read it."""

    SATISFIED = "satisfied"
    CALM = "calm"
    ANXIOUS = "anxious"
    DISSATISFIED = "dissatisfied"
    ANGRY = "angry"


@dataclass(frozen=True, slots=True)
class TurnEmotion:
    """`probabilities` has one calibrated entry per label and sums to 1; `confidence` is that of `label`."""

    label: EmotionLabel
    confidence: float
    probabilities: Mapping[EmotionLabel, float]
