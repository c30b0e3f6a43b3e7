from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Quarantine
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.repeat import LOOK_BACK, RepeatParams, repeat
from tests.rulepack.conftest import JudgeOne
from tests.rulepack.operators.conftest import outcome_of, view_of


def rule(role: str = "customer", **params: Any) -> dict[str, Any]:
    return {"checks": {"again": {"repeat": params, "role": role}}, "forbid": "again"}


ASK = "客户: 我的包裹为什么还没有到\n客服: 我看看\n客户: 我的包裹为什么还没到\n"


@pytest.mark.parametrize(
    ("params", "dialogue", "verdict"),
    [
        ({}, ASK, "violated"),
        ({"similarity": 1}, ASK, "passed"),
        ({"min_chars": 12}, ASK, "passed"),
        ({"count": 2}, ASK, "passed"),
        ({"count": 2}, ASK + "客户: 我的包裹为什么还没有到啊", "violated"),
        ({}, "客户: 我的包裹为什么还没到\n客户: 我的包果为什么还没道", "violated"),
        ({}, "客户: 我的包裹为什么还没到\n客服: 我的包裹为什么还没到", "passed"),
        ({}, "客户: 好的好的\n客户: 好的好的", "passed"),
        ({}, "客户: 我的包裹没到。我要退款。\n客户: 那个。我的包裹没到!", "violated"),
        ({}, "客户: 我的包裹没有到\n客户: 一\n客户: 二\n客户: 我的包裹没有到", "violated"),
        ({}, "客户: 我的包裹没有到\n客户: 一\n客户: 二\n客户: 三\n客户: 我的包裹没有到", "passed"),
        ({"within": 4}, "客户: 我的包裹没有到\n客户: 一\n客户: 二\n客户: 三\n客户: 我的包裹没有到", "violated"),
        ({"within": 0}, "客户: 我的包裹没有到。我的包裹没有到。", "violated"),
        ({"within": 0}, "客户: 我的包裹没有到\n客户: 我的包裹没有到", "passed"),
    ],
)
def test_saying_it_again(judge_one: JudgeOne, params: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(rule(**params), dialogue).value == verdict


def test_the_evidence_shows_both_sayings_and_how_alike_they_are(judge_one: JudgeOne) -> None:
    dialogue = "客户 [1-3]: 我的包裹为什么还没有到\n客户 [65-68]: 我的包裹为什么还没到"
    (finding,) = judge_one(rule(), dialogue).findings
    assert (finding.turn, finding.matched, finding.start_ms) == (1, "我的包裹为什么还没到", 65_000)
    assert finding.explanation == "客户在第 1 轮(00:01)说“我的包裹为什么还没有到”,又说“我的包裹为什么还没到”(相似 95%)"


@pytest.mark.parametrize(
    ("marked", "probability", "verdict"),
    [
        ({}, 1.0, "violated"),
        ({0: {"quarantine": Quarantine.REPEATED}}, 1.0, "passed"),
        ({0: {"role_confidence": 0.6}}, 1.0, "suspected"),
        ({1: {"role_confidence": 0.6}}, 1.0, "suspected"),
        ({1: {"back_channel": True}}, 1.0, "passed"),
        ({}, 0.1, "suspected"),
    ],
)
def test_what_was_not_surely_said_twice_is_no_repetition(
    judge_one: JudgeOne, marked: dict[int, Any], probability: float, verdict: str
) -> None:
    dialogue = "客户 [0-3]: 我的包裹没有到\n客户 [5-8]: 我的包裹没有到"
    assert judge_one(rule(), dialogue, marked=marked, probability=probability).value == verdict


@pytest.mark.parametrize(("between", "found"), [(LOOK_BACK - 1, True), (LOOK_BACK, False)])
def test_one_endless_message_is_compared_only_so_far_back(between: int, found: bool) -> None:
    other = "".join(f"{chr(0x4E00 + 7 * i) * 8}。" for i in range(between))
    params = RepeatParams(within=0)
    view = view_of(f"客户: 我的包裹没有到。{other}我的包裹没有到。", params)
    said_again = [hit.matched for hit in outcome_of(repeat, params, view).hits]
    assert ("我的包裹没有到" in said_again) == found


@given(st.lists(st.text("一二三四五六七八九十", min_size=6, max_size=6), min_size=1, max_size=8), st.integers(1, 8))
def test_equal_turns_are_found_exactly_within_the_distance(said: list[str], within: int) -> None:
    turns = ["甲乙丙丁" + "".join(f"{c}丑" for c in text) for text in said]
    params = RepeatParams(within=within, similarity=1)
    wanted = any(turns[i] == turns[j] for i in range(len(turns)) for j in range(max(0, i - within), i))
    found = outcome_of(repeat, params, view_of("\n".join(f"客户: {t}" for t in turns), params))
    assert (found.truth is Truth.TRUE) == wanted
