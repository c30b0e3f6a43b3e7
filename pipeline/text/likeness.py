"""Which syllables are written one for another: how much a heard syllable speaks for the one that was meant.

Weights are natural logarithms of how much likelier a recogniser is to write this for what was meant than by chance,
rounded from the aligned syllables of one half of ODSQA's transcripts (`benchmarks.matching`): what is equal, or alike
(z/zh, n/ng, n/l), speaks for the phrase, what is far speaks against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pipeline.text.pinyin import sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_CHARACTER = 5.0
SAME_TONED_SYLLABLE = 2.5
SAME_SYLLABLE = 1.3
ONE_TOO_MANY_OR_FEW = -4.0
"""A syllable that only one side has."""
_BY_DISTANCE = {0: SAME_SYLLABLE, 1: 1.3, 2: -0.9, 3: -1.7, 4: -2.4, 5: -2.4, 6: -4.1, 8: -5.2}
_NO_SYLLABLE = -5.0
_BARE_CROWDS = 64
_BEYOND_THE_TURN = -1000.0

_ALIKE_INITIALS = frozenset(map(frozenset, (("zh", "z"), ("ch", "c"), ("sh", "s"), "nl", "rl", "hf")))
_PLACES = (("b", "p", "m", "f"), ("d", "t", "n", "l"), ("g", "k", "h"), "j q x zh ch sh r z c s".split())
_ALIKE_RHYMES = frozenset(map(frozenset, (("an", "ang"), ("en", "eng"))))
_RHYMES = "a-ai a-ao a-an a-ang a-e o-ou o-e e-en e-eng ai-ei ai-an ei-en ao-ou an-en ang-eng -en -eng -ei -e"
_NEAR_RHYMES = frozenset(frozenset(pair.split("-")) for pair in _RHYMES.split())
_INITIAL = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)(.*)")
_MEDIAL = re.compile(r"([iuv]?)(.*)")
# The spelling hides the same sound: you is iou, wen is uen, ju is jv, zhi has no vowel of its own.
_SPELT = {"yi": "i", "yu": "v", "y": "i", "wu": "u", "w": "u"}
_SHORT = {"iu": "iou", "ui": "uei", "un": "uen", "in": "ien", "ing": "ieng", "ong": "ueng", "iong": "veng", "vn": "ven"}


@lru_cache(maxsize=1024)
def parts(syllable: str) -> tuple[str, str, str]:
    """Initial, medial and rhyme of a toneless syllable as it sounds: you is `("", "i", "ou")`."""
    spelt = next((s for s in _SPELT if syllable.startswith(s)), None)
    if spelt is not None:
        initial, final = "", _SPELT[spelt] + syllable[len(spelt) :]
    else:
        # The pattern matches every syllable; mypy does not see it.
        initial, final = _INITIAL.fullmatch(syllable).groups()  # type: ignore[union-attr]
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    if initial in ("zh", "ch", "sh", "r", "z", "c", "s") and final == "i":
        final = ""
    final = _SHORT.get(final, final)
    medial, rhyme = _MEDIAL.fullmatch(final).groups()  # type: ignore[union-attr]
    if (medial, rhyme) == ("u", "o") or (initial in ("b", "p", "m", "f") and (medial, rhyme) == ("", "o")):
        medial = "u"
    return initial, medial, rhyme


def _initials(a: str, b: str) -> int:
    if a == b:
        return 0
    if frozenset((a, b)) in _ALIKE_INITIALS:
        return 1
    return 2 if any(a in place and b in place for place in _PLACES) or (a + b) in ("r", "h") else 4


def _finals(a: tuple[str, str], b: tuple[str, str]) -> int:
    if a == b:
        return 0
    rhymes = frozenset((a[1], b[1]))
    if a[0] == b[0] and rhymes in _ALIKE_RHYMES:
        return 1
    return 2 if a[1] == b[1] or (a[0] == b[0] and rhymes in _NEAR_RHYMES) else 4


def distance(a: str, b: str) -> int:
    """0 for equal syllables, 1 and 2 for alike ones (in/ing, z/zh), up to 8 where neither part is near the other's."""
    initial_a, *final_a = parts(a)
    initial_b, *final_b = parts(b)
    return _initials(initial_a, initial_b) + _finals((final_a[0], final_a[1]), (final_b[0], final_b[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """`weight[a, b]` for the numbers of two toned syllables; `toned[code point]` is the number (`Sounds.toned_number`).

    Two more numbers: `line_feed` weighs against anything, and `anything` says nothing of any syllable.

    `crowd[code point]` is a number below `crowds`, the same for all characters whose syllables are alike; letters and
    digits, which have none, are like themselves, and 0 is the line feed's. `crowd_of_toned` is the same by syllable.
    """

    weight: NDArray[np.float32]
    toned: NDArray[np.uint16]
    line_feed: int
    anything: int
    crowd: NDArray[np.int32]
    crowd_of_toned: NDArray[np.int32]
    crowds: int


@cache
def likeness() -> Likeness:
    """The tables over all syllables."""
    import numpy as np

    heard = sounds()
    names = [name for name, _ in heard.toned[1:]]
    initials = sorted({parts(s)[0] for s in names})
    finals = sorted({parts(s)[1:] for s in names})
    by_initial = np.array([[_initials(a, b) for b in initials] for a in initials])
    by_final = np.array([[_finals(a, b) for b in finals] for a in finals])
    i = np.array([initials.index(parts(s)[0]) for s in names])
    f = np.array([finals.index(parts(s)[1:]) for s in names])
    apart = by_initial[np.ix_(i, i)] + by_final[np.ix_(f, f)]
    line_feed, anything = len(names) + 1, len(names) + 2
    weight = np.full((anything + 1, anything + 1), _NO_SYLLABLE, np.float32)
    weight[1:line_feed, 1:line_feed] = np.array([_BY_DISTANCE.get(d, 0) for d in range(9)], np.float32)[apart]
    weight[np.arange(1, line_feed), np.arange(1, line_feed)] = SAME_TONED_SYLLABLE
    weight[anything] = weight[:, anything] = 0
    weight[line_feed] = weight[:, line_feed] = _BEYOND_THE_TURN
    toned = heard.toned_number.copy()
    toned[ord("\n")] = line_feed
    merged = [_crowd(s) for s in names]
    order = {name: n for n, name in enumerate(sorted(set(merged)), 1)}
    crowd_of_toned = np.array([0, *(order[m] for m in merged), 0, 0], np.int32)
    bare = len(order) + 1 + np.arange(len(toned), dtype=np.int32) % _BARE_CROWDS
    crowd = np.where(toned == 0, bare, crowd_of_toned[toned])
    return Likeness(weight, toned, line_feed, anything, crowd, crowd_of_toned, len(order) + 1 + _BARE_CROWDS)


def _crowd(syllable: str) -> str:
    initial, medial, rhyme = parts(syllable)
    first = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l", "f": "h"}.get(initial, initial)
    return f"{first} {medial} {rhyme.removesuffix('g')}"
