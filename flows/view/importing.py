"""What became of imported rules, and what is left for people to do."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from pipeline.rulepack.lint import Level, Linted
from pipeline.rulepack.sca import Carried

MOST_REMARKS = 20
"""Remarks of the linter that are printed; `zhijian rules lint` tells all."""


def print_carried(carried: Carried) -> None:
    """One row per rule: its new id and what differs, or why it was left out; then how many there are of each."""
    console = wide_console()
    table = RichTable(title="导入的规则")
    for header in ("原规则", "新编号", "说明"):
        table.add_column(header, overflow="fold", ratio=2 if header == "说明" else 1)
    for report in carried.reports:
        left_out = "[red]没有导入[/red]"
        notes = "\n".join(report.notes) or "完整导入"
        table.add_row(escape(f"{report.rid} {report.name}"), report.rule_id or left_out, escape(notes))
    console.print(table)
    whole = sum(r.rule_id is not None and not r.notes for r in carried.reports)
    partly = sum(r.rule_id is not None and bool(r.notes) for r in carried.reports)
    console.print(
        f"{len(carried.reports)} 条规则:完整导入 {whole} 条,有出入 {partly} 条,"
        f"没有导入 {len(carried.reports) - whole - partly} 条",
        highlight=False,
    )


def print_left_to_do(linted: Linted, folder: Path) -> None:
    """What the linter finds in the new pack, and the steps before it may judge anybody."""
    for remark in linted.remarks[:MOST_REMARKS]:
        typer.echo(f"{'错误' if remark.level is Level.ERROR else '警告'} {remark.problem}")
    if len(linted.remarks) > MOST_REMARKS:
        typer.echo(f"……另有 {len(linted.remarks) - MOST_REMARKS} 条,请运行 zhijian rules lint {folder}")
    typer.echo(
        "接下来:\n"
        "1. 逐条核对上表里有出入的,没有导入的另写\n"
        "2. 在 imported.yml 里补写 guidance(应该怎么说),核对 kind 和 severity(导入时一律 minor)\n"
        "3. 在 imported.cases.yml 里写用例,直到检查和测试都没有问题:"
        f"zhijian rules lint {folder},zhijian rules test {folder}\n"
        f"4. 用存着的通话回测:zhijian rules backtest {folder} --on 数据湖"
    )
