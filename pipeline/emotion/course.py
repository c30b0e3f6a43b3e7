"""How one side's emotion runs over a call: its worst moment, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn

WORSE_THAN_CALM = (EmotionLabel.ANGRY, EmotionLabel.DISSATISFIED, EmotionLabel.ANXIOUS)
# One turn decides when it is at least this sure. Chosen, with the number of last turns that make the end, among a few
# round values on 60 labelled hotline calls (see the model card).
SURE = 0.6
LAST_TURNS = 3


@dataclass(frozen=True, slots=True)
class EmotionCourse:
    """`peak` is the worst confident emotion and `peak_turn` the index of the surest turn that shows it.

    `peak` is calm, and `peak_turn` None, where no turn is confidently worse than calm. `end` is how the last turns
    sound: the worst confident emotion among them, satisfied where one is, calm otherwise.
    """

    peak: EmotionLabel
    peak_turn: int | None
    end: EmotionLabel


def course(
    turns: Sequence[Turn], emotions: Sequence[TurnEmotion | None], *, role: Role = Role.CUSTOMER
) -> EmotionCourse | None:
    """The course of `role` over a call; None where none of its turns was judged. One emotion per turn is expected."""
    judged = [(turn, emotion) for turn, emotion in zip(turns, emotions, strict=True) if turn.role is role and emotion]
    if not judged:
        return None
    peak, turn = _worst(judged)
    last = judged[-LAST_TURNS:]
    end, _ = _worst(last)
    if end is EmotionLabel.CALM and any(_at_least(e, EmotionLabel.SATISFIED) >= SURE for _, e in last):
        end = EmotionLabel.SATISFIED
    return EmotionCourse(peak=peak, peak_turn=turn.index if turn else None, end=end)


def _worst(judged: Sequence[tuple[Turn, TurnEmotion]]) -> tuple[EmotionLabel, Turn | None]:
    for label in WORSE_THAN_CALM:
        turn, emotion = max(judged, key=lambda pair: _at_least(pair[1], label))
        if _at_least(emotion, label) >= SURE:
            return label, turn
    return EmotionLabel.CALM, None


def _at_least(emotion: TurnEmotion, label: EmotionLabel) -> float:
    """How probable it is that the turn is `label`; anger also counts as dissatisfaction."""
    share = emotion.probabilities[label]
    return share + emotion.probabilities[EmotionLabel.ANGRY] if label is EmotionLabel.DISSATISFIED else share
