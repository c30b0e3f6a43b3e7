"""Whether two channels hold one and the same sound: a mono call stored as stereo has no speaker per channel.

Recorders double a mono call bit by bit, or with another gain, the wires crossed, a few samples late, or each channel
with its own codec noise. Two channels count as doubled only when no loud second of either is missing in the other, so
that taking one of them loses no word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Energy that one channel does not explain, as a share. Doubled calls through mu-law, ADPCM, Opus and MP3 from 64 kbps
# leave 0.04 at most, the stereo fixtures no less than 0.38 in any second, crosstalk of -15 to -40 dB included.
_MAX_OWN_SHARE = 0.1
# Below the loudest second of a recording by this factor, a line's own noise is a large share of what is there.
_LOUD = 0.001
# A channel more than 10 dB softer, and like the other throughout, is its leak: that speaker is silent.
_MAX_LEVEL_RATIO = 10.0
_MAX_DELAY_MS = 20


def doubled_fingerprint() -> str:
    """Changes whenever what counts as doubled could."""
    return f"{_MAX_OWN_SHARE}/{_LOUD}/{_MAX_LEVEL_RATIO}/{_MAX_DELAY_MS}"


def doubled(left: Samples, right: Samples) -> int | None:
    """Which of two channels of equal length (16 kHz) is the louder one if they are the same; None if they are not.

    The same up to gain, sign, noise and a delay of 20 ms, which must be a whole number of samples at 16 kHz, as it is
    in recordings of 8 and 16 kHz. Two silent channels are the same; one silent channel beside a voice is not.
    """
    of_left, of_right, of_both = _energies(left, right, _delay(left, right))
    soft, loud = sorted((of_left.sum(), of_right.sum()))
    if loud > _MAX_LEVEL_RATIO * soft:
        return None
    louder = int(of_left.sum() < of_right.sum())
    if not loud:
        return louder
    gain = of_both.sum() / of_left.sum()
    own = of_right - 2 * gain * of_both + gain**2 * of_left
    most = np.maximum(of_right, gain**2 * of_left)
    return louder if np.all(own <= np.maximum(_MAX_OWN_SHARE * most, _LOUD * most.max())) else None


def _delay(left: Samples, right: Samples) -> int:
    """By how many samples the right channel is late, told from the loudest second of the left one."""
    most = _MAX_DELAY_MS * SAMPLE_RATE_HZ // 1000
    if len(left) < 4 * most:
        return 0
    start = max(most, int(np.argmax(_energies(left, right, 0)[0])) * SAMPLE_RATE_HZ)
    end = min(start + SAMPLE_RATE_HZ, len(left) - most)
    return int(np.argmax(np.abs(np.correlate(right[start - most : end + most], left[start:end])))) - most


def _energies(left: Samples, right: Samples, delay: int) -> NDArray[np.float64]:
    """Second by second: the energy of the left channel, of the right one `delay` later, and of what both have."""
    ends = len(left) - abs(delay)
    left_from, right_from = max(0, -delay), max(0, delay)
    found = []
    for start in range(0, ends, SAMPLE_RATE_HZ):
        end = min(ends, start + SAMPLE_RATE_HZ)
        one, two = left[left_from + start : left_from + end], right[right_from + start : right_from + end]
        found.append((one @ one, two @ two, one @ two))
    return np.array(found, np.float64).reshape(-1, 3).T
