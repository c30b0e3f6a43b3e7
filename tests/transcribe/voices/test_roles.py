"""Who is the agent, by what two voices say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribe.voices.roles import find_agent

AGENT = "您好请问有什么可以帮您 好的我帮您查一下请您稍等 给您带来不便非常抱歉"
CUSTOMER = "我买的那个怎么还没到 你们怎么回事啊 你帮我查一下"


@pytest.mark.parametrize(
    ("first", "second", "agent"),
    [
        (AGENT, CUSTOMER, 0),
        (CUSTOMER, AGENT, 1),
        ("工号八八二为您服务", "喂", 0),
        ("欢迎致电微光银行", "", 0),
        ("嗯", "祝您生活愉快", 1),
    ],
)
def test_the_agent_is_who_talks_like_one(first: str, second: str, agent: int) -> None:
    found = find_agent(first, second)
    assert found.index == agent
    assert found.confidence > 0.7


@pytest.mark.parametrize(("first", "second"), [("", ""), ("嗯", "好"), (AGENT, AGENT), (CUSTOMER, CUSTOMER)])
def test_what_tells_nothing_is_not_believed(first: str, second: str) -> None:
    assert find_agent(first, second).confidence == 0.5


@given(st.text("您好我你们要帮查工号", max_size=30), st.text("您好我你们要帮查工号", max_size=30))
def test_the_order_of_the_voices_does_not_matter(first: str, second: str) -> None:
    one, other = find_agent(first, second), find_agent(second, first)
    assert one.confidence == other.confidence
    assert one.confidence == 0.5 or one.index == 1 - other.index


def test_a_phrase_said_a_hundred_times_is_no_proof() -> None:
    assert find_agent("抱歉" * 100, "").confidence == find_agent("抱歉" * 4, "").confidence < 0.9
