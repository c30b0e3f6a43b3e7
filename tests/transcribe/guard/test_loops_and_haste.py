"""Loops and rushes, wherever they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribe import HeardWord
from pipeline.transcribe.guard.haste import rushed
from pipeline.transcribe.guard.repetition import LEAST_LETTERS, LEAST_TIMES, looping

UNITS = st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=9)


@given(st.text("子丑寅卯", max_size=9), UNITS, st.integers(1, 40), st.text("子丑寅卯", max_size=9))
def test_a_loop_is_found_where_it_stands_and_nowhere_else(before: str, unit: list[str], times: int, after: str) -> None:
    found = looping([*before, *unit * times, *after])
    place = set(range(len(before), len(before) + len(unit) * times))
    if times >= LEAST_TIMES and len(unit) * times >= LEAST_LETTERS:
        assert found == place
    assert found <= place


@given(st.text("甲乙", max_size=LEAST_LETTERS - 1))
def test_less_than_thirty_letters_are_never_a_loop(text: str) -> None:
    assert looping(text) == set()


@pytest.mark.parametrize(
    ("texts", "fast"),
    [
        (["好"] * 25, True),
        (["好"] * 24, False),
        (["2", *"0000"] * 12, False),
        (["8"] * 25, True),
        ([" hello"] * 25, True),
        ([" Internationalisation"] * 24, False),
        (["，"] * 60, False),
    ],
    ids=[
        "over the limit",
        "at the limit",
        "zeros take no time",
        "digits do",
        "so do words",
        "of any length",
        "signs do not",
    ],
)
def test_what_counts_is_what_takes_time_to_say(texts: list[str], fast: bool) -> None:
    words = [HeardWord(text, n * 30, n * 30 + 30, 0.9) for n, text in enumerate(texts)]
    assert rushed(words) == (set(range(len(words))) if fast else set())


@given(st.lists(st.integers(1000 // 12 + 1, 2000), max_size=80))
def test_no_pace_that_people_keep_is_a_rush(lengths_ms: list[int]) -> None:
    ends = [sum(lengths_ms[: n + 1]) for n in range(len(lengths_ms))]
    words = [HeardWord("好", end - length, end, 0.9) for end, length in zip(ends, lengths_ms, strict=True)]
    assert rushed(words) == set()
