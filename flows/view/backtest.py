"""What a changed pack changes: tables in the terminal, and a page to read and pass on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.backtesting import Backtested
from flows.view.console import wide_console
from pipeline.insight.backtest_tables import CHANGE_NAMES, REVIEW_NAMES, WORKBOOK, verdict_name
from pipeline.insight.changes import CallChange, Change, ComparedRule, RuleChange, SideCount
from pipeline.store.files import replacing

MOST_ROWS = 15
"""Rows printed of each table; the Parquet tables and the page hold more."""
MOST_CALLS = 100
"""Calls shown on the page of each rule and kind of change, and of the scores."""
PAGE = "backtest.html"


def print_backtest(found: Backtested, out: Path) -> None:
    """What was compared, rule by rule, the calls that changed, the scores, and what else the reader must know."""
    console = wide_console()
    for line in basis(found):
        console.print(escape(line), highlight=False)
    _print_rules(console, [rule for rule in found.result.rules if rule.changed or rule.after.reviewed])
    _print_changes(console, found)
    for line in scores(found):
        console.print(line, highlight=False)
    for note in found.notes:
        console.print(f"[yellow]注意[/yellow] {escape(note)}", highlight=False)
    for problem in found.failures[:MOST_ROWS]:
        console.print(f"[red]没有判成[/red] {escape(str(problem))}", highlight=False)
    for rule in found.result.worse:
        console.print(f"[red]stable 的规则变差[/red] {escape(worse(rule))}", highlight=False)
    console.print(f"网页:{out}/{PAGE};Excel:{out}/{WORKBOOK};Parquet 表也在 {out} 里", highlight=False, soft_wrap=True)


def write_page(found: Backtested, out: Path) -> None:
    """`backtest.html`: the same with the calls' reasons and what was said; personal data is masked."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    environment.filters |= {"verdict": verdict_name, "points": points, "precision": precision}
    rules = found.result.rules
    page = environment.get_template("backtest.html").render(
        found=found,
        result=found.result,
        basis=tuple(basis(found)),
        scores=tuple(scores(found)),
        changed=[(rule, presence(rule.rule), _kinds(found, rule)) for rule in rules if rule.changed],
        unchanged=[rule for rule in rules if not rule.changed],
        worse=[worse(rule) for rule in found.result.worse],
        review_names=REVIEW_NAMES,
        most=MOST_CALLS,
    )
    with replacing(out / PAGE) as file:
        file.write(page.encode())


def basis(found: Backtested) -> Iterator[str]:
    """What was compared on what."""
    pack = found.pack
    yield f"新版:{pack.spec.title} {pack.spec.id}@{pack.spec.version}(摘要 {pack.digest[:12]})"
    if found.older is not None:
        older = found.older
        yield f"旧版:{older.spec.title} {older.spec.id}@{older.spec.version}(摘要 {older.digest[:12]})"
    for stored in found.stored:
        same = ",与现在的规则完全相同" if stored.current else ""
        names = "、".join(stored.packs)
        yield f"旧版:数据湖里当时的判定,{stored.calls} 通由 {names} 判出(规则摘要 {stored.rules_digest[:12]}{same})"
    yield f"通话:数据湖 {found.lake} 的 {found.result.calls} 通"


def scores(found: Backtested) -> Iterator[str]:
    """How the scores came out, on the whole."""
    if found.sheet is None:
        return
    result = found.result.scores
    yield f"评分表:{found.sheet.title}(第 {found.sheet.version} 版);别的规则包的判定两边相同,分数只因这个包而变"
    if result.mean_before is None or result.mean_after is None:
        yield "没有两边都算得出分数的通话"
        return
    yield (
        f"{result.calls} 通的平均分 {points(result.mean_before)} → {points(result.mean_after)};"
        f"得分、等级或标记变了的 {len(result.changes)} 通;"
        f"要复核的 {result.flagged_before} → {result.flagged_after} 通"
    )


def points(value: Decimal | None) -> str:
    """With one decimal; a dash where there is no score."""
    return "—" if value is None else f"{value:.1f}"


def precision(side: SideCount) -> str:
    """`93.3%(78.7%–98.2%)`, with how many were reviewed; a dash where none was."""
    found = side.precision
    if found is None:
        return "—"
    return f"{found.share:.1%}({found.low:.1%}–{found.high:.1%}) 复核 {side.reviewed},对 {side.right}"


def presence(rule: ComparedRule) -> str:
    """Which side has the rule, or its versions."""
    if rule.version_before is None:
        return "新增"
    if rule.version_after is None:
        return "删去"
    same = rule.version_before == rule.version_after
    return f"第 {rule.version_after} 版" if same else f"第 {rule.version_before} → {rule.version_after} 版"


def worse(rule: RuleChange) -> str:
    """How a rule got worse."""
    lost = f"丢了 {rule.lost_right} 处复核时确认的命中" if rule.lost_right else ""
    wrong = f"新命中 {rule.newly_wrong} 处复核为误判的" if rule.newly_wrong else ""
    return f"{rule.rule.title} {rule.rule.rule_id}:{'、'.join(filter(None, (lost, wrong)))}"


def _kinds(found: Backtested, rule: RuleChange) -> list[tuple[str, tuple[CallChange, ...]]]:
    kinds = ((CHANGE_NAMES[change], found.result.of(rule.rule.rule_id, change)) for change in Change)
    return [(name, changes) for name, changes in kinds if changes]


def _print_rules(console: Console, rules: list[RuleChange]) -> None:
    if not rules:
        console.print("所有规则的判定都没有变化")
        return
    table = RichTable(title="规则的变化(单位:通)")
    for header in ("规则", "命中", "新命中", "不再命中", "存疑", "其他变化", "准确率(95% 区间),旧/新"):
        table.add_column(header, overflow="fold", ratio=3 if header == "规则" else None)
    for rule in rules:
        table.add_row(
            f"{escape(rule.rule.title)}({presence(rule.rule)})\n[dim]{rule.rule.rule_id}[/dim]",
            f"{rule.before.hits} → {rule.after.hits}",
            _reviewed(rule.newly_hit, rule.newly_right, rule.newly_wrong),
            _reviewed(rule.no_longer_hit, rule.lost_right, rule.lost_wrong),
            f"{rule.before.suspected} → {rule.after.suspected}",
            str(rule.other or "—"),
            "\n".join(dict.fromkeys([precision(rule.before), precision(rule.after)])),
        )
    console.print(table)


def _reviewed(total: int, right: int, wrong: int) -> str:
    known = [f"确认 {right}"] * bool(right) + [f"误判 {wrong}"] * bool(wrong)
    return (str(total) if total else "—") + (f"\n[dim]{'、'.join(known)}[/dim]" if known else "")


def _print_changes(console: Console, found: Backtested) -> None:
    changes = found.result.changes
    if not changes:
        return
    table = RichTable(title=f"判定变了的通话(共 {len(changes)} 处)")
    for header in ("通话", "规则", "判定", "原话或理由"):
        table.add_column(header, overflow="fold", ratio=3 if header == "原话或理由" else None)
    kinds = {rule.rule.rule_id: rule.rule.kind for rule in found.result.rules}
    for change in changes[:MOST_ROWS]:
        said = change.evidence or change.reason_after or change.reason_before
        kind = kinds[change.rule_id]
        verdicts = f"{verdict_name(change.before, kind)} → {verdict_name(change.after, kind)}"
        table.add_row(escape(change.call_id), change.rule_id, verdicts, escape(said))
    console.print(table)
    if len(changes) > MOST_ROWS:
        console.print(f"……另有 {len(changes) - MOST_ROWS} 处,见网页和表")
