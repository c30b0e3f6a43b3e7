"""Words that last as long as they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.domain.transcript import Quarantine, Role
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.sound.levels import FRAME_MS
from pipeline.transcribe.turns import Heard, Voice
from pipeline.transcribe.voices.edges import MOST_MORE_MS, with_edges

Levels = NDArray[np.float64]

NOISE_DB, SPEECH_DB = -60.0, -25.0
LENGTH_MS = 20_000


def level(*spoken: tuple[int, int], noise_db: float = NOISE_DB, speech_db: float = SPEECH_DB) -> Levels:
    """A channel on which somebody is heard during the spans."""
    levels = np.full(LENGTH_MS // FRAME_MS, noise_db)
    for start_ms, end_ms in spoken:
        levels[start_ms // FRAME_MS : end_ms // FRAME_MS] = speech_db
    return levels


def words(*spans: tuple[int, int]) -> list[HeardWord]:
    return [HeardWord("好", start_ms, end_ms, 0.9) for start_ms, end_ms in spans]


def edged(spans: Sequence[tuple[int, int]], *levels: Levels) -> list[tuple[int, int]]:
    """The words of a voice on channel 0."""
    (voice,) = with_edges([Voice(Role.AGENT, Heard(tuple(words(*spans))), channel=0)], levels)
    return [(word.start_ms, word.end_ms) for word in voice.heard.words]


@pytest.mark.parametrize(
    ("heard", "given_as", "expected"),
    [
        pytest.param((5000, 6000), [(4760, 5400), (5400, 6300)], [(5000, 5400), (5400, 6000)], id="quiet at both ends"),
        pytest.param((5000, 6000), [(5100, 5400), (5400, 5900)], [(5000, 5400), (5400, 6000)], id="cut short"),
        pytest.param((5000, 7000), [(5000, 5400), (5400, 6200)], [(5000, 5400), (5400, 7000)], id="a lost last word"),
        pytest.param((5000, 7010), [(5000, 5400), (5400, 6200)], [(5000, 5400), (5400, 6200)], id="goes on too long"),
    ],
)
def test_next_to_a_pause_a_word_begins_and_ends_with_its_sound(
    heard: tuple[int, int], given_as: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    assert edged(given_as, level(heard)) == expected
    assert MOST_MORE_MS == 800


def test_the_quiet_of_a_stop_consonant_stays_within_a_word() -> None:
    levels = level((5000, 5200), (5300, 5600))
    assert edged([(5000, 5300), (5300, 5600)], levels) == [(5000, 5300), (5300, 5600)]
    assert edged([(5000, 5220), (5220, 5600)], levels) == [(5000, 5220), (5220, 5600)]


def test_a_word_over_a_pause_keeps_its_longest_sound() -> None:
    assert edged([(5000, 8000)], level((5000, 5100), (7000, 8000))) == [(7000, 8000)]


def test_words_between_which_the_voice_goes_on_meet() -> None:
    assert edged([(5000, 5300), (5700, 6000)], level((5000, 6000))) == [(5000, 5700), (5700, 6000)]


def test_the_other_voice_is_no_sound_of_this_channel() -> None:
    own, other = level((5000, 6000)), level((6000, 7000))
    own[600:700] = SPEECH_DB - 15
    assert edged([(5000, 6400)], own, other) == [(5000, 6000)]


def test_a_word_in_which_only_the_other_is_heard_is_set_apart() -> None:
    own, other = level((5000, 6000)), level((8000, 9000))
    own[800:900] = SPEECH_DB - 15
    heard = Heard(tuple(words((5000, 6000), (8200, 8600))))
    (voice,) = with_edges([Voice(Role.AGENT, heard, channel=0)], [own, other])
    assert [(w.start_ms, w.quarantine) for w in voice.heard.apart] == [(8200, Quarantine.CROSSTALK)]
    assert [w.start_ms for w in voice.heard.words] == [5000]


def test_both_who_talk_at_once_are_heard() -> None:
    both = [level((5000, 8000)), level((6000, 9000), speech_db=SPEECH_DB - 5)]
    voices = [Voice(Role.AGENT, Heard(tuple(words((5000, 8000)))), channel=0)]
    voices.append(Voice(Role.CUSTOMER, Heard(tuple(words((5760, 9200)))), channel=1))
    spans = [(v.heard.words[0].start_ms, v.heard.words[0].end_ms) for v in with_edges(voices, both)]
    assert spans == [(5000, 8000), (6000, 9000)]


def test_one_who_is_softer_all_the_time_is_heard_under_a_louder_one() -> None:
    soft = level((5000, 6000), (8000, 9000), speech_db=SPEECH_DB - 20)
    heard = Heard(tuple(words((5000, 6000), (7760, 9000))))
    (voice,) = with_edges([Voice(Role.AGENT, heard, channel=0)], [soft, level((2000, 18_000))])
    assert [(w.start_ms, w.end_ms) for w in voice.heard.words] == [(5000, 6000), (8000, 9000)]
    assert voice.heard.apart == ()


def test_hold_music_is_not_taken_for_the_noise_of_the_line() -> None:
    levels = level((2000, 3000))
    levels[1200:1800] = SPEECH_DB
    assert edged([(1760, 2500), (2500, 3300)], levels) == [(2000, 2500), (2500, 3000)]


def test_a_voice_without_a_channel_and_what_is_set_apart_stay() -> None:
    apart = tuple(replace(word, quarantine=Quarantine.UNSURE) for word in words((1000, 2000)))
    system = Voice(Role.SYSTEM, Heard(tuple(words((1000, 3000)))))
    voices = [system, Voice(Role.AGENT, Heard((), apart), channel=0)]
    assert with_edges(voices, [level((1500, 2500))]) == tuple(voices)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 150)), max_size=8),
    st.lists(st.tuples(st.integers(0, 1900), st.integers(1, 300)), max_size=6),
)
def test_words_stay_in_order_and_never_last_less_than_no_time(
    steps: list[tuple[int, int]], sounds: list[tuple[int, int]]
) -> None:
    spans: list[tuple[int, int]] = []
    for gap, length in steps:
        start_ms = (spans[-1][1] if spans else 0) + gap * 10
        spans.append((start_ms, start_ms + length * 10))
    found = edged(spans, level(*((at * 10, (at + length) * 10) for at, length in sounds)))
    assert len(found) == len(spans)
    assert all(start_ms <= end_ms for start_ms, end_ms in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
