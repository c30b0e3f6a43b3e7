"""Whether two channels hold one and the same sound: a mono call stored as stereo has no speaker per channel.

Recorders double a mono call bit by bit, or with another gain, the wires crossed, a few samples late, or each channel
with its own codec noise. Two channels count as doubled only when no loud second of either is missing in the other, so
that taking one of them loses no word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.transcribe.engine import SAMPLE_RATE_HZ

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


def is_doubled(left: NDArray[np.float32], right: NDArray[np.float32]) -> bool:
    """Whether two channels of equal length (16 kHz) are the same up to gain, sign, noise and a delay of 20 ms.

    Two silent channels are; one silent channel beside a voice is not. A delay must be a whole number of samples at
    16 kHz, as it is in recordings of 8 and 16 kHz.
    """
    delay = _delay(left, right)
    if delay:
        left, right = (
            left[max(0, -delay) : left.size - max(0, delay)],
            right[max(0, delay) : right.size + min(0, delay)],
        )
    of_left, of_right, of_both = _energies(left, right)
    soft, loud = sorted((of_left.sum(), of_right.sum()))
    if loud > _MAX_LEVEL_RATIO * soft:
        return False
    if not loud:
        return True
    gain = of_both.sum() / of_left.sum()
    own = of_right - 2 * gain * of_both + gain**2 * of_left
    most = np.maximum(of_right, gain**2 * of_left)
    return bool(np.all(own <= np.maximum(_MAX_OWN_SHARE * most, _LOUD * most.max())))


def _delay(left: NDArray[np.float32], right: NDArray[np.float32]) -> int:
    """By how many samples the right channel is late, told from the loudest second of the left one."""
    most = _MAX_DELAY_MS * SAMPLE_RATE_HZ // 1000
    if left.size < 4 * most:
        return 0
    start = max(most, int(np.argmax(_energies(left, right)[0])) * SAMPLE_RATE_HZ)
    end = min(start + SAMPLE_RATE_HZ, left.size - most)
    return int(np.argmax(np.abs(np.correlate(right[start - most : end + most], left[start:end])))) - most


def _energies(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Second by second: the energy of the left channel, of the right one, and what they have in common."""
    seconds = [slice(start, start + SAMPLE_RATE_HZ) for start in range(0, left.size, SAMPLE_RATE_HZ)]
    pairs = [(left[second], right[second]) for second in seconds]
    return np.array([(one @ one, two @ two, one @ two) for one, two in pairs], np.float64).reshape(-1, 3).T
