from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import RuleError
from pipeline.domain.transcript import Quarantine
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.similar import SimilarParams, similar
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.rulepack.operators.conftest import outcome_of, view_of

CALM = "您别着急,我马上帮您处理"
FEEL = "我完全理解您的心情"
WHEN = "退款多久能到账"
LOST = "快递一直没有收到"
MORE = "请问还有其他可以帮您的吗"


def said_like(example: str, said: str, **params: Any) -> Truth:
    written = SimilarParams(similar=(example,), **params)
    return outcome_of(similar, written, view_of(f"客服: {said}", written)).truth


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (CALM, "您别着急,我马上帮您处理"),
        (CALM, "请不要着急马上就为您处理好"),
        (CALM, "我马上处理,您别着急"),
        (FEEL, "您的心情我特别能理解"),
        (FEEL, "嗯我很理解您现在的感受"),
        (WHEN, "这个退款要几天才能到账啊"),
        (LOST, "我的包裹到现在都没收到"),
        (MORE, "您还有别的需要帮忙的吗"),
        (MORE, "好的那我这边已经登记了还有其他问题需要我帮您处理吗"),
        ("机器开不了机", "机器打不开机了"),
        ("请您稍等我查询一下", "您稍等一下我帮您查查"),
    ],
)
def test_the_same_in_other_words(example: str, said: str) -> None:
    assert said_like(example, said) is Truth.TRUE


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (CALM, "我帮您处理一下发票的问题"),
        (CALM, "我很着急你们怎么还不处理"),
        (FEEL, "您理解错了"),
        (FEEL, "我不理解您的意思"),
        (FEEL, "今天心情不错"),
        (WHEN, "我要申请退款"),
        (WHEN, "快递多久能到"),
        (LOST, "快递已经收到了"),
        (LOST, "快递费是多少"),
        (MORE, "请问您贵姓"),
        ("机器开不了机", "发票开不了"),
        ("价格太贵了", "价格不贵"),
    ],
)
def test_something_else_in_some_of_the_same_words(example: str, said: str) -> None:
    assert said_like(example, said) is Truth.FALSE


@pytest.mark.parametrize(
    ("example", "said"),
    [(LOST, "货到现在还没拿到"), ("我想取消这个订单", "这个单子我不要了"), (FEEL, "换了是我也一样会生气")],
)
def test_a_paraphrase_that_shares_no_telling_word_is_not_found(example: str, said: str) -> None:
    assert said_like(example, said) is Truth.FALSE


@pytest.mark.parametrize(
    ("said", "truth"),
    [("感谢您的耐心等待", Truth.TRUE), ("感谢您的来电", Truth.DOUBTFUL), ("请您耐心等待", Truth.FALSE)],
)
def test_what_nearly_reaches_the_threshold_is_doubtful(said: str, truth: Truth) -> None:
    assert said_like("感谢您的耐心等待", said) is truth
    assert said_like("感谢您的耐心等待", said, threshold=1) is (truth if truth is Truth.TRUE else Truth.FALSE)


def test_a_homophone_counts_a_little_less(judge_one: JudgeOne) -> None:
    rule = {"checks": {"c": {"similar": [FEEL], "threshold": 0.6, "role": "agent"}}, "expect": "c"}
    assert judge_one(rule, "客服 [0-3]: 我很力解您的心情").value == "passed"
    assert judge_one(rule, "客服 [0-3]: 我恨里解您的新情").value == "passed"


RULE: dict[str, Any] = {
    "checks": {"c": {"similar": [CALM, FEEL], "role": "agent", "unless": ["客户说"]}},
    "expect": "c",
}


@pytest.mark.parametrize(
    ("dialogue", "options", "verdict"),
    [
        ("客服: 很理解您的心情", {}, "passed"),
        ("客服: 请问单号", {}, "violated"),
        ("客户: 很理解您的心情\n客服: 请问单号", {}, "violated"),
        ("客服: 客户说理解您的心情", {}, "violated"),
        ("客服: 客户说的。很理解您的心情。", {}, "passed"),
        ("客服 [0-3]: 我能理解您的心情", {"marked": {0: {"role_confidence": 0.6}}}, "suspected"),
        ("客服 [0-3]: 我能理解您的心情\n客服 [4-5]: 好的", {"marked": {0: {"quarantine": Quarantine.STOCK}}},
         "undetermined"),
        ("客服 [0-3]: 今天天气真不错", {"probability": 0.2}, "undetermined"),
    ],
)  # fmt: skip
def test_likeness_in_rules(judge_one: JudgeOne, dialogue: str, options: dict[str, Any], verdict: str) -> None:
    assert judge_one(RULE, dialogue, **options).value == verdict


def test_the_evidence_shows_the_words_and_the_example(judge_one: JudgeOne) -> None:
    rule = {"checks": {"c": {"similar": [FEEL]}}, "forbid": "c"}
    (finding,) = judge_one(rule, "客服: 好的。我很理解您的心情,请说。").findings
    assert finding.explanation == "客服说“我很理解您的心情”,与例句“我完全理解您的心情”意思相近(91%)"
    assert finding.text[finding.char_start : finding.char_end] == finding.matched


@pytest.mark.parametrize("examples", [[], [""], ["嗯"], ["。"], ["字" * 201]])
def test_examples_that_say_nothing_are_refused(write_pack: WritePack, examples: list[str]) -> None:
    with pytest.raises(RuleError):
        load_rules([write_pack({"checks": {"c": {"similar": examples}}, "expect": "c"})])


@given(st.text("退款多久到账快递收没您请不别着急处理", min_size=4, max_size=20))
def test_every_sentence_is_like_itself(said: str) -> None:
    assert said_like(said, said) is Truth.TRUE
