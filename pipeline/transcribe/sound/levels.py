"""How loud a channel is, hundredth of a second by hundredth of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.float64]

FRAME_MS = 10
SILENT_DBFS = -90.0
"""The level of nothing at all."""

_FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1000
_BLOCK = 60 * SAMPLE_RATE_HZ


def levels_dbfs(channel: Samples) -> Levels:
    """The level of every whole frame of 10 ms (16 kHz), in dB of full scale."""
    import numpy as np

    whole = len(channel) // _FRAME * _FRAME
    power = np.empty(whole // _FRAME)
    for start in range(0, whole, _BLOCK):
        frames = channel[start : min(whole, start + _BLOCK)].reshape(-1, _FRAME)
        power[start // _FRAME : start // _FRAME + len(frames)] = np.einsum("ij,ij->i", frames, frames, dtype=np.float64)
    return np.asarray(10 * np.log10(power / _FRAME + 10 ** (SILENT_DBFS / 10)))
