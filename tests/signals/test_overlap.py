from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.domain.signals import Overlap, OverlapKind
from pipeline.domain.transcript import Quarantine, Role
from tests.signals.build import Line, spoken, turns_of, voice


def found(*lines: Line) -> tuple[Overlap, ...] | None:
    return voice(turns_of(*lines)).overlaps


def test_the_one_who_starts_later_talks_over_the_other() -> None:
    assert found(("客户", "我昨天买的东西到现在", 1000, 6000), ("客服", "您先听我说完好吗", 4000, 8000)) == (
        Overlap(4000, 6000, Role.AGENT, turn=1, over_turn=0, held_ms=3000, kind=OverlapKind.INTERRUPTION),
    )


def test_turns_that_only_touch_do_not_overlap() -> None:
    assert found(("客户", "我昨天买的", 0, 2000), ("客服", "您请说", 2000, 4000)) == ()


def test_one_role_does_not_talk_over_itself() -> None:
    assert found(("客服", "我昨天买的", 0, 3000), ("客服", "您请说", 2000, 4000)) == ()


def test_a_short_turn_inside_a_longer_one_of_its_role_does_not_end_it() -> None:
    overlaps = found(("客户", "我说了很多", 0, 9000), ("客户", "嗯", 1000, 2000), ("客服", "您先听我说", 5000, 8000))
    assert overlaps is not None
    assert [(o.over_turn, o.held_ms) for o in overlaps] == [(0, 5000)]


@pytest.mark.parametrize(("resumes_ms", "expected"), [(2499, [Role.AGENT]), (2500, [])])
def test_a_gap_of_half_a_second_between_words_is_a_pause(resumes_ms: int, expected: list[Role]) -> None:
    customer = spoken(0, "客户", ("我想问一下", 0, 2000), ("就是", resumes_ms, 3500))
    agent = spoken(1, "客服", ("您请说", 2100, 2450))
    overlaps = voice([customer, agent]).overlaps
    assert overlaps is not None
    assert [o.by for o in overlaps] == expected


def test_a_turn_started_in_the_others_pause_is_no_interruption_until_the_other_resumes() -> None:
    customer = spoken(0, "客户", ("我想问一下", 0, 1500), ("就是那个订单", 6000, 8000))
    quick = spoken(1, "客服", ("您请说", 2500, 3500))
    slow = spoken(1, "客服", ("您说的是哪一笔订单呢", 2500, 7000))
    assert voice([customer, quick]).overlaps == ()
    assert voice([customer, slow]).overlaps == (
        Overlap(6000, 7000, Role.CUSTOMER, turn=0, over_turn=1, held_ms=3500, kind=OverlapKind.INTERRUPTION),
    )


def test_held_counts_how_long_the_turn_was_spoken_before_and_not_its_pauses() -> None:
    customer = spoken(0, "客户", ("我想问一下", 0, 1500), ("就是那个订单一直没有到", 6000, 9000))
    agent = spoken(1, "客服", ("您先别急好吗", 7000, 9500))
    overlaps = voice([customer, agent]).overlaps
    assert overlaps is not None
    assert [o.held_ms for o in overlaps] == [2500]


def test_a_breath_does_not_turn_the_interrupted_into_the_interrupter() -> None:
    customer = spoken(0, "客户", ("我昨天买的东西", 0, 3000), ("到现在都没有发货", 3800, 7000))
    agent = spoken(1, "客服", ("这个您要问物流公司的呀", 2000, 6000))
    overlaps = voice([customer, agent]).overlaps
    assert overlaps is not None
    assert [o.by for o in overlaps] == [Role.AGENT]


def test_after_a_backchannel_the_same_turn_may_still_interrupt() -> None:
    customer = spoken(0, "客户", ("我昨天买的东西到现在都没有发货你们怎么回事", 0, 9000))
    agent = spoken(1, "客服", ("嗯", 1000, 1300), ("这个不归我们管的", 4000, 7000))
    overlaps = voice([customer, agent]).overlaps
    assert overlaps is not None
    assert [(o.start_ms, o.kind) for o in overlaps] == [(1000, OverlapKind.BACK_CHANNEL), (4000, OverlapKind.ATTEMPT)]


