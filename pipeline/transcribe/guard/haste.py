"""Words faster than people speak: an invented line is crammed into whatever moment there is.

Mandarin is read at 5.2 syllables a second (Pellegrino, Coupé and Marsico 2011, Language 87) and spoken at seven or
eight in haste; the fastest six syllables of the fixtures' truth go at 7.9. Twelve are out of reach, yet the times are
the recogniser's, whose alignment piles up words that were said. So a rush is more than people could say in two whole
seconds: a pile would have to draw in the words of as long again. A whole segment needs no such care, because it holds
just what was cut out of the recording: more than its length allows cannot have been in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.transcribe.engine import HeardWord, Segment

MAX_SYLLABLES_PER_S = 12
OVER_MS = 2000
LEAST_SYLLABLES = 6
"""Of a whole segment; fewer fit where voice detection cut a little short."""

# A Latin word counts once and a 0 never (20000 is said 两万): too few rather than too many.
_SYLLABLE = re.compile(r"[a-z]+|[1-9]|[^\W\d_a-z]")


def is_crammed(segment: Segment) -> bool:
    """Whether the segment has more syllables than its length has room for."""
    count = sum(_syllables(word) for word in segment.words)
    return count >= LEAST_SYLLABLES and count * 1000 > MAX_SYLLABLES_PER_S * (segment.end_ms - segment.start_ms)


def rushed(words: Sequence[HeardWord]) -> set[int]:
    """The places of words that follow each other too fast, where there are more than people say in two seconds."""
    middles = [(word.start_ms + word.end_ms) // 2 for word in words]
    counts = [_syllables(word) for word in words]
    found: set[int] = set()
    first = within = 0
    for last, middle in enumerate(middles):
        within += counts[last]
        while middle - middles[first] >= OVER_MS:
            within -= counts[first]
            first += 1
        if within * 1000 > MAX_SYLLABLES_PER_S * OVER_MS:
            found.update(range(first, last + 1))
    close_ms = 1000 / MAX_SYLLABLES_PER_S
    close = {n for n, (one, two) in enumerate(pairwise(middles)) if two - one < close_ms}
    return found & (close | {n + 1 for n in close})


def _syllables(word: HeardWord) -> int:
    return len(_SYLLABLE.findall(word.text.casefold()))
