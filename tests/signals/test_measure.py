from __future__ import annotations

from dataclasses import fields, replace

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Line as QualityLine
from pipeline.domain.transcript import Quarantine, Role, Transcript
from pipeline.signals import measure
from tests.signals.build import Line, quiet, spoken, timed, turns_of, voice

CALM = turns_of(
    ("客服", "您好很高兴为您服务", 1200, 4200),
    ("客户", "我的订单没有到", 4500, 6500),
    ("客服", "请稍等我查一下", 7499, 9000),
    ("客服", "查到了", 14000, 15000),
)


def test_silences_of_a_second_or_more_are_found_and_shorter_gaps_are_not() -> None:
    signals = voice(CALM)
    assert quiet(signals) == [(9000, 14000, 2, 3)]
    assert (signals.silence_ms, signals.longest_silence_ms) == (5000, 5000)


def test_a_gap_of_exactly_one_second_is_a_silence() -> None:
    turns = turns_of(("客服", "好", 0, 1000), ("客户", "好", 2000, 3000))
    assert quiet(voice(turns)) == [(1000, 2000, 0, 1)]


def test_the_edges_of_the_recording_count_where_its_length_is_known() -> None:
    signals = voice(CALM, duration_ms=17000)
    assert quiet(signals) == [(0, 1200, None, 0), (9000, 14000, 2, 3), (15000, 17000, 3, None)]
    assert (signals.silence_ms, signals.longest_silence_ms, signals.duration_ms) == (8200, 5000, 17000)


def test_a_pause_within_a_turn_is_a_silence_where_words_tell() -> None:
    turn = spoken(0, "客服", ("我帮您查", 0, 1000), ("查到了", 9000, 10000))
    assert quiet(voice([turn])) == [(1000, 9000, 0, 0)]
    assert voice([replace(turn, words=())]).silences == ()


def test_a_long_turn_covers_the_gap_between_shorter_ones() -> None:
    turns = turns_of(("客户", "说很久", 0, 20000), ("客服", "嗯", 1000, 1500), ("客服", "好", 22000, 23000))
    assert quiet(voice(turns)) == [(20000, 22000, 0, 2)]


def test_talking_time_counts_words_and_not_the_pauses_between() -> None:
    turns = [
        spoken(0, "客服", ("我帮您查一下", 0, 2000), ("查到了", 8000, 9000)),
        spoken(1, "客户", ("好的谢谢你", 9000, 10500)),
    ]
    signals = voice(turns)
    assert (signals.agent_talk_ms, signals.customer_talk_ms) == (3000, 1500)
    assert signals.agent_rate_cpm == pytest.approx(9 * 60 / 3)
    assert signals.customer_rate_cpm == pytest.approx(5 * 60 / 1.5)


def test_speaking_at_the_same_time_in_one_role_counts_once_as_talking_time() -> None:
    assert voice(turns_of(("客服", "你好", 0, 3000), ("客服", "你好", 1000, 4000))).agent_talk_ms == 4000


def test_a_side_that_says_nothing_has_talked_for_zero_but_has_no_rate() -> None:
    signals = voice(turns_of(("客服", "喂您好听得到吗", 0, 3000)))
    assert (signals.customer_talk_ms, signals.customer_rate_cpm) == (0, None)


def test_quarantined_text_is_not_speech() -> None:
    invented = replace(CALM[3], quarantine=Quarantine.STOCK, text="请不吝点赞订阅转发")
    signals = voice((*CALM[:3], invented), duration_ms=17000)
    assert quiet(signals) == [(0, 1200, None, 0), (9000, 17000, 2, None)]
    assert signals.rates_cpm is not None
    assert signals.rates_cpm[3] is None
    assert signals.agent_talk_ms == 3000 + 1501


def test_a_recording_in_which_nobody_speaks_is_one_silence() -> None:
    signals = voice([], duration_ms=30000)
    assert quiet(signals) == [(0, 30000, None, None)]
    assert (signals.silence_ms, signals.agent_talk_ms, signals.overlaps) == (30000, 0, ())


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((("客服", "您好很高兴为您服务", None, None), ("客户", "好", None, None)), id="no times"),
        pytest.param((("客服", "您好很高兴为您服务", 0, None), ("客户", "好", 5000, None)), id="starts only"),
        pytest.param((), id="no turns and no length"),
    ],
)
def test_without_times_nothing_is_measured_and_nothing_is_zero(lines: tuple[Line, ...]) -> None:
    assert timed(voice(turns_of(*lines))) == Signals()


def test_one_turn_without_times_leaves_only_the_rates_of_the_others() -> None:
    turns = turns_of(("客服", "您好很高兴为您服务", 0, 3000), ("客户", "我的订单没有到", None, None))
    rates = (180.0, None)
    expected = Signals(duration_ms=9000, rates_cpm=rates, rates_with_pauses_cpm=rates)
    assert timed(voice(turns, duration_ms=9000)) == expected


