from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.errors import RuleError
from pipeline.rulepack.lint import lint
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.near import Distance, NearParams, near
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.rulepack.operators.conftest import outcome_of, view_of


def rule(within: str, *, expects: bool = False, **more: Any) -> dict[str, Any]:
    params = {"first": ["保证", "承诺"], "second": ["收益", "回报"], "within": within} | more
    return {"checks": {"c": {"near": params, "role": "agent"}}, "expect" if expects else "forbid": "c"}


@pytest.mark.parametrize(
    ("within", "dialogue", "verdict"),
    [
        ("4 chars", "客服: 保证您有收益", "violated"),
        ("1 chars", "客服: 保证您有收益", "passed"),
        ("2 chars", "客服: 保证,您有……收益", "violated"),
        ("4 chars", "客服: 收益我们保证", "violated"),
        ("4 chars", "客服: 保证金\n客服: 收益", "passed"),
        ("0 turns", "客服: 保证一直到明年都会有很好的收益", "violated"),
        ("0 turns", "客服: 保证\n客服: 有收益", "passed"),
        ("1 turns", "客服: 保证\n客服: 有收益", "violated"),
        ("1 turns", "客服: 保证\n客户: 嗯哼\n客服: 有收益", "passed"),
        ("2 turns", "客服: 保证\n客户: 嗯哼\n客服: 有收益", "violated"),
        ("2 turns", "客户: 保证吗\n客服: 有收益", "passed"),
        ("5s", "客服 [0-2]: 我保证\n客服 [4-6]: 有收益", "violated"),
        ("5s", "客服 [0-2]: 我保证\n客服 [8-10]: 有收益", "passed"),
        ("5s", "客服 [0-2]: 我保证\n客服 [6.2-8]: 有收益", "suspected"),
        ("5s", "客服: 我保证\n客服: 有收益", "not_applicable"),
        ("5s", "客服: 我保证\n客服: 好的", "passed"),
        ("4 chars", "客服: 保正您有收益", "suspected"),
    ],
)  # fmt: skip
def test_two_phrases_near_each_other(judge_one: JudgeOne, within: str, dialogue: str, verdict: str) -> None:
    assert judge_one(rule(within), dialogue).value == verdict


@pytest.mark.parametrize(("said", "verdict"), [("保证有收益", "violated"), ("收益有保证", "passed")])
def test_an_order_can_be_asked_for(judge_one: JudgeOne, said: str, verdict: str) -> None:
    assert judge_one(rule("4 chars", ordered=True), f"客服: {said}").value == verdict


def test_the_same_characters_are_never_both(judge_one: JudgeOne) -> None:
    both = {"first": ["可以退"], "second": ["不可以退"], "within": "2 turns"}
    assert judge_one({"checks": {"c": {"near": both}}, "forbid": "c"}, "客服: 不可以退").value == "passed"
    assert judge_one({"checks": {"c": {"near": both}}, "forbid": "c"}, "客服: 可以退又不可以退").value == "violated"


def test_what_excuses_one_of_them_excuses_the_pair(judge_one: JudgeOne) -> None:
    excused = rule("6 chars", unless=["不能保证"])
    assert judge_one(excused, "客服: 我们不能保证有收益").value == "passed"


def test_a_voice_call_without_times_cannot_be_judged_by_seconds(judge_one: JudgeOne) -> None:
    assert judge_one(rule("5s"), "客服: 保证\n客服: 收益", channel=Channel.VOICE).value == "undetermined"


def test_not_finding_them_in_unclear_speech_is_no_proof(judge_one: JudgeOne) -> None:
    expected = rule("4 chars", expects=True)
    assert judge_one(expected, "客服 [0-3]: 抱着您有手艺吧", probability=0.3).value == "undetermined"
    assert judge_one(expected, "客服 [0-3]: 今天天气很好", probability=0.9).value == "violated"


def test_the_evidence_shows_both_and_how_far_apart(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(rule("4 chars"), "客服: 我们保证您有收益的").findings
    assert (finding.matched, finding.turn) == ("保证您有收益", 0)
    assert finding.text[finding.char_start : finding.char_end] == finding.matched
    assert finding.explanation == "客服说“保证”,隔 2 个字又说“收益”"
    (apart,) = judge_one(rule("2 turns"), "客服: 我保证\n客服: 有收益").findings
    assert "“保证”" in apart.explanation
    assert "“收益”" in apart.explanation


@pytest.mark.parametrize("within", ["5", "5 words", "-1 turns", 5, None, "5 %"])
def test_a_distance_that_is_none_is_refused(write_pack: WritePack, within: Any) -> None:
    with pytest.raises(RuleError, match=r"距离|within"):
        load_rules([write_pack(rule(within))])


def test_phrases_that_were_run_together_are_pointed_out(write_pack: WritePack) -> None:
    (pack,) = load_rules([write_pack(rule("4 chars", first=["保证\uff0c承诺"]))]).packs
    assert [p.problem.what for p in lint(pack, []) if "全角标点" in p.problem.what]
    (pack,) = load_rules([write_pack(rule("4 chars"))]).packs
    assert not [p.problem.what for p in lint(pack, []) if "全角标点" in p.problem.what]


@given(
    st.lists(st.sampled_from(["保证", "收益", "好", "的"]), min_size=1, max_size=12),
    st.integers(0, 8),
    st.booleans(),
)
def test_it_finds_a_pair_exactly_where_a_naive_search_does(said: list[str], within: int, ordered: bool) -> None:
    text = "".join(said)
    firsts = [i for i in range(len(text)) if text.startswith("保证", i)]
    seconds = [i for i in range(len(text)) if text.startswith("收益", i)]
    wanted = any(
        0 <= b - a - 2 <= within or (not ordered and 0 <= a - b - 2 <= within) for a in firsts for b in seconds
    )
    params = NearParams(
        first=("保证",), second=("收益",), within=Distance.model_validate(f"{within} chars"), ordered=ordered
    )
    assert (outcome_of(near, params, view_of(f"客服: {text}", params)).truth is Truth.TRUE) == wanted
