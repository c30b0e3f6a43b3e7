"""Where somebody speaks, and the windows cut from it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.domain.call import Call
from pipeline.transcribe.recogniser import windows
from pipeline.transcribe.recogniser.windows import cut_windows, filled_s, find_speech
from pipeline.transcribe.sound.audio import read_audio

from ..conftest import RATE_HZ


@pytest.fixture(scope="module")
def talk(recorded: Call) -> NDArray[np.float32]:
    """A minute of one side of a call."""
    assert recorded.audio_path is not None
    return read_audio(recorded.audio_path).channels[0][: 60 * RATE_HZ]


@pytest.mark.parametrize("block_s", [29.3, 33.1, 40])
def test_speech_is_found_the_same_block_by_block(
    talk: NDArray[np.float32], block_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(find_speech(talk))
    assert len(whole) > 4
    monkeypatch.setattr(windows, "_BLOCK", round(block_s * RATE_HZ))
    parts = list(find_speech(talk))
    assert all(before.end <= after.start for before, after in pairwise(parts))
    covered, in_parts = (np.zeros(len(talk), bool) for _ in range(2))
    for stretches, into in ((whole, covered), (parts, in_parts)):
        for stretch in stretches:
            into[stretch.start : stretch.end] = True
    assert (covered != in_parts).mean() < 0.02  # the detector hears a block's first moments afresh


def test_speech_without_end_is_cut_and_the_blocks_go_on(
    talk: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = next(find_speech(talk))
    sentence = talk[first.start + 3200 : first.end - 3200]
    endless = np.tile(sentence, 1 + 100 * RATE_HZ // len(sentence))
    monkeypatch.setattr(windows, "_BLOCK", 40 * RATE_HZ)
    found = list(find_speech(endless))
    assert all(stretch.end - stretch.start <= 28 * RATE_HZ for stretch in found)
    assert sum(stretch.end - stretch.start for stretch in found) > 0.9 * len(endless)
    assert found[-1].end == len(endless)


@pytest.mark.parametrize("longest_s", [0, 5, 28])
def test_windows_hold_their_speech_and_are_no_longer_than_asked(talk: NDArray[np.float32], longest_s: int) -> None:
    cut = list(cut_windows(talk, longest_s))
    assert [stretch for window in cut for stretch in window.speech] == list(find_speech(talk))
    for window in cut:
        assert (window.start, window.end) == (window.speech[0].start, window.speech[-1].end)
        assert np.array_equal(window.audio, talk[window.start : window.end])
        assert len(window.speech) == 1 or len(window.audio) <= longest_s * RATE_HZ
    if longest_s == 0:
        assert all(len(window.speech) == 1 for window in cut)


@given(st.integers(0, 30 * RATE_HZ), st.integers(10, 30))
def test_a_window_is_filled_to_no_less_than_asked_and_no_more_than_whisper_hears(samples: int, pad_s: int) -> None:
    seconds = filled_s(samples, pad_s)
    assert pad_s <= seconds <= 30
    assert seconds >= samples // RATE_HZ
    assert filled_s(max(0, samples - 1), pad_s) <= seconds
