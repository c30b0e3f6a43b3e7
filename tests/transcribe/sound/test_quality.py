"""How a line was: checked against sounds whose levels and clipping are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.transcript import LineSound, Quarantine, Role, SoundKind, Turn, Word
from pipeline.transcribe.sound.levels import SILENT_DBFS, levels_dbfs
from pipeline.transcribe.sound.quality import line_quality

RATE_HZ = 16_000
SIDES = {Role.AGENT: 0, Role.CUSTOMER: 1}


def hiss(seconds: float, dbfs: float, seed: int = 0) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))
    return np.asarray(noise * 10 ** (dbfs / 20), np.float32)


def said(role: Role, start_ms: int, end_ms: int, quarantine: Quarantine | None = None) -> Turn:
    word = Word("说", start_ms, end_ms, 0.9, 0, 1)
    return Turn(0, role, "说", start_ms, end_ms, (word,), quarantine)


def syllables(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    """Noise that swells and sinks, so that few samples reach the highest."""
    envelope = np.abs(np.sin(np.arange(round(seconds * RATE_HZ)) / RATE_HZ * 9)) ** 2
    return np.asarray(hiss(seconds, -20, seed) * envelope, np.float32)


def test_levels_of_speech_and_noise_are_those_of_the_sound() -> None:
    audio = hiss(10, -50)
    audio[2 * RATE_HZ : 5 * RATE_HZ] = hiss(3, -20, 2)
    (line,) = line_quality([said(Role.AGENT, 2000, 5000)], [audio], [levels_dbfs(audio)], (), {Role.AGENT: 0})
    assert (line.channel, line.role) == (0, Role.AGENT)
    assert line.speech_dbfs == pytest.approx(-20, abs=0.3)
    assert line.noise_dbfs == pytest.approx(-50, abs=0.3)
    assert line.snr_db == pytest.approx(30, abs=0.5)


def test_noise_is_what_is_left_where_nobody_on_any_channel_speaks_and_nothing_sounds() -> None:
    own, other = hiss(10, -50), hiss(10, -60, 3)
    own[: 4 * RATE_HZ] = hiss(4, -30, 4)
    own[6 * RATE_HZ : 9 * RATE_HZ] = hiss(3, -25, 5)
    turns = [said(Role.CUSTOMER, 300, 4000)]
    music = [LineSound(SoundKind.MUSIC, 6000, 9000)]
    lines = line_quality(turns, [own, other], [levels_dbfs(own), levels_dbfs(other)], music, SIDES)
    assert lines[0].noise_dbfs == pytest.approx(-50, abs=0.3)
    assert [line.role for line in lines] == [Role.AGENT, Role.CUSTOMER]
    assert lines[0].speech_dbfs is None
    assert lines[1].speech_dbfs == pytest.approx(-60, abs=0.3)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_the_clipped_share_grows_with_what_is_cut_off(share: float) -> None:
    clean = syllables(20)
    ceiling = np.quantile(np.abs(clean), 1 - share)
    found = []
    for audio in (clean, np.clip(clean, -ceiling, ceiling)):
        (line,) = line_quality([said(Role.AGENT, 0, 20_000)], [audio], [levels_dbfs(audio)], (), {Role.AGENT: 0})
        found.append(line.clipped_share)
    assert found[0] is not None
    assert found[1] is not None
    assert found[0] < 0.001
    assert share <= found[1] <= 2 * share


def test_what_is_too_short_or_silent_has_no_figure() -> None:
    audio = np.zeros(10 * RATE_HZ, np.float32)
    levels = levels_dbfs(audio)
    assert set(levels) == {SILENT_DBFS}
    (short,) = line_quality([said(Role.AGENT, 0, 990)], [audio], [levels], (), {Role.AGENT: 0})
    assert (short.speech_dbfs, short.clipped_share, short.noise_dbfs) == (None, None, SILENT_DBFS)
    (silent,) = line_quality([said(Role.AGENT, 0, 9500)], [audio], [levels], (), {Role.AGENT: 0})
    assert (silent.clipped_share, silent.noise_dbfs, silent.snr_db) == (None, None, None)
    (empty,) = line_quality([], [audio[:0]], [levels[:0]], (), {})
    assert (empty.role, empty.speech_dbfs, empty.noise_dbfs) == (None, None, None)


def test_who_shares_a_channel_has_no_role_there_and_a_leak_is_no_speech() -> None:
    audio = hiss(10, -50)
    shared = {Role.AGENT: 0, Role.CUSTOMER: 0}
    (line,) = line_quality([said(Role.AGENT, 0, 5000)], [audio], [levels_dbfs(audio)], (), shared)
    assert line.role is None
    assert line.speech_dbfs == pytest.approx(-50, abs=0.3)
    leak = said(Role.CUSTOMER, 0, 5000, Quarantine.CROSSTALK)
    lines = line_quality([leak], [audio, audio], [levels_dbfs(audio)] * 2, (), SIDES)
    assert [one.speech_dbfs for one in lines] == [None, None]
