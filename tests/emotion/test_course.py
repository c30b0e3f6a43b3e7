"""The course of emotion over a call, from emotions given turn by turn."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionCourse, EmotionModel, course

S, C, X, D, A = EmotionLabel


def felt(label: EmotionLabel, probability: float = 0.9, *, rest: EmotionLabel = C) -> TurnEmotion:
    """`label` with `probability`, and everything else on `rest`."""
    shares = dict.fromkeys(EmotionLabel, 0.0)
    shares[rest] += 1 - probability
    shares[label] += probability
    best = max(shares, key=shares.__getitem__)
    return TurnEmotion(best, shares[best], shares)


def said(emotions: Sequence[TurnEmotion | None], *, role: Role = Role.CUSTOMER) -> EmotionCourse | None:
    return course([Turn(n, role, "话") for n in range(len(emotions))], emotions, role=role)


@pytest.mark.parametrize(
    ("emotions", "peak", "peak_turn", "end"),
    [
        ([felt(C)] * 5, C, None, C),
        ([felt(C), felt(A), felt(C), felt(C), felt(C)], A, 1, C),
        ([felt(A, 0.7), felt(A, 0.8), felt(C), felt(C), felt(C)], A, 1, C),
        ([felt(D), felt(X), felt(C), felt(C), felt(C)], D, 0, C),
        ([felt(X), felt(C), felt(C), felt(C), felt(C)], X, 0, C),
        ([felt(A), felt(C), felt(C), felt(S)], A, 0, S),
        ([felt(C), felt(C), felt(S), felt(D)], D, 3, D),
        ([felt(S), felt(C), felt(C), felt(C)], C, None, C),
        ([felt(A, 0.5), felt(C), felt(C), felt(C)], C, None, C),
    ],
)
def test_the_peak_is_the_worst_sure_turn_and_the_end_the_last_turns(
    emotions: list[TurnEmotion | None], peak: EmotionLabel, peak_turn: int | None, end: EmotionLabel
) -> None:
    assert said(emotions) == EmotionCourse(peak=peak, peak_turn=peak_turn, end=end)


def test_a_turn_torn_between_angry_and_dissatisfied_counts_as_dissatisfied() -> None:
    assert said([felt(A, 0.5, rest=D), felt(C), felt(C), felt(C)]) == EmotionCourse(D, 0, C)


def test_turns_that_were_not_judged_do_not_count_among_the_last() -> None:
    assert said([felt(C), felt(D), None, None]) == EmotionCourse(D, 1, D)


def test_several_half_sure_turns_show_what_one_of_them_does_not() -> None:
    assert said([felt(A, 0.5), *[felt(C)] * 20]) == EmotionCourse(C, None, C)
    assert said([felt(A, 0.5)] * 3 + [felt(C)] * 20) == EmotionCourse(A, 0, C)


def test_an_answer_after_a_quarrel_does_not_make_its_end_calm() -> None:
    assert said([*[felt(D)] * 6, felt(C)]) == EmotionCourse(D, 0, D)
    assert said([*[felt(D)] * 6, *[felt(C)] * 12]) == EmotionCourse(D, 0, C)


def test_worry_outweighs_less_displeasure() -> None:
    assert said([felt(X), felt(X), felt(X), felt(D), *[felt(C)] * 12]) == EmotionCourse(X, 0, C)


def test_only_the_asked_side_counts() -> None:
    turns = [Turn(0, Role.AGENT, "话"), Turn(1, Role.CUSTOMER, "话")]
    emotions = [felt(A), felt(C)]
    assert course(turns, emotions) == EmotionCourse(C, None, C)
    assert course(turns, emotions, role=Role.AGENT) == EmotionCourse(A, 0, A)


def test_a_side_that_said_nothing_has_no_course() -> None:
    assert said([None, None]) is None
    assert course([Turn(0, Role.AGENT, "您好")], [felt(C)]) is None


def test_emotions_and_turns_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        course([Turn(0, Role.CUSTOMER, "话")], [])


def test_an_outburst_that_was_soothed_shows_in_peak_and_end(model: EmotionModel) -> None:
    spoken = [
        (Role.AGENT, "您好请问有什么可以帮您"),
        (Role.CUSTOMER, "你们简直是骗子太过分了我要去12315投诉你们"),
        (Role.AGENT, "非常抱歉我马上为您办理退款"),
        (Role.CUSTOMER, "嗯"),
        (Role.CUSTOMER, "好的"),
        (Role.AGENT, "已经为您退款成功"),
        (Role.CUSTOMER, "太好了谢谢你这么快就帮我解决了"),
    ]
    turns = [Turn(n, role, text) for n, (role, text) in enumerate(spoken)]
    assert course(turns, model.predict(turns)) == EmotionCourse(peak=A, peak_turn=1, end=S)
