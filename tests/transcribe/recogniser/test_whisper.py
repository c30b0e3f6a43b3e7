"""The shipped model on a recording of the fixtures, as a user runs it."""

from __future__ import annotations

import json
from itertools import pairwise

import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray
from rapidfuzz import fuzz

from pipeline.domain.call import Call
from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Role, Transcript
from pipeline.transcribe import Engine, EngineOptions, Segment, load_engine, transcribe_call
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.recogniser import whisper
from pipeline.transcribe.sound.audio import read_audio

from ..conftest import FIXTURES, RATE_HZ, tone

FIRST_S = 30


@pytest.fixture(scope="module")
def transcript(recorded: Call, engine: Engine) -> Transcript:
    return transcribe_call(recorded, engine)


@pytest.fixture(scope="module")
def opening(recorded: Call) -> list[NDArray[np.float32]]:
    assert recorded.audio_path is not None
    return [channel[: FIRST_S * RATE_HZ] for channel in read_audio(recorded.audio_path).channels]


@pytest.fixture(scope="module")
def segments(opening: list[NDArray[np.float32]], engine: Engine) -> list[list[Segment]]:
    return heard(engine, opening)


def heard(engine: Engine, channels: list[NDArray[np.float32]]) -> list[list[Segment]]:
    (result,) = engine.transcribe([channels])
    assert not isinstance(result, ModelError)
    return result


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize("role", [Role.AGENT, Role.CUSTOMER])
def test_most_of_what_each_side_says_is_recognised(role: Role, recorded: Call, transcript: Transcript) -> None:
    truth = json.loads((FIXTURES / "truth" / f"{recorded.call_id}.json").read_text(encoding="utf-8"))
    said = "".join(letters(turn["text"]) for turn in truth["turns"] if turn["role"] == role)
    heard = "".join(letters(turn.text) for turn in transcript.turns if turn.role == role)
    assert jiwer.cer(said, heard) < 0.4  # loose: 0.2 when written


def test_turns_lie_where_the_truth_has_them(recorded: Call, transcript: Transcript) -> None:
    truth = json.loads((FIXTURES / "truth" / f"{recorded.call_id}.json").read_text(encoding="utf-8"))["turns"]
    for turn in transcript.turns:
        if not turn.quarantined:
            assert turn.start_ms is not None
            assert turn.end_ms is not None
            same_side = [t for t in truth if t["role"] == turn.role]
            assert any(t["start_ms"] - 600 < turn.start_ms < t["end_ms"] for t in same_side)
            assert any(t["start_ms"] < turn.end_ms < t["end_ms"] + 600 for t in same_side)


def test_times_stay_inside_the_recording_and_their_segment(segments: list[list[Segment]]) -> None:
    for channel in segments:
        assert channel
        for segment in channel:
            edges = [ms for word in segment.words for ms in (word.start_ms, word.end_ms)]
            assert edges == sorted(edges)
            assert all(segment.start_ms <= ms <= segment.end_ms <= FIRST_S * 1000 for ms in edges)
            assert all(0 <= word.probability <= 1 for word in segment.words)
        starts = [segment.start_ms for segment in channel]
        assert starts == sorted(starts)


def test_the_silence_around_speech_is_no_words(segments: list[list[Segment]]) -> None:
    lengths = [[word.end_ms - word.start_ms for word in s.words] for channel in segments for s in channel]
    long_ones = [one for one in lengths if len(one) > 4]
    assert long_ones
    for one in long_ones:
        assert max(one[0], one[-1]) <= 1.5 * float(np.median(one[1:-1])) + 1


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([0, 600, 800, 1000, 1600], [(300, 600), (600, 800), (800, 1000), (1000, 1300)]),
        ([0, 200, 400, 600, 900], [(0, 200), (200, 400), (400, 600), (600, 900)]),
        ([0, 700, 900], [(400, 700), (700, 900)]),
        ([0, 400, 400], [(150, 400), (400, 400)]),
        ([0, 700], [(0, 700)]),
    ],
    ids=["silence at both ends", "none", "two words", "one without length", "a word alone"],
)
def test_only_what_is_beyond_a_usual_word_is_silence(edges: list[int], expected: list[tuple[int, int]]) -> None:
    words = [HeardWord("好", start, end, 0.9) for start, end in pairwise(edges)]
    assert [(word.start_ms, word.end_ms) for word in whisper._without_silence(words)] == expected


def test_a_second_run_and_another_number_of_threads_give_the_same(
    opening: list[NDArray[np.float32]], segments: list[list[Segment]]
) -> None:
    for threads in (1, 3):
        assert heard(load_engine(EngineOptions(threads=threads)), opening) == segments


def test_small_batches_keep_every_segment_in_place(
    opening: list[NDArray[np.float32]], segments: list[list[Segment]]
) -> None:
    small = heard(load_engine(EngineOptions(batch_size=1)), opening)
    spans = [[(s.start_ms, s.end_ms) for s in channel] for channel in segments]
    assert [[(s.start_ms, s.end_ms) for s in channel] for channel in small] == spans


def test_wide_windows_join_neighbours_up_to_their_limit(
    opening: list[NDArray[np.float32]], segments: list[list[Segment]]
) -> None:
    wide = heard(load_engine(EngineOptions(window_s=20)), opening)
    for joined, single in zip(wide, segments, strict=True):
        assert len(joined) < len(single)
        assert all(s.end_ms - s.start_ms <= 20_000 for s in joined)
        assert (joined[0].start_ms, joined[-1].end_ms) == (single[0].start_ms, single[-1].end_ms)


def test_the_demo_model_hears_the_same_in_windows_that_are_not_filled_up(
    opening: list[NDArray[np.float32]], segments: list[list[Segment]]
) -> None:
    filled = heard(load_engine(EngineOptions(pad_s=30)), opening)
    texts = [["".join(s.text for s in channel) for channel in one] for one in (filled, segments)]
    assert [(s.start_ms, s.end_ms) for c in filled for s in c] == [(s.start_ms, s.end_ms) for c in segments for s in c]
    assert all(fuzz.ratio(*pair) > 90 for pair in zip(*texts, strict=True))


@pytest.mark.parametrize("seconds", [0.01, 3, 70])
def test_silence_and_tones_have_no_words(seconds: float, engine: Engine) -> None:
    silence = np.zeros(round(seconds * RATE_HZ), np.float32)
    assert heard(engine, [silence, tone(seconds, 440)]) == [[], []]


def test_speech_without_a_pause_is_cut_into_windows_that_whisper_hears_whole(
    opening: list[NDArray[np.float32]], segments: list[list[Segment]], engine: Engine
) -> None:
    first = segments[0][0]
    sentence = opening[0][first.start_ms * 16 + 3200 : first.end_ms * 16 - 3200]
    (written,) = heard(engine, [np.tile(sentence, 1 + 40 * RATE_HZ // sentence.size)])
    assert len(written) > 1
    assert all(s.end_ms - s.start_ms < 30_000 for s in written)
