"""Operators on what was said: `phrase` and `regex`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.domain.verdict import MatchKind, Severity
from pipeline.rulepack.confidence import by_sound, heard_with
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.phrases import PhraseHit
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import SCOPE_KEYS, Params, Text
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, Outcome, Stance, text_hit
from pipeline.text import encode, normalise

UNLESS_REACH = 12
"""How many characters around a hit an excusing context may stand away from it."""

SURE = {
    (Stance.STRICT, Severity.CRITICAL): 0.8,
    (Stance.STRICT, Severity.MAJOR): 0.6,
    (Stance.STRICT, Severity.MINOR): 0.6,
    (Stance.GENEROUS, Severity.CRITICAL): 0.3,
    (Stance.GENEROUS, Severity.MAJOR): 0.1,
    (Stance.GENEROUS, Severity.MINOR): 0.1,
}
"""Confidence from which a hit is sure: what costs the agent when found needs more than what costs when missing.

A confidence is a precision where the phrase is said in one sentence of a hundred. What is expected is said far more
often: where it is in one of five, 0.1 is 0.7 and 0.3 is 0.9.
"""

_ACCEPTED = {
    "exact": (MatchKind.EXACT,),
    "sound": (MatchKind.EXACT, MatchKind.SOUND),
    "close": (MatchKind.EXACT, MatchKind.SOUND, MatchKind.CLOSE),
}


class PhraseParams(Params):
    """`phrase: [...]` and beside it `min` (a number or `all`), `match`, `unless`."""

    scope_keys = SCOPE_KEYS

    phrase: Annotated[tuple[Text, ...], Field(min_length=1)]
    min: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    match: Literal["exact", "sound", "close"] = "sound"
    unless: tuple[Text, ...] = ()

    @field_validator("phrase", "unless")
    @classmethod
    def _has_text(cls, phrases: tuple[str, ...]) -> tuple[str, ...]:
        for written in phrases:
            if not normalise(written).text:
                raise ValueError(f"“{written}”规范化后没有内容(标点和 嗯、呃、唔 会被略去)")
            if len(written) > 200:
                raise ValueError(f"“{written[:20]}…”超过 200 字,请写成更短的词句")
        return phrases

    @model_validator(mode="after")
    def _enough(self) -> PhraseParams:
        if isinstance(self.min, int) and self.min > len(set(self.phrase)):
            raise ValueError(f"min 为 {self.min},但只有 {len(set(self.phrase))} 个词句")
        return self

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        return self.phrase + self.unless

    @property
    def needed(self) -> int:
        return len(set(self.phrase)) if self.min == "all" else self.min


def _probability(view: CallView, turn_index: int, start: int, end: int) -> float:
    char_start, char_end = view.normal[turn_index].span(start, end)
    words = [w for w in view.turns[turn_index].words if w.char_start < char_end and w.char_end > char_start]
    return sum(w.probability for w in words) / len(words) if words else 1.0


def _excused(hit: PhraseHit, excuses: Iterable[PhraseHit]) -> bool:
    return any(
        e.turn == hit.turn and e.start < hit.end + UNLESS_REACH and e.end > hit.start - UNLESS_REACH for e in excuses
    )


def _in_region(region: Region, phrases: Iterable[str], found: Mapping[str, Sequence[PhraseHit]]) -> list[PhraseHit]:
    hits = [h for p in dict.fromkeys(phrases) if p in found for h in found[p]]
    if not hits:
        return hits
    turns = set(region.turn_indexes)
    return [h for h in hits if h.turn in turns and region.holds((h.turn, h.start))]


def phrase(params: PhraseParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when at least `min` of the phrases occur, by text or by sound.

    A hit weaker than `SURE` is doubtful. Where not finding the phrase would cost the agent, a hit that nearly sounds
    the same also casts doubt, and unclear speech cannot be judged. In typed text such a hit is another word.
    """
    accepted = _ACCEPTED[params.match]
    close = MatchKind.CLOSE in accepted
    graded = _graded_hits(params, view, region, view.hits.by_phrase if close else view.hits.equal)
    threshold = SURE[stance, region.severity]
    sure = [
        (h, c)
        for h, c in graded
        if h.kind in accepted and c >= threshold and not region.doubtful and region.sure_of_speaker(h.turn)
    ]
    if _enough((h for h, _ in sure), params.needed, region):
        return Outcome(truth=Truth.TRUE, hits=_widest(view, sure), note=_sought(params.phrase, region))
    if stance is Stance.GENEROUS and view.is_voice and not close:
        graded = _graded_hits(params, view, region, view.hits.by_phrase)
    maybe = [(h, c) for h, c in graded if h.kind in accepted or stance is Stance.GENEROUS]
    if _enough((h for h, _ in maybe), params.needed, region):
        return Outcome(truth=Truth.DOUBTFUL, hits=_widest(view, maybe), note=_sought(params.phrase, region))
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=_sought(params.phrase, region))


def _graded_hits(
    params: PhraseParams, view: CallView, region: Region, found: Mapping[str, Sequence[PhraseHit]]
) -> list[tuple[PhraseHit, float]]:
    """The hits in the region that nothing excuses, each with its confidence."""
    hits = _in_region(region, params.phrase, found)
    if hits and params.unless:
        excuses = [h for p in params.unless for h in view.hits.equal.get(p, ())]
        hits = [h for h in hits if not _excused(h, excuses)]
    return [(h, heard_with(h.likelihood, _probability(view, h.turn, h.start, h.end))) for h in hits]


