"""The table of a run: worst calls first, with what was said and when."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from flows.work import RunSummary
from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.domain.wording import RISK_FOUND, VERDICT_NAMES, clock
from pipeline.privacy import mask
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

MOST_CALLS = 40
"""Rows printed; the tables hold all."""

VERDICT_STYLES = {"violated": "red", "suspected": "yellow", "passed": "green", "undetermined": "magenta"}


def place(ms: float | None) -> str:
    """A place in a recording, empty where there is none."""
    return "" if ms is None or pd.isna(ms) else clock(int(ms))


def print_run(root: Path, summary: RunSummary) -> None:
    """What the run did, the calls of the lake worst first, what failed, and where the files are."""
    console = wide_console()
    lake = Lake(root)
    _print_calls(console, lake)
    _print_failures(console, lake)
    said = [f"发现 {summary.found} 通", f"本次质检 {summary.inspected} 通"]
    if summary.skipped:
        said.append(f"{summary.skipped} 通此前已检、内容和规则未变,没有重检")
    if summary.failed:
        said.append(f"[red]{summary.failed} 条未能质检(见上)[/red]")
    console.print(",".join(said))
    tables = ",".join(table for table in Table if table is not Table.SCORE_REVISIONS)
    console.print(f"Parquet 表:{root}/{{{tables}}}")
    console.print(
        f'读取:pandas.read_parquet("{root}/scores");单通说明:zhijian show 通话编号 --from {root}', highlight=False
    )


def _print_calls(console: Console, lake: Lake) -> None:
    scores = lake.read(Table.SCORES)
    if scores.empty:
        return
    order = scores.sort_values(["fatal", "flagged", "score", "call_id"], ascending=[False, False, True, True])
    order = order.head(MOST_CALLS)
    findings = lake.read(Table.FINDINGS)
    rules = lake.read(Table.VERDICTS, columns=["rule_id", "rule_title", "kind"]).drop_duplicates("rule_id")
    by_rule = {r["rule_id"]: r for r in rules.to_dict("records")}
    notable = findings[findings["verdict"].isin(["violated", "suspected"]) & findings["call_id"].isin(order["call_id"])]
    first = notable.sort_values(["call_id", "verdict", "rule_id", "n"], ascending=[True, False, True, True])
    first = first.drop_duplicates(["call_id", "rule_id"])
    by_call = dict(iter(first.groupby("call_id")))
    table = RichTable(title="质检结果(最需要关注的在前)", show_lines=True)
    for header, justify in (
        ("通话", "left"),
        ("坐席", "left"),
        ("得分", "right"),
        ("等级", "center"),
        ("标记", "center"),
    ):
        table.add_column(header, justify=justify, no_wrap=header != "坐席")  # type: ignore[arg-type]  # literals
    table.add_column("违规与存疑:时间、原话", overflow="fold", ratio=1)
    for row in order.to_dict("records"):
        evidence = by_call.get(row["call_id"])
        lines = [] if evidence is None else [_line(f, by_rule) for f in evidence.to_dict("records")]
        score = "—" if pd.isna(row["score"]) else f"{row['score']:.1f}"
        flag = "[red]一票否决[/red]" if row["fatal"] else "[yellow]需复核[/yellow]" if row["flagged"] else ""
        grade = "未评分" if pd.isna(row["grade"]) else row["grade"]
        agent = " ".join(str(row[k]) for k in ("agent_id", "agent_name") if not pd.isna(row[k]))
        table.add_row(row["call_id"], agent, score, grade, flag, "\n".join(lines) or "[green]无[/green]")
    console.print(table)
    if len(scores) > MOST_CALLS:
        console.print(f"(只显示 {MOST_CALLS} 通,共 {len(scores)} 通)")


def _line(finding: dict[Hashable, Any], rules: dict[Any, dict[Hashable, Any]]) -> str:
    rule = rules[finding["rule_id"]]
    verdict = finding["verdict"]
    risk = rule["kind"] == RuleKind.RISK and verdict == VerdictValue.VIOLATED
    name = RISK_FOUND if risk else VERDICT_NAMES[verdict]
    style = VERDICT_STYLES[verdict]
    said = escape(mask(finding["explanation"]))
    return f"[{style}]{name}[/{style}] {escape(rule['rule_title'])} {place(finding['start_ms'])} {said}"


def _print_failures(console: Console, lake: Lake) -> None:
    failures = lake.read(Table.FAILURES)
    if failures.empty:
        return
    table = RichTable(title="未能质检", show_lines=True)
    for header in ("来源", "行", "通话", "原因", "怎么办"):
        table.add_column(header, overflow="fold")
    for row in failures.head(MOST_CALLS).to_dict("records"):
        line = "" if pd.isna(row["row"]) else str(int(row["row"]))
        call = "" if pd.isna(row["call_id"]) else row["call_id"]
        table.add_row(row["source"], line, call, f"{row['message']} ({row['code']})", row["remedy"])
    console.print(table)
    if len(failures) > MOST_CALLS:
        console.print(f"(只显示 {MOST_CALLS} 条,共 {len(failures)} 条,见 failures 表)")
