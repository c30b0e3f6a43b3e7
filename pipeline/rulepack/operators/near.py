"""The operator on two things said close together: `near`."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth, duration_ms
from pipeline.rulepack.operators.timing import TIMING_DOUBT_MS
from pipeline.rulepack.operators.words import Graded, graded_hits, with_text
from pipeline.rulepack.phrases import PhraseHit
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params, Strict, Text, Triggers
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance, text_hit

_WEAKEST = (MatchKind.CLOSE, MatchKind.SOUND, MatchKind.EXACT)
_WRITTEN = re.compile(r"(\d{1,4}) (chars?|turns?)")


class Distance(Strict):
    """How far apart: `10 chars`, `2 turns` (of both sides; 0 is the same turn) or `15s`; one of the fields is set."""

    chars: int | None = None
    turns: int | None = None
    ms: int | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """As it is written."""
        return {"type": "string", "pattern": r"^\s*(\d{1,4} (chars?|turns?)|\d+(\.\d+)?(ms|s|min))\s*$"}

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str) and (match := _WRITTEN.fullmatch(value.strip())):
            return {"chars" if match[2].startswith("char") else "turns": int(match[1])}
        try:
            return {"ms": duration_ms(value)}
        except (ValueError, AttributeError):
            raise ValueError(f"“{value}”不是距离,应写成 10 chars、2 turns 或 15s") from None

    @property
    def text(self) -> str:
        if self.ms is not None:
            return f"{self.ms / 1000:g} 秒"
        return f"{self.chars} 个字" if self.chars is not None else f"{self.turns} 轮"


class NearParams(Params):
    """A phrase of `first` and one of `second`, `within` a distance; `ordered`: the first one comes first.

    `match` and `unless` are those of `phrase`, for both.
    """

    first: Annotated[tuple[Text, ...], Field(min_length=1)]
    second: Annotated[tuple[Text, ...], Field(min_length=1)]
    within: Distance
    ordered: bool = False
    match: Literal["exact", "sound", "close"] = "sound"
    unless: tuple[Text, ...] = ()

    @field_validator("first", "second", "unless")
    @classmethod
    def _has_text(cls, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return with_text(phrases)

    @cached_property
    def triggers(self) -> Triggers:
        return Triggers(phrases=self.first + self.second, close=self.match == "close")

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        return self.first + self.second + self.unless


def near(params: NearParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the speaker says a phrase of `first` and one of `second` within the distance.

    Characters are counted between the two, within one turn; turns between the two turns, whoever speaks in between;
    seconds from the end of one to the start of the other. The same characters are never both. A pair is as sure as the
    less sure of the two; one that keeps the seconds by less than `TIMING_DOUBT_MS` is doubtful where finding it costs.
    """
    some = "、".join(f"“{p}”" for p in params.first[:2]), "、".join(f"“{p}”" for p in params.second[:2])
    note = f"{SPEAKER_NAMES[region.speaker]}在 {params.within.text}以内说{some[0]}和{some[1]}等"
    first_sure, first = graded_hits(params.first, view, region, stance, match=params.match, unless=params.unless)
    if first:
        second_sure, second = graded_hits(params.second, view, region, stance, match=params.match, unless=params.unless)
        sure_ms, maybe_ms = _limits_ms(params, view, stance)
        if hits := tuple(_pairs(params, view, first_sure, second_sure, sure_ms)):
            return Outcome(truth=Truth.TRUE, hits=hits, note=note)
        if hits := tuple(_pairs(params, view, first, second, maybe_ms)):
            return Outcome(truth=Truth.DOUBTFUL, hits=hits, note=note)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=note)


def _limits_ms(params: NearParams, view: CallView, stance: Stance) -> tuple[int, int]:
    """Up to where a pair surely keeps the distance, and up to where it may; a recogniser's times are not exact."""
    limit = params.within.ms or 0
    doubt = TIMING_DOUBT_MS if view.is_voice else 0
    return (limit - doubt, limit) if stance is Stance.STRICT else (limit, limit + doubt)


