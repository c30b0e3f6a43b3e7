"""What holds for every operator that looks for something said; `phrase` and `regex` have their own tests."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.transcript import Quarantine
from tests.rulepack.conftest import JudgeOne

SAID: dict[str, tuple[dict[str, Any], str]] = {
    "near": ({"near": {"first": ["保证"], "second": ["收益"], "within": "9 chars"}}, "我保证您有收益的"),
    "repeat": ({"repeat": {"within": 0}}, "我保证您有收益的。我保证您有收益的。"),
    "question": ({"question": "open"}, "您遇到了什么问题"),
    "entity": ({"entity": "amount"}, "一共是三百二十六块五"),
    "similar": ({"similar": ["我完全理解您的心情"]}, "我很理解您的心情"),
}


def forbids(name: str, **scope: Any) -> dict[str, Any]:
    return {"checks": {"c": SAID[name][0] | {"role": "agent"} | scope}, "forbid": "c"}


def expects(name: str) -> dict[str, Any]:
    return {"checks": {"c": SAID[name][0] | {"role": "agent"}}, "expect": "c"}


@pytest.mark.parametrize("name", list(SAID))
def test_it_is_found_where_it_is_said_by_the_one_looked_at(judge_one: JudgeOne, name: str) -> None:
    said = SAID[name][1]
    assert judge_one(forbids(name), f"客服 [0-5]: 好的\n客服 [6-9]: {said}").value == "violated"
    assert judge_one(forbids(name), f"客服 [0-5]: 好的\n客户 [6-9]: {said}").value == "passed"
    assert judge_one(forbids(name), f"客服: 好的\n客服: {said}").value == "violated"
    assert judge_one(expects(name), f"客服 [0-5]: 好的\n客服 [6-9]: {said}").value == "passed"


@pytest.mark.parametrize("name", list(SAID))
@pytest.mark.parametrize("why", list(Quarantine))
def test_quarantined_text_is_never_a_hit(judge_one: JudgeOne, name: str, why: Quarantine) -> None:
    dialogue = f"客服 [0-5]: 好的请您稍等\n客服 [6-9]: {SAID[name][1]}"
    apart: dict[int, dict[str, Any]] = {1: {"quarantine": why}}
    assert judge_one(forbids(name), dialogue, marked=apart).value == "passed"
    unheard = "violated" if why is Quarantine.CROSSTALK else "undetermined"
    assert judge_one(expects(name), dialogue, marked=apart).value == unheard


@pytest.mark.parametrize("name", list(SAID))
def test_what_the_other_may_have_said_is_only_suspected(judge_one: JudgeOne, name: str) -> None:
    dialogue = f"客服 [0-5]: 好的\n客服 [6-9]: {SAID[name][1]}"
    assert judge_one(forbids(name), dialogue, marked={1: {"role_confidence": 0.6}}).value == "suspected"


@pytest.mark.parametrize("name", list(SAID))
def test_what_hangs_on_a_doubtful_hit_is_only_suspected(judge_one: JudgeOne, name: str) -> None:
    rule = forbids(name, after={"check": "cue"})
    rule["checks"]["cue"] = {"phrase": ["你闭嘴"], "role": "customer"}
    dialogue = "客户 [0-5]: {cue}\n客服 [6-9]: " + SAID[name][1]
    assert judge_one(rule, dialogue.format(cue="你闭嘴")).value == "violated"
    unsure: dict[int, dict[str, Any]] = {0: {"role_confidence": 0.6}}
    assert judge_one(rule, dialogue.format(cue="你闭嘴"), marked=unsure).value == "suspected"
    assert judge_one(rule, dialogue.format(cue="你好")).value == "passed"


@pytest.mark.parametrize("name", list(SAID))
def test_unclear_speech_makes_a_finding_doubtful_and_proves_no_absence(judge_one: JudgeOne, name: str) -> None:
    heard = f"客服 [0-5]: 好的\n客服 [6-9]: {SAID[name][1]}"
    assert judge_one(forbids(name), heard, probability=0.1).value == "suspected"
    assert judge_one(expects(name), "客服 [0-5]: 今天天气真的不错", probability=0.3).value == "undetermined"


@pytest.mark.parametrize("name", list(SAID))
def test_a_role_rule_is_not_judged_where_the_roles_are_not_known(judge_one: JudgeOne, name: str) -> None:
    assert judge_one(forbids(name), f"客服 [0-5]: {SAID[name][1]}", roles_known=False).value == "undetermined"
