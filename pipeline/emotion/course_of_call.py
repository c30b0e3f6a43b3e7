"""The course of a whole call: both sides' curves, empathy before the solution, and whether it helped."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from pipeline.domain.course import CallCourse, ChangePoint, CurvePoint, EmpathyOrder, Recovery, SideCourse
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role
from pipeline.emotion.changes import MIN_STEP, change_points
from pipeline.emotion.course import course
from pipeline.emotion.curve import curve, mean_valence
from pipeline.emotion.lexicon import EMPATHY, SOLUTION, UPSET
from pipeline.emotion.seen import SAYS_SOMETHING, SURE_EMOTION, CallSeen

BEFORE_TURNS = 3
AFTER_TURNS = 6
"""How many turns of the customer that say something are compared before and after the agent's empathy."""


def course_of_call(seen: CallSeen) -> CallCourse:
    """Both sides' course. Where it is not known who is who, both are None and nothing is judged."""
    customer, agent = (_side(seen, role) for role in (Role.CUSTOMER, Role.AGENT))
    doubt = seen.unheard(Role.CUSTOMER) or seen.unheard(Role.AGENT)
    empathy = () if doubt else seen.said(Role.AGENT, EMPATHY)
    upset = () if doubt else upset_turns(seen)
    recovery, why = (None, doubt) if doubt else _recovery(customer, upset, empathy)
    return CallCourse(
        customer=customer,
        agent=agent,
        empathy_turns=empathy,
        order=EmpathyOrder(kept=None, reason=doubt) if doubt else _order(seen, upset, empathy),
        recovery=recovery,
        recovery_reason=why,
    )


def upset_turns(seen: CallSeen) -> tuple[int, ...]:
    """The turns in which the customer sounds upset: by words for it, or surely dissatisfied or angry."""
    words = set(seen.said(Role.CUSTOMER, UPSET))
    felt = {t.index for t in seen.of(Role.CUSTOMER) if (e := seen.emotions[t.index]) and displeased(e) >= SURE_EMOTION}
    return tuple(sorted(words | felt))


def displeased(emotion: TurnEmotion) -> float:
    """How probable it is that the turn is dissatisfied or angry."""
    return emotion.probabilities[EmotionLabel.DISSATISFIED] + emotion.probabilities[EmotionLabel.ANGRY]


def _side(seen: CallSeen, role: Role) -> SideCourse | None:
    if seen.unheard(role):
        return None
    turns = seen.transcript.turns
    sure = {t.index for t in seen.of(role)}
    emotions = [e if t.index in sure else None for t, e in zip(turns, seen.emotions, strict=True)]
    points, whole = curve(turns, emotions, role), course(turns, emotions, role=role)
    if whole is None:
        return None
    return SideCourse(
        role=role, points=points, changes=_changes(points), peak=whole.peak, peak_turn=whole.peak_turn, end=whole.end
    )


def _changes(points: Sequence[CurvePoint]) -> tuple[ChangePoint, ...]:
    places = change_points(np.array([p.valence for p in points]), np.array([p.weight for p in points]))
    edges = [0, *places, len(points)]
    levels = [round(mean_valence(points[a:b]), 4) for a, b in itertools.pairwise(edges)] if points else []
    return tuple(
        ChangePoint(points[at].turn, before, after)
        for at, before, after in zip(places, levels, levels[1:], strict=False)
    )


def _order(seen: CallSeen, upset: tuple[int, ...], empathy: tuple[int, ...]) -> EmpathyOrder:
    """The first solution after the customer was first upset, against the first empathy, however early."""
    if not upset:
        felt = any(seen.emotions[t.index] is not None for t in seen.of(Role.CUSTOMER))
        why = "客户没有明显不满" if felt else "没有客户的情绪识别结果,也没有找到不满的话"
        return EmpathyOrder(kept=None, reason=f"{why},不作判断")
    first = upset[0]
    solution = next((turn for turn in seen.said(Role.AGENT, SOLUTION) if turn > first), None)
    shown = empathy[0] if empathy else None
    if solution is None:
        return EmpathyOrder(
            kept=None, reason="客户不满之后没有找到客服的方案,不作判断", upset_turn=first, empathy_turn=shown
        )
    kept = shown is not None and shown <= solution
    told = f"客户第 {first + 1} 句流露不满,客服第 {solution + 1} 句给方案"
    if shown is None:
        told += ",没有找到致歉或理解的话"
    else:
        told += f",第 {shown + 1} 句致歉或表示理解" + ("" if kept else ",晚于方案")
    return EmpathyOrder(kept=kept, reason=told, upset_turn=first, empathy_turn=shown, solution_turn=solution)


def _recovery(
    customer: SideCourse | None, upset: tuple[int, ...], empathy: tuple[int, ...]
) -> tuple[Recovery | None, str]:
    if not upset or customer is None:
        return None, "客户没有明显不满,无从恢复"
    shown = next((turn for turn in empathy if turn > upset[0]), None)
    if shown is None:
        return None, "客户不满之后,没有找到客服致歉或理解的话"
    telling = [p for p in customer.points if p.weight >= SAYS_SOMETHING]
    earlier = [p for p in telling if p.turn < shown][-BEFORE_TURNS:]
    later = [p for p in telling if p.turn > shown][:AFTER_TURNS]
    if not earlier or len(later) < 2:
        return None, f"客服第 {shown + 1} 句致歉或理解之后,客户说得太少,无从比较"
    before, after = mean_valence(earlier), mean_valence(later)
    if before > -MIN_STEP:
        return None, f"客服第 {shown + 1} 句致歉或理解之前,客户的情绪已接近平静,无从恢复"
    risen = next((n for n, p in enumerate(later, start=1) if p.smoothed >= before + MIN_STEP), None)
    recovery = Recovery(
        empathy_turn=shown, before=round(before, 4), after=round(after, 4), turns=risen if after > before else None
    )
    return recovery, ""
