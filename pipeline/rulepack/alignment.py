"""Lays phrases over a text that nearly sounds the same: one syllable wrong, too many or too few, or some alike.

Each way in which a phrase may lie is a pattern. Three syllables of a pattern that are alike in the text, in a row or
with one between them, are a reason to weigh it whole; all is done for all phrases and all places at once, in arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.text.likeness import ONE_TOO_MANY_OR_FEW, SAME_CHARACTER, likeness

CLOSE_MIN_SYLLABLES = 4
MIN_WEIGHT = 12.0
"""From which a phrase that does not sound the same is reported: one unrelated sentence in a thousand has such a hit."""
_SHAPES = ((0, 1, 2), (0, 1, 3), (0, 2, 3))
_LAST_SLOT = (1 << 18) - 1
_BARE_CROWDS = 64
"""Letters and digits have no syllable, but each is like itself."""
_ANY = -1

Ints = NDArray[np.int32]


class Laid(NamedTuple):
    """Phrase `number` on `[start, end)` of the text. `weight`: `pipeline.text.likeness`."""

    number: int
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """All ways of all phrases. Pattern i is `codes[begin[i] : begin[i] + size[i]]`, and `toned` likewise.

    The seeds with key `keys[k]` are `seed_pattern[key_begin[k] : key_begin[k + 1]]`; such a pattern begins
    `seed_before` characters before the place of the seed. `occupied` says at once that a key is none of these.
    """

    number: Ints
    bias: NDArray[np.float32]
    begin: Ints
    size: Ints
    codes: Ints
    toned: Ints
    seed_pattern: Ints
    seed_before: Ints
    keys: Ints
    key_begin: Ints
    occupied: NDArray[np.bool_]


class _Way(NamedTuple):
    """Which syllables of a phrase stand one after the other, `_ANY` for one too many; seeds are `(shape, place)`."""

    syllables: tuple[int, ...]
    bias: float
    seeds: tuple[tuple[int, int], ...]


@lru_cache(maxsize=256)
def _ways(n: int) -> tuple[_Way, ...]:
    """The ways in which a phrase of `n` syllables may lie.

    The seeds find every phrase with one wrong syllable, and most with two. Where one is too many or too few, its
    neighbours must be there; a phrase of four without one of its syllables does not reach the least weight.
    """
    every = tuple(range(n))
    straight: tuple[tuple[int, int], ...]
    if n == CLOSE_MIN_SYLLABLES:
        straight = ((0, 0), (0, 1), (1, 0), (2, 0))
    elif n == CLOSE_MIN_SYLLABLES + 1:
        straight = ((0, 0), (0, 2), (1, 0), (2, 1))
    else:
        straight = tuple((0, at) for at in dict.fromkeys((*range(0, n - 3, 3), n - 3)))
    ways = [_Way(every, 0.0, straight)]
    for k in range(1, n):
        seeds = [(1, k - 2)] if k >= 2 else []
        seeds += [(2, k - 1)] if k + 2 <= n else []
        ways.append(_Way((*every[:k], _ANY, *every[k:]), ONE_TOO_MANY_OR_FEW, tuple(seeds)))
    for k in range(1, n - 1) if n > CLOSE_MIN_SYLLABLES else ():
        seeds = [(0, at) for at in (k - 2, k - 1) if at >= 0 and at + 3 <= n - 1]
        ways.append(_Way((*every[:k], *every[k + 1 :]), ONE_TOO_MANY_OR_FEW, tuple(seeds)))
    return tuple(ways)


def compile_patterns(phrases: Iterable[tuple[int, str, Sequence[int]]]) -> Patterns | None:
    """Of numbered normal texts and the numbers of their toned syllables; None where all are too short."""
    alike = likeness()
    by_length: dict[int, list[tuple[int, str, Sequence[int]]]] = {}
    for phrase in phrases:
        if len(phrase[1]) >= CLOSE_MIN_SYLLABLES:
            by_length.setdefault(len(phrase[1]), []).append(phrase)
    if not by_length:
        return None
    made = 0
    patterns: list[tuple[Ints, NDArray[np.float32], Ints, Ints, Ints]] = []
    seeds: list[tuple[Ints, Ints, Ints]] = []
    for n, members in by_length.items():
        numbers = np.array([number for number, _, _ in members], np.int32)
        each = np.arange(len(members), dtype=np.int32)
        # The last column is what stands for anything.
        codes = np.array([[*map(ord, text), 0] for _, text, _ in members], np.int32)
        toned = np.array([[*syllables, alike.anything] for _, _, syllables in members], np.int32)
        crowds = _crowds(codes, toned)
        for syllables, bias, places in _ways(n):
            size = np.full_like(each, len(syllables))
            heard = list(syllables)
            patterns.append(
                (numbers, np.full(len(each), bias, np.float32), size, codes[:, heard].ravel(), toned[:, heard].ravel())
            )
            for shape, place in places:
                a, b, c = (crowds[:, syllables[place + step]] for step in _SHAPES[shape])
                seeds.append((_key(a, b, c, shape), made + each, np.full_like(each, place)))
            made += len(members)
    number, biases, sizes, all_codes, all_toned = (np.concatenate(column) for column in zip(*patterns, strict=True))
    keys, seed_pattern, seed_before = (np.concatenate(column) for column in zip(*seeds, strict=True))
    order = np.argsort(keys, kind="stable")
    distinct, first = np.unique(keys[order], return_index=True)
    occupied = np.zeros(_LAST_SLOT + 1, np.bool_)
    occupied[distinct & _LAST_SLOT] = True
    return Patterns(
        number=number,
        bias=biases,
        begin=(np.cumsum(sizes) - sizes).astype(np.int32),
        size=sizes,
        codes=all_codes,
        toned=all_toned,
        seed_pattern=seed_pattern[order],
        seed_before=seed_before[order],
        keys=distinct,
        key_begin=np.append(first, len(keys)).astype(np.int32),
        occupied=occupied,
    )


def _crowds(codes: Ints, toned: NDArray[np.int32] | NDArray[np.uint16]) -> Ints:
    alike = likeness()
    crowds = alike.crowd[toned]
    bare = toned == 0
    if bare.any():
        crowds[bare] = alike.crowds + codes[bare] % _BARE_CROWDS
    return crowds


def _key(a: Ints, b: Ints, c: Ints, shape: int) -> Ints:
    base = likeness().crowds + _BARE_CROWDS
    return ((shape * base + a) * base + b) * base + c


def lay(patterns: Patterns, codes: Ints) -> list[Laid]:
    """Every phrase that is there with `MIN_WEIGHT` and more, also what sounds the same; some twice, the heaviest first.

    `codes` are the code points of a text, with a line feed before, between and after the turns.
    """
    toned = likeness().toned[codes]
    crowds = _crowds(codes, toned)
    n = len(codes) - 3
    a, b, c, d = crowds[:-3], crowds[1:-2], crowds[2:-1], crowds[3:]
    keys = np.concatenate((_key(a, b, c, 0), _key(a, b, d, 1), _key(a, c, d, 2)))
    known = patterns.occupied[keys & _LAST_SLOT].nonzero()[0]
    keys = keys[known]
    slot = np.minimum(patterns.keys.searchsorted(keys), len(patterns.keys) - 1)
    right = (patterns.keys[slot] == keys).nonzero()[0]
    if not len(right):
        return []
    slot, place = slot[right], known[right] % n
    begin = patterns.key_begin[slot]
    count = patterns.key_begin[slot + 1] - begin
    ends = count.cumsum()
    seed = np.arange(ends[-1]) + (begin - ends + count).repeat(count)
    start = place.repeat(count) - patterns.seed_before[seed]
    return _weigh(patterns, codes, toned, patterns.seed_pattern[seed], start)


def _weigh(patterns: Patterns, codes: Ints, toned: NDArray[np.uint16], pattern: Ints, start: Ints) -> list[Laid]:
    sizes = patterns.size[pattern]
    ends = sizes.cumsum()
    begins = ends - sizes
    step = np.arange(ends[-1])
    wanted = step + (patterns.begin[pattern] - begins).repeat(sizes)
    # What lies beyond the text is its last line feed.
    there = step + (start - begins).repeat(sizes)
    weight = likeness().weight[patterns.toned[wanted], toned.take(there, mode="clip")]
    weight[patterns.codes[wanted] == codes.take(there, mode="clip")] = SAME_CHARACTER
    weights = np.add.reduceat(weight, begins) + patterns.bias[pattern]
    kept = (weights >= MIN_WEIGHT).nonzero()[0]
    kept = kept[np.argsort(-weights[kept], kind="stable")]
    pattern, start = pattern[kept], start[kept]
    found = patterns.number[pattern], start, start + patterns.size[pattern], weights[kept]
    return list(map(Laid._make, zip(*(each.tolist() for each in found), strict=True)))
