"""The sentences of a call, and the answer of an operator that looks for something said in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.words import SURE, _probability
from pipeline.rulepack.region import Region
from pipeline.rulepack.view import CallView, Hit, Outcome, Stance

_END = re.compile(r"[。！？!?；;…\n]+")
_MIN_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Sentence:
    """`[start, end)` of a turn's normalised text, never empty. `asked` is True where a question mark ends it."""

    turn: int
    start: int
    end: int
    asked: bool


def sentences(view: CallView) -> tuple[Sentence, ...]:
    """The sentences of a call as punctuation parts them; a turn without punctuation is one. Made once for a call."""
    return view.once("sentences", _sentences)


def _sentences(view: CallView) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for turn, normal in enumerate(view.normal):
        start = 0
        for mark in _END.finditer(normal.original) if normal.text else ():
            end = bisect_left(normal.starts, mark.end())
            if end > start:
                found.append(Sentence(turn, start, end, not {"?", "？"}.isdisjoint(mark.group())))
                start = end
        if start < len(normal.text):
            found.append(Sentence(turn, start, len(normal.text), asked=False))
    return tuple(found)


def heard(view: CallView, turn: int, start: int, end: int) -> float:
    """The factor by which the recogniser's doubt lessens a confidence: 1 for sure words, a half at the least."""
    return _MIN_LIKELY + (1 - _MIN_LIKELY) * _probability(view, turn, start, end)


def outcome_of(
    hits: Sequence[Hit], region: Region, stance: Stance, note: str, *, doubtful: Sequence[Hit] = (), count: int = 1
) -> Outcome:
    """TRUE where `count` hits are sure, DOUBTFUL where only the doubtful ones make up the number.

    One of `hits` is sure from the same confidence as one of `phrase`, where its speaker is and the region does not
    hang on a doubtful hit; those of `doubtful` never are. Where not finding it would cost the
    agent, unclear speech cannot be judged.
    """
    sure = [h for h in hits if h.confidence >= SURE[stance, region.severity] and region.sure_of_speaker(h.begin[0])]
    if len(sure) >= count and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=_in_order(sure), note=note)
    if len(hits) + len(doubtful) >= count:
        return Outcome(truth=Truth.DOUBTFUL, hits=_in_order([*hits, *doubtful]), note=note)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=note)


def _in_order(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=lambda h: (h.begin, h.finish)))