def _enough(hits: Iterable[PhraseHit], needed: int, region: Region) -> bool:
    found: dict[int, set[str]] = defaultdict(set)
    for hit in hits:
        found[hit.turn if region.same_turn else -1].add(hit.phrase)
    return any(len(phrases) >= needed for phrases in found.values())


def _widest(view: CallView, graded: Sequence[tuple[PhraseHit, float]]) -> tuple[Hit, ...]:
    """The hits as evidence in order of place; of those that overlap, the first and widest."""
    kept: list[tuple[PhraseHit, float]] = []
    for hit, confidence in sorted(graded, key=lambda g: (g[0].turn, g[0].start, -g[0].end, -g[1], g[0].phrase)):
        if not (kept and kept[-1][0].turn == hit.turn and kept[-1][0].end > hit.start):
            kept.append((hit, confidence))
    return tuple(text_hit(view, h.turn, h.start, h.end, match=h.kind, confidence=c, wanted=h.phrase) for h, c in kept)


def _sought(phrases: Sequence[str], region: Region) -> str:
    some = "、".join(f"“{p}”" for p in phrases[:4]) + (f"等 {len(phrases)} 种说法" if len(phrases) > 4 else "")
    return f"{SPEAKER_NAMES[region.speaker]}说{some}"


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    """For a call's joined text: `.` and classes never reach over a turn, `^` and `$` are a turn's ends."""
    import re2

    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    options.never_nl = True
    try:
        return re2.compile(f"(?m){pattern}", options)
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"正则“{pattern}”不能使用:{why}(不支持回溯引用和前后断言)") from None


@lru_cache(maxsize=4096)
def _compiled_by_sound(pattern: str) -> Any:
    """For a call's joined sound."""
    return _compiled(encode(pattern))


_HAN_RANGE = re.compile(r"\[[^\]]*[^\x00-\x7f]-[^\]]*\]|\\[pP]")


class RegexParams(Params):
    """`regex: "..."` (one or a list) and beside it `match`, `unless`. RE2 syntax on the normalised text."""

    regex: Annotated[tuple[Text, ...], Field(min_length=1)]
    match: Literal["exact", "sound"] = "sound"
    unless: tuple[Text, ...] = ()

    @field_validator("regex", "unless", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("regex", "unless")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if len(pattern) > 2000:
                raise ValueError("正则超过 2000 字,请拆开")
            if _compiled(pattern).search("") is not None:
                raise ValueError(f"正则“{pattern}”能匹配空文本,会处处命中")
        return patterns


def _spans(view: CallView, pattern: str, kind: MatchKind) -> tuple[tuple[int, int, int], ...]:
    """`(turn, start, end)` of every match in the call; by sound, each Chinese character stands for its syllable.

    A pattern that speaks of ranges of characters has no sound.
    """
    key = (pattern, kind)
    if key not in view.spans:
        if kind is MatchKind.PATTERN:
            matches = _compiled(pattern).finditer(view.joined.text)
        elif _HAN_RANGE.search(pattern):
            matches = ()
        else:
            matches = _compiled_by_sound(pattern).finditer(view.joined.sound)
        view.spans[key] = tuple(view.joined.place(*m.span()) for m in matches if m.end() > m.start())
    return view.spans[key]


def regex(params: RegexParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when a pattern matches a turn's normalised text, or its sound; what touches an `unless` match is excused."""
    kinds = (MatchKind.PATTERN, MatchKind.SOUND)[: 2 if params.match == "sound" else 1]
    turns = set(region.turn_indexes)
    taken: set[tuple[int, int]] = set()
    hits: list[Hit] = []
    for kind in kinds:
        for pattern in params.regex:
            for turn, start, end in _spans(view, pattern, kind):
                place = {(turn, at) for at in range(start, end)}
                if turn not in turns or not region.holds((turn, start)) or taken & place:
                    continue
                if _touches_excuse(params, view, turn, start, end, kinds):
                    continue
                taken |= place
                likelihood = 1.0 if kind is MatchKind.PATTERN else by_sound(end - start, same_tones=False)
                confidence = heard_with(likelihood, _probability(view, turn, start, end))
                hits.append(
                    text_hit(view, turn, start, end, match=kind, confidence=confidence, wanted=pattern, spoken=False)
                )
    hits.sort(key=lambda h: h.begin)
    note = f"{SPEAKER_NAMES[region.speaker]}的话符合句式"
    sure = tuple(
        h for h in hits if h.confidence >= SURE[stance, region.severity] and region.sure_of_speaker(h.begin[0])
    )
    if sure and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=sure, note=note)
    if hits:
        return Outcome(truth=Truth.DOUBTFUL, hits=tuple(hits), note=note)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=note)


def _touches_excuse(
    params: RegexParams, view: CallView, turn: int, start: int, end: int, kinds: Sequence[MatchKind]
) -> bool:
    return any(
        t == turn and a < end and b > start for u in params.unless for k in kinds for t, a, b in _spans(view, u, k)
    )
