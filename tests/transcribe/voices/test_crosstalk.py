"""The other speaker's voice on a channel: noise in the rhythm of speech, leaked or of its own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.turns import Heard
from pipeline.transcribe.voices.crosstalk import without_crosstalk

RATE = 16_000
SECONDS = 4


def speech(seed: int) -> NDArray[np.float64]:
    """Bursts of 60 to 200 ms with gaps."""
    draw = np.random.default_rng(seed)
    loud = np.concatenate([np.full(draw.integers(960, 3200), draw.uniform(0.02, 1)) for _ in range(60)])
    return np.asarray((draw.normal(0, 0.2, SECONDS * RATE) * loud[: SECONDS * RATE]).clip(-1, 1))


def hiss(seed: int, level: float = 1e-4) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, level, SECONDS * RATE)


def words(start_ms: int, end_ms: int) -> Heard:
    return Heard(tuple(HeardWord("好", at, at + 200, 0.9) for at in range(start_ms, end_ms, 200)))


def parted(agent: NDArray[np.float64], customer: NDArray[np.float64], said: Heard) -> Heard:
    channels = [agent.astype(np.float32), customer.astype(np.float32)]
    own, other = without_crosstalk([words(0, 4000), said], channels)
    assert own == words(0, 4000)  # who is louder leaks, and is not leaked to
    return other


@pytest.mark.parametrize("leak_db", [-15, -25, -40])
@pytest.mark.parametrize("delay_ms", [0, 20])
def test_what_leaks_is_set_apart(leak_db: float, delay_ms: int) -> None:
    agent = speech(1)
    leaked = np.roll(agent, delay_ms * 16) * 10 ** (leak_db / 20)
    other = parted(agent, leaked + hiss(2), words(0, 4000))
    assert (other.words, {word.quarantine for word in other.apart}, len(other.apart)) == (
        (),
        {Quarantine.CROSSTALK},
        20,
    )


@pytest.mark.parametrize("level_db", [0, -12, -25])
def test_soft_words_of_ones_own_are_kept_under_the_others_voice(level_db: float) -> None:
    other = parted(speech(1), speech(3) * 10 ** (level_db / 20) + hiss(2), words(0, 4000))
    assert len(other.words) >= 18


def test_words_where_the_other_is_silent_are_kept() -> None:
    customer = np.concatenate([np.zeros(2 * RATE), speech(3)[: 2 * RATE]])
    agent = np.concatenate([speech(1)[: 2 * RATE], np.zeros(2 * RATE)])
    channels = [(agent + hiss(4)).astype(np.float32), (customer + agent * 0.02 + hiss(5)).astype(np.float32)]
    _, other = without_crosstalk([Heard(()), words(0, 4000)], channels)
    assert min(word.start_ms for word in other.words) >= 1600  # a border is within half a second
    assert max(word.start_ms for word in other.apart) <= 2000
    assert len(other.words) + len(other.apart) == 20


@pytest.mark.parametrize("samples", [0, 100, SECONDS * RATE])
def test_silence_and_nothing_are_survived(samples: int) -> None:
    channels = [np.zeros(samples, np.float32)] * 2
    assert without_crosstalk([words(0, 400), words(3900, 4300)], channels) == [words(0, 400), words(3900, 4300)]
