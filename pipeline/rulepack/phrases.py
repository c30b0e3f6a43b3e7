"""Finds all phrases of all loaded rules in a call at once: by text, by sound, and nearly by sound.

One automaton runs over the sound of the call; what sounds nearly like a phrase is found by three syllables of it
(`pipeline.rulepack.alignment`). The work grows with the length of the call and with what is found, hardly with the
number of phrases. Fillers within a phrase (不归那个我管) are passed over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.alignment import CLOSE_MIN_SYLLABLES, Patterns, compile_patterns, lay
from pipeline.rulepack.confidence import by_sound, by_weight
from pipeline.rulepack.fillers import REACH, over_fillers, two_sounds, without_fillers, without_small_ones
from pipeline.rulepack.friends import is_false_friend
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.rulepack.readings import readings, same_tones, sounding
from pipeline.rulepack.spans import Spans
from pipeline.text import normalise
from pipeline.text.pinyin import code_points, sounds


class PhraseHit(NamedTuple):
    """Half-open span `[start, end)` in the turn's normalised text. `likelihood`: `pipeline.rulepack.confidence`."""

    phrase: str
    turn: int
    start: int
    end: int
    kind: MatchKind
    likelihood: float = 1.0


class PhraseHits:
    """All hits of a call, by the phrase as the rule writes it, in order of turn and place.

    `equal` are those that are the same or sound the same. What only nearly sounds the same is looked for when it is
    asked for: a rule that is surely kept or broken never does.
    """

    def __init__(self, equal: Mapping[str, Sequence[PhraseHit]], find_close: Callable[[], Iterable[PhraseHit]]) -> None:
        self.equal = equal
        self._find_close = find_close

    @cached_property
    def by_phrase(self) -> Mapping[str, Sequence[PhraseHit]]:
        """All hits, the close ones among them."""
        close: dict[str, list[PhraseHit]] = {}
        for hit in self._find_close():
            close.setdefault(hit.phrase, []).append(hit)
        both = {p: sorted((*self.equal.get(p, ()), *of_phrase), key=_place) for p, of_phrase in close.items()}
        return {**self.equal, **both}

    def of(self, phrase: str) -> Sequence[PhraseHit]:
        return self.by_phrase.get(phrase, ())


def _place(hit: PhraseHit) -> tuple[int, int, int]:
    return hit.turn, hit.start, hit.end


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """`machine` finds sounds in bytes, two for each character; `numbers[i]` are the normal texts that sound like i.

    `within` are two sounds in a row of a phrase that may have a filler between them, as one number.
    """

    machine: Any
    within: frozenset[int]
    numbers: tuple[tuple[int, ...], ...]
    patterns: Patterns | None


