"""How the emotion ran over a call, and what it shows of the people in it, on the console."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from pipeline.domain.course import CallCourse, Grade
from pipeline.domain.wording import ROLE_NAMES, grade_name
from pipeline.emotion.telling import course_lines
from pipeline.privacy import mask

_STYLES = {Grade.CLEAR: "red", Grade.SIGNS: "yellow"}


def print_people(console: Console, course: CallCourse | None, traits: pd.DataFrame, turns: pd.DataFrame) -> None:
    """`traits` and `turns` are the call's rows of these tables, as the lake has them."""
    if course is None:
        console.print("质检这通电话的版本还没有情绪走势和客户类型;再运行一次 zhijian run 就会补上")
        return
    starts = [None if pd.isna(ms) else int(ms) for ms in turns.sort_values("turn")["start_ms"]]
    console.print("情绪走势")
    for line in course_lines(course, starts):
        console.print(f"  {escape(mask(line))}")
    shown = traits[traits["grade"].isin(_STYLES)]
    if not shown.empty:
        table = RichTable(title="客户类型、威胁与失控(不扣分,每一项都写明依据)")
        for header in ("谁", "类型或风险", "程度", "依据"):
            table.add_column(header, overflow="fold")
        for row in shown.sort_values("strength", ascending=False, kind="stable").to_dict("records"):
            grade = f"[{_STYLES[Grade(row['grade'])]}]{grade_name(row['trait'], row['grade'])}[/] {row['strength']:.2f}"
            table.add_row(ROLE_NAMES[row["role"]], row["title"], grade, escape(mask(_grounds(row["explanation"]))))
        console.print(table)
    for grade, name in ((Grade.NONE, "没有发现"), (Grade.UNDETERMINED, "无法判断")):
        rest = traits[traits["grade"] == grade].to_dict("records")
        if rest:
            console.print(f"{name}:{'、'.join(map(_named, rest))}", highlight=False)


def _grounds(explanation: str) -> str:
    """The signs alone: name and grade stand in columns of their own."""
    return explanation.split(";", 1)[-1]


def _named(row: dict[object, object]) -> str:
    """`急躁型(未测量:语速快、抢话打断)`: what is not found may be there where nothing was measured."""
    unmeasured = [str(title) for title in row["unmeasured"]]  # type: ignore[attr-defined]  # a list column
    who = "客服" if row["role"] == "agent" else ""
    return f"{who}{row['title']}" + (f"(未测量:{'、'.join(unmeasured)})" if unmeasured else "")
