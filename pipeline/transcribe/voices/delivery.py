"""How loud and how high each turn is said, as its recording has it.

Levels of two recordings cannot be compared (lines and codecs differ), nor two people's pitch: what rests on these
figures compares a turn with the other turns of the same speaker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.transcript import Role, Turn
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_MS = 300
"""Shorter speech gives no level and no pitch."""
PITCH_HZ = (70, 400)
LEAST_VOICED = 10
"""Frames of 20 ms with a pitch that a turn needs to have one."""

_HALF_RATE = SAMPLE_RATE_HZ // 2  # all that a telephone lets through, at a quarter of the work
_HOP, _SPAN, _FFT = 160, 320, 1024  # 20 ms; 40 ms, in which the deepest voice has two periods and more
_VOICED = 0.55
_LOWER_PEAK = 0.9
"""A shorter period whose peak is nearly as high is the true one: the longer is a multiple of it."""
_QUIET_DBFS = -80.0
_AT_ONCE = 4_000  # frames


def delivery_fingerprint() -> str:
    """Changes whenever a figure could."""
    return f"{LEAST_MS}/{PITCH_HZ}/{LEAST_VOICED}/1"


def with_delivery(turns: Sequence[Turn], channels: Sequence[Samples], sides: Mapping[Role, int]) -> tuple[Turn, ...]:
    """The turns with their level and pitch; `sides` says on which channel (16 kHz) a role is heard."""
    return tuple(_measured(turn, channels[sides[turn.role]]) if turn.role in sides else turn for turn in turns)


def _measured(turn: Turn, audio: Samples) -> Turn:
    import numpy as np

    if turn.quarantined or sum(word.end_ms - word.start_ms for word in turn.words) < LEAST_MS:
        return turn
    power, pitches, samples = 0.0, [], 0
    for part in _spoken(turn, audio):
        power += float(np.square(part, dtype=np.float64).sum())
        samples += len(part)
        pitches.append(_pitch_hz(part))
    level_dbfs = 10 * np.log10(power / samples + 1e-12) if samples else _QUIET_DBFS
    if level_dbfs <= _QUIET_DBFS:
        return turn
    heard = np.concatenate(pitches)
    pitch_hz = round(float(np.median(heard)), 1) if len(heard) >= LEAST_VOICED else None
    return replace(turn, level_dbfs=round(float(level_dbfs), 2), pitch_hz=pitch_hz)


def _spoken(turn: Turn, audio: Samples) -> Iterator[NDArray[np.float32]]:
    """The audio of a turn's words; neighbours without a pause between them in one piece."""
    start_ms = end_ms = turn.words[0].start_ms
    for word in turn.words:
        if word.start_ms > end_ms:
            yield from _parts(audio, start_ms, end_ms)
            start_ms = word.start_ms
        end_ms = max(end_ms, word.end_ms)
    yield from _parts(audio, start_ms, end_ms)


def _parts(audio: Samples, start_ms: int, end_ms: int) -> Iterator[NDArray[np.float32]]:
    size = _AT_ONCE * 2 * _HOP
    first, last = (ms * SAMPLE_RATE_HZ // 1000 for ms in (start_ms, end_ms))
    for start in range(first, last, size):
        part = audio[start : min(last, start + size)]
        if len(part):
            yield part


def _pitch_hz(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """The pitch of every frame of 40 ms that has one, by autocorrelation."""
    import numpy as np
    from scipy.fft import irfft, rfft

    halved = audio[: len(audio) // 2 * 2].reshape(-1, 2).mean(1)
    if len(halved) < _SPAN:
        return np.empty(0)
    frames = np.lib.stride_tricks.sliding_window_view(halved, _SPAN)[::_HOP]
    shape = np.hanning(_SPAN).astype(np.float32)
    centred = (frames - frames.mean(1, keepdims=True)) * shape
    spectrum = rfft(centred, _FFT, axis=1)
    alike = irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, :_SPAN]
    # The window makes the likeness fall with the lag whatever the sound is.
    falling = irfft(np.abs(rfft(shape, _FFT)) ** 2)[:_SPAN]
    likeness = alike / (alike[:, :1] + 1e-9) / (falling / falling[0] + 1e-3)
    shortest, longest = _HALF_RATE // PITCH_HZ[1], _HALF_RATE // PITCH_HZ[0]
    among = likeness[:, shortest:longest]
    peaks = (among[:, 1:-1] >= among[:, :-2]) & (among[:, 1:-1] >= among[:, 2:])
    heights = np.where(peaks, among[:, 1:-1], 0)
    highest = heights.max(1, initial=0)
    first = (heights >= _LOWER_PEAK * highest[:, None]).argmax(1) + shortest + 1
    return np.asarray(_HALF_RATE / first[highest > _VOICED], dtype=np.float64)
