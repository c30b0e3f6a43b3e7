"""Finds all phrases of all loaded rules in a call at once: by text, by sound, and nearly by sound.

One automaton runs over the sound of the call; what sounds nearly like a phrase is found by three syllables of it
(`pipeline.rulepack.alignment`). The work grows with the length of the call and with what is found, hardly with the
number of phrases. Fillers within a phrase (不归那个我管) are passed over.
"""

from __future__ import annotations

import re
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.alignment import CLOSE_MIN_SYLLABLES, Patterns, compile_patterns, lay
from pipeline.rulepack.confidence import FILLER_WITHIN, INTERJECTION_WITHIN, by_sound, by_weight
from pipeline.rulepack.friends import is_false_friend
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.text import normalise
from pipeline.text.pinyin import code_points, in_context, sounds

_REACH = 12
"""How many characters around a filler may belong to one phrase."""
_SMALL = "会点这那哪事块"
# Every alternative begins with a plain character: such a pattern is searched four times as fast.
_FILLER = re.compile(rf"那个|这个|就是|啊|呀|哦|噢|哎|诶|儿(?<=[{_SMALL}]儿)")
_SMALL_ONES = re.compile(rf"(?<=[{_SMALL}])儿")

_Place = tuple[int, int]


class PhraseHit(NamedTuple):
    """Half-open span `[start, end)` in the turn's normalised text. `likelihood`: `pipeline.rulepack.confidence`."""

    phrase: str
    turn: int
    start: int
    end: int
    kind: MatchKind
    likelihood: float = 1.0


@dataclass(frozen=True, slots=True)
class PhraseHits:
    """All hits of a call, by the phrase as the rule writes it, in order of turn and place."""

    by_phrase: Mapping[str, tuple[PhraseHit, ...]]

    def of(self, phrase: str) -> tuple[PhraseHit, ...]:
        return self.by_phrase.get(phrase, ())


class _Found(NamedTuple):
    """A normal text at `[start, end)` of the call."""

    start: int
    end: int
    kind: MatchKind
    likelihood: float


# Numbers of syllables, of ASCII characters, and of others without a syllable: each in its own range.
_SYLLABLES, _ASCII, _BARE = 512, 128, 1024


@dataclass(frozen=True, slots=True, eq=False)
class _Compiled:
    """`machine` finds sounds in bytes, two for each character; `numbers[i]` are the normal texts that sound like i."""

    machine: Any
    numbers: tuple[tuple[int, ...], ...]
    patterns: Patterns | None


class PhraseIndex:
    """Compiled at its first use for a set of phrases, used for any number of calls."""

    def __init__(self, phrases: Iterable[str]) -> None:
        by_normal: dict[str, list[str]] = defaultdict(list)
        for phrase in sorted(set(phrases)):
            by_normal[normalise(phrase).text].append(phrase)
        by_normal.pop("", None)
        self._normals = sorted(by_normal)
        self._written = [by_normal[normal] for normal in self._normals]

    @cached_property
    def _compiled(self) -> _Compiled:
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        readings = list(_readings(self._normals))
        by_sound: dict[bytes, list[int]] = defaultdict(list)
        toneless = sounds().number_of_toned
        for number, text, toned in readings:
            syllables = toneless[list(toned)]
            by_sound[np.where(syllables, syllables, _sounding()[code_points(text)]).tobytes()].append(number)
        machine = BytesAhoCorasick(list(by_sound), implementation=Implementation.ContiguousNFA)
        return _Compiled(machine, tuple(map(tuple, by_sound.values())), compile_patterns(readings))

    def find(self, joined: JoinedText) -> PhraseHits:
        """Every hit in a call; what only nearly sounds the same gives way to surer hits that it overlaps."""
        if not self._normals or not joined.text:
            return PhraseHits({})
        codes, again = _twice(joined.text)
        found: dict[int, list[_Found]] = defaultdict(list)
        self._add_equal(found, codes, again, joined.text)
        self._add_close(found, codes, again, joined.text)
        hits: dict[str, tuple[PhraseHit, ...]] = {}
        for number, places in found.items():
            for phrase in self._written[number] if places else ():
                hits[phrase] = tuple(
                    [PhraseHit(phrase, *joined.place(start, end), kind, sure) for start, end, kind, sure in places]
                )
        return PhraseHits(hits)

    def _add_equal(
        self, found: dict[int, list[_Found]], codes: NDArray[np.uint32], again: Sequence[int], text: str
    ) -> None:
        """What is the same or sounds the same."""
        normals, numbers, length = self._normals, self._compiled.numbers, len(text)
        sound = _sounding()[codes].tobytes()
        for i, begin, stop in self._compiled.machine.find_matches_as_indexes(sound, overlapping=True):
            start, end = (begin >> 1) - 1, (stop >> 1) - 1
            if begin & 1:
                continue
            for number in numbers[i]:
                normal = normals[number]
                if end <= length:
                    said, left = text[start:end], 1.0
                    if said == normal:
                        found[number].append(_Found(start, end, MatchKind.EXACT, 1.0))
                        continue
                    place: _Place | None = (start, end)
                else:
                    place, said, left = _over_fillers(text, again[start - length - 1 : end - length - 1])
                if place is None:
                    continue
                if said == normal or (len(said) < len(normal) and said == _SMALL_ONES.sub("", normal)):
                    found[number].append(_Found(*place, MatchKind.EXACT, left))
                elif not is_false_friend(normal, text, *place):
                    likelihood = left * by_sound(len(said), same_tones=_same_tones(said, normal))
                    found[number].append(_Found(*place, MatchKind.SOUND, likelihood))
        if len(codes) > length + 2:
            for number, places in found.items():
                found[number] = sorted(places)

    def _add_close(
        self, found: dict[int, list[_Found]], codes: NDArray[np.uint32], again: Sequence[int], text: str
    ) -> None:
        """What nearly sounds the same, the surest first; none that overlaps another hit of the phrase."""
        if self._compiled.patterns is None:
            return
        length = len(text)
        for number, begin, stop, weight in lay(self._compiled.patterns, codes.view(np.int32)):
            place: _Place | None = (begin - 1, stop - 1)
            left = 1.0
            if stop > length + 1:
                place, _, left = _over_fillers(text, again[begin - length - 2 : stop - length - 2])
            if place is None:
                continue
            start, end = place
            normal, places = self._normals[number], found[number]
            if (
                all(end <= other.start or other.end <= start for other in places)
                and (stop - begin == len(normal) or _negations(text[start:end]) == _negations(normal))
                and not is_false_friend(normal, text, start, end)
            ):
                insort(places, _Found(start, end, MatchKind.CLOSE, left * by_weight(weight)))


