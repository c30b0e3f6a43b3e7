"""Finds all phrases of all loaded rules in a call at once: by text, by sound, and one syllable off.

One automaton runs over the normalised text, one over the sound (`pipeline.text.encode`); a phrase one syllable
off is found by its halves (one of them must be intact) and then compared. The work grows with the length of the call
and the number of hits, not with the number of phrases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.domain.verdict import MatchKind
from pipeline.text import NormalText, encode, normalise
from pipeline.text.pinyin import confusable, syllable

CLOSE_MIN_SYLLABLES = 4
_SEPARATOR = "\n"


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

    def find(self, turns: Sequence[NormalText]) -> PhraseHits:
        """Every hit in the turns, the surest kind only where several match the same span."""
        joined = _SEPARATOR.join(t.text for t in turns)
        sounds = encode(joined)
        best: dict[tuple[str, int, int], tuple[MatchKind, bool]] = {}
        for pattern, start, end in _matches(self._text_automaton, joined):
            best[(pattern, start, end)] = (MatchKind.EXACT, True)
        for pattern, start, end in _matches(self._sound_automaton, sounds):
            for i in self._by_sound[pattern]:
                best.setdefault((self._normals[i], start, end), (MatchKind.SOUND, True))
        for pattern, start, _ in _matches(self._half_automaton, sounds):
            for i, offset in self._by_half[pattern]:
                begin = start - offset
                stop = begin + len(self._sounds[i])
                key = (self._normals[i], begin, stop)
                if begin < 0 or stop > len(sounds) or key in best:
                    continue
                odd = [k for k, (a, b) in enumerate(zip(self._sounds[i], sounds[begin:stop], strict=True)) if a != b]
                if len(odd) == 1 and sounds[begin + odd[0]] != _SEPARATOR:
                    wanted, heard = self._normals[i][odd[0]], joined[begin + odd[0]]
                    best[key] = (MatchKind.CLOSE, confusable(syllable(wanted), syllable(heard)))
        return self._by_turn(turns, best)

    def _by_turn(
        self, turns: Sequence[NormalText], best: Mapping[tuple[str, int, int], tuple[MatchKind, bool]]
    ) -> PhraseHits:
        turn_of: list[tuple[int, int]] = []
        for index, turn in enumerate(turns):
            begin = len(turn_of)
            turn_of += [(index, begin)] * (len(turn.text) + 1)
        hits: dict[str, list[PhraseHit]] = defaultdict(list)
        for (normal, start, end), (kind, alike) in sorted(best.items(), key=lambda item: item[0][1:]):
            turn_index, begin = turn_of[start]
            for phrase in self._by_normal[normal]:
                hits[phrase].append(PhraseHit(phrase, turn_index, start - begin, end - begin, kind, alike))
        return PhraseHits({phrase: tuple(found) for phrase, found in hits.items()})


def _automaton(patterns: list[str]) -> tuple[Any, list[str]]:
    from ahocorasick_rs import AhoCorasick

    return (AhoCorasick(patterns) if patterns else None), patterns


def _matches(automaton: tuple[Any, list[str]], text: str) -> Iterable[tuple[str, int, int]]:
    machine, patterns = automaton
    if machine is None:
        return []
    found = machine.find_matches_as_indexes(text, overlapping=True)
    return ((patterns[i], start, end) for i, start, end in found)
