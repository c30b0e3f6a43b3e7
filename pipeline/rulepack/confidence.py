"""How often a phrase that was found was said: the precision of such hits where it is said in one sentence of a hundred.

Read off one half of ODSQA's transcripts and checked on the other (`benchmarks.matching`). A recogniser's probabilities
are not among that data: they move the value by half at most, since a homophone has a low one by nature.
"""

from __future__ import annotations

from math import exp

_BY_SOUND = ((0.15, 0.4), (0.15, 0.4), (0.15, 0.4), (0.62, 0.9), (0.93, 0.98), (0.98, 0.99))
"""By the number of syllables: some tones differ, all tones are the same."""
_EVEN_WEIGHT, _STEEPNESS = 15.3, 0.36
INTERJECTION_WITHIN = 0.95
FILLER_WITHIN = 0.75
"""What a word within that may be a filler or mean something (那个, 就是) leaves: below what makes a violation."""


def by_sound(syllables: int, *, same_tones: bool) -> float:
    """Of a hit whose syllables are all the same."""
    return _BY_SOUND[min(syllables, len(_BY_SOUND) - 1)][same_tones]


def by_weight(weight: float) -> float:
    """Of a hit whose syllables are not all the same, by how much they speak for the phrase together."""
    return 1 / (1 + exp(_STEEPNESS * (_EVEN_WEIGHT - weight)))


def heard_with(likelihood: float, probability: float) -> float:
    """`likelihood` with the mean probability that the recogniser gives the words of the hit."""
    return round(likelihood * (0.5 + 0.5 * probability), 3)
