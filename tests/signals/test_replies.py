"""How long who is asked takes to reply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.signals import Reply
from pipeline.domain.transcript import Quarantine, Role, Transcript
from pipeline.signals import measure
from tests.signals.build import Line, turns_of


def replies(channel: Channel, *lines: Line) -> tuple[Reply, ...] | None:
    return measure(Transcript(turns=turns_of(*lines), engine="given"), channel=channel).replies


def test_on_the_phone_a_wait_lasts_from_the_others_last_word() -> None:
    assert replies(
        Channel.VOICE,
        ("客服", "请问有什么可以帮您", 0, 3000),
        ("客户", "我要退货", 3400, 5000),
        ("客户", "对了还有运费", 6600, 8000),
        ("客服", "好的我来处理", 7600, 9000),
    ) == (
        Reply(Role.CUSTOMER, 0, 1, 400),
        Reply(Role.AGENT, 2, 3, -400),
    )


def test_who_stops_before_the_other_does_has_not_replied() -> None:
    lines: tuple[Line, ...] = (
        ("客户", "我说了很多很多", 0, 9000),
        ("客服", "我知道", 2000, 3000),
        ("客服", "那个", 9500, 9900),
    )
    assert replies(Channel.VOICE, *lines) == (Reply(Role.AGENT, 0, 2, 500),)


@pytest.mark.parametrize("between", ["系统", "其他"])
def test_beside_a_third_voice_nobody_waits_on_the_phone(between: str) -> None:
    lines: tuple[Line, ...] = (
        ("客户", "我要退货", 0, 1000),
        (between, "请稍候排队", 1000, 9000),
        ("客服", "您好", 9000, 9900),
    )
    assert replies(Channel.VOICE, *lines) == ()
    assert replies(Channel.CHAT, *lines) == (Reply(Role.AGENT, 0, 2, 9000), Reply(Role.CUSTOMER, 2, None, 0))


def test_in_a_chat_a_wait_lasts_from_the_first_message_that_is_not_answered() -> None:
    assert replies(
        Channel.CHAT,
        ("客户", "在吗", 0, None),
        ("客户", "人呢", 60_000, None),
        ("客服", "在的", 61_000, None),
        ("客户", "怎么退", 70_000, None),
        ("客户", "喂", 100_000, None),
    ) == (
        Reply(Role.AGENT, 0, 2, 61_000),
        Reply(Role.CUSTOMER, 2, 3, 9000),
        Reply(Role.AGENT, 3, None, 30_000),
    )


def test_without_times_a_reply_has_no_length() -> None:
    lines: tuple[Line, ...] = (("客户", "在吗", None, None), ("客服", "在的", 61_000, None))
    assert replies(Channel.CHAT, *lines) == (Reply(Role.AGENT, 0, 1, None), Reply(Role.CUSTOMER, 1, None, 0))


@pytest.mark.parametrize(("reason", "unheard"), [(Quarantine.UNSURE, True), (Quarantine.CROSSTALK, False)])
def test_what_could_not_be_recognised_makes_a_wait_doubtful_and_a_leak_does_not(
    reason: Quarantine, unheard: bool
) -> None:
    turns = turns_of(("客户", "我要退货", 0, 1000), ("客服", "嗯嗯啊", 2000, 3000), ("客服", "好的好的", 9000, 9900))
    turns = (turns[0], replace(turns[1], quarantine=reason), turns[2])
    found = measure(Transcript(turns=turns, engine="e"), channel=Channel.VOICE).replies
    assert found == (Reply(Role.AGENT, 0, 2, 8000, unheard=unheard),)


@pytest.mark.parametrize(
    ("starts_ms", "expected"),
    [
        ((0, 4000, 9000), (None, 4000, 5000)),
        ((0, None, 9000), (None, None, None)),
        ((5000, 4000, 9000), (None, None, 5000)),
        ((None, None, None), None),
    ],
)
def test_a_gap_is_the_time_since_the_message_before(
    starts_ms: tuple[int | None, ...], expected: tuple[int | None, ...] | None
) -> None:
    turns = turns_of(*(("客户", "在吗", start_ms, None) for start_ms in starts_ms))
    assert measure(Transcript(turns=turns, engine="given"), channel=Channel.CHAT).gaps_ms == expected
    assert measure(Transcript(turns=turns, engine="given"), channel=Channel.VOICE).gaps_ms is None
