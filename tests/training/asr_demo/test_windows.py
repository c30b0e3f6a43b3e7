"""Windows of speech with known truth, and their shards."""

from __future__ import annotations

import ctypes.util
import random
from pathlib import Path

import numpy as np
import pytest

from training.asr_demo.shards import log_mel, make_shard, read_shard
from training.asr_demo.windows import LONGEST_S, make_window
from training.voice import VARIANTS_SEEN

pytestmark = pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="espeak-ng is not installed")


def draw(generator: random.Random) -> str:
    return generator.choice(["您好\uff0c请问有什么可以帮您", "拨打#12315", "好的", "一共2026.5元\uff0c用APP付"])


def test_every_character_sounds_inside_the_window_and_in_order() -> None:
    generator = random.Random(4)
    for _ in range(20):
        window = make_window(draw, VARIANTS_SEEN, generator)
        assert len(window.audio) <= (LONGEST_S + 0.01) * 16_000
        assert np.abs(window.audio).max() <= 1.2
        edges = [ms for said in window.said for _, start, end in said.characters for ms in (start, end)]
        assert edges == sorted(edges)
        assert all(0 <= ms <= len(window.audio) / 16 for ms in edges)


def test_a_window_can_be_asked_for_a_number_of_lines() -> None:
    generator = random.Random(5)
    assert [len(make_window(draw, VARIANTS_SEEN, generator, lines=n).said) for n in (1, 2, 3)] == [1, 2, 3]


def test_what_is_written_has_neither_punctuation_nor_reading_marks() -> None:
    texts = {said.text for s in range(12) for said in make_window(draw, ["f2"], random.Random(s), lines=1).said}
    assert texts <= {"您好请问有什么可以帮您", "拨打12315", "好的", "一共2026.5元用APP付"}


def test_some_windows_hold_no_speech() -> None:
    generator = random.Random(6)
    windows = [make_window(draw, ["f2"], generator) for _ in range(120)]
    assert 0 < sum(not window.said for window in windows) < 20


def test_a_text_that_cannot_be_read_is_replaced_by_another_but_not_for_ever() -> None:
    with pytest.raises(ValueError, match="cannot be read aloud"):
        make_window(lambda _: "€", ["f2"], random.Random(7), lines=1)


def test_a_shard_comes_back_as_it_was_written(tmp_path: Path) -> None:
    make_shard(tmp_path / "shard.npz", 8, draw, VARIANTS_SEEN, windows=3, lines=1)
    examples = read_shard(tmp_path / "shard.npz")
    assert len(examples) == 3
    assert all(example.frames.shape[1] == 80 and example.frames.dtype == np.float16 for example in examples)
    assert all(example.said[0].text and example.said[0].sounds for example in examples)
    assert [path.name for path in tmp_path.iterdir()] == ["shard.npz"]


def test_a_shard_is_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", frames=np.array([{"a": 1}], dtype=object), lengths=np.array([1]), said=np.zeros(1))
    with pytest.raises(ValueError, match="pickle"):
        read_shard(tmp_path / "bad.npz")


def test_frames_are_a_hundred_a_second() -> None:
    assert log_mel(np.zeros(16_000, np.float32)).shape == (100, 80)


def test_spacious_windows_hold_longer_pauses_and_more_silence() -> None:
    generator = random.Random(11)
    windows = [make_window(draw, ["f2"], generator, spacious=True) for _ in range(40)]
    pauses = [
        later.characters[0][1] - earlier.characters[-1][2]
        for window in windows
        for earlier, later in zip(window.said, window.said[1:], strict=False)
    ]
    assert max(pauses) > 4_000
    assert min(pauses) < 1_000
    assert sum(not window.said for window in windows) >= 2
