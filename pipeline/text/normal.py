"""The normal form in which rules are matched, with every character's place in the original kept.

Traditional characters become simplified, full width becomes half width, capitals small; punctuation, spaces and the
fillers 嗯 呃 唔 go; numbers are written in digits (二十四小时 and 24小时 are the same, so are 百分之二十 and 20%,
三点五 and 3.5). No number reaches over punctuation: 第一,三天内 speaks of 3天, not of 第13天. Rules' phrases pass
through the same function, so the two sides always agree.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import NamedTuple, Protocol

from pipeline.text.numbers import NUMERALS, may_have_numerals, numerals

FILLERS = frozenset("嗯呃唔")
_IN_NUMBERS = frozenset(".%")
_IN_WORDS = frozenset("坏藉覆瞭沈衹")
"""What OpenCC converts in some words only; any other word that it converts has a character that it always converts."""

_BESIDE_MARK = rf"\s0-9０-９{NUMERALS}兩萬億点點百分之%％块塊元个個小星工{''.join(sorted(FILLERS))}"
_MARK = re.compile(
    rf"(?<=[{_BESIDE_MARK}])(?!(?<=[0-9０-９])[,，][0-9０-９]{{3}}(?![0-9０-９]))[^\w\s.%．％]+"
    rf"(?=[{_BESIDE_MARK}天時时秒号號月日年次遍周期折层層楼樓钟鐘毛角作])"
)
"""Punctuation over which a number could reach, but for the comma in 1,000."""

_BEFORE_CHARS, _BEHIND_CHARS = 3, 4
"""How far what stands before a numeral (百分之), or behind it (个工作日), tells that it is one."""

_MAX_JOINED = 8
"""How often numbers may be joined that need joining, before marks count for nothing in a text made of such."""


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


class Folded(NamedTuple):
    """`text[i]` was written as `original[starts[i]:ends[i]]`."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NormalText:
    """`text[i]` was written as `original[starts[i]:ends[i]]`; the places are worked out when they are asked for."""

    original: str
    text: str

    @property
    def starts(self) -> tuple[int, ...]:
        return _places(self.original).starts

    @property
    def ends(self) -> tuple[int, ...]:
        return _places(self.original).ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in `original` of the non-empty half-open span `[start, end)` of `text`."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"empty or outside span [{start}, {end}) of {len(self.text)} characters")
        places = _places(self.original)
        return places.starts[start], places.ends[end - 1]


@cache
def _to_simplified() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


@lru_cache(maxsize=65536)
def _fold(char: str) -> str:
    """What one character becomes, the empty string if it is dropped."""
    folded = unicodedata.normalize("NFKC", char).lower()
    if folded in _IN_NUMBERS:
        return folded
    return "".join(c for c in folded if c not in FILLERS and unicodedata.category(c)[0] in "LN")


def simplify(text: str) -> str:
    """`text` in simplified characters, as long as `text`: words are converted as words where that keeps the length."""
    if text.isascii():
        return text
    simplified = _to_simplified().convert(text)
    if len(simplified) == len(text):
        return simplified
    return "".join(s if len(s := _to_simplified().convert(c)) == 1 else c for c in text)


class _Folds(dict[int, str]):
    """What each character becomes wherever it stands, learned as they come; `_DEPENDS` where that is not all."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _fold(char)
        self[code] = _DEPENDS if folded in _IN_NUMBERS or char in _IN_WORDS or simplify(char) != char else folded
        return self[code]


_DEPENDS = "\0"  # a control character, so none that a fold leaves
_FOLDS = _Folds()


def fold_text(original: str) -> str:
    """`fold(original).text`, a hundred times as fast for what needs no look at its neighbours."""
    text = original.translate(_FOLDS)
    return fold(original).text if _DEPENDS in text else text


def fold(original: str) -> Folded:
    """What `normalise` does, but for the numbers. A point within a number is 点, and % stays after one."""
    simplified = simplify(original)
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(simplified):
        for c in _fold(char):
            if c in _IN_NUMBERS and not (at and _is_digit(simplified[at - 1])):
                continue
            if c == "." and not _is_digit(simplified[at + 1 : at + 2]):
                continue
            chars.append("点" if c == "." else c)
            starts.append(at)
            ends.append(at + 1)
    return Folded(original, "".join(chars), tuple(starts), tuple(ends))


def _is_digit(char: str) -> bool:
    return bool(char) and _fold(char)[-1:] in tuple("0123456789")


@lru_cache(maxsize=8192)
def normalise(original: str) -> NormalText:
    """The normal form of `original`; empty where nothing but punctuation and fillers stands there.

    The last ones are remembered, since a turn is normalised by whoever looks at it.
    """
    text = fold_text(original)
    return NormalText(original, _replaced(text, _numerals(original, text)))


def _numerals(original: str, text: str) -> list[tuple[int, int, str]]:
    """The numbers in `text`, which is `original` folded, none of which reaches over punctuation.

    But where the two sides of a mark, each in its normal form, would be read as one number (三,十分), they are one
    number: the normal form has no marks, and must mean the same when it is read again.
    """
    if not may_have_numerals(text):
        return []
    if _MARK.search(original) is None:
        return numerals(text)
    pieces = [piece for mark_free in _MARK.split(original) if (piece := fold_text(mark_free))]
    if "".join(pieces) != text:
        return numerals(text)
    for _ in range(_MAX_JOINED):
        found = [numerals(piece) for piece in pieces]
        forms = [_replaced(piece, of_piece) for piece, of_piece in zip(pieces, found, strict=True)]
        again = numerals("".join(forms))
        if not again:
            begins = accumulate(map(len, pieces), initial=0)
            return [
                (begin + start, begin + end, written)
                for begin, of_piece in zip(begins, found, strict=False)
                for start, end, written in of_piece
            ]
        pieces = _joined(pieces, forms, again)
    return numerals(text)


def _joined(pieces: list[str], forms: list[str], again: list[tuple[int, int, str]]) -> list[str]:
    """The pieces, those together out of whose forms the same number of `again` is read."""
    ends = list(accumulate(map(len, forms)))
    joined: list[str] = []
    at = 0
    for start, end, _ in again:
        first = bisect_right(ends, max(0, start - _BEFORE_CHARS))
        last = bisect_left(ends, min(end + _BEHIND_CHARS, ends[-1]))
        if first < at <= last:
            joined[-1] += "".join(pieces[at : last + 1])
        elif at <= first < last:
            joined += [*pieces[at:first], "".join(pieces[first : last + 1])]
        else:
            continue
        at = last + 1
    return joined + pieces[at:]


def _replaced(text: str, found: list[tuple[int, int, str]]) -> str:
    """`text` with its numbers in digits."""
    kept: list[str] = []
    at = 0
    for start, end, digits in found:
        kept += (text[at:start], digits)
        at = end
    return "".join(kept) + text[at:]


@lru_cache(maxsize=1024)
def _places(original: str) -> Folded:
    """The normal form with the place of each of its characters."""
    plain = fold(original)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for begin, stop, digits in _numerals(original, plain.text):
        pieces += (plain.text[at:begin], digits)
        starts += [*plain.starts[at:begin], *[plain.starts[begin]] * len(digits)]
        ends += [*plain.ends[at:begin], *[plain.ends[stop - 1]] * len(digits)]
        at = stop
    pieces.append(plain.text[at:])
    return Folded(original, "".join(pieces), (*starts, *plain.starts[at:]), (*ends, *plain.ends[at:]))