def _negations(text: str) -> int:
    """A 不 too many or too few is no slip of the recogniser: it says the contrary."""
    return sum(map(text.count, "不没未别无"))


def _over_fillers(text: str, kept: Sequence[int]) -> tuple[_Place | None, str, float]:
    """Where it stands, what it says, and what fillers leave of its likelihood; no place where none is passed over."""
    start, end = kept[0], kept[-1] + 1
    if len(kept) < CLOSE_MIN_SYLLABLES or end - start == len(kept):
        return None, "", 0.0
    fillers = [m.group() for m in _FILLER.finditer(text, start, end)]
    if sum(map(len, fillers)) != end - start - len(kept):
        return None, "", 0.0
    left = FILLER_WITHIN if any(len(filler) > 1 for filler in fillers) else INTERJECTION_WITHIN
    return (start, end), "".join([text[at] for at in kept]), left


def _twice(text: str) -> tuple[NDArray[np.uint32], list[int]]:
    """Code points: the text between separators, then what stands around its fillers once more, without them.

    The second list says which character of `text` each of the second part is.
    """
    codes = code_points(f"{SEPARATOR}{text}{SEPARATOR}")
    last = len(text) - 1
    spans = [(m.start(), m.end()) for m in _FILLER.finditer(text)]
    spans = [(a, b) for a, b in spans if a and b <= last and text[a - 1] != SEPARATOR and text[b] != SEPARATOR]
    if not spans:
        return codes, []
    near = np.zeros(len(text) + _REACH, np.bool_)
    for start, end in spans:
        near[max(0, start - _REACH) : end + _REACH] = True
    near[len(text) :] = False
    for start, end in spans:
        near[start:end] = False
    again = np.flatnonzero(near)
    return np.concatenate([codes, codes[again + 1], codes[-1:]]), again.tolist()


@cache
def _sounding() -> NDArray[np.uint16]:
    """For each code point a number that is the same for those that sound the same."""
    number = sounds().number
    codes = np.arange(len(number))
    return np.where(
        number, number, np.where(codes < _ASCII, _SYLLABLES + codes, _BARE + codes % (2**16 - _BARE))
    ).astype(np.uint16)


def _same_tones(said: str, normal: str) -> bool:
    """Whether all tones are the same, a neutral one being like any."""
    toned, number = sounds().toned, sounds().toned_number
    tones = ((toned[number[ord(a)]][1], toned[number[ord(b)]][1]) for a, b in zip(said, normal, strict=False))
    return all(a == b or not a or not b for a, b in tones)


def _readings(normals: Sequence[str]) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """Each text with its number and its toned syllables' numbers: character by character, by context, without 儿."""
    toned = sounds().toned_number
    place = {each: i for i, each in enumerate(sounds().toned)}
    for number, normal in enumerate(normals):
        for text in dict.fromkeys((normal, _SMALL_ONES.sub("", normal))):
            plain = tuple(toned[code_points(text)].tolist())
            yield number, text, plain
            read = tuple(place.get(syllable, 0) for syllable in in_context(text)) if len(text) > 1 else plain
            if len(read) == len(plain) and _toneless(read) != _toneless(plain):
                yield number, text, read


def _toneless(toned: Sequence[int]) -> list[str]:
    return [sounds().toned[t][0] for t in toned]
