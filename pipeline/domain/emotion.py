"""The emotion of a turn, as words and voice show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

RAISED_FROM = 0.5
"""From this probability on a voice is called raised: likelier than not. Higher limits find fewer raised turns and are
hardly less often wrong (`benchmarks/README.md`)."""

OWN_SHARE = 0.5
"""How sure a turn's own words must be that it counts as sure: nobody is judged by what was said around a sentence."""


class EmotionLabel(StrEnum):
    """Ordered from best to worst, as supervisors read it."""

    SATISFIED = "satisfied"
    CALM = "calm"
    ANXIOUS = "anxious"
    DISSATISFIED = "dissatisfied"
    ANGRY = "angry"


WORSE_THAN_CALM = (EmotionLabel.ANGRY, EmotionLabel.DISSATISFIED, EmotionLabel.ANXIOUS)
"""From the worst on."""


@dataclass(frozen=True, slots=True)
class VoiceVote:
    """How a turn sounds against how its speaker otherwise sounds in the call.

    `raised` is the probability, 0 to 1, that the voice is raised. The others are what it rests on, relative to the
    speaker's usual turn in the call: the median, in loudness a lower one where half the turns are raised. None where
    not measured.
    """

    raised: float
    loudness_db: float | None = None
    pitch_semitones: float | None = None
    rate_ratio: float | None = None

    @property
    def is_raised(self) -> bool:
        """What people are told, and what is counted."""
        return self.raised >= RAISED_FROM


@dataclass(frozen=True, slots=True)
class TurnEmotion:
    """`probabilities` has one calibrated entry per label and sums to 1; `confidence` is that of `label`.

    `words` is what the words alone say, None where nothing else had a say; `voice` the vote of the voice, None where
    there is none. `note` says in Chinese where the two disagree, and is empty otherwise. `alone` is what the turn's own
    words say by themselves, None where there are no neighbouring turns that have a say.
    """

    label: EmotionLabel
    confidence: float
    probabilities: Mapping[EmotionLabel, float]
    words: Mapping[EmotionLabel, float] | None = None
    voice: VoiceVote | None = None
    note: str = ""
    alone: Mapping[EmotionLabel, float] | None = None

    @property
    def raised(self) -> bool | None:
        """Whether the turn is said in a raised voice; None where no voice was measured."""
        return self.voice.is_raised if self.voice else None

    @property
    def own(self) -> Mapping[EmotionLabel, float]:
        """What the turn says without its neighbours' say."""
        return self.alone or self.probabilities

    def says(self, *labels: EmotionLabel) -> bool:
        """Whether the turn's own words are sure enough of the labels together."""
        return sum(self.own[label] for label in labels) >= OWN_SHARE
