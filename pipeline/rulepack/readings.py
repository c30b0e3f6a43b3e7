"""How phrases sound: the readings of each, and a number for every character that is the same for equal sounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.rulepack.fillers import without_small_ones
from pipeline.text.pinyin import code_points, in_context, sounds

# Numbers of syllables, of ASCII characters, and of others without a syllable: each in its own range.
_SYLLABLES, _ASCII, _BARE = 512, 128, 1024


_ALSO_READ = {"和": ("han", 4)}
"""How speakers from Taiwan read it: a recogniser made for others then writes 汉 or 汗."""


@cache
def sounding() -> NDArray[np.uint16]:
    """For each code point a number that is the same for those that sound the same."""
    number = sounds().number
    codes = np.arange(len(number))
    return np.where(
        number, number, np.where(codes < _ASCII, _SYLLABLES + codes, _BARE + codes % (2**16 - _BARE))
    ).astype(np.uint16)


@cache
def _tones() -> bytes:
    """For each code point its tone, 0 where it is neutral or has none."""
    return np.array([tone for _, tone in sounds().toned], np.uint8)[sounds().toned_number].tobytes()


def same_tones(said: str, normal: str) -> bool:
    """Whether all tones are the same, a neutral one being like any."""
    tones = _tones()
    for char, other in zip(said, normal, strict=False):
        if char != other:
            one, two = tones[ord(char)], tones[ord(other)]
            if one != two and one and two:
                return False
    return True


def readings(normals: Sequence[str]) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """Each text with its number and its toned syllables' numbers: character by character, by context, without 儿."""
    toned = sounds().toned_number
    place = {each: i for i, each in enumerate(sounds().toned)}
    for number, normal in enumerate(normals):
        for text in dict.fromkeys((normal, without_small_ones(normal))):
            plain = tuple(toned[code_points(text)].tolist())
            yield number, text, plain
            context = in_context(text) if len(text) > 1 else []
            if len(context) == len(plain):
                read = tuple(place.get(syllable, p) for syllable, p in zip(context, plain, strict=True))
                if _toneless(read) != _toneless(plain):
                    yield number, text, read
            if any(char in text for char in _ALSO_READ):
                also = (_ALSO_READ.get(char) for char in text)
                yield number, text, tuple(place[a] if a else p for a, p in zip(also, plain, strict=True))


def _toneless(toned: Sequence[int]) -> list[str]:
    return [sounds().toned[t][0] for t in toned]
