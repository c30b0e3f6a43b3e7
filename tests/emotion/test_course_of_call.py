"""The course of a whole call: empathy before the solution, and whether it helped."""

from __future__ import annotations

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.course_of_call import course_of_call
from tests.emotion.calls import A, C, Said, felt, seen

CALM, UPSET, ANGRY, GLAD = (
    EmotionLabel.CALM,
    EmotionLabel.DISSATISFIED,
    EmotionLabel.ANGRY,
    EmotionLabel.SATISFIED,
)

OPENING: Said = (A, "您好请问有什么可以帮您", CALM)
COMPLAINS: Said = (C, "我等了三天你们到现在都没有给我送来", UPSET)
SORRY: Said = (A, "非常抱歉给您添麻烦了", CALM)
SOLVES: Said = (A, "我马上帮您申请退款", CALM)
HOLD: Said = (A, "不好意思让您久等了", CALM)


@pytest.mark.parametrize(
    ("said", "kept", "told"),
    [
        ((OPENING, COMPLAINS, SORRY, SOLVES), True, "第 3 句致歉或表示理解"),
        ((OPENING, COMPLAINS, (A, "非常抱歉我马上帮您申请退款", CALM)), True, "第 3 句致歉或表示理解"),
        ((SORRY, COMPLAINS, SOLVES), True, "第 1 句致歉或表示理解"),
        ((OPENING, COMPLAINS, SOLVES, SORRY), False, "晚于方案"),
        ((OPENING, COMPLAINS, SOLVES), False, "没有找到致歉或理解的话"),
        ((OPENING, COMPLAINS, HOLD, SOLVES), False, "没有找到致歉或理解的话"),
        ((OPENING, COMPLAINS, SORRY), None, "没有找到客服的方案"),
        ((OPENING, SOLVES, COMPLAINS), None, "没有找到客服的方案"),
        ((OPENING, (C, "我想问一下会员怎么办", CALM), SOLVES), None, "客户没有明显不满"),
        ((OPENING, (C, "我想问一下会员怎么办", None), SOLVES), None, "没有客户的情绪识别结果"),
    ],
)
def test_empathy_comes_before_the_solution_or_not_or_is_not_judged(
    said: tuple[Said, ...], kept: bool | None, told: str
) -> None:
    order = course_of_call(seen(*said)).order
    assert order.kept is kept
    assert told in order.reason


def test_words_of_displeasure_count_where_no_emotion_was_read() -> None:
    order = course_of_call(seen(OPENING, (C, "你们什么态度太过分了", None), SOLVES)).order
    assert (order.kept, order.upset_turn, order.solution_turn) == (False, 1, 2)


def test_where_nobody_knows_who_is_who_nothing_is_judged() -> None:
    course = course_of_call(seen(OPENING, COMPLAINS, SOLVES, roles_known=False, roles_note="两人声音太像"))
    assert course.customer is None
    assert course.agent is None
    assert course.order.kept is None
    assert course.order.reason == course.recovery_reason == "两人声音太像"


def test_turns_that_may_be_the_other_sides_accuse_nobody() -> None:
    turns = (
        Turn(0, A, "您好请问有什么可以帮您"),
        Turn(1, C, "你们什么态度太过分了", role_confidence=0.5),
        Turn(2, C, "我想问一下会员怎么办理呢请你说一下"),
        Turn(3, A, "我马上帮您申请退款"),
    )
    course = course_of_call(seen(turns=turns, emotions=(felt(CALM), felt(ANGRY), felt(CALM), felt(CALM))))
    assert course.order.kept is None
    assert course.customer is not None
    assert course.customer.peak is CALM


def test_a_customer_who_feels_better_after_empathy_has_recovered() -> None:
    better: Said = (C, "好的那就麻烦你帮我处理一下", GLAD)
    course = course_of_call(seen(OPENING, COMPLAINS, COMPLAINS, SORRY, better, better, better))
    assert course.recovery is not None
    assert course.recovery.empathy_turn == 3
    assert course.recovery.after > course.recovery.before
    assert course.recovery.turns == 1
    assert course.recovery_reason == ""


def test_a_customer_who_stays_angry_has_not() -> None:
    worse: Said = (C, "你们这样处理我不接受我要投诉你们", ANGRY)
    course = course_of_call(seen(OPENING, COMPLAINS, COMPLAINS, SORRY, worse, worse, worse))
    assert course.recovery is not None
    assert course.recovery.turns is None
    assert course.recovery.after < course.recovery.before


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((OPENING, COMPLAINS, SOLVES), "没有找到客服致歉或理解的话"),
        ((OPENING, COMPLAINS, SORRY, (C, "嗯", CALM), (C, "好的", CALM)), "客户说得太少"),
        ((OPENING, (C, "我想问一下会员怎么办", CALM), SORRY), "客户没有明显不满"),
        (
            (
                OPENING,
                COMPLAINS,
                *[(C, "没关系的我就问一下进度", CALM)] * 3,
                SORRY,
                *[(C, "好的我知道了谢谢你啊", GLAD)] * 3,
            ),
            "已接近平静",
        ),
    ],
)
def test_without_a_comparison_there_is_a_reason(said: tuple[Said, ...], why: str) -> None:
    course = course_of_call(seen(*said))
    assert course.recovery is None
    assert why in course.recovery_reason


def test_a_chat_without_times_has_a_course_too() -> None:
    course = course_of_call(seen(OPENING, COMPLAINS, SORRY, SOLVES, channel=Channel.CHAT))
    assert course.customer is not None
    assert course.customer.peak is UPSET
    assert course.order.kept is True


def test_a_change_names_its_turn_and_both_levels() -> None:
    calm: Said = (C, "我昨天买的东西想问一下进度", CALM)
    angry: Said = (C, "你们到底管不管我要投诉你们", ANGRY)
    course = course_of_call(seen(*[calm] * 8, *[angry] * 8))
    assert course.customer is not None
    (change,) = course.customer.changes
    assert change.turn == 8
    assert change.before > change.after
    assert change.after == pytest.approx(-0.9)


def test_the_agents_side_has_a_course_of_its_own() -> None:
    course = course_of_call(seen((A, "你脑子进水了吧你爱找谁找谁", ANGRY), (C, "我就问一下怎么退货", CALM)))
    assert course.agent is not None
    assert course.agent.role is Role.AGENT
    assert course.agent.peak is ANGRY
