"""Finds all phrases of all loaded rules in a call at once: by text, by sound, and nearly by sound.

One automaton runs over the sound of the call; what sounds nearly like a phrase is found by three syllables of it
(`pipeline.rulepack.alignment`). The work grows with the length of the call and with what is found, hardly with the
number of phrases. Fillers within a phrase (不归那个我管) are passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
"""How many characters on either side of a filler may belong to one phrase."""
_SMALL = "会点这那哪事块"
# Every alternative begins with a plain character: such a pattern is searched four times as fast.
_ONE_FILLER = rf"那个|这个|就是|啊|呀|哦|噢|哎|诶|儿(?<=[{_SMALL}]儿)"
_FILLER = re.compile(_ONE_FILLER)
_FILLERS = re.compile(f"(?:{_ONE_FILLER})(?:{_ONE_FILLER})*")
_SMALL_ONES = re.compile(rf"(?<=[{_SMALL}])儿")


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
    asked for: most rules never do.
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


# Numbers of syllables, of ASCII characters, and of others without a syllable: each in its own range.
_SYLLABLES, _ASCII, _BARE = 512, 128, 1024


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
    """Compiled at its first use for a set of phrases, used for any number of calls."""

    def __init__(self, phrases: Iterable[str]) -> None:
        by_normal: dict[str, list[str]] = defaultdict(list)
        for phrase in sorted(set(phrases)):
            by_normal[normalise(phrase).text].append(phrase)
        by_normal.pop("", None)
        self._normals = sorted(by_normal)
        self._written = [by_normal[normal] for normal in self._normals]
        self._reach = min(max(map(len, self._normals), default=0), _REACH)

    @cached_property
    def _compiled(self) -> _Compiled:
        from ahocorasick_rs import BytesAhoCorasick, Implementation

        readings = list(_readings(self._normals))
        by_sound: dict[bytes, list[int]] = defaultdict(list)
        within: set[int] = set()
        toneless = sounds().number_of_toned
        for number, text, toned in readings:
            syllables = toneless[list(toned)]
            sound = np.where(syllables, syllables, _sounding()[code_points(text)])
            by_sound[sound.tobytes()].append(number)
            if len(text) >= CLOSE_MIN_SYLLABLES:
                within.update(map(_two, sound[:-1].tolist(), sound[1:].tolist()))
        machine = BytesAhoCorasick(list(by_sound), implementation=Implementation.ContiguousNFA)
        return _Compiled(machine, frozenset(within), tuple(map(tuple, by_sound.values())), compile_patterns(readings))

    def find(self, joined: JoinedText) -> PhraseHits:
        """Every hit in a call; what only nearly sounds the same gives way to surer hits that it overlaps."""
        if not self._normals or not joined.text:
            return PhraseHits({}, tuple)
        equal = self._equal(joined)
        return PhraseHits(equal, lambda: self._close(joined, equal))

    def _equal(self, joined: JoinedText) -> dict[str, list[PhraseHit]]:
        """What is the same or sounds the same."""
        compiled, normals, written, text = self._compiled, self._normals, self._written, joined.text
        hits: dict[str, list[PhraseHit]] = {}
        codes = code_points(f"{SEPARATOR}{text}{SEPARATOR}")
        sound = _sounding().take(codes)
        again = _without_fillers(text, sound, compiled.within, self._reach)
        if len(again):
            sound = np.concatenate((sound, sound.take(again + 1), sound[-1:]))
        kept = again.tolist()
        length = len(text)
        for i, begin, stop in compiled.machine.find_matches_as_indexes(sound.tobytes(), overlapping=True):
            if begin & 1:
                continue
            start, end = begin // 2 - 1, stop // 2 - 1
            if end <= length:
                said, left = text[start:end], 1.0
            else:
                start, end, said, left = _over_fillers(text, kept[start - length - 1 : end - length - 1])
                if not said:
                    continue
            turn, begin, stop = joined.place(start, end)
            for number in compiled.numbers[i]:
                kind, sure = MatchKind.EXACT, left
                if said != normals[number]:
                    kind, sure = _graded(normals[number], said, left, text, start, end)
                if sure:
                    for phrase in written[number]:
                        hit = PhraseHit(phrase, turn, begin, stop, kind, sure)
                        if phrase in hits:
                            hits[phrase].append(hit)
                        else:
                            hits[phrase] = [hit]
        if kept:
            for of_phrase in hits.values():
                of_phrase.sort(key=_place)
        return hits

    def _close(self, joined: JoinedText, equal: Mapping[str, Sequence[PhraseHit]]) -> Iterator[PhraseHit]:
        """What nearly sounds the same, none that overlaps a surer hit of its phrase."""
        if self._compiled.patterns is None:
            return
        codes = code_points(f"{SEPARATOR}{joined.text}{SEPARATOR}").view(np.int32)
        taken: dict[int, list[tuple[int, int, int]]] = {}
        for number, begin, stop, weight in lay(self._compiled.patterns, codes):
            if number not in taken:
                taken[number] = [_place(hit) for hit in equal.get(self._written[number][0], ())]
            turn, start, end = joined.place(begin - 1, stop - 1)
            if any(t == turn and start < b and a < end for t, a, b in taken[number]):
                continue
            normal, said = self._normals[number], joined.text[begin - 1 : stop - 1]
            contrary = len(said) != len(normal) and _negations(said) != _negations(normal)
            if not contrary and not is_false_friend(normal, joined.text, begin - 1, stop - 1):
                taken[number].append((turn, start, end))
                for phrase in self._written[number]:
                    yield PhraseHit(phrase, turn, start, end, MatchKind.CLOSE, by_weight(weight))


def _graded(normal: str, said: str, left: float, text: str, start: int, end: int) -> tuple[MatchKind, float]:
    """How `said`, which sounds the same, hits, and how surely: 0 where a false friend shows that it does not."""
    if len(said) < len(normal) and said == _SMALL_ONES.sub("", normal):
        return MatchKind.EXACT, left
    if is_false_friend(normal, text, start, end):
        return MatchKind.SOUND, 0.0
    return MatchKind.SOUND, left * by_sound(len(said), same_tones=_same_tones(said, normal))


def _negations(text: str) -> int:
    """A 不 too many or too few is no slip of the recogniser: it says the contrary."""
    return sum(map(text.count, "不没未别无"))


def _over_fillers(text: str, kept: Sequence[int]) -> tuple[int, int, str, float]:
    """Where it stands, what it says, and what the fillers leave of its likelihood.

    It says nothing where it is too short or nothing but fillers was to be passed over, and was not.
    """
    start, end = kept[0], kept[-1] + 1
    if len(kept) < CLOSE_MIN_SYLLABLES or end - start == len(kept):
        return start, end, "", 0.0
    fillers = [m.group() for m in _FILLER.finditer(text, start, end)]
    if sum(map(len, fillers)) != end - start - len(kept):
        return start, end, "", 0.0
    left = FILLER_WITHIN if any(len(filler) > 1 for filler in fillers) else INTERJECTION_WITHIN
    return start, end, "".join([text[at] for at in kept]), left


def _without_fillers(text: str, sound: NDArray[np.uint16], within: frozenset[int], reach: int) -> NDArray[np.intp]:
    """The characters around those fillers that may stand within a phrase, `reach` to either side, fillers left out.

    `sound` has one character more on either side.
    """
    spans = [m.span() for m in _FILLERS.finditer(text)]
    bridged = [(a, b) for a, b in spans if _two(sound.item(a), sound.item(b + 1)) in within]
    near = np.zeros(len(text) if bridged else 0, np.bool_)
    for start, end in bridged:
        near[max(0, start - reach) : end + reach] = True
    for start, end in spans if bridged else ():
        near[start:end] = False
    return near.nonzero()[0]


def _two(one: int, other: int) -> int:
    return one << 16 | other


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
