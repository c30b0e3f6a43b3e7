"""Customers beyond reason: what is a sign of it, and what is anybody's right."""

from __future__ import annotations

import pytest

from pipeline.domain.course import Grade
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding, MatchKind, Verdict, VerdictValue
from pipeline.emotion.threats import (
    COMPENSATION_RULE,
    COMPLAINT_RULE,
    MENACE_RULE,
    REGULATOR_RULE,
    ULTIMATUM_RULE,
)
from pipeline.emotion.unreasonable import unreasonable
from tests.emotion.calls import A, C, Said, seen, sign

CALM, ANGRY = EmotionLabel.CALM, EmotionLabel.ANGRY
DEMANDS: Said = (C, "你们必须给我退款", CALM)
REFUSES: Said = (A, "非常抱歉这个我们没办法给您退款", CALM)
RECORDS: Said = (A, "好的我帮您登记一下", CALM)
HOLDS_ON: Said = (C, "今天不退我就不挂了跟你们耗到底", CALM)


def rule(rule_id: str, *said: tuple[int, str, str]) -> Verdict:
    """The rule's verdict: it found the last text within the other one, in these turns."""
    findings = tuple(
        Finding(
            rule_id=rule_id,
            check="threat",
            operator="regex",
            match=MatchKind.PATTERN,
            confidence=0.9,
            explanation="",
            turn=turn,
            role=Role.CUSTOMER,
            char_start=text.index(matched),
            char_end=text.index(matched) + len(matched),
            text=text,
            matched=matched,
        )
        for turn, text, matched in said
    )
    value = VerdictValue.VIOLATED if findings else VerdictValue.PASSED
    return Verdict(rule_id=rule_id, rule_version=1, value=value, reason="", findings=findings)


def test_who_soberly_cites_the_law_and_will_complain_is_within_reason() -> None:
    law = "按照消费者权益保护法应该三倍赔偿"
    complains = "你们不处理我就打一二三一五投诉"
    keeps = "我手机里有通话录音"
    call = seen(
        *[(C, text, CALM) for text in (law, complains, keeps)] * 3,
        verdicts=(
            rule(REGULATOR_RULE, (0, law, "消费者权益保护法"), (1, complains, "一二三一五"), (3, law, "保护法")),
            rule(COMPLAINT_RULE, (1, complains, "投诉"), (4, complains, "投诉")),
            rule(ULTIMATUM_RULE, (1, complains, "不处理我就打一二三一五投诉"), (2, keeps, "有通话录音")),
            rule(COMPENSATION_RULE, (0, law, "三倍赔偿"), (3, law, "三倍赔偿")),
            rule(MENACE_RULE),
        ),
    )
    trait = unreasonable(call)
    assert [s.code for s in trait.signs if s.strength != 0] == ["insisting"]
    assert sign(trait, "insisting").value is None, "no agent was heard"
    assert trait.grade is Grade.NONE


def test_demands_that_nobody_answered_are_none_and_that_were_answered_alone_not_enough() -> None:
    assert sign(unreasonable(seen(*[DEMANDS, RECORDS] * 12)), "insisting").value == 0
    trait = unreasonable(seen(*[REFUSES, DEMANDS] * 8))
    assert sign(trait, "insisting").turns == tuple(range(1, 16, 2))
    assert sign(trait, "insisting").strength == 1
    assert trait.grade is Grade.NONE


def test_one_answer_is_one_round_however_often_it_is_demanded_after() -> None:
    assert sign(unreasonable(seen(DEMANDS, REFUSES, *[DEMANDS] * 9)), "insisting").value == 1


def test_to_insist_and_to_hold_on_to_the_line_is_unreasonable() -> None:
    trait = unreasonable(seen(*[REFUSES, DEMANDS] * 6, HOLDS_ON, (C, "你敢挂试试", CALM)))
    assert sign(trait, "menace").turns == (12, 13)
    assert trait.grade is Grade.SIGNS
    assert "纠缠" in trait.explanation


def test_to_insist_with_abuse_is_unreasonable() -> None:
    call = seen(*[REFUSES, DEMANDS] * 6, (C, "你是不是有病", ANGRY), (C, "你们都是王八蛋", ANGRY))
    trait = unreasonable(call)
    assert trait.grade is Grade.SIGNS
    assert sign(trait, "menace").value is None, "no rule said anything of menaces"


def test_abuse_alone_is_loss_of_control_and_not_this() -> None:
    assert unreasonable(seen(RECORDS, *[(C, "你们都是王八蛋", ANGRY)] * 5)).grade is Grade.NONE


@pytest.mark.parametrize(
    ("rule_id", "matched", "counts"),
    [
        (MENACE_RULE, "去把你们店砸了", True),
        (ULTIMATUM_RULE, "这事没完", True),
        (ULTIMATUM_RULE, "天天投诉", True),
        (ULTIMATUM_RULE, "让你的店开不下去", True),
        (ULTIMATUM_RULE, "不退我就去消协", False),
        (ULTIMATUM_RULE, "要么就打幺二三幺五", False),
        (ULTIMATUM_RULE, "不给处理我就起诉去法院", False),
        (ULTIMATUM_RULE, "找到你们总部", False),
        (ULTIMATUM_RULE, "我都录音了", False),
    ],
)
def test_what_everybody_may_do_is_no_menace(rule_id: str, matched: str, counts: bool) -> None:
    trait = unreasonable(seen((C, matched, CALM), RECORDS, verdicts=(rule(rule_id, (0, matched, matched)),)))
    assert sign(trait, "menace").value == counts


@pytest.mark.parametrize(
    ("text", "matched", "counts"),
    [
        ("再赔我精神损失费", "精神损失费", True),
        ("得赔我五万块", "得赔我五万块", True),
        ("按规定退一赔三", "退一赔三", False),
        ("医药费你们报不报", "医药费", False),
        ("我没要你们精神损失费", "精神损失费", False),
        ("我不跟你提什么精神损失", "精神损失", False),
    ],
)
def test_claims_that_law_or_costs_measure_and_claims_waived_are_none(text: str, matched: str, counts: bool) -> None:
    judged = rule(COMPENSATION_RULE, (0, text, matched))
    assert sign(unreasonable(seen((C, text, CALM), verdicts=(judged,))), "compensation").value == counts


@pytest.mark.parametrize("text", ["你到底能不能听懂我说的", "你是新来的吧", "找个懂业务的来接", "你算老几"])
def test_to_put_down_who_listens_is_a_sign_from_the_second_time_on(text: str) -> None:
    once, twice = (unreasonable(seen(*[(C, text, CALM)] * n)) for n in (1, 2))
    assert sign(once, "belittling").strength == 0
    assert sign(twice, "belittling").turns == (0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "我听不懂你说的流程",
        "我没听懂",
        "我是新来的业主",
        "我不是说你没素质",
        "你先别挂我找一下单号",
        "我等了两个小时",
        "我打了两个小时电话",
        "推销的天天给我打",
        "我不敢挂",
    ],
)
def test_words_that_only_look_like_it_are_none(text: str) -> None:
    judged = (rule(MENACE_RULE), rule(ULTIMATUM_RULE))
    trait = unreasonable(seen(*[(C, text, CALM)] * 3, verdicts=judged))
    assert sign(trait, "belittling").value == 0
    assert sign(trait, "menace").value == 0