def _pairs(params: NearParams, view: CallView, first: Graded, second: Graded, limit_ms: int) -> Iterator[Hit]:
    """Each of `first` with its nearest neighbour on either side, in order of place."""
    by_start = sorted(second, key=lambda g: (g[0].turn, g[0].start, g[0].end))
    by_end = sorted(second, key=lambda g: (g[0].turn, g[0].end, g[0].start))
    starts = [(g[0].turn, g[0].start) for g in by_start]
    ends = [(g[0].turn, g[0].end) for g in by_end]
    taken: set[tuple[int, int, int, int]] = set()
    for one in sorted(first, key=lambda g: (g[0].turn, g[0].start, -g[0].end)):
        after = bisect_left(starts, (one[0].turn, one[0].end))
        before = bisect_right(ends, (one[0].turn, one[0].start)) - 1
        neighbours = [(one, by_start[after])] if after < len(starts) else []
        if before >= 0 and not params.ordered:
            neighbours.append((by_end[before], one))
        for left, right in neighbours:
            place = (left[0].turn, left[0].start, right[0].turn, right[0].start)
            if place not in taken and (apart := _apart(params, view, left[0], right[0], limit_ms)) is not None:
                taken.add(place)
                yield _hit(view, left, right, apart)


def _apart(params: NearParams, view: CallView, left: PhraseHit, right: PhraseHit, limit_ms: int) -> str | None:
    """How far apart in words, None where too far."""
    turns = right.turn - left.turn
    if params.within.chars is not None:
        gap = right.start - left.end
        return f"隔 {gap} 个字" if turns == 0 and gap <= params.within.chars else None
    if params.within.turns is not None:
        return ("同一轮里" if turns == 0 else f"隔 {turns} 轮") if turns <= params.within.turns else None
    ended, began = _times(view, left)[1], _times(view, right)[0]
    if ended is None or began is None:
        raise NotJudgedError(Truth.UNJUDGED if view.is_voice else Truth.ABSENT, "没有时间信息,量不出相隔多久")
    gap_ms = max(0, began - ended)
    return f"隔 {gap_ms / 1000:.1f} 秒" if gap_ms <= limit_ms else None


def _times(view: CallView, hit: PhraseHit) -> tuple[int | None, int | None]:
    """When the words of a hit were said; a message has a moment and no length."""
    start, end = view.normal[hit.turn].span(hit.start, hit.end)
    turn = view.turns[hit.turn]
    words = [w for w in turn.words if w.char_start < end and w.char_end > start]
    if words:
        return words[0].start_ms, words[-1].end_ms
    return turn.start_ms, turn.start_ms if turn.end_ms is None else turn.end_ms


def _hit(view: CallView, left: tuple[PhraseHit, float], right: tuple[PhraseHit, float], apart: str) -> Hit:
    """One hit from the first phrase to the second; over two turns, its text is that of the first."""
    (a, a_confidence), (b, b_confidence) = left, right
    kind = min(a.kind, b.kind, key=_WEAKEST.index)
    same = a.turn == b.turn
    hit = text_hit(
        view, a.turn, a.start, b.end if same else a.end,
        match=kind, confidence=min(a_confidence, b_confidence), wanted=f"{a.phrase} … {b.phrase}",
    )  # fmt: skip
    second = "" if same else SPEAKER_NAMES[view.turns[b.turn].role]
    explanation = f"{SPEAKER_NAMES[hit.role]}说{_quoted(view, a)},{apart}{second}又说{_quoted(view, b)}"
    return Hit(
        begin=(a.turn, a.start), finish=(b.turn, b.end), match=kind, confidence=hit.confidence,
        explanation=explanation, turn=a.turn, role=hit.role, start_ms=hit.start_ms, end_ms=_times(view, b)[1],
        char_start=hit.char_start, char_end=hit.char_end, text=hit.text, matched=hit.matched, wanted=hit.wanted,
    )  # fmt: skip


def _quoted(view: CallView, hit: PhraseHit) -> str:
    start, end = view.normal[hit.turn].span(hit.start, hit.end)
    how = {MatchKind.SOUND: f"(与“{hit.phrase}”同音)", MatchKind.CLOSE: f"(与“{hit.phrase}”读音相近)"}
    return f"“{view.turns[hit.turn].text[start:end]}”{how.get(hit.kind, '')}"
