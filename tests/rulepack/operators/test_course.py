from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.errors import RuleError
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.course import TalkRatioParams, talk_ratio
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.rulepack.operators.conftest import outcome_of, view_of


def rule(check: dict[str, Any], *, expects: bool = False) -> dict[str, Any]:
    return {"checks": {"c": check}, "expect" if expects else "forbid": "c"}


def ratio(**limits: Any) -> dict[str, Any]:
    return rule({"talk_ratio": limits, "role": "agent"})


LONG = "客服 [0-9]: 我来为您介绍一下\n客户 [9-12]: 好的您说吧"


@pytest.mark.parametrize(
    ("check", "dialogue", "verdict"),
    [
        (ratio(min="70%"), LONG, "violated"),
        (ratio(min="80%"), LONG, "passed"),
        (ratio(max=0.8), LONG, "violated"),
        (ratio(min=0.2, max=0.7), LONG, "passed"),
        (ratio(min=0.7), "客服 [0-3]: 您好\n客户 [3-4]: 你好", "undetermined"),
        (ratio(min=0.7), LONG + "\n系统 [12-40]: 请对本次服务打分", "violated"),
        (ratio(min=0.7), "客服: 我来为您介绍一下我们的新套餐和优惠\n客户: 好的您说", "violated"),
        (ratio(max=0.3), "客服: 我来为您介绍一下我们的新套餐和优惠\n客户: 好的您说", "passed"),
        (ratio(min=0.7), "客服: 您好\n客户: 你好", "undetermined"),
    ],
)
def test_the_share_of_talk(judge_one: JudgeOne, check: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(check, dialogue).value == verdict


def test_the_share_of_talk_needs_times_and_speakers(judge_one: JudgeOne) -> None:
    untimed = "客服: 我来为您介绍一下我们的新套餐和优惠\n客户: 好的您说"
    assert judge_one(ratio(min=0.7), untimed, channel=Channel.VOICE).value == "undetermined"
    assert judge_one(ratio(min=0.7), LONG, roles_known=False).value == "undetermined"


def test_a_share_that_breaks_a_rule_is_shown_as_evidence(judge_one: JudgeOne) -> None:
    verdict = judge_one(ratio(min="70%"), LONG)
    assert verdict.reason == "客服讲话时长占不少于 70%(实测 75%)"
    assert [f.matched for f in verdict.findings] == ["实测 75%"]


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_two_shares_add_up(agent: int, customer: int) -> None:
    view = view_of(f"客服: {'好' * agent}\n客户: {'行' * customer}")
    if agent + customer < 20:
        return
    mine = TalkRatioParams(min=agent / (agent + customer))
    other = TalkRatioParams(min=customer / (agent + customer))
    assert outcome_of(talk_ratio, mine, view, role="agent").truth is Truth.TRUE
    assert outcome_of(talk_ratio, other, view, role="customer").truth is Truth.TRUE


HUNG_UP = rule({"hangup": {"by": "agent"}})


@pytest.mark.parametrize(
    ("metadata", "channel", "verdict"),
    [
        ({"hangup_by": "agent"}, Channel.VOICE, "violated"),
        ({"hangup_by": "customer"}, Channel.VOICE, "passed"),
        ({"hangup_by": "system"}, Channel.VOICE, "passed"),
        ({"hangup_by": "正常"}, Channel.VOICE, "undetermined"),
        ({}, Channel.VOICE, "undetermined"),
        ({}, Channel.CHAT, "not_applicable"),
        ({"hangup_by": "agent"}, Channel.CHAT, "violated"),
    ],
)
def test_who_hung_up(judge_one: JudgeOne, metadata: dict[str, str], channel: Channel, verdict: str) -> None:
    assert judge_one(HUNG_UP, "客服: 再见", metadata=metadata, channel=channel).value == verdict


def test_a_rule_can_leave_out_calls_that_the_customer_ended(judge_one: JudgeOne) -> None:
    check: dict[str, Any] = {
        "applies": "not dropped",
        "checks": {"dropped": {"hangup": {"by": "customer"}}, "bye": {"phrase": ["感谢您的来电"]}},
        "expect": "bye",
    }
    assert judge_one(check, "客服: 喂", metadata={"hangup_by": "customer"}).value == "not_applicable"
    assert judge_one(check, "客服: 喂", metadata={"hangup_by": "agent"}).value == "violated"
    assert judge_one(check, "客服: 喂", channel=Channel.VOICE).value == "undetermined"


@pytest.mark.parametrize(
    ("params", "seconds", "channel", "verdict"),
    [
        ({"within": "3s"}, 3.0, Channel.VOICE, "passed"),
        ({"within": "3s"}, 3.5, Channel.VOICE, "violated"),
        ({"within": "3s"}, None, Channel.VOICE, "undetermined"),
        ({"within": "3s"}, None, Channel.CHAT, "not_applicable"),
        ({"longer_than": "3s"}, 3.5, Channel.VOICE, "passed"),
        ({"longer_than": "3s"}, 3.0, Channel.VOICE, "violated"),
    ],
)
def test_how_soon_it_was_answered(
    judge_one: JudgeOne, params: dict[str, str], seconds: float | None, channel: Channel, verdict: str
) -> None:
    check = rule({"answer": params}, expects=True)
    assert judge_one(check, "客服: 您好", channel=channel, answered_after_s=seconds).value == verdict


@pytest.mark.parametrize(
    "check",
    [
        {"talk_ratio": {"min": 0.5}},
        {"talk_ratio": {}, "role": "agent"},
        {"talk_ratio": {"min": 0.7, "max": 0.5}, "role": "agent"},
        {"talk_ratio": {"min": "700%"}, "role": "agent"},
        {"hangup": {}},
        {"hangup": {"by": "nobody"}},
        {"hangup": {"by": "agent"}, "role": "agent"},
        {"answer": {}},
        {"answer": {"within": "3s", "longer_than": "5s"}},
    ],
)
def test_parameters_that_make_no_sense_are_refused(write_pack: WritePack, check: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        load_rules([write_pack(rule(check))])
