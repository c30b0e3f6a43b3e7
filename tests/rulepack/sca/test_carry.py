"""The JSON here is written from the format's public description; none of it is anybody's rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import RuleError
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import VerdictValue
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.sca import Carried, carry, read_sca
from pipeline.rulepack.view import view_call
from pipeline.signals import measure

VIOLATED, PASSED, UNDETERMINED = VerdictValue.VIOLATED, VerdictValue.PASSED, VerdictValue.UNDETERMINED


def keywords(*words: str, kind: str = "HIT_ANY_KEYWORDS", **param: Any) -> dict[str, Any]:
    return {"oid": "1", "type": kind, "param": {"keywords": list(words), **param}}


def condition(cid: str, *operators: dict[str, Any], logic: str = "1", **reach: Any) -> dict[str, Any]:
    return {"cid": cid, "lambda": logic, "operators": list(operators), "check_range": {"role": "客服", **reach}}


def written(*conditions: dict[str, Any], logic: str, **rule: Any) -> dict[str, Any]:
    return {"conditions": list(conditions), "rules": [{"rid": "7", "name": "导入的规则", "lambda": logic, **rule}]}


@pytest.fixture
def carried(tmp_path: Path) -> Callable[[Any], Carried]:
    def carry_over(value: Any) -> Carried:
        path = tmp_path / "rules.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
        return carry(read_sca(path), pack_id="sca", title="导入", owner="质检组", since=date(2026, 1, 1))

    return carry_over


@pytest.fixture
def verdict(tmp_path: Path, carried: Callable[[Any], Carried]) -> Callable[[Any, str], VerdictValue]:
    """What the rule of a file, carried over, says of a dialogue."""

    def judged(value: Any, dialogue: str) -> VerdictValue:
        result = carried(value)
        assert result.files, result.reports
        folder = tmp_path / "sca"
        folder.mkdir(exist_ok=True)
        for name, text in result.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        rules = load_rules([folder])
        turns = parse_dialogue(dialogue)
        timed = turns[0].start_ms is not None
        channel = Channel.VOICE if timed else Channel.CHAT
        call = Call(call_id="c", channel=channel, source="s", content_hash="h", turns=turns)
        transcript = Transcript(turns=turns, engine="given", duration_ms=turns[-1].end_ms)
        view = view_call(call, transcript, measure(transcript, channel=channel), [None] * len(turns), rules.index)
        (one,) = judge(rules, view)
        return one.value

    return judged


RUDE = condition("1", keywords("没空管", "爱找谁找谁"))
BOTH = condition("1", keywords("保修", "两年", kind="INCLUDE_KEYWORDS"))
TWO = condition("1", keywords("保修", "两年", "免费", kind="INCLUDE_KEYWORDS", keywordMatchSize=2))
NONE = condition("1", keywords("感谢来电", kind="INCLUDE_KEYWORDS", keywordMatchSize=0))
ASKS = condition("1", keywords("退货"), role="客户")
LATER = condition(
    "2", keywords("不能退"), anchor={"cid": "1", "location": "AFTER", "hit_time": -1}, range={"from": 1, "to": 2}
)
SAME = condition("2", keywords("没空管"), anchor={"cid": "1", "location": "CURRENT", "hit_time": 1})
BEFORE = condition("2", keywords("请稍等"), anchor={"cid": "1", "location": "BEFORE", "hit_time": -1})
PATTERN = condition(
    "1", {"oid": "1", "type": "REGULAR_EXPRESSION", "param": {"regex": ".*扣了[0-9]+块.*", "notRegex": "没有扣了"}}
)
PAUSE = condition("1", {"oid": "1", "type": "INTERVAL_GREATER", "param": {"interval": 8000, "different_role": True}})
FAST = condition("1", {"oid": "1", "type": "SPEECH_SPEED_CHECK", "param": {"velocityInMint": 300, "minWordSize": 5}})
TALKS_OVER = condition("1", {"oid": "1", "type": "GRAB", "param": {"delayTime": 1000}})

VERDICTS: list[tuple[str, dict[str, Any], str, VerdictValue]] = [
    ("any keyword", written(RUDE, logic="1"), "客服: 我没空管你", VIOLATED),
    ("any keyword, not said", written(RUDE, logic="1"), "客服: 您请说", PASSED),
    ("the customer's words are not the agent's", written(RUDE, logic="1"), "客户: 你们没空管吗", PASSED),
    ("all keywords", written(BOTH, logic="1"), "客服: 整机保修两年", VIOLATED),
    ("all keywords, in two sentences", written(BOTH, logic="1"), "客服: 保修\n客户: 多久\n客服: 两年", PASSED),
    ("two of three", written(TWO, logic="1"), "客服: 保修期内免费", VIOLATED),
    ("one of three", written(TWO, logic="1"), "客服: 保修期内", PASSED),
    ("none of them is a hit", written(NONE, logic="1"), "客服: 您好", VIOLATED),
    ("none of them, but said", written(NONE, logic="1"), "客服: 感谢来电", PASSED),
    ("denied", written(RUDE, logic="!1"), "客服: 您请说", VIOLATED),
    ("denied, but there", written(RUDE, logic="!1"), "客服: 爱找谁找谁", PASSED),
    ("after another", written(ASKS, LATER, logic="1&&2"), "客户: 我要退货\n客服: 不能退", VIOLATED),
    (
        "after another, too late",
        written(ASKS, LATER, logic="1&&2"),
        "客户: 退货\n客服: 好\n客户: 嗯嗯\n客服: 不能退",
        PASSED,
    ),
    ("not before it", written(ASKS, LATER, logic="1&&2"), "客服: 不能退\n客户: 我要退货", PASSED),
    (
        "in the same sentence",
        written(condition("1", keywords("退货")), SAME, logic="2"),
        "客服: 退货我没空管",
        VIOLATED,
    ),
    (
        "in another sentence",
        written(condition("1", keywords("退货")), SAME, logic="2"),
        "客服: 退货\n客服: 没空管",
        PASSED,
    ),
    ("before another", written(ASKS, BEFORE, logic="1&&!2"), "客服: 您好\n客户: 我要退货", VIOLATED),
    ("said before another", written(ASKS, BEFORE, logic="1&&!2"), "客服: 请稍等\n客户: 我要退货", PASSED),
    ("a pattern", written(PATTERN, logic="1"), "客服: 扣了三十块", VIOLATED),
    ("a pattern that is excused", written(PATTERN, logic="1"), "客服: 没有扣了30块的事", PASSED),
    ("a pause", written(PAUSE, logic="1"), "客户 [0-2]: 怎么还没到\n客服 [12-14]: 在路上", VIOLATED),
    ("a shorter pause", written(PAUSE, logic="1"), "客户 [0-2]: 怎么还没到\n客服 [8-10]: 在路上", PASSED),
    ("fast", written(FAST, logic="1"), "客服 [0-2]: 您的快递已经到了请凭取件码领取", VIOLATED),
    ("not fast", written(FAST, logic="1"), "客服 [0-5]: 您的快递已经到了请凭取件码领取", PASSED),
    (
        "talks over",
        written(TALKS_OVER, logic="1"),
        "客户 [0-5]: 我昨天买的那个一直没有人送过来\n客服 [3-6]: 那您自己去拿",
        VIOLATED,
    ),
]


@pytest.mark.parametrize(("value", "dialogue", "expected"), [v[1:] for v in VERDICTS], ids=[v[0] for v in VERDICTS])
def test_a_carried_rule_judges_as_it_did(
    verdict: Callable[[Any, str], VerdictValue], value: Any, dialogue: str, expected: VerdictValue
) -> None:
    assert verdict(value, dialogue) is expected


RETURNED = {
    "Data": {
        "Conditions": {
            "ConditionBasicInfo": [
                {
                    "ConditionInfoCid": "5",
                    "OperLambda": "8",
                    "CheckRange": {"Role": "客服", "Range": {"From": 1, "To": 2}},
                    "Operators": {
                        "OperatorBasicInfo": [
                            {
                                "Oid": "8",
                                "Type": "HIT_ANY_KEYWORDS",
                                "Param": {"OperKeyWords": {"OperKeyWord": ["您好"]}, "KeywordMatchSize": 1},
                            }
                        ]
                    },
                }
            ]
        },
        "Rules": {"RuleBasicInfo": [{"Rid": "4", "RuleLambda": "!5", "Name": "问候"}]},
    }
}
SPELLINGS = [
    RETURNED,
    {"jsonStr": json.dumps(written(RUDE, logic="!1", rid="4"))},
    [written(RUDE, logic="!1", rid="4")],
    {"data": {"conditions": [RUDE], "rules": [{"rid": 4, "triggers": ["1"]}]}},
]


@pytest.mark.parametrize("value", SPELLINGS)
def test_every_spelling_of_the_format_is_read(verdict: Callable[[Any, str], VerdictValue], value: Any) -> None:
    assert verdict(value, "客服: 您好\n客户: 你好") in (PASSED, VIOLATED)


LEFT_OUT = [
    (written(condition("1", {"oid": "1", "type": "NER_MODEL", "param": {}}), logic="1"), "NER_MODEL"),
    (written(condition("1", {"oid": "1", "type": "X", "param": {"maxEmotionChangeValue": 8}}), logic="1"), "loudness"),
    (
        written(condition("1", {"oid": "1", "type": "REGULAR_EXPRESSION", "param": {"regex": "(?=x)y"}}), logic="1"),
        "断言",
    ),
    (written(condition("1", {"oid": "1", "type": "REGULAR_EXPRESSION", "param": {"regex": ".*"}}), logic="1"), "正则"),
    (written(condition("1", keywords()), logic="1"), "没有写关键词"),
    (written(RUDE, logic="1&&9"), "没有条件“9”"),
    (written(RUDE, logic="1 # 2"), "无法识别"),
    (written(RUDE, logic=""), "没有写逻辑"),
    (written(condition("1", keywords("好"), range={"from": 3, "to": 5}), logic="1"), "第 3 到第 5 句"),
    (written(condition("1", keywords("好"), anchor={"cid": "1", "location": "AFTER"}), logic="1"), "绕成了圈"),
]


@pytest.mark.parametrize(("value", "why"), LEFT_OUT, ids=[w for _, w in LEFT_OUT])
def test_a_rule_whose_sense_would_change_is_left_out_with_the_reason(
    carried: Callable[[Any], Carried], value: Any, why: str
) -> None:
    result = carried(value)
    (report,) = result.reports
    assert report.rule_id is None
    assert why in report.notes[0]
    assert not result.files


def test_what_is_lost_on_the_way_is_reported_and_the_other_rules_come_over(carried: Callable[[Any], Carried]) -> None:
    value = written(condition("1", keywords("没空管", keywordExtension=True)), logic="1")
    value["rules"] += [{"rid": "7", "name": "同号", "lambda": "1"}, {"rid": "8", "name": "坏的", "lambda": "9"}]
    result = carried(value)
    assert [report.rule_id for report in result.reports] == ["sca.imported.r7", "sca.imported.r7_2", None]
    assert "同义词" in result.reports[0].notes[0]


@pytest.mark.parametrize(
    ("text", "what"), [("{", "JSON"), ("[]", "没有找到规则"), ('{"rules": 3}', "没有找到规则"), ("[" * 100_000, "JSON")]
)
def test_a_file_that_holds_no_rules_is_refused(carried: Callable[[Any], Carried], text: str, what: str) -> None:
    with pytest.raises(RuleError, match=what):
        carried(text)
