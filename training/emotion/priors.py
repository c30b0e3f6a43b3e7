"""The labels in the model's order, and how often each is expected."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.emotion import EmotionLabel

LABELS = tuple(EmotionLabel)
# The proportions expected of a contact centre, where most turns are calm.
PRIOR: Mapping[EmotionLabel, float] = {
    EmotionLabel.SATISFIED: 0.05,
    EmotionLabel.CALM: 0.75,
    EmotionLabel.ANXIOUS: 0.05,
    EmotionLabel.DISSATISFIED: 0.10,
    EmotionLabel.ANGRY: 0.05,
}
