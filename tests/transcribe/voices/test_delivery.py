from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.domain.transcript import Quarantine, Role, Turn, Word
from pipeline.transcribe.engine import SAMPLE_RATE_HZ
from pipeline.transcribe.voices.delivery import with_delivery


def voice(pitch_hz: float, length_ms: int, loud: float = 0.1) -> NDArray[np.float32]:
    """A buzz with the harmonics of a voice, falling by 6 dB an octave, over a little noise."""
    time_s = np.arange(length_ms * SAMPLE_RATE_HZ // 1000) / SAMPLE_RATE_HZ
    numbers = np.arange(1, int(3_400 / pitch_hz) + 1)
    buzz = (np.sin(2 * np.pi * pitch_hz * numbers[:, None] * time_s) / numbers[:, None]).sum(0)
    noise = np.random.default_rng(0).standard_normal(len(time_s)) * 0.01
    return np.asarray(loud * (buzz + noise), dtype=np.float32)


def turn(*spans: tuple[int, int], role: Role = Role.AGENT, quarantine: Quarantine | None = None) -> Turn:
    words = tuple(Word("好", start, end, 1.0, i, i + 1) for i, (start, end) in enumerate(spans))
    return Turn(0, role, "好" * len(words), spans[0][0], spans[-1][1], words, quarantine)


@given(st.floats(min_value=85, max_value=380))
def test_the_pitch_of_a_voice_is_told_to_three_per_cent_and_never_an_octave_off(pitch_hz: float) -> None:
    (measured,) = with_delivery([turn((0, 900))], [voice(pitch_hz, 1000)], {Role.AGENT: 0})
    assert measured.pitch_hz == pytest.approx(pitch_hz, rel=0.03)


def test_a_level_is_in_decibels_and_only_of_where_words_are() -> None:
    audio = np.concatenate([voice(150, 1000), voice(150, 1000, loud=0.2), np.zeros(SAMPLE_RATE_HZ, np.float32)])
    soft, loud = with_delivery([turn((0, 950)), turn((1050, 1950))], [audio], {Role.AGENT: 0})
    with_a_pause = with_delivery([turn((0, 950), (2500, 2501))], [audio], {Role.AGENT: 0})[0]
    assert loud.level_dbfs is not None
    assert soft.level_dbfs is not None
    assert loud.level_dbfs - soft.level_dbfs == pytest.approx(6.02, abs=0.2)
    assert with_a_pause.level_dbfs == pytest.approx(soft.level_dbfs, abs=0.1)


def test_each_role_is_measured_on_its_own_channel() -> None:
    turns = [turn((0, 900)), turn((0, 900), role=Role.CUSTOMER)]
    channels = [voice(220, 1000), voice(110, 1000)]
    agent, customer = with_delivery(turns, channels, {Role.AGENT: 1, Role.CUSTOMER: 0})
    assert agent.pitch_hz == pytest.approx(110, rel=0.03)
    assert customer.pitch_hz == pytest.approx(220, rel=0.03)


UNMEASURED = [
    (turn((0, 200)), voice(150, 1000), "too short"),
    (turn((0, 900), quarantine=Quarantine.NO_VOICE), voice(150, 1000), "set apart"),
    (turn((0, 900), role=Role.OTHER), voice(150, 1000), "on no channel"),
    (turn((0, 900)), np.zeros(16_000, np.float32), "silent"),
    (turn((2000, 2900)), voice(150, 1000), "behind the end of the recording"),
]


@pytest.mark.parametrize(("said", "audio", "why"), UNMEASURED, ids=[u[2] for u in UNMEASURED])
def test_what_cannot_be_measured_stays_without_figures(said: Turn, audio: NDArray[np.float32], why: str) -> None:
    assert with_delivery([said], [audio], {Role.AGENT: 0}) == (said,), why


def test_noise_has_a_level_and_no_pitch() -> None:
    noise = (np.random.default_rng(1).standard_normal(16_000) * 0.05).astype(np.float32)
    (measured,) = with_delivery([turn((0, 900))], [noise], {Role.AGENT: 0})
    assert measured.level_dbfs == pytest.approx(-26, abs=0.5)
    assert measured.pitch_hz is None
