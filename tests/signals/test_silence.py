"""Whose turn it was in a silence, and what explains it."""

from __future__ import annotations

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.signals import Silence, SilenceReason
from pipeline.domain.transcript import LineSound, Role, SoundKind, Transcript, Turn
from pipeline.signals import measure
from pipeline.signals.silence import asks_to_wait
from tests.signals.build import Line, spoken, turns_of


def silence(*turns: Turn, sounds: tuple[LineSound, ...] = (), roles_known: bool = True) -> Silence:
    """The only one of a call."""
    transcript = Transcript(turns=turns, engine="e", sounds=sounds, roles_known=roles_known)
    (found,) = measure(transcript, channel=Channel.VOICE).silences or ()
    return found


def between(before: str, after: str, *, first: str = "客服", then: str = "客服") -> Silence:
    return silence(*turns_of((first, before, 0, 2000), (then, after, 10_000, 12_000)))


@pytest.mark.parametrize(
    "text",
    [
        "请您稍等",
        "好的,那您等一下",
        "我帮您查一下",
        "我先帮您核实一下啊",
        "这边给您看一下",
        "请不要挂机,听一段音乐",
        "我找一下",
        "给我两分钟,您别挂",
    ],
)
def test_these_words_ask_the_other_to_wait(text: str) -> None:
    assert asks_to_wait(text)


@pytest.mark.parametrize(
    "text",
    [
        "让您久等了",
        "您看一下短信",
        "你帮我查一下话费",
        "已经帮您查到了",
        "我想问一下运费",
        "好的",
        "您确认一下地址",
        "",
    ],
)
def test_these_do_not(text: str) -> None:
    assert not asks_to_wait(text)


@pytest.mark.parametrize(
    ("first", "before", "then", "expected"),
    [
        ("客服", "请问您的订单号是多少呢", "客户", Role.CUSTOMER),
        ("客服", "请您提供一下订单号", "客户", Role.CUSTOMER),
        ("客服", "是这个地址吗", "客服", Role.CUSTOMER),
        ("客服", "请您稍等", "客服", Role.AGENT),
        ("客服", "请您稍等", "客户", Role.AGENT),
        ("客服", "退款三天到账", "客服", Role.AGENT),
        ("客服", "退款三天到账", "客户", None),
        ("客户", "我要退货", "客服", Role.AGENT),
        ("客户", "怎么还没有到", "客户", Role.AGENT),
        ("客户", "你等一下我找找", "客户", Role.CUSTOMER),
        ("客户", "你等一下我找找", "客服", Role.CUSTOMER),
        ("系统", "请按一", "客户", None),
        ("客服", "您好", "其他", None),
    ],
)
def test_whose_turn_it_was(first: str, before: str, then: str, expected: Role | None) -> None:
    assert between(before, "嗯我说", first=first, then=then).expected is expected


def test_who_pauses_within_a_turn_is_expected_to_go_on() -> None:
    assert silence(spoken(0, "客户", ("我的单号是", 0, 1500), ("七八九", 5000, 6000))).expected is Role.CUSTOMER


def test_a_yes_to_who_asks_to_wait_leaves_it_to_that_one() -> None:
    lines: tuple[Line, ...] = (
        ("客服", "我帮您查一下", 0, 2000),
        ("客户", "好的", 2200, 2600),
        ("客服", "查到了", 9000, 9900),
    )
    found = silence(*turns_of(*lines))
    assert (found.expected, found.explained_by) == (Role.AGENT, SilenceReason.HOLD_PHRASE)


def test_nobody_is_expected_at_the_edges_nor_where_the_roles_are_not_known() -> None:
    edge = measure(
        Transcript(turns=turns_of(("客服", "您好", 5000, 6000)), engine="e", duration_ms=20_000), channel=Channel.VOICE
    )
    assert [s.expected for s in edge.silences or ()] == [None, None]
    lines: tuple[Line, ...] = (("客服", "请您稍等", 0, 2000), ("客服", "查到了", 9000, 9900))
    unknown = silence(*turns_of(*lines), roles_known=False)
    assert (unknown.expected, unknown.explained_by) == (None, SilenceReason.HOLD_PHRASE)


@pytest.mark.parametrize(("ends_ms", "explained"), [(0, True), (1, False)])
def test_a_hold_phrase_explains_for_fifteen_seconds(ends_ms: int, explained: bool) -> None:
    hold = ("客服", "请您稍等", 0, 2000)
    long = ("客户", "我一直都在用你们的这个东西", 2000, 17_000 + ends_ms)
    found = silence(*turns_of(hold, long, ("客服", "查到了", 30_000, 31_000)))
    assert (found.explained_by is SilenceReason.HOLD_PHRASE) is explained


def test_only_the_agents_last_words_before_it_explain_it() -> None:
    turns = turns_of(("客服", "请您稍等", 0, 2500), ("客服", "余额是一百元", 3000, 5000), ("客户", "哦", 9000, 9500))
    assert silence(*turns).explained_by is None
    later = spoken(0, "客服", ("余额一百元", 0, 1500), ("请您稍等", 9000, 10_000))
    assert silence(later).explained_by is None


@pytest.mark.parametrize(
    ("kind", "start_ms", "expected"),
    [
        (SoundKind.MUSIC, 3000, SilenceReason.MUSIC),
        (SoundKind.MUSIC, 6000, SilenceReason.MUSIC),
        (SoundKind.MUSIC, 6001, None),
        (SoundKind.TONE, 3000, None),
    ],
)
def test_music_for_half_of_a_silence_explains_it(
    kind: SoundKind, start_ms: int, expected: SilenceReason | None
) -> None:
    lines: tuple[Line, ...] = (("客服", "退款三天到账", 0, 2000), ("客户", "好", 10_000, 11_000))
    assert silence(*turns_of(*lines), sounds=(LineSound(kind, start_ms, 10_500),)).explained_by is expected


def test_who_announces_the_music_explains_it_first() -> None:
    lines: tuple[Line, ...] = (("客服", "请您稍等", 0, 2000), ("客服", "好了", 10_000, 11_000))
    music = (LineSound(SoundKind.MUSIC, 2000, 10_000),)
    assert silence(*turns_of(*lines), sounds=music).explained_by is SilenceReason.HOLD_PHRASE