def test_where_roles_are_not_known_nothing_is_said_about_a_role() -> None:
    signals = voice(CALM, duration_ms=17000, roles_known=False)
    known = voice(CALM, duration_ms=17000)
    of_a_role = {name for name in (f.name for f in fields(Signals)) if name.startswith(("agent_", "customer_"))}
    assert {getattr(signals, name) for name in (*of_a_role, "overlaps", "replies", "loudness_db", "shouted")} == {None}
    assert {s.expected for s in signals.silences or ()} == {None}
    assert quiet(signals) == quiet(known)
    assert signals.rates_cpm == known.rates_cpm


REPLIES: list[tuple[str, tuple[Line, ...], int | None]] = [
    ("agent answers", (("客户", "在吗", 1000, None), ("客服", "在的", 91000, None)), 90000),
    ("greeting before", (("客服", "您好", 0, None), ("客户", "在吗", 1000, None), ("客服", "在的", 4000, None)), 3000),
    (
        "customer insists",
        (("客户", "在吗", 0, None), ("客户", "人呢", 60000, None), ("客服", "在", 61000, None)),
        61000,
    ),
    ("a bot is no reply", (("客户", "在吗", 0, None), ("系统", "排队中", 500, None), ("客服", "在", 9000, None)), 9000),
    ("never answered", (("客服", "您好", 0, None), ("客户", "在吗", 1000, None)), None),
    ("no customer", (("客服", "您好", 0, None),), None),
    ("question has no time", (("客户", "在吗", None, None), ("客服", "在", 5000, None)), None),
    ("reply has no time", (("客户", "在吗", 0, None), ("客服", "在", None, None), ("客服", "说", 5000, None)), None),
    ("times run backwards", (("客户", "在吗", 5000, None), ("客服", "在", 1000, None)), None),
]


@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.EMAIL])
@pytest.mark.parametrize(("lines", "expected"), [r[1:] for r in REPLIES], ids=[r[0] for r in REPLIES])
def test_the_first_reply_is_timed_from_the_customers_first_message(
    channel: Channel, lines: tuple[Line, ...], expected: int | None
) -> None:
    transcript = Transcript(turns=turns_of(*lines), engine="given")
    assert timed(measure(transcript, channel=channel)) == Signals(first_reply_ms=expected)
    unknown = Transcript(turns=turns_of(*lines), engine="given", roles_known=False)
    assert timed(measure(unknown, channel=channel)) == Signals()


def test_a_chat_has_no_silences_or_rates_even_with_full_times() -> None:
    transcript = Transcript(turns=CALM, engine="given", duration_ms=17000)
    assert timed(measure(transcript, channel=Channel.CHAT)) == Signals(duration_ms=17000, first_reply_ms=2999)


def test_a_call_has_no_first_reply() -> None:
    assert voice(CALM).first_reply_ms is None


def test_the_rate_with_pauses_counts_the_pause_within_a_turn() -> None:
    slow = spoken(0, "客服", ("我帮您查", 0, 1500), ("查到了吧", 4500, 6000))
    signals = voice([slow])
    assert (signals.rates_cpm, signals.rates_with_pauses_cpm) == ((160.0,), (80.0,))
    assert (signals.agent_rate_cpm, signals.agent_rate_with_pauses_cpm) == (160.0, 80.0)


@pytest.mark.parametrize(
    ("agent_ms", "customer_ms", "expected"), [(7500, 2500, 0.75), (9999, 0, None), (10000, 0, 1.0), (0, 0, None)]
)
def test_the_talk_share_is_of_both_sides_talk_and_none_of_too_little(
    agent_ms: int, customer_ms: int, expected: float | None
) -> None:
    assert (
        voice(turns_of(("客服", "我讲", 0, agent_ms), ("客户", "我讲", 20000, 20000 + customer_ms))).agent_talk_share
        == expected
    )


def test_a_chats_share_is_of_characters() -> None:
    lines: tuple[Line, ...] = (
        ("客户", "我要退货。嗯", 0, None),
        ("客服", "好的,请提供一下订单号码", 1, None),
    )
    chat = measure(Transcript(turns=turns_of(*lines), engine="given"), channel=Channel.CHAT)
    assert chat.lengths_chars == (4, 11)
    assert (chat.agent_chars, chat.customer_chars, chat.agent_talk_share) == (11, 4, None)


def test_the_line_is_passed_on_as_it_was_measured() -> None:
    lines = (QualityLine(0, Role.AGENT, -20.0, -50.5, 0.001), QualityLine(1, Role.CUSTOMER, None, -60.0))
    transcript = Transcript(turns=CALM, engine="e", duration_ms=17000, lines=lines)
    assert measure(transcript, channel=Channel.VOICE).lines == lines
    assert [line.snr_db for line in lines] == [30.5, None]
