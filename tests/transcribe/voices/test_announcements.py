"""What a machine says on the line, and what only sounds like it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.voices.announcements import announcements

AGENT, CUSTOMER = "客服", "客户"
Line = tuple[str, str]
GREETING, QUESTION = (AGENT, "您好请问有什么可以帮您"), (CUSTOMER, "我的快递怎么还没到")
FAREWELL = (AGENT, "感谢您的来电祝您生活愉快再见")


def found(lines: Sequence[Line], *, mono: bool = False) -> list[str]:
    """The texts of the lines, each a stretch of its own, that are taken for announcements."""
    words: list[list[HeardWord]] = [[]] if mono else [[], []]
    owner: list[list[int]] = [[] for _ in words]
    now_ms = 0
    for number, (who, text) in enumerate(lines):
        side = 0 if mono or who == AGENT else 1
        for char in text:
            words[side].append(HeardWord(char, now_ms, now_ms + 200, 0.9))
            owner[side].append(number)
            now_ms += 200
        now_ms += 500
    marks = announcements(words)
    taken = {n for owners, own in zip(owner, marks, strict=True) for n, mark in zip(owners, own, strict=True) if mark}
    whole = {
        n for owners, own in zip(owner, marks, strict=True) for n, mark in zip(owners, own, strict=True) if not mark
    }
    assert not taken & whole, "a stretch is an announcement as a whole or not at all"
    return [lines[number][1] for number in sorted(taken)]


def machine(*texts: str, side: str = AGENT) -> list[Line]:
    return [(side, text) for text in texts]


BEFORE = [
    ["欢迎致电星河客服中心", "普通话请按1", "粤语请按2", "人工服务请按0", "正在为您转接请稍候"],
    ["您好欢迎致电星河银行", "为保证服务质量您的通话可能会被录音", "信用卡业务请按1储蓄卡业务请按2其他业务请按0"],
    ["坐席忙请稍候", "您前面还有3位客户在等待", "工号0832为您服务"],
    ["欢迎致电星河", "工号零八三二为您服务"],
    ["普通话请按一,英语请按二", "查询请按一", "星号键返回请按星号键"],
    ["歡迎致電星河", "查詢請按1,充值請按2"],
]
AFTER = [
    ["请您对本次服务进行评价", "满意请按1", "一般请按2", "不满意请按3", "感谢您的评价再见"],
    ["请对客服代表的服务做出评价非常满意请按1不满意请按2"],
    ["请您对本次通话服务进行评价"],
]


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
@pytest.mark.parametrize("said", BEFORE, ids=lambda said: said[0])
def test_an_announcement_before_the_agent_answers_is_found_and_the_agent_is_not(said: list[str], mono: bool) -> None:
    assert found([*machine(*said), GREETING, QUESTION], mono=mono) == said


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
@pytest.mark.parametrize("said", AFTER, ids=lambda said: said[0])
def test_a_survey_after_the_goodbye_is_found(said: list[str], mono: bool) -> None:
    assert found([GREETING, QUESTION, FAREWELL, *machine(*said)], mono=mono) == said


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
@pytest.mark.parametrize(
    "said",
    ["您拨打的电话已关机请稍后再拨", "您拨打的用户正忙", "您通话的客户正在使用呼叫保持服务请不要挂机", "滴声后请留言"],
)
def test_what_only_a_network_says_is_found_anywhere_and_on_either_side(said: str, mono: bool) -> None:
    for side in (AGENT, CUSTOMER):
        assert found([GREETING, QUESTION, (side, said), QUESTION], mono=mono) == [said]


def test_a_line_between_two_of_an_announcement_goes_along_unless_it_may_be_the_callers() -> None:
    menu = machine("欢迎致电星河", "查询订单请按1", "如需人工服务", "请按0")
    assert found([*menu, GREETING]) == [text for _, text in menu]
    assert found([*menu, GREETING], mono=True) == [text for _, text in menu]
    asked = [*machine("查询订单请按1"), (CUSTOMER, "转人工"), *machine("人工服务请按0")]
    assert "转人工" not in found([*asked, GREETING])
    assert "转人工" not in found([*asked, GREETING], mono=True)


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
@pytest.mark.parametrize(
    "said",
    [
        "我帮您转接一下请稍候",
        "正在为您转接请稍候",
        "您稍等请不要挂机",
        "请您稍后对我的服务做出评价",
        "稍后会有语音提示满意请按1不满意请按2",
        "您可以按1再按2",
        "您先按1然后请按2",
        "您打进来以后请按3",
        "本次通话会被录音",
        "工号0832为您服务",
        "您刚才打的时候是不是说坐席忙",
        "对方显示您拨打的电话已关机",
    ],
)
def test_an_agent_who_says_such_things_stays_the_agent(said: str, mono: bool) -> None:
    assert found([GREETING, QUESTION, (AGENT, said), QUESTION, FAREWELL], mono=mono) == []


@pytest.mark.parametrize(
    "lines",
    [
        [(AGENT, "您好欢迎致电星河工号0832为您服务"), QUESTION],
        [(AGENT, "您好"), (AGENT, "工号0832为您服务"), (AGENT, "请问有什么可以帮您"), QUESTION],
        [(AGENT, "您好这里是星河保险"), (AGENT, "为保证服务质量本次通话会被录音"), (AGENT, "您好"), QUESTION],
        [(CUSTOMER, "喂"), (AGENT, "欢迎致电星河"), (AGENT, "通话将被录音"), (AGENT, "您好请问有什么可以帮您")],
        [GREETING, QUESTION, FAREWELL, (AGENT, "请您对本次服务进行评价"), (CUSTOMER, "好的再见")],
        [GREETING, QUESTION, FAREWELL, (AGENT, "麻烦您对本次服务做个评价")],
        [GREETING, QUESTION, (CUSTOMER, "我一打就说您拨打的电话已关机")],
        [],
    ],
    ids=[
        "a greeting with a number",
        "a greeting in pieces",
        "a notice of recording by a person who calls",
        "the other side has answered already",
        "the customer answers the survey",
        "a person asks for the survey",
        "a customer quotes",
        "nobody",
    ],
)
def test_people_at_the_edges_of_a_call_are_not_taken_for_machines(lines: list[Line]) -> None:
    assert found(lines) == []


LINES = st.lists(
    st.tuples(
        st.sampled_from([AGENT, CUSTOMER]),
        st.sampled_from([*(t for said in (*BEFORE, *AFTER) for t in said), "我说", "您好", "嗯", "再见", "好的先生"]),
    ),
    max_size=12,
)


@given(LINES, st.booleans())
def test_what_holds_a_word_that_only_people_say_is_never_taken(lines: list[Line], mono: bool) -> None:
    assert not {"我说", "好的先生"} & set(found(lines, mono=mono))
