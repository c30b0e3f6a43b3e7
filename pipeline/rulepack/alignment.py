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
MIN_WEIGHT = 13.0
"""From which a phrase that does not sound the same is reported: 6 unrelated sentences in 10,000 have a hit (ODSQA)."""
_SHAPES = ((0, 1, 2), (0, 1, 3), (0, 2, 3))
_LAST_SLOT = (1 << 18) - 1
_ANY = -1
_LONGEST_BENT = 40
"""A longer phrase is not looked for with a syllable too many or too few: it would need too many patterns."""

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

    The seeds in slot k are those from `slot_begin[k]` to `slot_begin[k + 1]`; a slot holds seeds of several keys, most
    none, which `occupied` says at once. The pattern of a seed begins `seed_before` characters before the seed's place.
    """

    number: Ints
    bias: NDArray[np.float32]
    begin: Ints
    size: Ints
    codes: Ints
    toned: Ints
    seed_key: Ints
    seed_pattern: Ints
    seed_before: Ints
    slot_begin: Ints
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
    if n > _LONGEST_BENT:
        return tuple(ways)
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
        crowds = np.where(toned == 0, alike.crowd[codes], alike.crowd_of_toned[toned])
        for syllables, bias, places in _ways(n):
            size = np.full_like(each, len(syllables))
            heard = list(syllables)
            patterns.append(
                (numbers, np.full(len(each), bias, np.float32), size, codes[:, heard].ravel(), toned[:, heard].ravel())
            )
            for shape, place in places:
                a, b, c = (crowds[:, syllables[place + step]] for step in _SHAPES[shape])
                seeds.append(
                    (
                        ((shape * alike.crowds + a) * alike.crowds + b) * alike.crowds + c,
                        made + each,
                        np.full_like(each, place),
                    )
                )
            made += len(members)
    number, biases, sizes, all_codes, all_toned = (np.concatenate(column) for column in zip(*patterns, strict=True))
    keys, seed_pattern, seed_before = (np.concatenate(column) for column in zip(*seeds, strict=True))
    slots = keys & _LAST_SLOT
    order = np.argsort(slots, kind="stable")
    count = np.bincount(slots, minlength=_LAST_SLOT + 1)
    return Patterns(
        number=number,
        bias=biases,
        begin=(np.cumsum(sizes) - sizes).astype(np.int32),
        size=sizes,
        codes=all_codes,
        toned=all_toned,
        seed_key=keys[order],
        seed_pattern=seed_pattern[order],
        seed_before=seed_before[order],
        slot_begin=np.concatenate(([0], np.cumsum(count))).astype(np.int32),
        occupied=count > 0,
    )


def lay(patterns: Patterns, codes: Ints) -> list[Laid]:
    """Every phrase that is there with `MIN_WEIGHT` and more but not the same; some twice, the heaviest first.

    `codes` are the code points of a text, with a line feed before, between and after the turns.
    """
    keys = _keys(codes)
    known = patterns.occupied.take(keys & _LAST_SLOT).nonzero()[0]
    keys = keys.take(known)
    slot = keys & _LAST_SLOT
    begin = patterns.slot_begin.take(slot)
    count = patterns.slot_begin.take(slot + 1) - begin
    ends = count.cumsum()
    if not len(ends):
        return []
    seed = np.arange(ends[-1]) + (begin - ends + count).repeat(count)
    right = (patterns.seed_key.take(seed) == keys.repeat(count)).nonzero()[0]
    seed = seed.take(right)
    place = (known % (len(codes) - 3)).repeat(count).take(right)
    return _weigh(patterns, codes, patterns.seed_pattern.take(seed), place - patterns.seed_before.take(seed))


def _keys(codes: Ints) -> Ints:
    """The keys of all shapes at all places but the last three, one shape after the other."""
    alike = likeness()
    crowds = alike.crowd.take(codes)
    middle = crowds * alike.crowds
    first = middle[:-3] * alike.crowds
    keys = np.empty((len(_SHAPES), len(codes) - 3), np.int32)
    np.add(first, middle[1:-2], out=keys[1])
    np.add(keys[1], crowds[2:-1], out=keys[0])
    np.add(keys[1], crowds[3:], out=keys[1])
    np.add(first, middle[2:-1], out=keys[2])
    np.add(keys[2], crowds[3:], out=keys[2])
    keys[1] += alike.crowds**3
    keys[2] += 2 * alike.crowds**3
    return keys.ravel()


def _weigh(patterns: Patterns, codes: Ints, pattern: Ints, start: Ints) -> list[Laid]:
    sizes = patterns.size.take(pattern)
    ends = sizes.cumsum()
    if not len(ends):
        return []
    begins = ends - sizes
    step = np.arange(ends[-1])
    wanted = step + (patterns.begin.take(pattern) - begins).repeat(sizes)
    # What lies beyond the text is its last line feed.
    found = codes.take(step + (start - begins).repeat(sizes), mode="clip")
    alike = likeness()
    weight = alike.weight[patterns.toned.take(wanted), alike.toned.take(found)]
    weight[patterns.codes.take(wanted) == found] = SAME_CHARACTER
    weights = np.add.reduceat(weight, begins) + patterns.bias.take(pattern)
    kept = ((weights >= MIN_WEIGHT) & (weights < SAME_CHARACTER * sizes)).nonzero()[0]
    kept = kept[np.argsort(-weights[kept], kind="stable")]
    pattern, start = pattern[kept], start[kept]
    laid = patterns.number[pattern], start, start + patterns.size[pattern], weights[kept]
    return list(map(Laid._make, zip(*(each.tolist() for each in laid), strict=True)))
