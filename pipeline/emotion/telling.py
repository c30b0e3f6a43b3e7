"""A course in words: the lines that people read beside the picture, and instead of it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.course import CallCourse, SideCourse
from pipeline.domain.wording import EMOTION_NAMES, ROLE_NAMES, clock

MOST_CHANGES = 6
"""Named one by one in a line; a call with more says how many there are."""


def course_lines(course: CallCourse, starts_ms: Sequence[int | None]) -> list[str]:
    """Peak, end and changes of each side, empathy before the solution, recovery: one Chinese line each.

    `starts_ms` is when each turn of the call begins, None where that is not known.
    """
    lines = [_side_line(side, starts_ms) for side in (course.customer, course.agent) if side]
    lines = lines or ["没有可以判断的情绪"]
    kept = {True: "做到", False: "没有做到", None: "不作判断"}[course.order.kept]
    lines.append(f"先安抚后方案:{kept}。{course.order.reason}")
    return [*lines, f"安抚后恢复:{_recovery(course)}"]


def _side_line(side: SideCourse, starts_ms: Sequence[int | None]) -> str:
    peak = f"最差{EMOTION_NAMES[side.peak]}"
    if side.peak_turn is not None:
        peak += f"({turn_place(starts_ms, side.peak_turn)})"
    told = f"{ROLE_NAMES[side.role]}:{peak},结束时{EMOTION_NAMES[side.end]}"
    for change in side.changes[:MOST_CHANGES]:
        way = "转差" if change.after < change.before else "好转"
        told += f";{turn_place(starts_ms, change.turn)}起{way}({signed(change.before)} → {signed(change.after)})"
    if len(side.changes) > MOST_CHANGES:
        told += f";共 {len(side.changes)} 处变化"
    return told


def _recovery(course: CallCourse) -> str:
    recovery = course.recovery
    if recovery is None:
        return course.recovery_reason
    levels = f"{signed(recovery.before)} → {signed(recovery.after)}"
    said = f"客服第 {recovery.empathy_turn + 1} 句致歉或表示理解后"
    if recovery.turns is not None:
        return f"{said},客户随后第 {recovery.turns} 句话回升({levels})"
    return f"{said},客户没有明显好转({levels})"


def turn_place(starts_ms: Sequence[int | None], index: int) -> str:
    """`第 31 句 03:12`, without the time where there is none."""
    start_ms = starts_ms[index] if index < len(starts_ms) else None
    return f"第 {index + 1} 句" + ("" if start_ms is None else f" {clock(start_ms)}")


def signed(value: float) -> str:
    """`+0.25`, `−0.62` with a true minus sign, `0.00`."""
    rounded = round(value, 2)
    return "0.00" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):.2f}"
