"""Customers who are dissatisfied but quiet: which signs, by whose words."""

from __future__ import annotations

import pytest

from pipeline.domain.course import Grade, Trait
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Turn
from pipeline.domain.verdict import VerdictValue
from pipeline.emotion.course_of_call import course_of_call
from pipeline.emotion.discontent import CHURN_RULE, dissatisfied
from pipeline.emotion.seen import CallSeen
from tests.emotion.calls import C, Said, by_its_neighbours, felt, seen, sign
from tests.emotion.test_threats import verdict

CALM, UPSET = EmotionLabel.CALM, EmotionLabel.DISSATISFIED
ASKS: Said = (C, "我想问一下怎么退货", CALM)
GRUMBLES: Said = (C, "为了这点事情折腾一整天", UPSET)


def told(call: CallSeen) -> Trait:
    return dissatisfied(call, course_of_call(call))


def spoken(*emotions: TurnEmotion) -> CallSeen:
    turns = tuple(Turn(n, C, "这台洗衣机上个月才装好") for n in range(len(emotions)))
    return seen(turns=turns, emotions=emotions)


def test_a_mood_that_falls_and_ends_badly_is_discontent() -> None:
    trait = told(seen(*[ASKS] * 4, *[(C, "你们这样处理我不接受", UPSET)] * 4))
    assert trait.grade is Grade.CLEAR
    assert sign(trait, "falling").value == pytest.approx(0.6)
    assert sign(trait, "bad_end").value == 3
    assert sign(trait, "rejecting").turns == (4, 5, 6, 7)


def test_a_mood_that_rises_is_none() -> None:
    rises: tuple[Said, ...] = (*[(C, "你们这样处理我不接受", UPSET)] * 2, *[ASKS] * 6)
    assert told(seen(*rises)).grade is Grade.NONE


def test_no_feeling_alone_is_discontent() -> None:
    trait = told(seen(*[GRUMBLES] * 12))
    assert sign(trait, "upset").strength == 1
    assert sign(trait, "bad_end").strength == 1
    assert sign(trait, "falling").strength == 0
    assert trait.grade is Grade.SIGNS, "two of them"
    assert told(seen(*[GRUMBLES] * 12, *[ASKS] * 12)).grade is Grade.NONE


def test_turns_that_only_their_neighbours_make_bad_are_no_sign() -> None:
    trait = told(spoken(*[felt(CALM)] * 4, *[by_its_neighbours(UPSET)] * 8))
    assert [s.code for s in trait.signs if s.strength] == []
    assert trait.grade is Grade.NONE
    assert told(spoken(*[felt(CALM)] * 4, *[felt(UPSET)] * 8)).grade is Grade.CLEAR


def test_giving_up_counts_only_at_the_end() -> None:
    gives_up: Said = (C, "跟你说也没用随便你们吧", CALM)
    assert sign(told(seen(*[ASKS] * 5, gives_up)), "giving_up").turns == (5,)
    assert sign(told(seen(gives_up, *[ASKS] * 5)), "giving_up").value == 0


@pytest.mark.parametrize(
    "text",
    [
        "这个方案我不接受",
        "只减五块钱我真的接受不了",
        "不同意",
        "你们就这么打发人吗",
        "那要你们客服还有什么用",
        "维修费还要我出这叫什么解决办法",
        "那这事就算完了是吗",
    ],
)
def test_an_answer_that_is_not_taken_is_a_sign(text: str) -> None:
    assert sign(told(seen(*[ASKS] * 3, (C, text, CALM))), "rejecting").turns == (3,)


@pytest.mark.parametrize(
    "text",
    [
        "店家说他不同意退货",
        "物业那边不接受我的报修",
        "如果我不接受会怎么样",
        "不满意的话可以换吗",
        "为什么不同意呢",
        "我也没有不满意",
        "这个方案我可以接受",
        "这么处理可以的",
    ],
)
def test_what_others_reject_and_what_is_asked_is_none(text: str) -> None:
    assert sign(told(seen(*[ASKS] * 3, (C, text, CALM))), "rejecting").value == 0


def test_what_somebody_begins_with_is_why_he_calls() -> None:
    begins: Said = (C, "上次赔的我不接受", CALM)
    assert sign(told(seen(begins, *[ASKS] * 5)), "rejecting").value == 0


@pytest.mark.parametrize("text", ["我不会再用你们家的了", "我是懒得再来了", "我打算换一家"])
def test_who_says_that_he_leaves_is_heard_without_a_rule(text: str) -> None:
    assert sign(told(seen(ASKS, (C, text, CALM))), "churn").turns == (1,)


@pytest.mark.parametrize("text", ["这个我不会用", "我不想要了", "我就要换一件大的", "卸载重装行不行"])
def test_words_that_only_look_like_leaving_are_none(text: str) -> None:
    judged = verdict(CHURN_RULE, VerdictValue.PASSED)
    assert sign(told(seen(ASKS, (C, text, CALM), verdicts=(judged,))), "churn").value == 0


def test_without_the_rule_that_nobody_says_so_is_unmeasured() -> None:
    assert sign(told(seen(ASKS)), "churn").value is None
