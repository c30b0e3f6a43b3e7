"""Operators on how a turn is said: `loudness`, `pitch`. A chat has none (ABSENT); what nobody measured is UNJUDGED."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from pipeline.rulepack.operators.timing import grade, measured
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, Outcome, Stance, turn_hit

DOUBT_DB = 1.0
DOUBT_SEMITONES = 1.0
"""A recogniser cuts a turn a syllable sooner or later: a change this near to its limit is doubtful."""


class _Change(Params):
    above: Annotated[float, Field(gt=0)] | None = None
    below: Annotated[float, Field(gt=0)] | None = None
    count: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _one(self) -> _Change:
        if (self.above is None) == (self.below is None):
            raise ValueError("above 和 below 必须且只能写一个")
        return self


class LoudnessParams(_Change):
    """`above` or `below`: decibels from the speaker's own usual loudness in the call; in `count` turns at least."""


class PitchParams(_Change):
    """`above` or `below`: semitones from the speaker's own usual pitch in the call; in `count` turns at least."""


def loudness(params: LoudnessParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when enough turns are said that much louder, or softer, than the speaker otherwise speaks."""
    values = measured(view, view.signals.loudness_db, "音量")
    return _changed(params, view, region, values, ("响", "轻"), "分贝", DOUBT_DB)


def pitch(params: PitchParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when enough turns are said that much higher, or deeper, than the speaker otherwise speaks."""
    values = measured(view, view.signals.pitch_semitones, "音高")
    return _changed(params, view, region, values, ("高", "低"), "个半音", DOUBT_SEMITONES)


def _changed(
    params: _Change,
    view: CallView,
    region: Region,
    values: Sequence[float | None],
    words: tuple[str, str],
    unit: str,
    doubt: float,
) -> Outcome:
    sign, limit, word = (1, params.above, words[0]) if params.above is not None else (-1, params.below, words[1])
    assert limit is not None
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    for index in region.turn_indexes:
        value = values[index]
        if value is None or sign * value < limit - doubt or not region.holds((index, 0)):
            continue
        role = SPEAKER_NAMES[view.turns[index].role]
        said = f"{role}比平时{word} {abs(value):.1f} {unit}:“{view.turns[index].text}”"
        hit = turn_hit(view, index, confidence=1.0, explanation=said)
        surely = sign * value >= limit + doubt and region.sure_of_speaker(index)
        (sure if surely else doubtful).append(hit)
    note = f"{SPEAKER_NAMES[region.speaker]}比平时{word} {limit:g} {unit}"
    return grade(sure, doubtful, region, note, params.count)
