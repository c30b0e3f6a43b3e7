"""What a voice sounds like, frame by frame: spectral shape and pitch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples

FRAME_MS = 10
_HOP = SAMPLE_RATE_HZ * FRAME_MS // 1000
_SPAN = 640  # samples of a frame with its neighbourhood: 40 ms, two periods of a deep voice
_SHORT = 400  # 25 ms of it for the spectrum
_FFT, _PITCH_FFT = 512, 2048
_BANDS, _CEPSTRA = 40, 19
_LOWEST_HZ, _HIGHEST_HZ = 100.0, 3_800.0
"""What every telephone line lets through."""
_PITCH_HZ = (70, 350)
_VOICED = 0.55
"""The least autocorrelation of a frame that has a pitch."""
_QUIET_SHARE = 0.2
_FRAMES_AT_ONCE = 6_000


@dataclass(frozen=True, slots=True)
class Voiceprint:
    """The frames of speech one after the other, pauses left out; `frames` is their number.

    `cepstra`: frames x 19, `pitch`: frames, NaN where there is none; both with mean 0 and standard deviation 1 over
    the recording. `telling`: frames loud enough to tell a voice. `after_pause`: frames in front of which some were
    left out.
    """

    cepstra: NDArray[np.float64]
    pitch: NDArray[np.float64]
    telling: NDArray[np.bool_]
    after_pause: NDArray[np.bool_]


def voiceprint(audio: Samples, speech: NDArray[np.bool_]) -> Voiceprint:
    """Of mono audio at 16 kHz; `speech` has an entry for each frame of 10 ms and is true somewhere."""
    at = np.flatnonzero(speech)
    starts = range(0, len(speech), _FRAMES_AT_ONCE)
    parts = [_analysed(_frames(audio, start, speech[start : start + _FRAMES_AT_ONCE])) for start in starts]
    cepstra, loudness, pitch, voiced = (np.concatenate(column) for column in zip(*parts, strict=True))
    telling = loudness > np.quantile(loudness, _QUIET_SHARE)
    chosen = telling if telling.any() else np.ones_like(telling)
    pitch = np.where(voiced & telling, pitch, np.nan)
    heard = pitch[np.isfinite(pitch)]
    return Voiceprint(
        cepstra=(cepstra - cepstra[chosen].mean(0)) / (cepstra[chosen].std(0) + 1e-6),
        pitch=(pitch - heard.mean()) / (heard.std() + 1e-6) if len(heard) else pitch,
        telling=telling,
        after_pause=np.diff(at, prepend=at[0]) > 1,
    )


def _frames(audio: Samples, first: int, speech: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The frames of speech, each with its neighbourhood: frames x samples. `first` is the number of the first one."""
    block = audio[first * _HOP : (first + len(speech)) * _HOP + _SPAN]
    padded = np.pad(block, (0, len(speech) * _HOP + _SPAN - len(block)))
    return np.lib.stride_tricks.sliding_window_view(padded, _SPAN)[::_HOP][np.flatnonzero(speech)]


def _analysed(windows: NDArray[np.float32]) -> tuple[NDArray[np.float64], ...]:
    """Cepstra, loudness, the logarithm of the pitch, and whether there is one, of windows x samples."""
    from scipy.fft import dct

    power = np.abs(np.fft.rfft(windows[:, :_SHORT] * np.hanning(_SHORT), _FFT)) ** 2
    bands = np.log(power @ _filters().T + 1e-8)
    cepstra = dct(bands, type=2, norm="ortho", axis=1)[:, 1 : _CEPSTRA + 1]
    centred = (windows - windows.mean(1, keepdims=True)) * np.hanning(_SPAN)
    alike = np.fft.irfft(np.abs(np.fft.rfft(centred, _PITCH_FFT)) ** 2)
    shortest, longest = (SAMPLE_RATE_HZ // hz for hz in reversed(_PITCH_HZ))
    period = alike[:, shortest:longest].argmax(1) + shortest
    strength = alike[np.arange(len(alike)), period] / (alike[:, 0] + 1e-9)
    return cepstra, bands.mean(1), np.log(SAMPLE_RATE_HZ / period), strength > _VOICED


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles evenly spaced on the mel scale: bands x bins."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges_hz = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * SAMPLE_RATE_HZ / _FFT
    rising = (bins - edges_hz[:-2, None]) / (edges_hz[1:-1] - edges_hz[:-2])[:, None]
    falling = (edges_hz[2:, None] - bins) / (edges_hz[2:] - edges_hz[1:-1])[:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))
