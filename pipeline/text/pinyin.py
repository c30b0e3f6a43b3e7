"""The sound of a text: one toneless pinyin syllable per character, from a per-character table.

A character takes its most common reading, so equal characters always sound equal; `in_context` gives the readings of
a whole phrase (银行 is yin hang). Which syllables are mistaken for which is in `pipeline.text.likeness`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST_CODE = 0xF0000  # a private plane: never a character of a text
_MARKS = {
    mark: (letter, tone)
    for letter, marks in {
        "a": "āáǎà",
        "e": "ēéěè",
        "i": "īíǐì",
        "o": "ōóǒò",
        "u": "ūúǔù",
        "v": "ǖǘǚǜ",
        "n": "_ńňǹ",
    }.items()
    for tone, mark in enumerate(marks, 1)
} | {"ḿ": ("m", 2), "ü": ("v", 0), "ê": ("e", 0), "ế": ("e", 2), "ề": ("e", 4)}
_COMBINING = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """Numbers for syllables, toneless and with their tone (1 to 4, 0 for the neutral one).

    `syllables[number[code]]` is the syllable of a code point, `toned[toned_number[code]]` it and its tone. Number 0 is
    none (digits, latin letters). The arrays go over all code points.
    """

    syllables: tuple[str, ...]
    toned: tuple[tuple[str, int], ...]
    number: NDArray[np.uint16]
    toned_number: NDArray[np.uint16]
    number_of_toned: NDArray[np.uint16]


@cache
def sounds() -> Sounds:
    """The most common reading of every character that pypinyin knows."""
    import numpy as np
    from pypinyin.constants import PINYIN_DICT

    parted = {reading: _parted(reading) for reading in {r.split(",", 1)[0] for r in PINYIN_DICT.values()}}
    toned = (("", 0), *sorted(set(parted.values())))
    names = tuple(sorted({name for name, _ in toned}))
    place = {reading: toned.index(each) for reading, each in parted.items()}
    toned_number = np.zeros(0x110000, np.uint16)
    codes = np.fromiter(PINYIN_DICT, np.int64, len(PINYIN_DICT))
    toned_number[codes] = [place[r.split(",", 1)[0]] for r in PINYIN_DICT.values()]
    toned_number[:0x80] = 0
    of_toned = {name: i for i, name in enumerate(names)}
    number_of_toned = np.array([of_toned[name] for name, _ in toned], np.uint16)
    return Sounds(names, toned, number_of_toned[toned_number], toned_number, number_of_toned)


@lru_cache(maxsize=4096)
def _parted(reading: str) -> tuple[str, int]:
    """`zhōng` as `("zhong", 1)`."""
    letters, tone = "", 0
    for char in reading:
        if char in _COMBINING:
            tone = _COMBINING[char]
            continue
        letter, marked = _MARKS.get(char, (char, 0))
        letters, tone = letters + letter, tone or marked
    return letters, tone


def code_points(text: str) -> NDArray[np.uint32]:
    """One number per character."""
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@lru_cache(maxsize=65536)
def syllable(char: str) -> str:
    """The toneless pinyin of one normalised character; a digit, latin letter or unknown one is its own sound."""
    table = sounds()
    return table.syllables[table.number[ord(char)]] or char


def syllables(text: str) -> list[str]:
    """One syllable per character of a normalised text."""
    return [syllable(char) for char in text]


def in_context(text: str) -> list[tuple[str, int]]:
    """Each character's syllable and tone as the words around ask for: 银行 is yin hang, 行李 xing li."""
    from pypinyin import Style, lazy_pinyin

    letter_by_letter: Any = list  # pypinyin takes it, its types do not know
    return [_parted(str(s)) for s in lazy_pinyin(text, style=Style.TONE, errors=letter_by_letter)]


def encode(text: str) -> str:
    """A text of the same length in which characters of equal sound are equal, so that text tools can match sounds.

    A syllable's code point holds for this process only: never store it.
    """
    import numpy as np

    codes = code_points(text)
    numbers = sounds().number[codes].astype(np.uint32)
    return np.where(numbers, numbers + _FIRST_CODE, codes).tobytes().decode("utf-32-le", "surrogatepass")
