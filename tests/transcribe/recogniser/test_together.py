"""Windows of several recordings share batches, and every recording gets back its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.engine import HeardWord, Samples, Segment
from pipeline.transcribe.recogniser.together import Plan, recognise_together
from pipeline.transcribe.recogniser.windows import Window

LONGEST = 9
BROKEN = ModelError(Problem(code=ProblemCode.MODEL_UNAVAILABLE, what="坏了", remedy="换一个"))

channels = st.lists(st.integers(1, 99), max_size=6).map(lambda values: np.array(values, np.float32))
recordings = st.lists(st.lists(channels, min_size=1, max_size=2), max_size=6)


def cut(samples: Samples) -> Iterator[Window]:
    """A window for each number: as long as its last digit says."""
    values = samples[:]
    for at, value in enumerate(values):
        yield Window(np.full(1 + int(value) % LONGEST, value, np.float32), at, ())


class Hearer:
    """Writes each window's number; what it was given at once is kept."""

    def __init__(self, broken: float | None = None) -> None:
        self.batches: list[list[int]] = []
        self.broken = broken

    def __call__(self, windows: Sequence[Window]) -> list[Segment | ModelError]:
        self.batches.append([len(window.audio) for window in windows])
        return [BROKEN if w.audio[0] == self.broken else self._segment(w) for w in windows]

    @staticmethod
    def _segment(window: Window) -> Segment:
        return Segment(
            start_ms=window.start,
            end_ms=window.start + 1,
            words=(HeardWord(str(int(window.audio[0])), window.start, window.start + 1, 1.0),),
            mean_log_probability=0.0,
            no_speech_probability=0.0,
            compression_ratio=1.0,
        )


def plan(*, batch_size: int = 3, workers: int = 1, round_samples: int = 12) -> Plan:
    return Plan(batch_size, workers, round_samples, lambda window: -(-len(window.audio) // 3))


@given(recordings, st.integers(1, 4), st.integers(1, 2), st.integers(1, 60))
def test_every_recording_gets_back_all_its_windows_in_order(
    given_: list[list[NDArray[np.float32]]], batch_size: int, workers: int, round_samples: int
) -> None:
    hearer = Hearer()
    how = plan(batch_size=batch_size, workers=workers, round_samples=round_samples)
    results = list(recognise_together(given_, cut, hearer, how))
    texts = [[[s.text for s in channel] for channel in result] for result in results if isinstance(result, list)]
    assert texts == [[[str(int(value)) for value in channel] for channel in recording] for recording in given_]
    assert all(0 < len(batch) <= batch_size for batch in hearer.batches)
    assert all(len({-(-length // 3) for length in batch}) == 1 for batch in hearer.batches)


def test_batches_are_filled_across_channels_and_recordings() -> None:
    hearer = Hearer()
    one = np.array([1], np.float32)
    list(recognise_together([[one, one]] * 5, cut, hearer, plan(batch_size=4, round_samples=8)))
    assert [len(batch) for batch in hearer.batches] == [4, 4, 2]


def test_which_windows_share_a_batch_is_the_same_every_time() -> None:
    draw = np.random.default_rng(3)
    given_ = [[draw.integers(1, 99, 20).astype(np.float32)] for _ in range(10)]
    hearers = [Hearer(), Hearer()]
    for hearer in hearers:
        list(recognise_together(given_, cut, hearer, plan()))
    assert hearers[0].batches == hearers[1].batches


def test_a_window_that_breaks_the_recogniser_costs_its_own_recording_only() -> None:
    given_ = [[np.array([n, 7], np.float32)] for n in (11, 12, 13)]
    results = list(recognise_together(given_, cut, Hearer(broken=12), plan()))
    assert [isinstance(result, ModelError) for result in results] == [False, True, False]


def test_recordings_are_taken_only_a_little_ahead() -> None:
    taken: list[int] = []

    def endless() -> Iterator[list[NDArray[np.float32]]]:
        while True:
            taken.append(len(taken))
            yield [np.array([8], np.float32)]

    results = recognise_together(endless(), cut, Hearer(), plan(round_samples=18))
    for _ in range(5):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 15


def test_what_goes_wrong_while_recordings_are_taken_is_raised() -> None:
    def failing() -> Iterator[list[NDArray[np.float32]]]:
        yield [np.array([8], np.float32)]
        raise OSError("the drive is away")

    with pytest.raises(OSError, match="away"):
        list(recognise_together(failing(), cut, Hearer(), plan()))
