"""The table of `zhijian rules status`, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from pipeline.rulepack.evidence import Evidence
from pipeline.rulepack.status import RuleStatus

_STATUS_NAMES = {"experimental": "试写", "test": "试用", "stable": "稳定", "deprecated": "停用"}


def print_statuses(statuses: Sequence[RuleStatus]) -> None:
    """One row per rule, and how many are ready."""
    console = wide_console()
    table = RichTable(title="规则的证据")
    for header in ("规则", "状态", "用例", "回测", "准确率(95% 区间)", "离 stable 还缺"):
        table.add_column(header, overflow="fold", ratio=2 if header in ("规则", "离 stable 还缺") else None)
    for status in statuses:
        spec = status.rule.spec
        style = "red" if status.unearned else "green" if not status.lacks else "dim"
        table.add_row(
            f"{escape(spec.title)}\n[dim]{spec.id}[/dim]",
            f"[{style}]{_STATUS_NAMES[spec.status]}[/{style}] {spec.status}",
            _cases(status),
            _backtest(status),
            _precision(status.evidence),
            "\n".join(status.lacks) or "[green]不缺[/green]",
        )
    console.print(table)
    ready = sum(not s.lacks for s in statuses)
    unearned = sum(s.unearned for s in statuses)
    console.print(f"{len(statuses)} 条规则,证据齐全 {ready} 条,标为 stable 而证据不够 {unearned} 条")


def _cases(status: RuleStatus) -> str:
    failed = f"[red]判错 {status.failed}[/red]" if status.failed else "全对" if status.cases else "[red]没有[/red]"
    misses = f",已知漏判 {status.misses}" if status.misses else ""
    return f"{status.cases} 个,{failed}{misses}" if status.cases else failed


def _backtest(status: RuleStatus) -> str:
    evidence = status.evidence
    if evidence is None:
        return "—"
    stale = "[red]已过时[/red] " if status.stale else ""
    return f"{stale}{evidence.calls} 通,命中 {evidence.hits}\n[dim]{evidence.date} {escape(evidence.on)}[/dim]"


def _precision(evidence: Evidence | None) -> str:
    precision = None if evidence is None else evidence.precision
    if evidence is None or precision is None:
        return "—"
    return (
        f"{precision.share:.1%}({precision.low:.1%}–{precision.high:.1%})\n复核 {evidence.reviewed},对 {evidence.right}"
    )


def write_json(statuses: Sequence[RuleStatus]) -> str:
    """One object per rule."""
    return json.dumps([_value(s) for s in statuses], ensure_ascii=False, indent=2)


def _value(status: RuleStatus) -> dict[str, object]:
    evidence = status.evidence
    precision = None if evidence is None else evidence.precision
    return {
        "rule": status.rule.spec.id,
        "status": status.rule.spec.status,
        "cases": status.cases,
        "failed": status.failed,
        "known_misses": status.misses,
        "evidence": None if evidence is None else evidence.model_dump(mode="json"),
        "stale": status.stale,
        "precision": None
        if precision is None
        else {"share": precision.share, "low": precision.low, "high": precision.high},
        "lacks": list(status.lacks),
    }
