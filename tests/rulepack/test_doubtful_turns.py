"""Turns that may not be whose they are said to be, or were never said."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.transcript import Quarantine

from .conftest import JudgeOne
from .sample_rules import GREET, SHIRK
from .test_judge import FAST, OVER, PAUSE


@pytest.mark.parametrize(
    ("rule", "dialogue", "marked", "value"),
    [
        (SHIRK, "客服 [0-3]: 这个不归我管", {}, "violated"),
        (SHIRK, "客服 [0-3]: 这个不归我管", {0: {"role_confidence": 0.7}}, "suspected"),
        (GREET, "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 我要退货", {}, "violated"),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 我要退货",
            {1: {"role_confidence": 0.7}},
            "undetermined",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 嗯",
            {1: {"role_confidence": 0.7}},
            "violated",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 嗯\uff0c好的\u3002",
            {1: {"role_confidence": 0.7}},
            "violated",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客服 [3-5]: 我要退货",
            {1: {"quarantine": Quarantine.STOCK}},
            "undetermined",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客服 [3-5]: 我要退货",
            {1: {"quarantine": Quarantine.CROSSTALK}},
            "violated",
        ),
    ],
    ids=[
        "a sure speaker",
        "a doubtful speaker is suspected",
        "nobody else could have said it",
        "the other turn may be the agent's",
        "a short one holds no greeting",
        "its punctuation makes it no longer",
        "what was invented may hide it",
        "what leaked in hides nothing",
    ],
)
def test_doubt_about_who_spoke_is_carried_into_the_verdict(
    rule: dict[str, Any],
    dialogue: str,
    marked: dict[int, dict[str, Any]],
    value: str,
    judge_one: JudgeOne,
) -> None:
    assert judge_one(rule, dialogue, marked=marked).value == value


INVENTED = [reason for reason in Quarantine if reason is not Quarantine.CROSSTALK]
RISK: dict[str, Any] = {
    "kind": "risk",
    "checks": {"threat": {"phrase": ["我要投诉"], "role": "customer"}},
    "forbid": "threat",
}
ANGRY: dict[str, Any] = {
    "checks": {"rage": {"emotion": {"is": "angry", "min_confidence": 0.7, "doubt": 0.4}, "role": "agent"}},
    "forbid": "rage",
}
TRIGGERED: dict[str, Any] = {
    "applies": "asked",
    "checks": {
        "asked": {"phrase": ["怎么退款"], "role": "customer"},
        "told": {"phrase": ["三个工作日"], "role": "agent"},
    },
    "expect": "told",
}
PATTERN: dict[str, Any] = {
    "kind": "banned",
    "checks": {"no": {"regex": "办不了.{0,3}", "role": "agent"}},
    "forbid": "no",
}


@pytest.mark.parametrize("reason", Quarantine)
@pytest.mark.parametrize(
    ("rule", "dialogue", "turn"),
    [
        (SHIRK, "客服 [0-3]: 这个不归我管\n客户 [3-5]: 好吧", 0),
        (SHIRK, "客服 [0-3]: 这个不贵我管\n客户 [3-5]: 好吧", 0),
        (PATTERN, "客服 [0-3]: 这个办不了的\n客户 [3-5]: 好吧", 0),
        (RISK, "客服 [0-3]: 您好\n客户 [3-5]: 我要投诉", 1),
        (ANGRY, "客服 [0-3]: 你烦不烦啊\n客户 [3-5]: 好吧", 0),
        (FAST, "客服 [0-2]: 您好请问有什么可以帮您的吗\n客户 [3-5]: 好吧", 0),
        (OVER, "客户 [0-6]: 我的订单一直没有送到怎么办\n客服 [4-8]: 您先听我说完", 1),
        (TRIGGERED, "客户 [0-3]: 怎么退款\n客服 [3-5]: 好的", 0),
    ],
    ids=["phrase", "by its sound", "pattern", "risk", "emotion", "rate", "interruption", "what makes a rule apply"],
)
def test_nothing_that_is_set_apart_violates_whatever_the_reason_and_whatever_the_check(
    rule: dict[str, Any], dialogue: str, turn: int, reason: Quarantine, judge_one: JudgeOne
) -> None:
    assert judge_one(rule, dialogue, angry=(turn,)).value == "violated"
    assert judge_one(rule, dialogue, angry=(turn,), marked={turn: {"quarantine": reason}}).value != "violated"


@pytest.mark.parametrize("reason", INVENTED)
@pytest.mark.parametrize(
    ("rule", "dialogue", "turn"),
    [
        (GREET, "客服 [0-3]: 喜欢游泳\n客服 [3-5]: 您好", 1),
        (TRIGGERED, "客户 [0-3]: 怎么退款\n客服 [3-5]: 好的\n客服 [5-8]: 三个工作日", 2),
        (TRIGGERED, "客户 [0-3]: 怎么退款\n客服 [3-5]: 好的\n客服 [5-8]: 请不吝点赞", 2),
    ],
    ids=["a greeting that may be one", "an answer that may be one", "whatever was said there"],
)
def test_what_probably_was_invented_leaves_open_whether_something_was_said(
    rule: dict[str, Any], dialogue: str, turn: int, reason: Quarantine, judge_one: JudgeOne
) -> None:
    assert judge_one(rule, dialogue, marked={turn: {"quarantine": reason}}).value == "undetermined"


@pytest.mark.parametrize("reason", Quarantine)
def test_a_silence_is_not_measured_up_to_what_nobody_said(reason: Quarantine, judge_one: JudgeOne) -> None:
    dialogue = "客服 [0-2]: 好的\n客户 [5-6]: 谢谢观看\n客服 [15-16]: 查到了"
    assert judge_one(PAUSE, dialogue).value == "passed"
    assert judge_one(PAUSE, dialogue, marked={1: {"quarantine": reason}}).value == "violated"


@pytest.mark.parametrize(
    ("dialogue", "value"),
    [
        ("客服 [0-3]: 您好\n客户 [20-22]: 喂", "violated"),
        ("系统 [0-3]: 正在为您转接\n客服 [20-22]: 您好", "passed"),
        ("客户 [0-3]: 查一下\n系统 [20-22]: 请继续等待\n客服 [40-42]: 您好", "passed"),
    ],
    ids=["between people", "before the agent answers", "around an announcement"],
)
def test_waiting_for_a_machine_is_nobodys_silence(dialogue: str, value: str, judge_one: JudgeOne) -> None:
    rule = {"kind": "behaviour", "checks": {"pause": {"silence": {"longer_than": "10s"}}}, "forbid": "pause"}
    assert judge_one(rule, dialogue).value == value
