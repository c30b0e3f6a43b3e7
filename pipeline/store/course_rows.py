"""The course of a call and the traits of its people, as rows of the lake and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.domain.course import (
    CallCourse,
    ChangePoint,
    CurvePoint,
    EmpathyOrder,
    Recovery,
    SideCourse,
)
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.domain.wording import TRAIT_NAMES
from pipeline.store.inspected import InspectedCall
from pipeline.store.lake import Lake
from pipeline.store.schemas import Row, Table


def course_row(one: InspectedCall) -> Row:
    """The one row of a call: both sides' curves as lists, and what became of them; empty where nothing is known."""
    course = one.course
    order, recovery = course.order, course.recovery
    return {
        "call_id": one.call.call_id,
        **_side_columns("customer", course.customer),
        **_side_columns("agent", course.agent),
        "empathy_turns": list(course.empathy_turns),
        "empathy_before_solution": order.kept,
        "empathy_reason": order.reason,
        "upset_turn": order.upset_turn,
        "first_empathy_turn": order.empathy_turn,
        "solution_turn": order.solution_turn,
        "recovery_empathy_turn": recovery and recovery.empathy_turn,
        "recovery_before": recovery and recovery.before,
        "recovery_after": recovery and recovery.after,
        "recovery_turns": recovery and recovery.turns,
        "recovery_reason": course.recovery_reason,
        "emotion_digest": one.provenance.emotion_digest,
        "run_id": one.provenance.run_id,
    }


def trait_rows(one: InspectedCall) -> list[Row]:
    """One row per trait and side, also for those of which nothing shows: the proof that it was looked for."""
    return [
        {
            "call_id": one.call.call_id,
            "role": str(trait.role),
            "trait": str(trait.kind),
            "title": TRAIT_NAMES[trait.kind],
            "grade": str(trait.grade),
            "strength": trait.strength,
            "strength_at_most": trait.strength_at_most,
            "turns": list(trait.turns),
            "unmeasured": [sign.title for sign in trait.signs if sign.strength is None],
            "explanation": trait.explanation,
            "emotion_digest": one.provenance.emotion_digest,
            "rules_digest": one.provenance.rules_digest,
            "run_id": one.provenance.run_id,
        }
        for trait in one.traits
    ]


def sign_rows(one: InspectedCall) -> list[Row]:
    """What each trait rests on; `n` counts from 1 within it. `value` and `strength` are None where not measured."""
    return [
        {
            "call_id": one.call.call_id,
            "role": str(trait.role),
            "trait": str(trait.kind),
            "n": n,
            "sign": sign.code,
            "title": sign.title,
            "value": sign.value,
            "unit": sign.unit,
            "threshold": sign.threshold,
            "weight": sign.weight,
            "strength": sign.strength,
            "turns": list(sign.turns),
            "explanation": sign.explanation,
            "run_id": one.provenance.run_id,
        }
        for trait in one.traits
        for n, sign in enumerate(trait.signs, start=1)
    ]


def stored_course(lake: Lake, call_id: str) -> CallCourse | None:
    """The course of a call as it was stored, None where the lake has none. Raises LakeError."""
    rows = lake.read(Table.COURSES)
    found = rows[rows["call_id"] == call_id]
    if found.empty:
        return None
    return course_of_row(dict(found.iloc[0].items()))


def course_of_row(row: Mapping[Any, Any]) -> CallCourse:
    """The course that `course_row` made the row of, as pandas reads it back."""
    row = {name: _plain(value) for name, value in row.items()}
    recovery = None
    if row["recovery_empathy_turn"] is not None:
        recovery = Recovery(
            empathy_turn=int(row["recovery_empathy_turn"]),
            before=row["recovery_before"],
            after=row["recovery_after"],
            turns=_whole(row["recovery_turns"]),
        )
    return CallCourse(
        customer=_side(row, "customer", Role.CUSTOMER),
        agent=_side(row, "agent", Role.AGENT),
        empathy_turns=tuple(map(int, row["empathy_turns"])),
        order=EmpathyOrder(
            kept=None if row["empathy_before_solution"] is None else bool(row["empathy_before_solution"]),
            reason=row["empathy_reason"],
            upset_turn=_whole(row["upset_turn"]),
            empathy_turn=_whole(row["first_empathy_turn"]),
            solution_turn=_whole(row["solution_turn"]),
        ),
        recovery=recovery,
        recovery_reason=row["recovery_reason"],
    )


def _side_columns(name: str, side: SideCourse | None) -> dict[str, Any]:
    points, changes = (side.points, side.changes) if side else ((), ())
    return {
        f"{name}_turns": [p.turn for p in points],
        f"{name}_valence": [p.valence for p in points],
        f"{name}_smoothed": [p.smoothed for p in points],
        f"{name}_weight": [p.weight for p in points],
        f"{name}_peak": side and str(side.peak),
        f"{name}_peak_turn": side and side.peak_turn,
        f"{name}_end": side and str(side.end),
        f"{name}_change_turns": [c.turn for c in changes],
        f"{name}_change_before": [c.before for c in changes],
        f"{name}_change_after": [c.after for c in changes],
    }


def _side(row: Mapping[Any, Any], name: str, role: Role) -> SideCourse | None:
    if row[f"{name}_peak"] is None:
        return None
    points = zip(*(row[f"{name}_{column}"] for column in ("turns", "valence", "smoothed", "weight")), strict=True)
    changes = zip(*(row[f"{name}_change_{column}"] for column in ("turns", "before", "after")), strict=True)
    return SideCourse(
        role=role,
        points=tuple(CurvePoint(int(turn), float(v), float(s), float(w)) for turn, v, s, w in points),
        changes=tuple(ChangePoint(int(turn), float(before), float(after)) for turn, before, after in changes),
        peak=EmotionLabel(row[f"{name}_peak"]),
        peak_turn=_whole(row[f"{name}_peak_turn"]),
        end=EmotionLabel(row[f"{name}_end"]),
    )


def _plain(value: Any) -> Any:
    """None for NaN, which is what pandas makes of missing numbers; lists stay."""
    return None if isinstance(value, float) and value != value else value


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
