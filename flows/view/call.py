"""One call in full: score, each lost point, every verdict, and the conversation."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from flows.view.people import print_people
from flows.view.results import VERDICT_STYLES, place
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import LakeError, Problem, ProblemCode
from pipeline.domain.wording import EMOTION_NAMES, QUARANTINE_NAMES, ROLE_NAMES, VERDICT_NAMES
from pipeline.privacy import mask
from pipeline.store.course_rows import stored_course
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table


def print_call(lake: Lake, call_id: str) -> None:
    """Raises LakeError when the lake has no such call."""
    console = wide_console()
    score = _rows(lake, Table.SCORES, call_id)
    if score.empty:
        what = f"数据湖里没有通话“{call_id}”"
        remedy = "请核对编号;未能质检的通话见 failures 表"
        raise LakeError(Problem(code=ProblemCode.LAKE_INVALID, what=what, remedy=remedy, call_id=call_id))
    row = score.iloc[0]
    value = "未评分" if pd.isna(row["score"]) else f"{row['score']:.1f} 分({row['grade']})"
    console.print(f"[bold]{call_id}[/bold] {value},已判断 {row['judged_weight']:.0%} 的权重")
    if share := float(_rows(lake, Table.CALLS, call_id)["quarantined_share"].iloc[0]):
        console.print(f"  识别文字有 {share:.1%} 可能不是人说的,已隔离,不参与判断")
    for title, reasons in (("扣分", row["reasons"]), ("需复核", row["flag_reasons"])):
        for reason in reasons:
            console.print(f"  {title}:{escape(mask(reason))}")
    turns = _rows(lake, Table.TURNS, call_id)
    print_people(console, stored_course(lake, call_id), _rows(lake, Table.TRAITS, call_id), turns)
    _print_verdicts(console, _rows(lake, Table.VERDICTS, call_id))
    _print_turns(console, turns)


def _rows(lake: Lake, table: Table, call_id: str) -> pd.DataFrame:
    frame = lake.read(table)
    return frame[frame["call_id"] == call_id]


def _print_verdicts(console: Console, verdicts: pd.DataFrame) -> None:
    table = RichTable(title="全部判定")
    for header in ("规则", "判定", "理由"):
        table.add_column(header, overflow="fold")
    for row in verdicts.sort_values("rule_id").to_dict("records"):
        style = VERDICT_STYLES.get(row["verdict"], "dim")
        verdict = f"[{style}]{VERDICT_NAMES[row['verdict']]}[/{style}]"
        table.add_row(f"{row['rule_title']}\n[dim]{row['rule_id']}[/dim]", verdict, escape(mask(row["reason"])))
    console.print(table)


def _print_turns(console: Console, turns: pd.DataFrame) -> None:
    table = RichTable(title="对话")
    for header in ("时间", "谁", "说了什么", "情绪"):
        table.add_column(header, overflow="fold")
    for row in turns.sort_values("turn").to_dict("records"):
        said = escape(mask(row["text"]))
        if row["back_channel"]:
            said = f"[dim]{said}[/dim]"
        if not pd.isna(row["quarantine"]):
            said += f" [dim]({QUARANTINE_NAMES[row['quarantine']]},不参与判断)[/dim]"
        table.add_row(place(row["start_ms"]), ROLE_NAMES[row["role"]], said, _emotion(row))
    console.print(table)


def _emotion(row: Mapping[Hashable, Any]) -> str:
    """The emotion, and where words and voice disagree."""
    quiet = pd.isna(row["emotion"]) or row["emotion"] == EmotionLabel.CALM
    label = "" if quiet else EMOTION_NAMES[row["emotion"]]
    note = "" if pd.isna(row["emotion_note"]) else f"({row['emotion_note']})"
    return f"{label}{note}"
