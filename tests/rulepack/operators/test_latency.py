from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.errors import RuleError
from pipeline.domain.transcript import Quarantine
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.latency import LatencyParams, latency
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.rulepack.operators.conftest import outcome_of, view_of


def rule(role: str | None = "agent", **params: Any) -> dict[str, Any]:
    return {"checks": {"slow": {"latency": params} | ({"role": role} if role else {})}, "forbid": "slow"}


FIVE = rule(longer_than="5s")


@pytest.mark.parametrize(
    ("check", "dialogue", "verdict"),
    [
        (FIVE, "客户 [0-2]: 查订单\n客服 [4-6]: 好的", "passed"),
        (FIVE, "客户 [0-2]: 查订单\n客服 [9-10]: 好的", "violated"),
        (FIVE, "客户 [0-2]: 查订单\n客服 [7.2-9]: 好的", "suspected"),
        (FIVE, "客服 [0-2]: 您好\n客户 [9-10]: 查订单\n客服 [11-12]: 好的", "passed"),
        (rule("customer", longer_than="5s"), "客服 [0-2]: 您好\n客户 [9-10]: 查订单", "violated"),
        (FIVE, "客户 [0-2]: 查订单\n客户 [6-8]: 喂\n客服 [9-10]: 好的", "passed"),
        (FIVE, "客户 [0-2]: 查订单\n系统 [3-8]: 正在为您转接\n客服 [9-10]: 好的", "passed"),
        (FIVE, "客户 [0-10]: 我说了很久\n客服 [4-5]: 那您\n客服 [20-21]: 好的", "violated"),
        (FIVE | {"checks": {"slow": {"latency": {"longer_than": "5s", "count": 2}, "role": "agent"}}},
         "客户 [0-2]: 查订单\n客服 [9-10]: 好的", "passed"),
        (rule(longer_than="5s", first=True), "客户 [0-2]: 喂\n客服 [3-4]: 您好\n客户 [5-6]: 查\n客服 [15-16]: 好",
         "passed"),
        (FIVE, "客户 [0-2]: 喂\n客服 [3-4]: 您好\n客户 [5-6]: 查\n客服 [15-16]: 好", "violated"),
    ],
)  # fmt: skip
def test_replies_on_the_phone(judge_one: JudgeOne, check: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(check, dialogue).value == verdict


@pytest.mark.parametrize(
    ("params", "dialogue", "verdict"),
    [
        ({"first": True}, "客户 [0-1]: 在吗\n客服 [119-120]: 您好", "passed"),
        ({"first": True}, "客户 [0-1]: 在吗\n客服 [130-131]: 您好", "violated"),
        ({"first": True}, "客户 [0-1]: 在吗\n客户 [60-61]: 有人吗\n客服 [130-131]: 您好", "violated"),
        ({"first": True}, "客服 [0-1]: 您好\n客户 [200-201]: 在吗\n客服 [210-211]: 在的", "passed"),
        ({"first": True}, "客户 [0-1]: 在吗\n客户 [200-201]: 有人吗", "violated"),
        ({"first": True}, "客户 [0-1]: 在吗\n客户 [20-21]: 有人吗", "passed"),
        ({"first": True}, "客户 [0-1]: 在吗\n系统 [2-3]: 排队中\n客服 [130-131]: 您好", "violated"),
        ({"first": True}, "客户 [0-1]: 在吗\n客服 [9-10]: 在\n客户 [11-12]: 查\n客服 [300-301]: 好", "passed"),
        ({}, "客户 [0-1]: 在吗\n客服 [9-10]: 在\n客户 [11-12]: 查\n客服 [300-301]: 好", "violated"),
        ({}, "客户: 在吗\n客服: 在", "not_applicable"),
    ],
)
def test_replies_in_a_chat(judge_one: JudgeOne, params: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(rule(**params), dialogue, channel=Channel.CHAT).value == verdict


def test_without_times_a_phone_call_cannot_be_judged(judge_one: JudgeOne) -> None:
    assert judge_one(FIVE, "客户: 查订单\n客服: 好的", channel=Channel.VOICE).value == "undetermined"


def test_one_missing_time_leaves_it_unknown_unless_another_wait_was_too_long(judge_one: JudgeOne) -> None:
    dialogue = "客户 [0-1]: 在吗\n客服 [2-3]: 在\n客户 [4-5]: 查\n客服 [6-7]: 好"
    untimed: dict[str, Any] = {"start_ms": None, "end_ms": None, "words": ()}
    assert judge_one(FIVE, dialogue, channel=Channel.CHAT, marked={3: untimed}).value == "undetermined"
    late: dict[str, Any] = {"start_ms": 20_000}
    assert judge_one(FIVE, dialogue, channel=Channel.CHAT, marked={1: late, 3: untimed}).value == "violated"


@pytest.mark.parametrize(
    ("marked", "verdict"),
    [
        ({1: {"quarantine": Quarantine.UNSURE}}, "suspected"),
        ({1: {"quarantine": Quarantine.CROSSTALK}}, "violated"),
        ({1: {"back_channel": True}}, "violated"),
        ({2: {"role_confidence": 0.6}}, "suspected"),
        ({0: {"role_confidence": 0.6}}, "suspected"),
        ({}, "passed"),
    ],
)
def test_what_was_said_in_between_may_have_been_the_reply(
    judge_one: JudgeOne, marked: dict[int, Any], verdict: str
) -> None:
    dialogue = "客户 [0-2]: 查订单\n客服 [3-4]: 嗯好\n客服 [15-16]: 查到了"
    if 1 not in marked and marked:
        dialogue = dialogue.replace("嗯好", "嗯")
    assert judge_one(FIVE, dialogue, marked=marked).value == verdict


def test_the_evidence_says_how_long_it_took(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(FIVE, "客户 [0-2]: 查订单\n客服 [9-10]: 好的").findings
    assert finding.explanation == "客户说“查订单”后过了 7.0 秒,客服才答复"
    assert (finding.turn, finding.start_ms, finding.end_ms) == (1, 0, 10_000)


def test_it_must_say_who_replies(write_pack: WritePack) -> None:
    with pytest.raises(RuleError, match="role"):
        load_rules([write_pack(rule(None))])


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 5)), min_size=1, max_size=8), st.integers(1, 20))
def test_it_finds_the_waits_that_are_too_long_and_no_others(turns: list[tuple[int, int]], limit: int) -> None:
    lines, at, waits = [], 0, []
    for i, (gap, length) in enumerate(turns):
        if i:
            at += gap
        lines.append(f"{'客服' if i % 2 else '客户'} [{at}-{at + length}]: 说一句话")
        waits += [gap] if i % 2 else []
        at += length
    params = LatencyParams(longer_than=limit * 1000)
    outcome = outcome_of(latency, params, view_of("\n".join(lines)), role="agent")
    assert len(outcome.hits) == sum(w > limit for w in waits)
    assert (outcome.truth is Truth.TRUE) == any(w > limit for w in waits)
