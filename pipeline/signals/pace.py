"""How fast somebody speaks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.domain.transcript import Turn
from pipeline.signals.spans import stretches

MIN_SYLLABLES = 5
MIN_SPOKEN_MS = 1000

_SYLLABLE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\d|[^\W\d_\u3400-\U0003ffff]+")


def count_syllables(text: str) -> int:
    """Chinese characters, digits (each is spoken as one) and words in other scripts; punctuation counts nothing."""
    return sum(1 for _ in _SYLLABLE.finditer(text))


def _spoken_syllables(turn: Turn) -> int:
    """Of what was said where the turn writes it otherwise: 326 is 三百二十六."""
    more = sum(count_syllables(word.spoken) - count_syllables(word.text) for word in turn.words if word.spoken)
    return count_syllables(turn.text) + more


def rate_cpm(turns: Iterable[Turn], *, with_pauses: bool = False) -> float | None:
    """Characters per minute of the time in which the turns are spoken; the pauses within a turn left out, or counted.

    None for fewer than `MIN_SYLLABLES` characters or less than `MIN_SPOKEN_MS` of speech, where a recogniser's
    error in one word's time would decide the figure.
    """
    syllables = spoken_ms = taken_ms = 0
    for turn in turns:
        if spoken := stretches(turn):
            syllables += _spoken_syllables(turn)
            spoken_ms += sum(s.length_ms for s in spoken)
            taken_ms += spoken[-1].end_ms - spoken[0].start_ms
    if syllables < MIN_SYLLABLES or spoken_ms < MIN_SPOKEN_MS:
        return None
    return syllables * 60_000 / (taken_ms if with_pauses else spoken_ms)
