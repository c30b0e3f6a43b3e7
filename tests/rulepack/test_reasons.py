"""What a verdict shows for itself: its evidence and its reason."""

from typing import Any

import pytest

from pipeline.domain.verdict import MatchKind
from tests.rulepack.conftest import JudgeOne
from tests.rulepack.sample_rules import GREET, ORDER, SHIRK


def test_evidence_says_who_said_what_when_and_how_it_matched(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(SHIRK, "客服 [2-4]: 这个不贵我管的").findings
    assert (finding.turn, finding.role, finding.matched, finding.wanted) == (0, "agent", "不贵我管", "不归我管")
    assert finding.text[finding.char_start : finding.char_end] == "不贵我管"
    assert finding.start_ms is not None
    assert finding.end_ms is not None
    assert 2000 <= finding.start_ms < finding.end_ms <= 4000
    assert finding.match is MatchKind.SOUND
    assert "同音" in finding.explanation


def test_what_is_missing_is_evidence_too(judge_one: JudgeOne) -> None:
    verdict = judge_one(GREET, "客服: 说")
    (finding,) = verdict.findings
    assert finding.match is MatchKind.ABSENCE
    assert "您好" in finding.explanation
    assert "没有找到" in verdict.reason


def test_a_wrong_order_is_named_and_shows_both_places(judge_one: JudgeOne) -> None:
    verdict = judge_one(ORDER, "客服: 马上为您处理\n客服: 非常抱歉")
    assert verdict.reason.startswith("先后顺序不符")
    assert {f.matched for f in verdict.findings} == {"马上为您处理", "非常抱歉"}


def test_every_hit_of_a_banned_phrase_is_listed(judge_one: JudgeOne) -> None:
    assert len(judge_one(SHIRK, "客服: 不归我管\n客户: 啊\n客服: 说了不归我管,就是不归我管").findings) == 3


@pytest.mark.parametrize(
    ("checks", "metadata", "reason"),
    [
        ({"late": {"metadata": {"field": "local_hour", "op": "ge", "value": 22}}}, {"local_hour": "23"}, "实际为“23”"),
        ({"late": {"metadata": {"field": "grade", "op": "in", "value": ["a", "b"]}}}, {"grade": "a"}, "为a、b之一"),
        ({"late": {"turns": {"min": 1}}}, {}, "任何一方讲话不少于 1 轮(实际 1 轮)"),
    ],
    ids=["a number", "one of several", "turns"],
)
def test_a_rule_broken_by_a_fact_of_the_call_shows_the_fact_as_its_evidence(
    checks: dict[str, Any], metadata: dict[str, str], reason: str, judge_one: JudgeOne
) -> None:
    verdict = judge_one({"checks": checks, "forbid": "late"}, "客服: 您好", metadata=metadata)
    assert verdict.value == "violated"
    assert reason in verdict.reason
    assert [(f.match, f.explanation) for f in verdict.findings] == [("measure", verdict.reason)]


def test_a_fact_that_does_not_hold_is_told_with_what_is_so_instead(judge_one: JudgeOne) -> None:
    applies = {"out": {"metadata": {"field": "direction", "value": "outbound"}}}
    rule = SHIRK | {"applies": "out", "checks": SHIRK["checks"] | applies}
    verdict = judge_one(rule, "客服: 您好", direction="inbound")
    assert verdict.value == "not_applicable"
    assert "“direction”为“outbound”(实际为“inbound”)" in verdict.reason


def test_a_label_that_names_the_speaker_itself_does_not_name_him_twice(judge_one: JudgeOne) -> None:
    checks = {"self": {"phrase": ["我就是本人"], "role": "customer", "label": "客户自报是本人"}}
    verdict = judge_one({"checks": checks, "expect": "self"}, "客户: 喂")
    assert verdict.reason == "没有找到:客户自报是本人"
