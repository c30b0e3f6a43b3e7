"""The operator on saying a thing again: `repeat`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import MatchKind
from pipeline.domain.wording import clock
from pipeline.rulepack.operators.sentences import Sentence, heard, outcome_of, sentences
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, Outcome, Stance, text_hit

LOOK_BACK = 200
"""A sentence is compared with so many of the speaker's sentences before it, however long the turns are."""


class RepeatParams(Params):
    """`within` how many turns of the same speaker, how much alike (`similarity`, 0 to 1), from how many characters on.

    `count`: how often a thing is said again; 2 means that it is said three times.
    """

    within: Annotated[int, Field(ge=0, le=1000)] = 3
    similarity: Annotated[float, Field(ge=0.5, le=1)] = 0.8
    min_chars: Annotated[int, Field(ge=2)] = 6
    count: Annotated[int, Field(ge=1)] = 1


@dataclass(frozen=True, slots=True)
class _Repeat:
    """`again` says for the `times`-th time again what `before` said, which it is `alike` (0 to 1)."""

    before: Sentence
    again: Sentence
    alike: float
    times: int


def repeat(params: RepeatParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when a speaker says a sentence again at least `count` times, each within so many of the speaker's own turns.

    Sentences are those that punctuation parts; where a recogniser writes none, a whole turn is one, so that what is
    repeated within a longer turn is not found. They are compared by sound: how alike is the share of characters that
    stand in both in the same order (Indel similarity). What a recogniser doubts makes the repetition doubtful.
    A listener's 嗯 and what is shorter than `min_chars` is left out.
    """
    key = ("repeats", params.within, params.similarity, params.min_chars)
    found = view.once(key, lambda v: _repeats(v, params)) if region.turn_indexes else ()
    turns = set(region.turn_indexes)
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    for each in found:
        if each.times < params.count or not {each.again.turn, each.before.turn} <= turns:
            continue
        if region.holds((each.again.turn, each.again.start)):
            (sure if region.sure_of_speaker(each.before.turn) else doubtful).append(_hit(view, each))
    times = f"{params.count} 次" if params.count > 1 else ""
    note = f"{SPEAKER_NAMES[region.speaker]}重复说同样的话{times}"
    return outcome_of(sure, region, stance, note, doubtful=doubtful)


def _repeats(view: CallView, params: RepeatParams) -> tuple[_Repeat, ...]:
    """Each sentence with the last one before it that is alike, in order of place."""
    from rapidfuzz.fuzz import ratio

    text = view.joined.sound
    spoken: dict[
        Role, list[tuple[int, Sentence, str, int]]
    ] = {}  # own turn's number, sentence, sound, times said again
    own: dict[Role, int] = {}
    last_turn = -1
    found: list[_Repeat] = []
    cutoff = params.similarity * 100
    for each in sentences(view):
        turn = view.turns[each.turn]
        if each.turn != last_turn:
            own[turn.role] = own.get(turn.role, 0) + (0 if turn.back_channel else 1)
            last_turn = each.turn
        if each.end - each.start < params.min_chars or turn.back_channel:
            continue
        begin = view.joined.begins[each.turn]
        sound = text[begin + each.start : begin + each.end]
        earlier = spoken.setdefault(turn.role, [])
        times = 0
        for number, before, other, said_again in reversed(earlier[-LOOK_BACK:]):
            if number < own[turn.role] - params.within:
                break
            # Two lengths bound how alike the texts can be; most pairs end here.
            if 2 * min(len(sound), len(other)) < params.similarity * (len(sound) + len(other)):
                continue
            if alike := ratio(sound, other, score_cutoff=cutoff):
                times = said_again + 1
                found.append(_Repeat(before, each, alike / 100, times))
                break
        earlier.append((own[turn.role], each, sound, times))
    return tuple(found)


def _hit(view: CallView, each: _Repeat) -> Hit:
    before, again = each.before, each.again
    certain = min(heard(view, s.turn, s.start, s.end) for s in (before, again))
    hit = text_hit(
        view, again.turn, again.start, again.end, match=MatchKind.MEASURE, confidence=round(certain, 3), wanted=""
    )
    return Hit(
        begin=hit.begin, finish=hit.finish, match=hit.match, confidence=hit.confidence, turn=hit.turn, role=hit.role,
        start_ms=hit.start_ms, end_ms=hit.end_ms, char_start=hit.char_start, char_end=hit.char_end,
        text=hit.text, matched=hit.matched, explanation=_explained(view, each, hit),
    )  # fmt: skip


def _explained(view: CallView, each: _Repeat, hit: Hit) -> str:
    turn = view.turns[each.before.turn]
    start, end = view.normal[turn.index].span(each.before.start, each.before.end)
    when = f"第 {turn.index + 1} 轮" + ("" if turn.start_ms is None else f"({clock(turn.start_ms)})")
    times = f"第 {each.times} 次" if each.times > 1 else ""
    said = f"在{when}说“{turn.text[start:end]}”,{times}又说“{hit.matched}”"
    return f"{SPEAKER_NAMES[turn.role]}{said}(相似 {each.alike:.0%})"
