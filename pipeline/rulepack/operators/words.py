"""Operators on what was said: `phrase` and `regex`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from operator import itemgetter
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.domain.verdict import MatchKind, Severity
from pipeline.rulepack.confidence import by_sound, heard_with
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.patterns import PatternKey, Span, Touched, compiled, matches
from pipeline.rulepack.phrases import PhraseHit
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import SCOPE_KEYS, Params, Text, Triggers
from pipeline.rulepack.spans import Spans
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, Hits, Outcome, Stance, text_hit
from pipeline.text import normalise

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

SHORTEST_BY_SOUND = 3
"""Characters that an excuse must have to count by sound."""

_ACCEPTED = {
    "exact": (MatchKind.EXACT,),
    "sound": (MatchKind.EXACT, MatchKind.SOUND),
    "close": (MatchKind.EXACT, MatchKind.SOUND, MatchKind.CLOSE),
}


def with_text(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases; raises ValueError (Chinese) where one has nothing to be found by, or is too long."""
    for written in phrases:
        if not normalise(written).text:
            raise ValueError(f"“{written}”规范化后没有内容(标点和 嗯、呃、唔 会被略去)")
        if len(written) > 200:
            raise ValueError(f"“{written[:20]}…”超过 200 字,请写成更短的词句")
    return phrases


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
        return with_text(phrases)

    @model_validator(mode="after")
    def _enough(self) -> PhraseParams:
        if isinstance(self.min, int) and self.min > len(set(self.phrase)):
            raise ValueError(f"min 为 {self.min},但只有 {len(set(self.phrase))} 个词句")
        return self

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        return self.phrase + self.unless

    @cached_property
    def triggers(self) -> Triggers:
        return Triggers(phrases=self.phrase, close=self.match == "close")

    @property
    def needed(self) -> int:
        return len(set(self.phrase)) if self.min == "all" else self.min


def _probability(view: CallView, turn_index: int, start: int, end: int) -> float:
    words = view.turns[turn_index].words
    if not words:
        return 1.0
    char_start, char_end = view.normal[turn_index].span(start, end)
    words = tuple(w for w in words if w.char_start < char_end and w.char_end > char_start)
    return sum(w.probability for w in words) / len(words) if words else 1.0


def _may_excuse(hit: PhraseHit, view: CallView) -> bool:
    """Words of a syllable or two sound like too many others, and 能不能 asks where 不能 denies."""
    if hit.kind is MatchKind.CLOSE or (hit.kind is MatchKind.SOUND and hit.end - hit.start < SHORTEST_BY_SOUND):
        return False
    text = view.normal[hit.turn].text
    asks = hit.start > 0 and text[hit.start] == "不" and text[hit.start - 1] == text[hit.start + 1 : hit.start + 2]
    return not asks


def _unexcused_hits(hits: Sequence[PhraseHit], excuses: Iterable[PhraseHit]) -> list[PhraseHit]:
    """Those near which no excuse stands."""
    by_turn: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for excuse in excuses:
        by_turn[excuse.turn].append((excuse.start, excuse.end))
    near = {turn: Spans(spans) for turn, spans in by_turn.items()}
    return [
        h for h in hits if h.turn not in near or not near[h.turn].meet(h.start - UNLESS_REACH, h.end + UNLESS_REACH)
    ]


def _in_region(region: Region, phrases: Iterable[str], found: Mapping[str, Sequence[PhraseHit]]) -> list[PhraseHit]:
    hits = [h for p in dict.fromkeys(phrases) if p in found for h in found[p]]
    return [h for h in hits if h.turn in region.turn_set and region.holds((h.turn, h.start))]


Graded = list[tuple[PhraseHit, float]]


def graded_hits(
    phrases: Iterable[str], view: CallView, region: Region, stance: Stance, *, match: str, unless: Iterable[str]
) -> tuple[Graded, Graded]:
    """The phrases' hits in the region with their confidence: those that are sure, and all that count at all."""
    accepted = _ACCEPTED[match]
    # What only nearly sounds the same is looked for where it may count: typed text has no sound.
    near = match == "close" or (stance is Stance.GENEROUS and view.is_voice)
    hits = _in_region(region, phrases, view.hits.by_phrase if near else view.hits.equal)
    if not hits:
        return [], []
    excuses = [h for p in unless for h in view.hits.equal.get(p, ()) if _may_excuse(h, view)]
    hits = _unexcused_hits(hits, excuses)
    graded = [(h, heard_with(h.likelihood, _probability(view, h.turn, h.start, h.end))) for h in hits]
    threshold = SURE[stance, region.severity]
    sure = [
        (h, c)
        for h, c in graded
        if h.kind in accepted and c >= threshold and not region.doubtful and region.sure_of_speaker(h.turn)
    ]
    return sure, [(h, c) for h, c in graded if h.kind in accepted or stance is Stance.GENEROUS]


