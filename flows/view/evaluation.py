"""Truth against verdicts, and the recogniser's errors."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.view.console import wide_console
from flows.view.results import place
from pipeline.domain.wording import ROLE_NAMES, VERDICT_NAMES
from pipeline.insight.evaluation import OUTCOME_NAMES, Evaluation, Outcome

_STYLES = {Outcome.FOUND: "green", Outcome.SUSPECTED: "yellow", Outcome.UNDETERMINED: "magenta"}


def print_evaluation(result: Evaluation) -> None:
    """The planted faults and what became of them, false alarms, and the character error."""
    console = wide_console()
    _print_events(console, result)
    _print_false_alarms(console, result)
    counts = "、".join(
        f"{OUTCOME_NAMES[outcome]} {n}"
        for outcome in Outcome
        if (n := result.count(outcome)) or outcome is Outcome.MISSED
    )
    elsewhere = f"(其中 {result.found_elsewhere} 处的依据离埋下的地方超过 2 秒)" if result.found_elsewhere else ""
    console.print(f"埋下的问题 {len(result.events)} 处:{counts}{elsewhere}")
    console.print(f"无问题的通话 {result.clean} 通,其中没有误报的 {result.clean_without_alarm} 通")
    for row in result.characters:
        if row.call_id is None:
            console.print(
                f"识别错字率({ROLE_NAMES[row.role] if row.role else '全部'}):{row.rate:.1%}"
                f"({row.characters} 字,错 {row.substitutions}、漏 {row.deletions}、多 {row.insertions})"
            )


def _print_events(console: Console, result: Evaluation) -> None:
    table = RichTable(title="埋下的问题与判定")
    for header in ("通话", "时间", "问题", "规则", "结果", "时间误差"):
        table.add_column(header, overflow="fold")
    for event in result.events:
        style = _STYLES.get(event.outcome, "red")
        error = "" if event.time_error_ms is None else f"{event.time_error_ms / 1000:.1f} 秒"
        outcome = f"[{style}]{OUTCOME_NAMES[event.outcome]}[/{style}]"
        table.add_row(event.call_id, place(event.start_ms), escape(event.note), event.rule_id, outcome, error)
    console.print(table)


def _print_false_alarms(console: Console, result: Evaluation) -> None:
    if not result.false_alarms:
        console.print("没有误报")
        return
    table = RichTable(title="没有埋下却被判定的(误报或存疑)")
    for header in ("通话", "规则", "判定", "无问题的通话", "理由"):
        table.add_column(header, overflow="fold")
    for alarm in result.false_alarms:
        clean = "是" if alarm.clean else ""
        table.add_row(alarm.call_id, alarm.rule_id, VERDICT_NAMES[alarm.verdict], clean, escape(alarm.reason))
    console.print(table)
