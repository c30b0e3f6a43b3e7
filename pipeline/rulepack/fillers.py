"""Fillers within a phrase: 不归那个我管 says 不归我管, and 等一会儿给您回电 says 等一会给您回电.

嗯, 呃 and 唔 are no part of the normal form at all (`pipeline.text.normal`). The words here may mean something, so they
are passed over only within a phrase of four and more syllables, and leave the hit less sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.rulepack.alignment import CLOSE_MIN_SYLLABLES
from pipeline.rulepack.confidence import FILLER_WITHIN, INTERJECTION_WITHIN

REACH = 12
"""How many characters on either side of a filler may belong to one phrase."""
_SMALL = "会点这那哪事块"
# Every alternative begins with a plain character: such a pattern is searched twice as fast.
_ONE_FILLER = rf"那个|这个|就是|啊|呀|哦|噢|哎|诶|儿(?<=[{_SMALL}]儿)"
_FILLER = re.compile(_ONE_FILLER)
_FILLERS = re.compile(f"(?:{_ONE_FILLER})(?:{_ONE_FILLER})*")
_SMALL_ONES = re.compile(rf"(?<=[{_SMALL}])儿")


def without_small_ones(phrase: str) -> str:
    """The phrase without those 儿 that may be left out (一会儿, 这儿)."""
    return _SMALL_ONES.sub("", phrase)


def over_fillers(text: str, kept: Sequence[int]) -> tuple[int, int, str, float]:
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


def without_fillers(text: str, sound: NDArray[np.uint16], within: frozenset[int], reach: int) -> NDArray[np.intp]:
    """The characters around those fillers that may stand within a phrase, `reach` to either side, fillers left out.

    `sound` has one character more on either side.
    """
    spans = [m.span() for m in _FILLERS.finditer(text)]
    bridged = [(a, b) for a, b in spans if two_sounds(sound.item(a), sound.item(b + 1)) in within]
    near = np.zeros(len(text) if bridged else 0, np.bool_)
    for start, end in bridged:
        near[max(0, start - reach) : end + reach] = True
    for start, end in spans if bridged else ():
        near[start:end] = False
    return near.nonzero()[0]


def two_sounds(one: int, other: int) -> int:
    """Two sounds in a row as one number."""
    return one << 16 | other
