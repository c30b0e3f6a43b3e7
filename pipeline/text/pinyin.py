"""The sound of a text: one toneless pinyin syllable per character, from a per-character table.

Polyphones take their most common reading on both sides, so equal characters always sound equal. Two syllables are
*confusable* when speakers or recognisers commonly swap them (in/ing, z/zh, n/l, …).
"""

from __future__ import annotations

import re
from functools import lru_cache

_DIGIT_SYLLABLES = dict(zip("0123456789", "ling yi er san si wu liu qi ba jiu".split(), strict=True))
_CONFUSED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("h", "f"))
_CONFUSED_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("uang", "uan"), ("iang", "ian"))
_INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")


@lru_cache(maxsize=65536)
def syllable(char: str) -> str:
    """The toneless pinyin of one normalised character; a latin letter or unknown character is its own sound."""
    if char in _DIGIT_SYLLABLES:
        return _DIGIT_SYLLABLES[char]
    if char.isascii():
        return char
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(char, style=Style.NORMAL)[0])


def syllables(text: str) -> list[str]:
    """One syllable per character of a normalised text."""
    return [syllable(char) for char in text]


@lru_cache(maxsize=65536)
def confusable(a: str, b: str) -> bool:
    """True when the two syllables differ only by a sound that is commonly confused."""
    if a == b:
        return True
    (initial_a, final_a), (initial_b, final_b) = (_INITIAL.fullmatch(s).groups() for s in (a, b))  # type: ignore[union-attr]
    initials = initial_a == initial_b or _pair(initial_a, initial_b, _CONFUSED_INITIALS)
    finals = final_a == final_b or _pair(final_a, final_b, _CONFUSED_FINALS)
    return initials and finals


def _pair(a: str, b: str, pairs: tuple[tuple[str, str], ...]) -> bool:
    return (a, b) in pairs or (b, a) in pairs
