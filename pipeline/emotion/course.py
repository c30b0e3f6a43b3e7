"""How one side's emotion runs over a call: its worst moments, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.emotion import WORSE_THAN_CALM, EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn

# One turn decides when it is this sure; otherwise people go by several. All figures here were chosen among a few round
# values on half of 60 labelled hotline calls (see the model card).
SURE = 0.9
# A call's worst is what its worst turns are on average; a call with fewer turns must be the surer.
WORST_TURNS = 3
PEAK_FROM: Mapping[EmotionLabel, float] = {
    EmotionLabel.ANGRY: 0.35,
    EmotionLabel.DISSATISFIED: 0.35,
    EmotionLabel.ANXIOUS: 0.6,
}
# A call ends as its last turns are on average, each earlier one counting less: 好的 and 嗯 alone do not soothe.
LAST_TURNS = 12
FADING = 0.85
END_FROM: Mapping[EmotionLabel, float] = {**dict.fromkeys(WORSE_THAN_CALM, 0.4), EmotionLabel.SATISFIED: 0.25}


@dataclass(frozen=True, slots=True)
class EmotionCourse:
    """`peak` is the worst emotion that the worst turns show and `peak_turn` the index of the surest turn that shows it.

    `peak` is calm, and `peak_turn` None, where they show none worse than calm. `end` is how the last turns sound: the
    worst emotion that they show, satisfied where they show that, calm otherwise.
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
    peak, peak_turn = _peak(judged)
    return EmotionCourse(peak=peak, peak_turn=peak_turn, end=_end([emotion for _, emotion in judged[-LAST_TURNS:]]))


def _peak(judged: Sequence[tuple[Turn, TurnEmotion]]) -> tuple[EmotionLabel, int | None]:
    shares = {label: [_at_least(emotion, label) for _, emotion in judged] for label in WORSE_THAN_CALM}
    worst = {label: sum(sorted(each)[-WORST_TURNS:]) / WORST_TURNS for label, each in shares.items()}
    shown = [label for label in WORSE_THAN_CALM if worst[label] >= PEAK_FROM[label] or max(shares[label]) >= SURE]
    if not shown:
        return EmotionLabel.CALM, None
    peak = shown[0]
    # Displeasure is the worse of the two, but a call that is rather worry than displeasure is worry.
    if peak is EmotionLabel.DISSATISFIED and EmotionLabel.ANXIOUS in shown:
        peak = max(EmotionLabel.DISSATISFIED, EmotionLabel.ANXIOUS, key=worst.__getitem__)
    surest = max(range(len(judged)), key=shares[peak].__getitem__)
    return peak, judged[surest][0].index


def _end(last: Sequence[TurnEmotion]) -> EmotionLabel:
    weights = [FADING**back for back in reversed(range(len(last)))]
    for label in (*WORSE_THAN_CALM, EmotionLabel.SATISFIED):
        shares = [_at_least(emotion, label) for emotion in last]
        mean = sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)
        if mean >= END_FROM[label] or shares[-1] >= SURE:
            return label
    return EmotionLabel.CALM


def _at_least(emotion: TurnEmotion, label: EmotionLabel) -> float:
    """How probable it is that the turn is `label`; anger also counts as dissatisfaction."""
    share = emotion.probabilities[label]
    return share + emotion.probabilities[EmotionLabel.ANGRY] if label is EmotionLabel.DISSATISFIED else share
