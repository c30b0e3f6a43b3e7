"""The shipped model through plain faster-whisper: what a Whisper model must do, and what a small one must not."""

from __future__ import annotations

import json
from typing import Any

import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from pipeline.assets import asset
from pipeline.domain.call import Call
from pipeline.text import normalise
from pipeline.transcribe.sound.audio import read_audio
from training.voice.channel import degrade
from training.voice.sounds import hold_music, noise, ring_tone

from ..conftest import FIXTURES

FOLDER = asset("models/asr-demo-zh")
WINDOW_S = 28
SOUNDLESS_S = 25
ERROR_AT_MOST = 0.12
"""Of the characters, on one good recording: room for another machine's arithmetic, not for a worse model."""


@pytest.fixture(scope="module")
def model() -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(FOLDER), device="cpu", compute_type="int8")


@pytest.fixture(scope="module")
def agent(recorded: Call) -> tuple[NDArray[np.float32], str]:
    """The agent's channel up to the end of a turn within one window, and what is said in it."""
    assert recorded.audio_path is not None
    truth = json.loads((FIXTURES / "truth" / f"{recorded.call_id}.json").read_text(encoding="utf-8"))
    turns = [turn for turn in truth["turns"] if turn["role"] == "agent" and turn["end_ms"] < WINDOW_S * 1000]
    end = (turns[-1]["end_ms"] + 300) * 16
    channel = read_audio(recorded.audio_path).channels[recorded.agent_channel or 0]
    return channel[:end], "".join(turn["text"] for turn in turns)


def error(truth: str, segments: Any) -> float:
    written = "".join(segment.text for segment in segments)
    return float(jiwer.cer(normalise(truth).text, normalise(written).text))


def test_it_fits_into_a_clone() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 16_000_000


def test_it_speaks_chinese_and_takes_windows_of_thirty_seconds(model: Any) -> None:
    assert model.model.is_multilingual
    assert model.feature_extractor.nb_max_frames == 3000
    assert model.detect_language(np.zeros(16_000, np.float32))[0] == "zh"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"beam_size": 1},
        {"word_timestamps": True},
    ],
    ids=str,
)
def test_a_whole_window_is_understood_with_every_option(
    model: Any, agent: tuple[NDArray[np.float32], str], options: dict[str, Any]
) -> None:
    audio, truth = agent
    segments, _ = model.transcribe(audio, language="zh", without_timestamps=True, **options)
    assert error(truth, segments) <= ERROR_AT_MOST


def test_the_batched_pipeline_understands_it_too(model: Any, agent: tuple[NDArray[np.float32], str]) -> None:
    from faster_whisper import BatchedInferencePipeline

    audio, truth = agent
    segments, _ = BatchedInferencePipeline(model).transcribe(audio, language="zh", word_timestamps=True)
    assert error(truth, segments) <= ERROR_AT_MOST


@pytest.fixture(scope="module")
def turn(recorded: Call) -> tuple[NDArray[np.float32], str]:
    """The agent's first turn."""
    assert recorded.audio_path is not None
    truth = json.loads((FIXTURES / "truth" / f"{recorded.call_id}.json").read_text(encoding="utf-8"))
    first = next(turn for turn in truth["turns"] if turn["role"] == "agent")
    channel = read_audio(recorded.audio_path).channels[recorded.agent_channel or 0]
    return channel[: (first["end_ms"] + 300) * 16], first["text"]


@pytest.mark.parametrize(
    "options", [{}, {"initial_prompt": "以下是客服与客户的通话"}, {"hotwords": "客服 物流"}], ids=str
)
def test_a_turn_is_understood_with_timestamps_and_prompts(
    model: Any, turn: tuple[NDArray[np.float32], str], options: dict[str, Any]
) -> None:
    audio, truth = turn
    segments, _ = model.transcribe(audio, language="zh", **options)
    assert error(truth, segments) <= ERROR_AT_MOST


def test_with_timestamps_several_lines_are_understood(model: Any, agent: tuple[NDArray[np.float32], str]) -> None:
    audio, truth = agent
    segments, _ = model.transcribe(audio, language="zh", condition_on_previous_text=False)
    assert error(truth, segments) <= ERROR_AT_MOST


SOUNDS = {
    "silence": np.zeros(SOUNDLESS_S * 8_000),
    "noise": noise(SOUNDLESS_S, 3).astype(np.float64),
    "hold music": hold_music(SOUNDLESS_S, 4).astype(np.float64),
    "ring tone": ring_tone(SOUNDLESS_S).astype(np.float64),
}


@pytest.mark.parametrize("name", SOUNDS)
@pytest.mark.parametrize("without_timestamps", [True, False])
def test_where_nobody_speaks_nothing_is_written(model: Any, name: str, without_timestamps: bool) -> None:
    audio = np.repeat(degrade(SOUNDS[name][None], "good", 1)[0], 2).astype(np.float32)
    segments, _ = model.transcribe(audio, language="zh", without_timestamps=without_timestamps)
    assert "".join(segment.text for segment in segments).strip() == ""


def test_digits_are_written_as_digits(model: Any) -> None:
    from training.voice import Voice, require_espeak, speak

    try:
        require_espeak()
    except Exception:
        pytest.skip("espeak-ng is not installed")
    speech = speak("您的订单号是#20261122\uff0c金额326元\uff0c3月15号下午2点半送到", Voice("f2", 165, 50))
    audio = np.pad(resample_poly(speech.samples, 2, 1), 8_000).astype(np.float32)
    written = "".join(segment.text for segment in model.transcribe(audio, language="zh")[0])
    assert not set(written) & set("零一二三四五六七八九十百")
    assert jiwer.cer("您的订单号是20261122金额326元3月15号下午2点半送到", written) <= 2 * ERROR_AT_MOST