class PhraseIndex:
    """Compiled at its first use for a set of phrases, used for any number of calls.

    `exclusive`: where just what another phrase says was said (感谢您的耐心, 感谢您的来电), nothing was misheard.
    """

    def __init__(self, phrases: Iterable[str], *, exclusive: bool = True) -> None:
        self._exclusive = exclusive
        by_normal: dict[str, list[str]] = defaultdict(list)
        for phrase in sorted(set(phrases)):
            by_normal[normalise(phrase).text].append(phrase)
        by_normal.pop("", None)
        self._normals = sorted(by_normal)
        self._written = [by_normal[normal] for normal in self._normals]
        self._reach = min(max(map(len, self._normals), default=0), REACH)

    @cached_property
    def _compiled(self) -> _Compiled:
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        read = list(readings(self._normals))
        by_sound: dict[bytes, list[int]] = defaultdict(list)
        within: set[int] = set()
        toneless = sounds().number_of_toned
        for number, text, toned in read:
            syllables = toneless[list(toned)]
            sound = np.where(syllables, syllables, sounding()[code_points(text)])
            by_sound[sound.tobytes()].append(number)
            if len(text) >= CLOSE_MIN_SYLLABLES:
                within.update(map(two_sounds, sound[:-1].tolist(), sound[1:].tolist()))
        machine = BytesAhoCorasick(list(by_sound), implementation=Implementation.ContiguousNFA)
        return _Compiled(machine, frozenset(within), tuple(map(tuple, by_sound.values())), compile_patterns(read))

    def find(self, joined: JoinedText) -> PhraseHits:
        """Every hit in a call; what only nearly sounds the same gives way to surer hits that it overlaps."""
        if not self._normals or not joined.text:
            return PhraseHits({}, tuple)
        equal = self._equal(joined)
        return PhraseHits(equal, lambda: self._close(joined, equal))

    def _equal(self, joined: JoinedText) -> dict[str, list[PhraseHit]]:
        """What is the same or sounds the same."""
        compiled, normals, written, text = self._compiled, self._normals, self._written, joined.text
        hits: dict[str, list[PhraseHit]] = defaultdict(list)
        codes = code_points(f"{SEPARATOR}{text}{SEPARATOR}")
        sound = sounding().take(codes)
        again = without_fillers(text, sound, compiled.within, self._reach)
        if len(again):
            sound = np.concatenate((sound, sound.take(again + 1), sound[-1:]))
        kept = again.tolist()
        length, begins, exact = len(text), joined.begins, MatchKind.EXACT
        reached: dict[int, int] = {}
        for i, begin, stop in compiled.machine.find_matches_as_indexes(sound.tobytes(), overlapping=True):
            # A phrase that repeats itself (好的好的) would be found at every one of its repetitions.
            if begin & 1 or begin < reached.get(i, 0):
                continue
            reached[i] = stop
            start, end = begin // 2 - 1, stop // 2 - 1
            if end <= length:
                said, left = text[start:end], 1.0
            else:
                start, end, said, left = over_fillers(text, kept[start - length - 1 : end - length - 1])
                if not said:
                    continue
            turn = bisect_right(begins, start) - 1
            at = begins[turn]
            for number in compiled.numbers[i]:
                kind, sure = exact, left
                if said != normals[number]:
                    kind, sure = _graded(normals[number], said, left, text, start, end)
                if sure:
                    for phrase in written[number]:
                        hits[phrase].append(PhraseHit(phrase, turn, start - at, end - at, kind, sure))
        if kept:
            for of_phrase in hits.values():
                of_phrase.sort(key=_place)
        return dict(hits)

    def _close(self, joined: JoinedText, equal: Mapping[str, Sequence[PhraseHit]]) -> Iterator[PhraseHit]:
        """What nearly sounds the same, none that overlaps a surer hit of its phrase."""
        if self._compiled.patterns is None:
            return
        codes = code_points(f"{SEPARATOR}{joined.text}{SEPARATOR}").view(np.int32)
        known = _exact_spans(equal) if self._exclusive else {}
        taken: dict[int, set[tuple[int, int]]] = {}
        for number, begin, stop, weight in lay(self._compiled.patterns, codes):
            if number not in taken:
                hits = equal.get(self._written[number][0], ())
                taken[number] = {(hit.turn, at) for hit in hits for at in range(hit.start, hit.end)}
            turn, start, end = joined.place(begin - 1, stop - 1)
            places = [(turn, at) for at in range(start, end)]
            if not taken[number].isdisjoint(places) or (turn in known and known[turn].hold(start, end)):
                continue
            normal, said = self._normals[number], joined.text[begin - 1 : stop - 1]
            contrary = len(said) != len(normal) and _negations(said) != _negations(normal)
            if not contrary and not is_false_friend(normal, joined.text, begin - 1, stop - 1):
                taken[number].update(places)
                for phrase in self._written[number]:
                    yield PhraseHit(phrase, turn, start, end, MatchKind.CLOSE, by_weight(weight))


def _exact_spans(equal: Mapping[str, Sequence[PhraseHit]]) -> dict[int, Spans]:
    """By turn, where phrases stand that are long enough to be taken for others."""
    spans: dict[int, set[tuple[int, int]]] = {}
    for hits in equal.values():
        for hit in hits:
            if hit.kind is MatchKind.EXACT and hit.end - hit.start >= CLOSE_MIN_SYLLABLES:
                spans.setdefault(hit.turn, set()).add((hit.start, hit.end))
    return {turn: Spans(of_turn) for turn, of_turn in spans.items()}


def _graded(normal: str, said: str, left: float, text: str, start: int, end: int) -> tuple[MatchKind, float]:
    """How `said`, which sounds the same, hits, and how surely: 0 where it is none after all."""
    if len(said) < len(normal) and said == without_small_ones(normal):
        # With its 儿 it is found as it is written.
        return MatchKind.EXACT, 0.0 if text.startswith(normal, start) else left
    if is_false_friend(normal, text, start, end):
        return MatchKind.SOUND, 0.0
    return MatchKind.SOUND, left * by_sound(len(said), same_tones=same_tones(said, normal))


def _negations(text: str) -> int:
    """A 不 too many or too few is no slip of the recogniser: it says the contrary."""
    return sum(map(text.count, "不没未别无"))
