"""The course of calls and the people in them, as QA staff read them: one cell a call, and one row a sign."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.domain.course import Grade
from pipeline.domain.wording import ROLE_NAMES, figure, grade_name
from pipeline.emotion.telling import course_lines, turn_place
from pipeline.privacy.mask import mask
from pipeline.store.course_rows import course_of_row
from pipeline.store.evidence import read_by_day
from pipeline.store.excel import Column, Kind
from pipeline.store.lake import Lake
from pipeline.store.schemas import TABLES, Table

if TYPE_CHECKING:
    import pandas as pd

SHOWN = (Grade.CLEAR, Grade.SIGNS)
"""The grades that are told, the stronger first."""

SIGN_COLUMNS = (
    Column("call_id", "通话编号", 20),
    Column("who", "谁", 8),
    Column("title", "类型或风险", 16),
    Column("grade", "程度", 10),
    Column("strength", "强度", 8, Kind.PERCENT),
    Column("strength_at_most", "未测迹象都成立时的强度", 12, Kind.PERCENT),
    Column("sign", "迹象", 22),
    Column("value", "测得", 10),
    Column("threshold", "起算", 10),
    Column("weight", "迹象的分量", 8, Kind.PERCENT),
    Column("sign_strength", "迹象的强度", 8, Kind.PERCENT),
    Column("places", "位置", 30, Kind.WRAP),
    Column("why", "说明", 50, Kind.WRAP),
)
_MOST_PLACES = 12


@dataclass(frozen=True, slots=True)
class People:
    """`course` and `traits`: what to read in a call's row, by call id; `signs`: rows under `SIGN_COLUMNS`."""

    course: dict[str, str]
    traits: dict[str, str]
    signs: list[dict[str, Any]]


def people_of(lake: Lake, call_ids: Collection[str]) -> People:
    """Of these calls, in the order given; personal data masked. Raises LakeError."""
    wanted = set(call_ids)
    courses, traits, signs, turns = (
        read_by_day(lake, table, columns, lambda rows: rows[rows["call_id"].isin(wanted)])
        for table, columns in (
            (Table.COURSES, TABLES[Table.COURSES].schema.names),
            (Table.TRAITS, TABLES[Table.TRAITS].schema.names),
            (Table.TRAIT_SIGNS, TABLES[Table.TRAIT_SIGNS].schema.names),
            (Table.TURNS, ["call_id", "turn", "start_ms"]),
        )
    )
    starts = {call_id: _starts(rows) for call_id, rows in turns.groupby("call_id")}
    order = {call_id: n for n, call_id in enumerate(call_ids)}
    shown = traits[traits["grade"].isin(SHOWN)].copy()
    shown["_order"] = shown["call_id"].map(order)
    shown = shown.sort_values(["_order", "strength"], ascending=[True, False], kind="stable")
    by_trait = dict(iter(signs.groupby(["call_id", "role", "trait"])))
    cells: dict[str, list[str]] = {}
    told: list[dict[str, Any]] = []
    for trait in shown.to_dict("records"):
        cells.setdefault(trait["call_id"], []).append(f"{ROLE_NAMES[trait['role']]} {mask(trait['explanation'])}")
        mine = by_trait[trait["call_id"], trait["role"], trait["trait"]]
        told += [_told(trait, sign, starts.get(trait["call_id"], [])) for sign in mine.to_dict("records")]
    return People(
        course={
            row["call_id"]: mask("\n".join(course_lines(course_of_row(row), starts.get(row["call_id"], []))))
            for row in courses.to_dict("records")
        },
        traits={call_id: "\n".join(lines) for call_id, lines in cells.items()},
        signs=told,
    )


def _told(trait: dict[Any, Any], sign: dict[Any, Any], starts_ms: list[int | None]) -> dict[str, Any]:
    measured = sign["value"] == sign["value"]
    places = [turn_place(starts_ms, int(turn)) for turn in sign["turns"][:_MOST_PLACES]]
    if len(sign["turns"]) > _MOST_PLACES:
        places.append(f"共 {len(sign['turns'])} 处")
    return {
        "call_id": trait["call_id"],
        "who": ROLE_NAMES[trait["role"]],
        "title": trait["title"],
        "grade": grade_name(trait["trait"], trait["grade"]),
        "strength": trait["strength"],
        "strength_at_most": trait["strength_at_most"],
        "sign": sign["title"],
        "value": figure(sign["value"], sign["unit"]) if measured else "未测量",
        "threshold": figure(sign["threshold"], sign["unit"]),
        "weight": sign["weight"],
        "sign_strength": sign["strength"] if measured else None,
        "places": "、".join(places),
        "why": mask(sign["explanation"]),
    }


def _starts(rows: pd.DataFrame) -> list[int | None]:
    return [None if ms != ms else int(ms) for ms in rows.sort_values("turn")["start_ms"]]
