"""Where a recogniser goes round in circles: the same letters, or the same lines, again and again without a break.

People repeat themselves, too (对对对, 喂您好 喂您好, 不用了不用了不用了), so a loop is only what is longer than
that. Of 85,145 human lines (FOSAED hotline calls, EmotionTalk and CPED speech, ODSQA; STC-3 and CrossWOZ in writing;
1.7 million letters) two hold such a loop, both written; none that was spoken. The longest in speech were one syllable
14 times, two syllables 8, three 7, four or more 3 times. No line of six letters or more comes three times in a row
there; an agent on a dead line asks three times by script, so that much stays allowed.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST_TIMES = 4
"""How often a loop goes round at least."""
LEAST_LETTERS = 30
"""Letters that all its rounds have at least: thirty times one syllable, fifteen times two."""

_LONGEST_ROUND = 40


def looping(units: Sequence[str]) -> set[int]:
    """The places of the units, letters or whole lines, that stand in a loop of up to 40 units."""
    found: set[int] = set()
    for period in range(1, min(_LONGEST_ROUND, len(units) // LEAST_TIMES) + 1):
        same = 0
        for place in range(period, len(units) + 1):
            if place < len(units) and units[place] == units[place - period]:
                same += 1
                continue
            first = place - same - period
            long_enough = sum(map(len, units[first:place])) >= LEAST_LETTERS
            if long_enough and same + period >= LEAST_TIMES * period:
                found.update(range(first, place))
            same = 0
    return found