def phrase(params: PhraseParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when at least `min` of the phrases occur, by text or by sound.

    A hit weaker than `SURE` is doubtful. Where not finding the phrase would cost the agent, a hit that nearly sounds
    the same also casts doubt, and unclear speech cannot be judged. In typed text such a hit is another word.
    """
    sure, maybe = graded_hits(params.phrase, view, region, stance, match=params.match, unless=params.unless)
    if _enough((h for h, _ in sure), params.needed, region):
        return Outcome(truth=Truth.TRUE, hits=_widest(view, sure), note=_sought(params.phrase, region))
    if _enough((h for h, _ in maybe), params.needed, region):
        return Outcome(truth=Truth.DOUBTFUL, hits=_widest(view, maybe), note=_sought(params.phrase, region))
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=_sought(params.phrase, region))


def _enough(hits: Iterable[PhraseHit], needed: int, region: Region) -> bool:
    found: dict[int, set[str]] = defaultdict(set)
    for hit in hits:
        found[hit.turn if region.same_turn else -1].add(hit.phrase)
    return any(len(phrases) >= needed for phrases in found.values())


def _widest(view: CallView, graded: Sequence[tuple[PhraseHit, float]]) -> Hits:
    """The hits as evidence in order of place; of those that overlap, the first and widest."""
    kept: list[tuple[PhraseHit, float]] = []
    for hit, confidence in sorted(graded, key=lambda g: (g[0].turn, g[0].start, -g[0].end, -g[1], g[0].phrase)):
        if not (kept and kept[-1][0].turn == hit.turn and kept[-1][0].end > hit.start):
            kept.append((hit, confidence))
    return Hits(
        partial(text_hit, view, h.turn, h.start, h.end, match=h.kind, confidence=c, wanted=h.phrase) for h, c in kept
    )


def _sought(phrases: Sequence[str], region: Region) -> str:
    some = "、".join(f"“{p}”" for p in phrases[:4]) + (f"等 {len(phrases)} 种说法" if len(phrases) > 4 else "")
    return f"{SPEAKER_NAMES[region.speaker]}说{some}"


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
            if compiled(pattern).search("") is not None:
                raise ValueError(f"正则“{pattern}”能匹配空文本,会处处命中")
        return patterns

    @property
    def indexed_patterns(self) -> tuple[PatternKey, ...]:
        return (*self.triggers.patterns, *self.excuses)

    @cached_property
    def triggers(self) -> Triggers:
        return Triggers(patterns=self._looked_for(self.regex))

    @cached_property
    def excuses(self) -> tuple[PatternKey, ...]:
        return self._looked_for(self.unless)

    def _looked_for(self, patterns: Iterable[str]) -> tuple[PatternKey, ...]:
        kinds = (MatchKind.PATTERN, MatchKind.SOUND)[: 2 if self.match == "sound" else 1]
        return tuple((pattern, kind) for kind in kinds for pattern in patterns)


def regex(params: RegexParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when a pattern matches a turn's normalised text, or its sound; what touches an `unless` match is excused.

    Where nobody asks for every hit, the first sure one ends the search.
    """
    note = f"{SPEAKER_NAMES[region.speaker]}的话符合句式"
    threshold = SURE[stance, region.severity]
    sure: list[tuple[Span, Callable[[], Hit]]] = []
    hits: list[tuple[Span, Callable[[], Hit]]] = []
    for (pattern, kind), place in _unexcused(params, view, region):
        likelihood = 1.0 if kind is MatchKind.PATTERN else by_sound(place[2] - place[1], same_tones=False)
        confidence = heard_with(likelihood, _probability(view, *place))
        hit = partial(text_hit, view, *place, match=kind, confidence=confidence, wanted=pattern, spoken=False)
        hits.append((place, hit))
        if confidence >= threshold and region.sure_of_speaker(place[0]):
            sure.append((place, hit))
            if not (region.every_hit or region.doubtful):
                break
    if sure and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=_in_order(sure), note=note)
    if hits:
        return Outcome(truth=Truth.DOUBTFUL, hits=_in_order(hits), note=note)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=note)


def _unexcused(params: RegexParams, view: CallView, region: Region) -> Iterator[tuple[PatternKey, Span]]:
    """The matches in the region that nothing excuses; where several overlap, the surest kind's first."""
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key in params.triggers.patterns:
        for turn, start, end in _matches(view, key, region):
            if not region.holds((turn, start)):
                continue
            if any(start < b and end > a for a, b in taken[turn]) or _excuses(params, view, (turn, start, end)):
                continue
            taken[turn].append((start, end))
            yield key, (turn, start, end)


def _matches(view: CallView, key: PatternKey, region: Region) -> Iterator[Span]:
    """The matches of a pattern in the region's turns."""
    for turn in view.found.patterns.get(key, ()):
        if turn in region.turn_set:
            place = (key, turn)
            if place not in view.spans:
                view.spans[place] = tuple(matches(*key, view.joined, (turn,)))
            yield from view.spans[place]


def _excuses(params: RegexParams, view: CallView, span: Span) -> bool:
    turn, start, end = span
    found = view.found.patterns
    return any(_touched(key, turn, view).touches(start, end) for key in params.excuses if turn in found.get(key, ()))


def _touched(key: PatternKey, turn: int, view: CallView) -> Touched:
    pattern, kind = key
    return view.once(("touched", pattern, kind, turn), lambda seen: Touched(pattern, kind, seen.joined, turn))


def _in_order(found: Sequence[tuple[Span, Callable[[], Hit]]]) -> Hits:
    return Hits(make for _, make in sorted(found, key=itemgetter(0)))
