"""The normal form in which rules are matched, with every character's place in the original kept.

Traditional characters become simplified, full width becomes half width, capitals small; punctuation, spaces and the
fillers 嗯 呃 唔 go; numbers are written in digits (二十四小时 and 24小时 are the same). Rules' phrases pass through the
same function, so the two sides always agree.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from pipeline.text.numbers import numerals

FILLERS = frozenset("嗯呃唔")


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class NormalText:
    """`text[i]` was written as `original[starts[i]:ends[i]]`."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in `original` of the non-empty half-open span `[start, end)` of `text`."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"empty or outside span [{start}, {end}) of {len(self.text)} characters")
        return self.starts[start], self.ends[end - 1]


@cache
def _to_simplified() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """What one character becomes, the empty string if it is dropped."""
    folded = unicodedata.normalize("NFKC", char).lower()
    return "".join(c for c in folded if c not in FILLERS and unicodedata.category(c)[0] in "LN")


def _simplify(text: str) -> str:
    if text.isascii():
        return text
    simplified = _to_simplified().convert(text)
    if len(simplified) == len(text):
        return simplified
    return "".join(s if len(s := _to_simplified().convert(c)) == 1 else c for c in text)


def normalise(original: str) -> NormalText:
    """The normal form of `original`; empty where nothing but punctuation and fillers stands there."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(_simplify(original)):
        for c in _fold(char):
            chars.append(c)
            starts.append(at)
            ends.append(at + 1)
    text = "".join(chars)
    replaced = numerals(text)
    if not replaced:
        return NormalText(original, text, tuple(starts), tuple(ends))
    pieces: list[str] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    at = 0
    for begin, stop, digits in replaced:
        pieces += [text[at:begin], digits]
        new_starts += starts[at:begin] + [starts[begin]] * len(digits)
        new_ends += ends[at:begin] + [ends[stop - 1]] * len(digits)
        at = stop
    pieces.append(text[at:])
    return NormalText(original, "".join(pieces), tuple(new_starts + starts[at:]), tuple(new_ends + ends[at:]))
