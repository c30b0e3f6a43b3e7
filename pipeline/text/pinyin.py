"""The sound of a text: one toneless pinyin syllable per character, from a per-character table.

Polyphones take their most common reading on both sides, so equal characters always sound equal. Two syllables are
*confusable* when speakers or recognisers commonly swap them (in/ing, z/zh, n/l, …).
"""

from __future__ import annotations

import re
from functools import lru_cache

_CONFUSED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("h", "f"))
_CONFUSED_FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("uang", "uan"), ("iang", "ian"))
_INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")


@lru_cache(maxsize=65536)
def syllable(char: str) -> str:
    """The toneless pinyin of one normalised character; a digit, latin letter or unknown one is its own sound."""
    if char.isascii():
        return char
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(char, style=Style.NORMAL)[0])


def syllables(text: str) -> list[str]:
    """One syllable per character of a normalised text."""
    return [syllable(char) for char in text]


_CODES: dict[str, str] = {}
_FIRST_CODE = 0xF0000  # a private plane: never a character of a text


@lru_cache(maxsize=65536)
def _code(char: str) -> str:
    sound = syllable(char)
    return sound if len(sound) == 1 else _CODES.setdefault(sound, chr(_FIRST_CODE + len(_CODES)))


def encode(text: str) -> str:
    """A text of the same length in which characters of equal sound are equal, so that text tools can match sounds.

    A syllable's code point holds for this process only: never store it.
    """
    return "".join(map(_code, text))


@lru_cache(maxsize=65536)
def confusable(a: str, b: str) -> bool:
    """True when the two syllables differ only by a sound that is commonly confused."""
    if a == b:
        return True
    # The pattern matches every syllable; mypy does not see it.
    (initial_a, final_a), (initial_b, final_b) = (_INITIAL.fullmatch(s).groups() for s in (a, b))  # type: ignore[union-attr]
    initials = initial_a == initial_b or _pair(initial_a, initial_b, _CONFUSED_INITIALS)
    finals = final_a == final_b or _pair(final_a, final_b, _CONFUSED_FINALS)
    return initials and finals


def _pair(a: str, b: str, pairs: tuple[tuple[str, str], ...]) -> bool:
    return (a, b) in pairs or (b, a) in pairs
