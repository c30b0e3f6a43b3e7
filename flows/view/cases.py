"""The outcome of rule cases: a line in all, and each failed case with how it was judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.markup import escape

from flows.view.console import wide_console
from flows.view.trace import print_trace
from pipeline.domain.wording import VERDICT_NAMES
from pipeline.rulepack.cases import Case, CaseResult
from pipeline.rulepack.trace import Trace


def print_results(results: Iterable[CaseResult], trace: Callable[[Case], Trace]) -> bool:
    """Prints them, those that failed with how they were judged; returns True when no case failed."""
    console = wide_console()
    all_results = list(results)
    failed = [r for r in all_results if r.failed]
    for result in failed:
        case, verdict = result.case, result.verdict
        console.print(f"[red]判错[/red] {case.file} 第 {case.line} 行 {case.spec.rule}:{escape(case.spec.name)}")
        if result.right:
            console.print("  标为 known_miss,但已判对:请去掉标记")
        else:
            wanted, got = VERDICT_NAMES[case.spec.verdict], VERDICT_NAMES[verdict.value]
            console.print(f"  应判“{wanted}”,实判“{got}”:{escape(verdict.reason)}")
        print_trace(console, trace(case))
    misses = sum(r.case.spec.known_miss and not r.right for r in all_results)
    known = f",其中已知漏判 {misses} 个" if misses else ""
    console.print(f"{len(all_results)} 个用例,判错 {len(failed)} 个{known}")
    return not failed
