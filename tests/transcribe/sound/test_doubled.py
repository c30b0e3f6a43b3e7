from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.assets import asset
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.sound.doubled import doubled

from ..conftest import RATE_HZ, encode

Save = Callable[[bytes], Path]
Sound = NDArray[np.float32]

SECONDS = 12


def babble(seed: int, *, level: float = 0.1) -> Sound:
    """Noise of speech's spectrum that comes and goes, another for each seed."""
    rng = np.random.default_rng(seed)
    smooth = np.convolve(rng.standard_normal(SECONDS * RATE_HZ), np.hanning(12), "same")
    loudness = np.repeat(rng.choice([0.003, 0.3, 1.0], size=SECONDS * 4), RATE_HZ // 4)
    return np.asarray(level * smooth / smooth.std() * loudness, np.float32)


def hiss(seed: int, level: float) -> Sound:
    return (level * np.random.default_rng(seed).standard_normal(SECONDS * RATE_HZ)).astype(np.float32)


def late(sound: Sound, samples: int) -> Sound:
    moved = np.zeros_like(sound)
    moved[samples:] = sound[: sound.size - samples]
    return moved


def only(sound: Sound, first_s: float, last_s: float) -> Sound:
    kept = np.zeros_like(sound)
    span = slice(round(first_s * RATE_HZ), round(last_s * RATE_HZ))
    kept[span] = sound[span]
    return kept


VOICE, OTHER = babble(1), babble(2)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (VOICE, VOICE),
        (VOICE, 0.5 * VOICE),
        (0.4 * VOICE, VOICE),
        (VOICE, -VOICE),
        (VOICE, -0.6 * VOICE),
        (VOICE, late(VOICE, 2)),
        (late(VOICE, 160), 0.7 * VOICE),
        (VOICE + hiss(3, 0.002), VOICE + hiss(4, 0.002)),
        (hiss(3, 1e-4), hiss(3, 1e-4)),
        (0 * VOICE, 0 * VOICE),
        (VOICE[:100], VOICE[:100]),
        (VOICE[:0], VOICE[:0]),
    ],
    ids=[
        "equal",
        "half as loud",
        "left softer",
        "inverted",
        "inverted and softer",
        "two samples late",
        "10 ms late and softer",
        "own line noise",
        "only noise",
        "silent",
        "6 ms",
        "nothing",
    ],
)
def test_one_sound_on_two_channels_is_recognised(left: Sound, right: Sound) -> None:
    assert doubled(left, right) is not None
    assert doubled(right, left) is not None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (VOICE, OTHER),
        (VOICE + 0.18 * OTHER, OTHER + 0.18 * VOICE),
        (VOICE + 0.5 * OTHER, OTHER + 0.5 * VOICE),
        (VOICE, 0 * VOICE),
        (VOICE, 0.18 * VOICE),
        (VOICE, -0.01 * late(VOICE, 40)),
        (VOICE, hiss(3, 0.002)),
        (VOICE, VOICE + only(OTHER, 7.2, 7.7)),
        (only(VOICE, 0, 11) + only(OTHER, 11, 12), VOICE),
        (hiss(3, 0.01), hiss(4, 0.01)),
    ],
    ids=[
        "two voices",
        "crosstalk",
        "strong crosstalk",
        "customer silent",
        "customer silent, leak at -15 dB",
        "customer silent, late leak at -40 dB",
        "customer's line only hisses",
        "half a second of another voice",
        "the last second differs",
        "two noises",
    ],
)
def test_two_sounds_are_never_taken_for_one(left: Sound, right: Sound) -> None:
    assert doubled(left, right) is None
    assert doubled(right, left) is None


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz"),
    [("wav", "pcm_mulaw", 8000), ("wav", "adpcm_ms", 8000), ("mp3", "libmp3lame", 16000), ("ogg", "libopus", 48000)],
)
def test_a_codec_that_hears_each_channel_alone_does_not_hide_that_they_are_one(
    container: str, codec: str, rate_hz: int, save: Save
) -> None:
    step = np.arange(0, VOICE.size, RATE_HZ / rate_hz)
    side = np.interp(step, np.arange(VOICE.size), VOICE).astype(np.float32)
    recording = read_audio(save(encode([side, 0.5 * side], container, codec, rate_hz=rate_hz)))
    assert len(recording.channels) == 1


def test_the_louder_of_two_equal_channels_is_kept(save: Save) -> None:
    (kept,) = read_audio(save(encode([0.4 * VOICE, VOICE], "wav", "pcm_f32le"))).channels
    assert np.array_equal(kept[:], VOICE)


@pytest.mark.parametrize(
    "call", ["banking/20260305-004.mp3", "ecommerce/20260309-007.opus", "general/20260302-007.wav"]
)
def test_a_call_with_a_side_per_channel_stays_stereo(call: str) -> None:
    assert len(read_audio(asset("fixtures") / "audio" / call).channels) == 2
