"""How a rule's phrases and patterns, and their excuses, are found in what was said."""

from typing import Any

import pytest

from pipeline.domain.verdict import VerdictValue
from tests.rulepack.conftest import JudgeOne
from tests.rulepack.sample_rules import SHIRK

REGEX: dict[str, Any] = {
    "checks": {"limit": {"regex": "[0-9]+(小时|分钟)内", "role": "agent", "unless": "不能在[0-9]+小时内"}},
    "expect": "limit",
}


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("我会在二十四小时内回复您", "passed"),
        ("15 分钟内给您回复", "passed"),
        ("我会尽快回复您", "violated"),
        ("我们不能在24小时内回复", "violated"),
        ("24小是内给您回复", "passed"),
    ],
)
def test_a_pattern_sees_numbers_as_digits(judge_one: JudgeOne, said: str, verdict: str) -> None:
    assert judge_one(REGEX, f"客服: {said}").value == verdict


@pytest.mark.parametrize(
    ("regex", "match", "verdict"),
    [("稍(等|候)", "sound", "passed"), ("稍(等|候)", "exact", "violated"), ("少[一-龥]", "sound", "passed")],
)
def test_a_pattern_matches_by_sound_unless_told_not_to(
    judge_one: JudgeOne, regex: str, match: str, verdict: str
) -> None:
    rule = {"checks": {"wait": {"regex": regex, "match": match, "role": "agent"}}, "expect": "wait"}
    assert judge_one(rule, "客服 [0-2]: 请您少等").value == verdict


@pytest.mark.parametrize(
    ("dialogue", "verdict"),
    [("客服: 请稍\n客服: 等", "violated"), ("客服: 稍等", "passed"), ("客服: 请稍等", "violated")],
)
def test_a_pattern_stays_within_a_turn_and_its_anchors_are_the_turns_ends(
    judge_one: JudgeOne, dialogue: str, verdict: str
) -> None:
    rule = {"checks": {"wait": {"regex": "^稍[^好]*等$", "role": "agent"}}, "expect": "wait"}
    assert judge_one(rule, dialogue).value == verdict


SET: dict[str, Any] = {
    "checks": {"both": {"phrase": ["感谢", "再见"], "min": "all", "in": "turn", "role": "agent"}},
    "expect": "both",
}


@pytest.mark.parametrize(
    ("dialogue", "verdict"),
    [("客服: 感谢您,再见", "passed"), ("客服: 感谢您\n客服: 再见", "violated")],
)
def test_a_set_of_phrases_can_have_to_meet_in_one_turn(judge_one: JudgeOne, dialogue: str, verdict: str) -> None:
    assert judge_one(SET, dialogue).value == verdict


def test_an_excuse_is_not_hidden_by_one_that_begins_before_it(judge_one: JudgeOne) -> None:
    words = {"label": "说不予赔付", "regex": "不予赔付", "unless": "(如果|可能).{0,8}", "role": "agent"}
    rule = {"checks": {"words": words}, "forbid": "words"}
    assert judge_one(rule, "客服: 如果材料不全可能会不予赔付").value is VerdictValue.PASSED
    assert judge_one(rule, "客服: 如果不方便明天来,我们还是不予赔付").value is VerdictValue.VIOLATED


def test_asking_whether_something_can_be_done_denies_nothing(judge_one: JudgeOne) -> None:
    rule = {"checks": {"words": {"phrase": ["删一下差评"], "role": "agent", "unless": ["不能"]}}, "forbid": "words"}
    assert judge_one(rule, "客服: 我们不能删一下差评了事").value is VerdictValue.PASSED
    assert judge_one(rule, "客服: 您能不能删一下差评").value is VerdictValue.VIOLATED


def test_an_excuse_of_a_syllable_or_two_must_be_said_as_it_is_written(judge_one: JudgeOne) -> None:
    rule = {"checks": {"words": {"phrase": ["传票寄到"], "role": "agent", "unless": ["未"]}}, "forbid": "words"}
    assert judge_one(rule, "客服: 传票寄到你单位").value is VerdictValue.VIOLATED
    assert judge_one(rule, "客服: 传票寄到之前未告知").value is VerdictValue.PASSED


MOCKING: dict[str, Any] = {
    "kind": "banned",
    "checks": {"c": {"phrase": ["随你便"], "role": "agent"}},
    "forbid": "c",
}
ASKED: dict[str, Any] = {"checks": {"c": {"phrase": ["再见"], "role": "agent"}}, "expect": "c"}
NEARLY: dict[str, Any] = {
    "kind": "banned",
    "checks": {"c": {"phrase": ["去投诉好了"], "role": "agent", "match": "close"}},
    "forbid": "c",
}


@pytest.mark.parametrize(
    ("rule", "said", "verdicts"),
    [
        (MOCKING, "岁你便", ("violated", "violated", "suspected")),
        (MOCKING, "随你便", ("violated", "violated", "violated")),
        (ASKED, "在间", ("passed", "passed", "suspected")),
        (ASKED, "再见", ("passed", "passed", "passed")),
        (NEARLY, "去头素好了", ("violated", "violated", "violated")),
        (NEARLY, "去投护好了", ("violated", "violated", "suspected")),
    ],
    ids=["another tone", "word for word", "two homophones expected", "said", "homophones", "one wrong syllable"],
)
def test_the_graver_a_rule_the_surer_a_hit_must_be(
    rule: dict[str, Any], said: str, verdicts: tuple[str, ...], judge_one: JudgeOne
) -> None:
    found = [judge_one(rule | {"severity": s}, f"客服 [0-3]: {said}").value for s in ("minor", "major", "critical")]
    assert tuple(found) == verdicts


@pytest.mark.parametrize(
    ("severity", "said", "verdict"),
    [
        ("minor", "这个呃不归那个我管", "violated"),
        ("critical", "这个呃不归那个我管", "suspected"),
        ("critical", "这个呃不归啊我管", "violated"),
        ("minor", "不归我们管", "passed"),
    ],
)
def test_a_filler_within_a_banned_phrase_does_not_hide_it(
    severity: str, said: str, verdict: str, judge_one: JudgeOne
) -> None:
    assert judge_one(SHIRK | {"severity": severity}, f"客服 [0-3]: {said}").value == verdict
