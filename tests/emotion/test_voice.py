"""The voice's vote: what raises it, what leaves it unsaid, and what it finds in the recordings of the fixtures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.assets import asset
from pipeline.domain.call import Channel
from pipeline.domain.emotion import RAISED_FROM, VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn, Word
from pipeline.emotion.voice import RAISED_SHARE, raised_probability, voice_votes
from pipeline.intake import read
from pipeline.signals import measure
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.voices.delivery import with_delivery

MEASURES = {"loudness_db": (-40.0, 40.0), "pitch_semitones": (-24.0, 24.0), "rate_ratio": (0.05, 20.0)}
MEASURED = st.fixed_dictionaries({name: st.none() | st.floats(*span) for name, span in MEASURES.items()})


def turns(*roles: Role, **changes: Any) -> tuple[Turn, ...]:
    return tuple(Turn(n, role, "你好", n * 1000, n * 1000 + 900, **changes) for n, role in enumerate(roles))


CUSTOMERS = turns(*[Role.CUSTOMER] * 5)


def raised_in(votes: Sequence[VoiceVote | None]) -> list[float]:
    return [vote.raised for vote in votes if vote is not None]


@given(MEASURED, st.sampled_from(sorted(MEASURES)), st.data())
def test_louder_higher_or_faster_is_never_less_raised(
    measured: dict[str, float | None], name: str, data: st.DataObject
) -> None:
    less, more = sorted(data.draw(st.tuples(st.floats(*MEASURES[name]), st.floats(*MEASURES[name]))))
    assert raised_probability(**{**measured, name: less}) <= raised_probability(**{**measured, name: more})


@given(MEASURED)
def test_no_voice_is_certain(measured: dict[str, float | None]) -> None:
    assert 0 < raised_probability(**measured) < 1


def test_a_measure_that_is_missing_says_nothing() -> None:
    assert raised_probability() == pytest.approx(RAISED_SHARE)
    alone = raised_probability(loudness_db=8.0)
    assert raised_probability(loudness_db=8.0, pitch_semitones=0.0) < alone
    assert alone < raised_probability(loudness_db=8.0, pitch_semitones=3.0)


@pytest.mark.parametrize(
    ("measured", "raised"),
    [
        ({"loudness_db": 0.0, "pitch_semitones": 0.0, "rate_ratio": 1.0}, (0.0, 0.05)),
        ({"loudness_db": 3.0, "pitch_semitones": 0.0}, (0.05, 0.5)),
        ({"loudness_db": 7.0, "pitch_semitones": 0.0}, (RAISED_FROM, 1.0)),
        ({"loudness_db": 5.0, "pitch_semitones": 2.0}, (RAISED_FROM, 1.0)),
        ({"loudness_db": 7.0}, (RAISED_FROM, 1.0)),
        ({"pitch_semitones": 8.0}, (RAISED_FROM, 1.0)),
        ({"rate_ratio": 1.5}, (RAISED_SHARE, 0.5)),
        ({"loudness_db": 60.0, "pitch_semitones": -10.0}, (0.0, RAISED_FROM)),
    ],
    ids=str,
)
def test_what_counts_as_raised(measured: dict[str, float], raised: tuple[float, float]) -> None:
    assert raised[0] < raised_probability(**measured) < raised[1]


def test_a_turn_is_voted_on_where_loudness_or_pitch_was_measured() -> None:
    signals = Signals(loudness_db=(None, 7.0, None, 0.0, None), pitch_semitones=(None, None, 8.0, 0.0, None))
    votes = voice_votes(CUSTOMERS, signals)
    assert [vote is not None for vote in votes] == [False, True, True, True, False]
    assert votes[1] == VoiceVote(raised_probability(loudness_db=7.0), loudness_db=7.0)
    assert votes[2] == VoiceVote(raised_probability(pitch_semitones=8.0), pitch_semitones=8.0)


def test_a_rate_alone_is_no_voice() -> None:
    assert voice_votes(CUSTOMERS, Signals(rates_cpm=(200.0, 200.0, 200.0, 200.0, 400.0))) == (None,) * 5
    assert voice_votes(CUSTOMERS, Signals()) == (None,) * 5
    assert voice_votes((), Signals()) == ()


def test_the_rate_is_against_the_speakers_own() -> None:
    flat = (0.0,) * 9
    roles = [Role.CUSTOMER] * 5 + [Role.AGENT] * 4
    rates = (200.0, 200.0, None, 200.0, 300.0, 150.0, 150.0, 150.0, 300.0)
    votes = voice_votes(turns(*roles), Signals(loudness_db=flat, rates_cpm=rates))
    assert [vote and vote.rate_ratio for vote in votes] == [1, 1, None, 1, 1.5, 1, 1, 1, 2]
    few = voice_votes(turns(*roles[:3]), Signals(loudness_db=flat[:3], rates_cpm=rates[:3]))
    assert [vote and vote.rate_ratio for vote in few] == [None] * 3


def test_who_is_loud_in_most_turns_is_still_measured_against_the_softer_ones() -> None:
    votes = voice_votes(CUSTOMERS, Signals(loudness_db=(0.5, 0.0, 2.0, -6.0, -5.0), pitch_semitones=(0.0,) * 5))
    assert [round(vote.loudness_db or 0, 2) for vote in votes if vote is not None] == [4.16, 3.66, 5.66, -2.34, -1.34]
    assert min(raised_in(votes)[:3]) > RAISED_SHARE > max(raised_in(votes)[3:])


def test_what_leaks_in_from_the_other_side_does_not_make_a_usual_voice_loud() -> None:
    louder = (0.5, 0.0, 1.0, -1.0, -15.0, -16.0, -15.5)
    higher = (0.0, 0.5, -0.5, 0.0, None, None, None)
    signals = Signals(loudness_db=louder, pitch_semitones=higher)
    assert max(raised_in(voice_votes(turns(*[Role.CUSTOMER] * 7), signals))) < RAISED_SHARE


def test_who_is_loud_once_is_measured_against_the_median() -> None:
    louder = (-1.0, 0.0, -0.5, 8.0, 0.5)
    votes = voice_votes(CUSTOMERS, Signals(loudness_db=louder))
    assert tuple(vote and vote.loudness_db for vote in votes) == louder


@pytest.mark.parametrize("change", [{"role_confidence": 0.79}, {"quarantine": Quarantine.CROSSTALK}], ids=str)
def test_a_turn_that_may_be_another_persons_has_no_vote(change: dict[str, Any]) -> None:
    doubtful = (*CUSTOMERS[:4], replace(CUSTOMERS[4], **change))
    votes = voice_votes(doubtful, Signals(loudness_db=(0.0, 0.0, 0.0, 0.0, 9.0)))
    assert [vote is not None for vote in votes] == [True] * 4 + [False]


@given(st.lists(st.floats(0.001, 1e6), min_size=4, max_size=9))
def test_any_rate_that_can_be_measured_gives_a_vote(rates: list[float]) -> None:
    assume(min(rates) > 0)
    votes = voice_votes(
        turns(*[Role.AGENT] * len(rates)), Signals(loudness_db=(0.0,) * len(rates), rates_cpm=(*rates,))
    )
    assert all(0 < raised < 1 for raised in raised_in(votes))


def votes_on(folder: str, call_id: str, *, mono: bool) -> dict[str, VoiceVote]:
    """By the text of the turn, with the words' true times."""
    recordings = asset(f"fixtures/audio/{folder}")
    (call,) = (c for c in read([recordings]).calls if c.call_id == call_id)
    assert call.audio_path is not None
    said = json.loads((recordings / "truth" / f"{call_id}.json").read_text(encoding="utf-8"))["turns"]
    channels: list[Any] = [channel[:] for channel in read_audio(call.audio_path).channels]
    agent = call.agent_channel or 0
    if mono:
        channels = [np.mean(channels, axis=0, dtype=np.float32)]
    heard = with_delivery(
        [
            Turn(
                n,
                Role(t["role"]),
                t["text"],
                t["start_ms"],
                t["end_ms"],
                tuple(Word(w["text"], w["start_ms"], w["end_ms"], 1.0, 0, 1) for w in t["words"]),
            )
            for n, t in enumerate(said)
        ],
        channels,
        {Role.AGENT: 0, Role.CUSTOMER: 0} if mono else {Role.AGENT: agent, Role.CUSTOMER: 1 - agent},
    )
    signals = measure(Transcript(turns=heard, engine="truth", one_channel=mono), channel=Channel.VOICE)
    votes = voice_votes(heard, signals)
    return {turn.text: vote for turn, vote in zip(heard, votes, strict=True) if vote is not None}


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
@pytest.mark.parametrize(
    ("folder", "call_id", "loud"),
    [
        ("general", "20260303-006", {"不是跟您说过了吗,一个月三十块钱。", "说了多少遍了,一年三百块钱。"}),
        ("general", "20260304-001", {"你脑子进水了吧,谁乱收钱了?", "你再这样我挂了。"}),
        ("general", "20260302-002", {"我等了这么久,我真的很生气。"}),
        ("general", "20260304-005", {"你们的东西太差了,用了两天就坏了,气死我了。", "当然要退货,太过分了。"}),
        ("telecom", "20260309-006", {"不好意思,刚才装修的在打孔,你说星期几?"}),
        ("general", "20260302-001", set()),
    ],
    ids=["impatient", "abuse", "upset", "indignant", "over a poor line", "nobody is loud"],
)
def test_the_loud_turns_of_a_recording_are_found_and_no_others(
    folder: str, call_id: str, loud: set[str], *, mono: bool
) -> None:
    votes = votes_on(folder, call_id, mono=mono)
    assert {text for text, vote in votes.items() if vote.raised >= 0.5} == loud
    assert len(votes) > len(loud) + 5


def test_nobody_is_told_that_who_shouts_most_of_the_call_speaks_evenly() -> None:
    votes = votes_on("general", "20260304-004", mono=False)
    loud = ("你们的师傅今天又没有来,气死我了。", "我等了一天了,你们太过分了。", "我要投诉你们。")
    assert min(votes[text].raised for text in loud) > RAISED_SHARE
