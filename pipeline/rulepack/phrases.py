"""Finds all phrases of all loaded rules in a call at once: by text, by sound, and one syllable off.

One automaton runs over the normalised text, one over the sound (`pipeline.text.encode`); a phrase one syllable
off is found by its halves (one of them must be intact) and then compared. The work grows with the length of the call
and the number of hits, not with the number of phrases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.text import encode, normalise
from pipeline.text.pinyin import confusable, syllable

CLOSE_MIN_SYLLABLES = 4


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """Half-open span `[start, end)` in the turn's normalised text. `alike`: the odd syllable is a common confusion."""

    phrase: str
    turn: int
    start: int
    end: int
    kind: MatchKind
    alike: bool = True


@dataclass(frozen=True, slots=True)
class PhraseHits:
    """All hits of a call, by the phrase as the rule writes it, in order of turn and place."""

    by_phrase: Mapping[str, tuple[PhraseHit, ...]]

    def of(self, phrase: str) -> tuple[PhraseHit, ...]:
        return self.by_phrase.get(phrase, ())


class PhraseIndex:
    """Compiled once for a set of rules, used for any number of calls."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_normal: dict[str, list[str]] = defaultdict(list)
        for phrase in sorted(set(phrases)):
            self._by_normal[normalise(phrase).text].append(phrase)
        self._by_normal.pop("", None)
        self._normals = sorted(self._by_normal)
        self._sounds = [encode(n) for n in self._normals]
        self._by_sound: dict[str, list[int]] = defaultdict(list)
        self._by_half: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, sound in enumerate(self._sounds):
            self._by_sound[sound].append(i)
            if len(sound) >= CLOSE_MIN_SYLLABLES:
                middle = len(sound) // 2
                self._by_half[sound[:middle]].append((i, 0))
                self._by_half[sound[middle:]].append((i, middle))

    @cached_property
    def _text_automaton(self) -> tuple[Any, list[str]]:
        return _automaton(self._normals)

    @cached_property
    def _sound_automaton(self) -> tuple[Any, list[str]]:
        return _automaton(sorted(self._by_sound))

    @cached_property
    def _half_automaton(self) -> tuple[Any, list[str]]:
        return _automaton(sorted(self._by_half))

    def find(self, joined: JoinedText) -> PhraseHits:
        """Every hit in a call, the surest kind only where several match the same span."""
        best: dict[tuple[str, int, int], tuple[MatchKind, bool]] = {}
        for pattern, start, end in _matches(self._text_automaton, joined.text):
            best[(pattern, start, end)] = (MatchKind.EXACT, True)
        for pattern, start, end in _matches(self._sound_automaton, joined.sound):
            for i in self._by_sound[pattern]:
                best.setdefault((self._normals[i], start, end), (MatchKind.SOUND, True))
        for pattern, start, _ in _matches(self._half_automaton, joined.sound):
            for i, offset in self._by_half[pattern]:
                begin = start - offset
                key = (self._normals[i], begin, begin + len(self._sounds[i]))
                if key not in best and (odd := self._odd_syllable(i, begin, joined)) is not None:
                    best[key] = (MatchKind.CLOSE, confusable(*odd))
        hits: dict[str, list[PhraseHit]] = defaultdict(list)
        for (normal, start, end), (kind, alike) in sorted(best.items(), key=lambda item: item[0][1:]):
            for phrase in self._by_normal[normal]:
                hits[phrase].append(PhraseHit(phrase, *joined.place(start, end), kind, alike))
        return PhraseHits({phrase: tuple(found) for phrase, found in hits.items()})

    def _odd_syllable(self, i: int, begin: int, joined: JoinedText) -> tuple[str, str] | None:
        """The wanted and the heard syllable where phrase i differs from the text at `begin` by exactly one."""
        sound = self._sounds[i]
        end = begin + len(sound)
        if begin < 0 or end > len(joined.sound):
            return None
        odd = [k for k, (a, b) in enumerate(zip(sound, joined.sound[begin:end], strict=True)) if a != b]
        if len(odd) != 1 or joined.text[begin + odd[0]] == SEPARATOR:
            return None
        return syllable(self._normals[i][odd[0]]), syllable(joined.text[begin + odd[0]])


def _automaton(patterns: list[str]) -> tuple[Any, list[str]]:
    from ahocorasick_rs import AhoCorasick

    return (AhoCorasick(patterns) if patterns else None), patterns


def _matches(automaton: tuple[Any, list[str]], text: str) -> Iterable[tuple[str, int, int]]:
    machine, patterns = automaton
    if machine is None:
        return []
    found = machine.find_matches_as_indexes(text, overlapping=True)
    return ((patterns[i], start, end) for i, start, end in found)
