"""Words that a channel carries only because the other speaker is heard on it: set apart, like what was invented.

A line leaks: the agent's voice is on the customer's channel, some ten to forty decibels softer, and where the customer
is silent the recogniser writes it down as the customer's. A leak is much softer than what it leaks from and rises and
falls with it; words of one's own are not, even under the other's voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord, Samples
from pipeline.transcribe.sound.levels import FRAME_MS, levels_dbfs
from pipeline.transcribe.turns import Heard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Chosen on the stereo recordings of the fixtures: 176 of 185 leaked words pass both, and none of 17,475 that were said.
LEAST_DIFFERENCE_DB = 10.0
LEAST_CORRELATION = 0.6

_AROUND = 40
"""Frames before and after a word in which the two channels are compared: 0.4 s."""
_DELAY = 4
"""Frames by which a leak may lag or lead."""
_LEAST_FRAMES = 20


def crosstalk_fingerprint() -> str:
    """Changes whenever what is set apart could."""
    return f"{LEAST_DIFFERENCE_DB}/{LEAST_CORRELATION}"


def without_crosstalk(heard: Sequence[Heard], channels: Sequence[Samples]) -> list[Heard]:
    """What is heard on two channels (16 kHz), the other one's words set apart."""
    loudness = [levels_dbfs(channel) for channel in channels]
    return [_parted(one, loudness[side], loudness[1 - side]) for side, one in enumerate(heard)]


def _parted(heard: Heard, own: NDArray[np.float64], other: NDArray[np.float64]) -> Heard:
    kept: list[HeardWord] = []
    apart = [*heard.apart]
    for word in heard.words:
        if _is_leaked(word, own, other):
            apart.append(replace(word, quarantine=Quarantine.CROSSTALK))
        else:
            kept.append(word)
    return Heard(tuple(kept), tuple(sorted(apart, key=lambda word: word.start_ms)))


def _is_leaked(word: HeardWord, own: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    import numpy as np

    start, end = word.start_ms // FRAME_MS, max(word.start_ms // FRAME_MS + 3, word.end_ms // FRAME_MS)
    if start >= len(own) or other[start:end].mean() - own[start:end].mean() < LEAST_DIFFERENCE_DB:
        return False
    around = slice(max(0, start - _AROUND), end + _AROUND)
    mine, theirs = own[around], other[around]
    if len(mine) < _LEAST_FRAMES:
        return False
    middle = mine[_DELAY:-_DELAY]
    for delay in range(2 * _DELAY + 1):
        shifted = theirs[delay : delay + len(middle)]
        if min(middle.std(), shifted.std()) > 0 and np.corrcoef(middle, shifted)[0, 1] > LEAST_CORRELATION:
            return True
    return False