def test_a_third_voice_overlaps_with_each_of_the_others() -> None:
    overlaps = found(("客户", "我说很多", 0, 5000), ("客服", "我也说很多", 1000, 5000), ("其他", "还有我", 2000, 4000))
    assert overlaps is not None
    assert [(o.turn, o.over_turn) for o in overlaps] == [(1, 0), (2, 0), (2, 1)]


def test_of_two_who_start_at_once_neither_had_been_talking() -> None:
    overlaps = found(("客户", "我昨天买的", 0, 3000), ("客服", "您好请问您", 0, 2000))
    assert overlaps is not None
    assert [(o.turn, o.held_ms) for o in overlaps] == [(1, 0)]


@pytest.mark.parametrize(
    ("text", "start_ms", "end_ms", "expected"),
    [
        pytest.param("嗯", 2000, 2400, True, id="嗯"),
        pytest.param("嗯，嗯嗯。", 2000, 3500, True, id="drawn out 嗯"),
        pytest.param("好的好的", 2000, 3000, True, id="好的好的"),
        pytest.param("哦这样啊", 2000, 3000, True, id="哦这样啊"),
        pytest.param("OK", 2000, 2800, True, id="OK"),
        pytest.param("明白了", 9500, 10500, True, id="明白了 as the other ends"),
        pytest.param("您听我说", 2000, 2599, True, id="too short to take the floor"),
        pytest.param("您听我说", 2000, 2600, False, id="long enough"),
        pytest.param("稍等", 2000, 3000, True, id="two characters and the other goes on"),
        pytest.param("稍等", 9500, 10500, False, id="two characters and the other stops"),
        pytest.param("稍等下", 2000, 3000, False, id="three characters"),
        pytest.param("行了行了", 2000, 3000, False, id="cutting short"),
        pytest.param("对了我想问", 2000, 3000, False, id="starts with 对"),
        pytest.param("不是的", 2000, 3000, False, id="contradicts"),
    ],
)
def test_a_backchannel_does_not_take_the_floor(text: str, start_ms: int, end_ms: int, expected: bool) -> None:
    overlaps = found(("客户", "我昨天买的东西到现在都没有发货", 0, 10000), ("客服", text, start_ms, end_ms))
    assert overlaps is not None
    assert [o.kind is OverlapKind.BACK_CHANNEL for o in overlaps] == [expected]


def test_quarantined_text_talks_over_nobody() -> None:
    turns = turns_of(("客户", "我昨天买的东西", 0, 5000), ("客服", "请不吝点赞订阅转发", 2000, 6000))
    assert voice([turns[0], replace(turns[1], quarantine=Quarantine.STOCK)]).overlaps == ()


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "expected"),
    [
        (4000, 12_000, OverlapKind.INTERRUPTION),
        (9500, 12_000, OverlapKind.INTERRUPTION),
        (9501, 12_000, OverlapKind.TURN_CHANGE),
        (4000, 9999, OverlapKind.ATTEMPT),
        (4000, 10_000, OverlapKind.INTERRUPTION),
        (250, 12_000, OverlapKind.SIMULTANEOUS),
        (251, 12_000, OverlapKind.INTERRUPTION),
        (250, 800, OverlapKind.BACK_CHANNEL),
    ],
)
def test_who_begins_takes_the_floor_or_does_not(start_ms: int, end_ms: int, expected: OverlapKind) -> None:
    overlaps = found(("客户", "我昨天买的东西到现在都没有发货", 0, 10_000), ("客服", "这个您听我说", start_ms, end_ms))
    assert overlaps is not None
    assert [o.kind for o in overlaps] == [expected]


@pytest.mark.parametrize(
    ("start_ms", "expected"),
    [
        (2900, OverlapKind.INTERRUPTION),
        (3000, OverlapKind.SIMULTANEOUS),
        (3400, OverlapKind.SIMULTANEOUS),
        (3401, OverlapKind.INTERRUPTION),
    ],
)
def test_who_begins_into_a_breath_of_the_other_interrupts_nobody(start_ms: int, expected: OverlapKind) -> None:
    customer = spoken(0, "客户", ("我昨天买的东西", 0, 3000), ("到现在都没有发货", 3300, 7000))
    agent = spoken(1, "客服", ("这个您要问物流公司的呀", start_ms, 9000))
    overlaps = voice([customer, agent]).overlaps
    assert overlaps is not None
    assert [o.kind for o in overlaps] == [expected]
