"""The operators of the rule language: one readable table. A new operator is one function, its parameters, one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.rulepack.operators.classifier import ClassifierParams, classifier
from pipeline.rulepack.operators.emotion import EmotionParams, emotion
from pipeline.rulepack.operators.facts import (
    DurationParams,
    MetadataParams,
    TurnsParams,
    duration,
    metadata,
    turns,
)
from pipeline.rulepack.operators.llm import LlmParams, llm
from pipeline.rulepack.operators.timing import (
    OverlapParams,
    RateParams,
    SilenceParams,
    overlap,
    rate,
    silence,
)
from pipeline.rulepack.operators.voice import LoudnessParams, PitchParams, loudness, pitch
from pipeline.rulepack.operators.words import PhraseParams, RegexParams, phrase, regex
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import CallView, Outcome, Stance


@dataclass(frozen=True, slots=True)
class Operator:
    """`run(params, view, region, stance)` answers an Outcome or raises NotJudged.

    `placed` is True when its hits have a place in the call, so that `then`, after, before and around can use them.
    """

    params: type[Params]
    run: Callable[[Any, CallView, Region, Stance], Outcome]
    placed: bool = True


OPERATORS: dict[str, Operator] = {
    "phrase": Operator(PhraseParams, phrase),
    "regex": Operator(RegexParams, regex),
    "silence": Operator(SilenceParams, silence),
    "overlap": Operator(OverlapParams, overlap),
    "rate": Operator(RateParams, rate),
    "loudness": Operator(LoudnessParams, loudness),
    "pitch": Operator(PitchParams, pitch),
    "emotion": Operator(EmotionParams, emotion),
    "classifier": Operator(ClassifierParams, classifier),
    "llm": Operator(LlmParams, llm),
    "metadata": Operator(MetadataParams, metadata, placed=False),
    "turns": Operator(TurnsParams, turns, placed=False),
    "duration": Operator(DurationParams, duration, placed=False),
}
