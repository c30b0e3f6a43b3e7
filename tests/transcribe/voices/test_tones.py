"""What a line carries beside speech."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from pipeline.domain.transcript import SoundKind
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.voices.tones import in_sounds, line_sounds
from training.voice.channel import Quality, degrade
from training.voice.sounds import hold_music, noise, ring_tone

from .test_speakers import DEEP, HIGH, Throat, voice

RATE = 16_000


def beeps(hz: list[float], on_s: float, off_s: float, times: int) -> NDArray[np.float32]:
    time_s = np.arange(round(on_s * RATE)) / RATE
    sound = sum((np.sin(2 * np.pi * one * time_s) for one in hz), np.zeros(len(time_s))) * 0.15
    line = np.concatenate([np.concatenate([sound, np.zeros(round(off_s * RATE))]) for _ in range(times)])
    return (line + np.random.default_rng(0).normal(0, 1e-3, len(line))).astype(np.float32)


def on_line(sound: NDArray[np.float32], quality: Quality = "good") -> NDArray[np.float32]:
    """As it arrives over a telephone (`sound` is 8 kHz)."""
    return np.asarray(resample_poly(degrade(sound[None].astype(float), quality, 1)[0], 2, 1), np.float32)


@pytest.mark.parametrize(
    ("audio", "kind", "count", "length_ms"),
    [
        (on_line(ring_tone(20)), SoundKind.TONE, 4, 1000),
        (on_line(ring_tone(20), "fair"), SoundKind.TONE, 4, 1000),
        (beeps([450], 0.35, 0.35, 5), SoundKind.TONE, 5, 350),
        (beeps([450], 0.7, 0.7, 3), SoundKind.TONE, 3, 700),
        (beeps([697, 1209], 0.1, 0.2, 4), SoundKind.KEY, 4, 100),
        (beeps([941, 1336], 0.1, 0.2, 4), SoundKind.KEY, 4, 100),
    ],
    ids=["ringing", "ringing on a fair line", "busy", "congested", "key 1", "key 0"],
)
def test_tones_and_keys_are_found_with_their_lengths(
    audio: NDArray[np.float32], kind: SoundKind, count: int, length_ms: int
) -> None:
    found = [sound for sound in line_sounds(audio) if sound.kind is kind]
    assert len(found) == count
    assert all(abs(sound.end_ms - sound.start_ms - length_ms) < 130 for sound in found)


@pytest.mark.parametrize("seed", range(3))
def test_hold_music_is_found_for_most_of_its_length(seed: int) -> None:
    found = [sound for sound in line_sounds(on_line(hold_music(15, seed))) if sound.kind is SoundKind.MUSIC]
    assert sum(sound.end_ms - sound.start_ms for sound in found) > 10_000


@pytest.mark.parametrize("throat", [DEEP, HIGH], ids=["deep", "high"])
def test_a_voice_is_none_of_them(throat: Throat) -> None:
    assert line_sounds(voice(throat, 20, 3).astype(np.float32)) == ()


@pytest.mark.parametrize(
    "audio",
    [
        on_line(noise(10, 1)),
        np.zeros(RATE * 5, np.float32),
        np.zeros(0, np.float32),
        np.full(300, 0.1, np.float32),
        (np.sin(np.arange(RATE * 5) * 2 * np.pi * 50 / RATE) * 0.3).astype(np.float32),
    ],
    ids=["noise", "digital silence", "nothing", "less than a frame", "mains hum"],
)
def test_nor_is_a_line_without_a_voice(audio: NDArray[np.float32]) -> None:
    assert line_sounds(audio) == ()


def test_only_words_wholly_within_a_sound_lie_in_it() -> None:
    sounds = line_sounds(on_line(ring_tone(6)))
    (first, *_) = sounds
    spans = [(first.start_ms + 100, first.end_ms - 100), (first.end_ms - 100, first.end_ms + 200), (2000, 3000)]
    words = tuple(HeardWord("嘟", start, end, 0.5) for start, end in spans)
    assert in_sounds(words, sounds) == [True, False, False]
