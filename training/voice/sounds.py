"""What is heard on a telephone line beside speech. Mono, 8 kHz, float32 within -1 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.voice.espeak import RATE_HZ

Samples = NDArray[np.float32]

_RING_HZ = 450.0
_RING_ON_S, _RING_OFF_S = 1.0, 4.0
"""The Chinese ring-back tone: one second of 450 Hz, four of silence (GB/T 3382)."""
_BUSY_S = 0.35
"""On, and as long off."""
_KEYS_HZ = tuple((low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477))
"""The two tones of each key of a telephone (ITU-T Q.23)."""
_KEY_S, _KEY_PAUSE_S = (0.07, 0.25), (0.05, 1.5)
_BEATS_PER_S = (1.5, 3.0)
_SCALE = (0, 2, 4, 7, 9)
"""The pentatonic scale, in semitones."""


def hold_music(seconds: float, seed: int) -> Samples:
    """A tune of plucked notes over two held ones, different for each seed."""
    draw = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    music = np.zeros(count + RATE_HZ * 2)
    beat = round(RATE_HZ / draw.uniform(*_BEATS_PER_S))
    root = draw.uniform(180, 300)
    harmonics = draw.uniform(0.1, 1, 5) / np.arange(1, 6)
    step = int(draw.integers(0, 8))
    for start in range(0, count, beat):
        step = int(np.clip(step + draw.integers(-2, 3), 0, 10))
        octave, degree = divmod(step, len(_SCALE))
        _add_note(
            music,
            start,
            root * 2 ** (octave + _SCALE[degree] / 12),
            harmonics,
            length=beat * 2,
            decay=draw.uniform(2, 5),
        )
    for start in range(0, count, beat * 8):
        low = root / 2 * 2 ** (_SCALE[int(draw.integers(0, 5))] / 12)
        _add_note(music, start, low, harmonics * 0.6, length=beat * 8, decay=0.3)
    return _peak(music[:count], 0.25)


def ring_tone(seconds: float) -> Samples:
    """The tone that a caller hears until the call is answered."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    sounding = time_s % (_RING_ON_S + _RING_OFF_S) < _RING_ON_S
    return (0.2 * np.sin(2 * np.pi * _RING_HZ * time_s) * sounding).astype(np.float32)


def busy_tone(seconds: float) -> Samples:
    """The tone that a caller hears when the line is taken or was hung up."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (0.2 * np.sin(2 * np.pi * _RING_HZ * time_s) * (time_s % (2 * _BUSY_S) < _BUSY_S)).astype(np.float32)


def dialled_keys(seconds: float, seed: int) -> Samples:
    """Keys pressed in a menu (DTMF), each as long and as far from the next as a finger makes it."""
    draw = np.random.default_rng(seed)
    keys = np.zeros(round(seconds * RATE_HZ))
    at_s = draw.uniform(*_KEY_PAUSE_S)
    while at_s < seconds:
        start = round(at_s * RATE_HZ)
        length_s = draw.uniform(*_KEY_S)
        time_s = np.arange(min(round(length_s * RATE_HZ), len(keys) - start)) / RATE_HZ
        tones = _KEYS_HZ[int(draw.integers(len(_KEYS_HZ)))]
        keys[start : start + len(time_s)] = sum(np.sin(2 * np.pi * hz * time_s) for hz in tones)
        at_s += length_s + draw.uniform(*_KEY_PAUSE_S)
    return _peak(keys, 0.3)


def noise(seconds: float, seed: int) -> Samples:
    """A street or a full room: coloured noise that swells and sinks."""
    draw = np.random.default_rng(seed)
    count = round(seconds * RATE_HZ)
    if not count:
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft(draw.standard_normal(count))
    spectrum /= np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 50) ** draw.uniform(0.2, 1.0)
    swells = np.interp(
        np.arange(count), np.linspace(0, count, 2 + round(seconds * 2)), draw.uniform(0.3, 1, 2 + round(seconds * 2))
    )
    return _peak(np.fft.irfft(spectrum, count) * swells, 0.3)


def _add_note(
    music: NDArray[np.float64], start: int, hz: float, harmonics: NDArray[np.float64], *, length: int, decay: float
) -> None:
    time_s = np.arange(min(length, len(music) - start)) / RATE_HZ
    envelope = np.minimum(time_s * 100, 1) * np.exp(-decay * time_s)
    for number, level in enumerate(harmonics, 1):
        if hz * number < RATE_HZ / 2:
            music[start : start + len(time_s)] += level * envelope * np.sin(2 * np.pi * hz * number * time_s)


def _peak(sound: NDArray[np.float64], peak: float) -> Samples:
    return (sound * (peak / max(float(np.abs(sound).max(initial=0)), 1e-9))).astype(np.float32)
