from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rulepack.operators.asking import questions
from tests.rulepack.conftest import JudgeOne
from tests.rulepack.operators.conftest import view_of

OPEN, CLOSED, LEADING, REFLECTIVE = "open", "closed", "leading", "reflective"


@pytest.mark.parametrize(
    ("said", "types"),
    [
        ("请问您今天需要咨询什么问题？", [OPEN]),
        ("请问您今天需要咨询什么问题", [OPEN]),
        ("有什么可以帮您的吗", [OPEN]),
        ("能否请您提供一些具体细节", [OPEN]),
        ("麻烦您描述一下当时的情况", [OPEN]),
        ("您是什么时候买的", [OPEN]),
        ("为什么一直没有发货", [OPEN]),
        ("您几点方便接电话", [OPEN]),
        ("您的订单号呢？", [OPEN]),
        ("您的意思是什么", [OPEN]),
        ("您还有什么问题吗", [CLOSED]),
        ("您是本人吗", [CLOSED]),
        ("您收到货了没有", [CLOSED]),
        ("您是要退款还是要换货", [CLOSED]),
        ("您是不是没有收到货", [CLOSED]),
        ("这样处理可以吗?", [CLOSED]),
        ("您的订单是昨天下的对吧", [LEADING]),
        ("您已经收到货了是不是", [LEADING]),
        ("难道您没有看说明书吗", [LEADING]),
        ("您是王先生吧？", [LEADING]),
        ("您的意思是想退款是吗", [REFLECTIVE]),
        ("您是说一直没有收到货", [REFLECTIVE]),
        ("根据您的描述是机器打不开对吗", [REFLECTIVE]),
        ("您刚才说昨天下的单对吧", [REFLECTIVE]),
        ("请问您是王先生吗您什么时候方便收货", [CLOSED, OPEN]),
        ("为什么你们这么慢我要投诉你们能快点吗", [OPEN, CLOSED]),
    ],
)
def test_what_kind_of_question_it_is(said: str, types: list[str]) -> None:
    assert [(q.type, q.marked) for q in questions(view_of(f"客服: {said}"))] == [(t, True) for t in types]


@pytest.mark.parametrize(
    "said",
    [
        "没什么问题",
        "有什么问题随时联系我们",
        "什么都可以",
        "过几天给您回复",
        "几个工作日内到账",
        "您稍等一下吧",
        "好吧",
        "怎么会这样",
        "无论如何都会给您答复",
        "您刚才说的我记下了",
        "好的嗯没有不是的",
        "您好不好意思让您久等了",
        "我明白您的意思",
        "如果有什么不合适的话",
    ],
)
def test_what_only_looks_like_a_question_is_none(said: str) -> None:
    assert questions(view_of(f"客服: {said}")) == ()


@pytest.mark.parametrize("said", ["我帮您看一下是不是系统问题", "应该明天能到吧", "您的单号？"])
def test_what_may_be_a_question_is_not_sure(said: str) -> None:
    assert [q.marked for q in questions(view_of(f"客服: {said}"))] == [False]


def rule(written: Any, *, expects: bool = True, **more: Any) -> dict[str, Any]:
    checks = {"asked": {"question": written, "role": "agent"} | more}
    return {"checks": checks, "expect" if expects else "forbid": "asked"}


@pytest.mark.parametrize(
    ("check", "dialogue", "verdict"),
    [
        (rule("open"), "客服: 您遇到了什么问题", "passed"),
        (rule("open"), "客服: 您是要退货吗", "violated"),
        (rule("open"), "客户: 什么时候到\n客服: 明天", "violated"),
        (rule(["open", "closed"], min=2), "客服: 您遇到了什么问题\n客服: 是新买的吗", "passed"),
        (rule(["open", "closed"], min=2), "客服: 您遇到了什么问题\n客服: 是新买的", "violated"),
        (rule("closed", expects=False), "客服: 我查一下是不是系统问题", "suspected"),
        (rule("closed"), "客服: 我查一下是不是系统问题", "passed"),
        (rule("leading", expects=False), "客服: 您已经签收了对吧", "violated"),
        (rule("open", within={"first": "1 turns"}), "客服: 您好\n客服: 有什么可以帮您", "violated"),
    ],
)
def test_questions_in_rules(judge_one: JudgeOne, check: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(check, dialogue).value == verdict


def test_unclear_speech_makes_a_question_doubtful_and_its_absence_unknown(judge_one: JudgeOne) -> None:
    asked = "客服 [0-3]: 您已经签收了对吧"
    assert judge_one(rule("leading", expects=False), asked, probability=0.1).value == "suspected"
    assert judge_one(rule("open"), asked, probability=0.1).value == "undetermined"


def test_the_evidence_names_the_type_and_quotes_the_question(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(rule("leading", expects=False), "客服: 好的。您已经签收了对吧?").findings
    assert finding.explanation == "客服说“您已经签收了对吧”,是引导性提问"
    assert finding.text[finding.char_start : finding.char_end] == "您已经签收了对吧"


@given(st.lists(st.text("您是什么时候吗吧呢对怎么几点不还没有?？。,了", max_size=30), min_size=1, max_size=4))
def test_a_question_lies_within_a_turn_and_no_two_of_a_turn_overlap(said: list[str]) -> None:
    view = view_of("\n".join(f"客服: {text}" for text in said))
    found = questions(view)
    assert all(0 <= q.start < q.end <= len(view.normal[q.turn].text) for q in found)
    places = [(q.turn, q.start, q.end) for q in found]
    assert places == sorted(places)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(places))
