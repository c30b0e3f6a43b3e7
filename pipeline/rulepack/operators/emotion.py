"""The operator on feeling: `emotion`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.domain.emotion import OWN_SHARE, EmotionLabel, TurnEmotion
from pipeline.domain.wording import EMOTION_NAMES
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance, turn_hit

END_TURNS = 3
"""`at: end` looks at the speaker's last turns that say something."""


class EmotionParams(Params):
    """`is`: one or several labels, whose probabilities add up. From `min_confidence` a turn counts as sure, from
    `doubt` as doubtful. `at`: any turn, or the `end` of the call. `turns`: how many turns are needed.
    """

    is_: Annotated[tuple[EmotionLabel, ...], Field(min_length=1, alias="is")]
    min_confidence: Annotated[float, Field(gt=0, le=1)] = 0.6
    doubt: Annotated[float, Field(gt=0, le=1)] | None = None
    at: Literal["any", "end"] = "any"
    turns: Annotated[int, Field(ge=1)] = 1

    @field_validator("is_", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> EmotionParams:
        if self.doubt is not None and self.doubt > self.min_confidence:
            raise ValueError("doubt 不能高于 min_confidence")
        return self


def emotion(params: EmotionParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when enough turns in the region show one of the labels.

    A turn that only its neighbours make so is doubtful.
    """
    felt = [(i, e) for i in region.turn_indexes if (e := view.emotions[i]) is not None and region.holds((i, 0))]
    if region.turn_indexes and not felt and any(view.normal[i].text for i in region.turn_indexes):
        raise NotJudgedError(Truth.UNJUDGED, "没有情绪识别结果")
    if params.at == "end":
        felt = felt[-END_TURNS:]
    names = "或".join(EMOTION_NAMES[label] for label in params.is_)
    sure, doubtful = [], []
    for index, each in felt:
        confidence = round(sum(each.probabilities[label] for label in params.is_), 3)
        if confidence >= params.min_confidence and _own(each, params) >= OWN_SHARE:
            sure.append(_hit(view, index, each, confidence, names, _own(each, params)))
        elif confidence >= (params.min_confidence if params.doubt is None else params.doubt):
            doubtful.append(_hit(view, index, each, confidence, names, _own(each, params)))
    note = f"{SPEAKER_NAMES[region.speaker]}情绪{names}"
    if len(sure) >= params.turns and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=tuple(sure), note=note)
    if len(sure) + len(doubtful) >= params.turns:
        hits = tuple(sorted(sure + doubtful, key=lambda h: h.begin))
        return Outcome(truth=Truth.DOUBTFUL, hits=hits, note=note)
    return Outcome(truth=Truth.FALSE, note=note)


def _own(emotion: TurnEmotion, params: EmotionParams) -> float:
    """How sure the turn's own words alone are of the labels."""
    return sum(emotion.own[label] for label in params.is_)


def _hit(view: CallView, index: int, emotion: TurnEmotion, confidence: float, names: str, own: float) -> Hit:
    turn = view.turns[index]
    beside = "" if own >= OWN_SHARE else f"连同前后的话,这一句本身只有 {own:.0%}"
    surety = ";".join(filter(None, (f"把握 {confidence:.0%}", beside, _voice(emotion))))
    explanation = f"{SPEAKER_NAMES[turn.role]}情绪{names}({surety}):“{turn.text}”"
    return turn_hit(view, index, confidence=confidence, explanation=explanation)


def _voice(emotion: TurnEmotion) -> str:
    """What the voice had to say; empty where it was neither raised nor at odds with the words."""
    voice = emotion.voice
    if voice is None or not voice.is_raised:
        return emotion.note
    measured = (
        _changed(voice.loudness_db, "响轻", " 分贝"),
        _changed(voice.pitch_semitones, "高低", " 个半音"),
        _changed(None if voice.rate_ratio is None else voice.rate_ratio * 100 - 100, "快慢", "%"),
    )
    return f"{emotion.note or '语气升高'},比平时{'、'.join(filter(None, measured))}"


def _changed(value: float | None, words: str, unit: str) -> str:
    return "" if value is None else f"{words[value < 0]} {abs(value):.{0 if unit == '%' else 1}f}{unit}"
