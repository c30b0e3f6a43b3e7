"""Two voices on one channel: made of a buzz and a vowel's resonances, which change as in speech."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from pipeline.transcribe.voices.speakers import separate

RATE = 16_000
VOWELS_HZ = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))


@dataclass(frozen=True)
class Throat:
    """`pitch_hz`, how much longer or shorter the resonances are, and how dull the voice is (0 to 1)."""

    pitch_hz: float
    stretch: float
    dullness: float


DEEP, HIGH = Throat(110, 0.92, 0.9), Throat(205, 1.12, 0.6)
ALIKE = (Throat(140, 0.9, 0.92), Throat(172, 1.1, 0.7))


def voice(throat: Throat, seconds: float, seed: int) -> NDArray[np.float64]:
    """Vowels of a fifth of a second with a wavering pitch."""
    draw = np.random.default_rng(seed)
    parts = []
    for _ in range(round(seconds * 5)):
        pitch = throat.pitch_hz * draw.uniform(0.9, 1.1)
        sound = (np.arange(RATE // 5) % (RATE / pitch) < 1).astype(float) + draw.normal(0, 0.003, RATE // 5)
        sound = lfilter([1], [1, -throat.dullness], sound)
        for resonance in VOWELS_HZ[draw.integers(len(VOWELS_HZ))]:
            angle = 2 * np.pi * resonance * throat.stretch / RATE
            sound = lfilter([1], [1, -2 * 0.97 * np.cos(angle), 0.97**2], sound)
        parts.append(sound / (np.abs(sound).max() + 1e-9) * draw.uniform(0.2, 0.4))
    return np.concatenate(parts)


def conversation(
    throats: tuple[Throat, Throat], turns_s: list[float], pause_s: float
) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """The turns in turn, and their spans in ms."""
    parts, spans, now = [], [], 0.0
    for number, seconds in enumerate(turns_s):
        parts += [voice(throats[number % 2], seconds, number), np.zeros(round(pause_s * RATE))]
        spans.append((round(now * 1000), round((now + seconds) * 1000)))
        now += seconds + pause_s
    noise = np.random.default_rng(0).normal(0, 1e-3, round(now * RATE))
    sound = np.concatenate(parts)
    return (sound + noise[: len(sound)]).astype(np.float32), spans


@pytest.mark.parametrize(
    "throats", [(DEEP, HIGH), (HIGH, DEEP), ALIKE], ids=["deep first", "high first", "near in pitch"]
)
@pytest.mark.parametrize("pause_s", [0.4, 0.0])
def test_each_turn_is_given_to_its_speaker(throats: tuple[Throat, Throat], pause_s: float) -> None:
    audio, spans = conversation(throats, [3, 2, 5, 1.6, 2, 4, 1.6, 3], pause_s)
    speakers = separate(audio, spans)
    assert [speakers.of(*span)[0] for span in spans] == [0, 1] * 4
    assert np.mean([speakers.of(*span)[1] for span in spans]) > 0.8


def test_nobody_speaks_where_nothing_was_said_to_be_speech() -> None:
    audio, spans = conversation((DEEP, HIGH), [3, 3, 3, 3], 1.0)
    speakers = separate(audio, spans)
    assert speakers.of(spans[0][1] + 300, spans[1][0] - 300) == (-1, 0.5)
    assert len(speakers.labels) == len(audio) * 1000 // RATE // 10


@pytest.mark.parametrize("seconds", [0.0, 0.5, 3.0])
def test_too_little_speech_is_not_parted(seconds: float) -> None:
    audio, _ = conversation((DEEP, HIGH), [2, 2], 0.0)
    speakers = separate(audio, [(0, round(seconds * 1000))])
    assert set(speakers.labels.tolist()) == {-1}


@pytest.mark.parametrize("level", [0.0, 1e-9])
def test_digital_silence_is_survived(level: float) -> None:
    audio = np.full(RATE * 10, level, np.float32)
    assert len(separate(audio, [(0, 10_000)]).labels) == 1000


def test_the_same_recording_gives_the_same_speakers() -> None:
    audio, spans = conversation(ALIKE, [3, 2, 4, 3], 0.2)
    one, other = separate(audio, spans), separate(audio, spans)
    assert (one.labels == other.labels).all()
    assert (one.certainty == other.certainty).all()
