"""A trace for people, and the same as JSON. What was said is masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from flows.explaining import Explained
from flows.view.console import wide_console
from flows.view.results import VERDICT_STYLES
from pipeline.domain.wording import KIND_NAMES, MATCH_NAMES, SEVERITY_NAMES, VERDICT_NAMES
from pipeline.privacy import mask
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.trace import CheckTrace, Sight, Step, Trace, Uncounted
from pipeline.rulepack.view import Stance
from pipeline.store.evidence import place

TRUTH_NAMES = {
    Truth.TRUE: "成立",
    Truth.FALSE: "不成立",
    Truth.DOUBTFUL: "存疑",
    Truth.UNJUDGED: "无法判断",
    Truth.ABSENT: "没有可判的",
    None: "没有用到",
}
_TRUTH_STYLES = {Truth.TRUE: "green", Truth.FALSE: "red", Truth.DOUBTFUL: "yellow", Truth.UNJUDGED: "magenta"}
STANCE_NAMES = {
    Stance.STRICT: "从严:有把握才算有",
    Stance.GENEROUS: "从宽:听不清不算没有",
}
_KINDS = {"not": "不", "and": "都要", "or": "有一个即可", "at_least": "够数即可", "then": "先后"}
_MOST_UNCOUNTED = 6
_MOST_SIGHTS = 12


def print_explained(explained: Explained) -> None:
    """The call, what is missing of it, the stored verdict, and the trace."""
    console = wide_console()
    call = explained.call
    console.print(f"通话 [bold]{escape(call.call_id)}[/bold],共 {explained.trace.n_turns} 轮", highlight=False)
    for gap in explained.gaps:
        console.print(f"  [yellow]注意[/yellow] {gap}")
    if explained.stored is not None:
        stored = explained.stored
        same = "同一套规则" if explained.same_rules else f"当时的规则包与现在的不同(那时是第 {stored.rule_version} 版)"
        console.print(f"  数据湖里的判定:{VERDICT_NAMES[stored.value]},{same}:{escape(mask(stored.reason))}")
        if stored.value != explained.trace.verdict.value:
            console.print("  [yellow]注意[/yellow] 现在重新判的结果与它不同;下面解释的是现在的判定")
    print_trace(console, explained.trace)


def print_trace(console: Console, trace: Trace) -> None:
    """The rule, its verdict, the logic as a tree, and every check."""
    spec, verdict = trace.rule.spec, trace.verdict
    style = VERDICT_STYLES.get(verdict.value, "dim")
    about = f"{KIND_NAMES[spec.kind]},{SEVERITY_NAMES[spec.severity]},第 {spec.version} 版"
    console.print(f"规则 [bold]{escape(spec.title)}[/bold] {spec.id}({about})", highlight=False)
    console.print(f"判定 [{style}]{VERDICT_NAMES[verdict.value]}[/{style}]:{escape(mask(verdict.reason))}")
    if trace.applies is not None:
        console.print(_tree("适用条件 applies", trace.applies))
    console.print(_tree("不得成立 forbid" if trace.rule.forbids else "必须成立 expect", trace.demand))
    if not trace.checks:
        console.print("没有用到任何检查")
    for check in _told_once(trace.checks):
        for line in _check_lines(check, trace.n_turns):
            console.print(line, highlight=False, soft_wrap=True)


def _told_once(checks: Sequence[CheckTrace]) -> Iterator[CheckTrace]:
    """A check that answers the same under both stances is told once."""
    seen: list[CheckTrace] = []
    for check in checks:
        alike = replace(check, stance=Stance.STRICT)
        if alike not in seen:
            seen.append(alike)
            yield check


def _tree(title: str, step: Step) -> Tree:
    root = Tree(f"[bold]{title}[/bold]")
    _grow(root, step)
    return root


def _grow(above: Tree, step: Step) -> None:
    kind = f"({_KINDS[step.kind]}) " if step.kind in _KINDS else ""
    branch = above.add(f"{_truth(step.truth)} {kind}{escape(step.text)}")
    for part in step.parts if step.truth is not None else ():
        _grow(branch, part)


def _truth(truth: Truth | None) -> str:
    style = "dim" if truth is None else _TRUTH_STYLES.get(truth, "dim")
    return f"[{style}]{TRUTH_NAMES[truth]}[/{style}]"


def _check_lines(check: CheckTrace, n_turns: int) -> Iterator[str]:
    stance = STANCE_NAMES[check.stance]
    yield f"检查 [bold]{escape(check.name)}[/bold] {check.operator} → {_truth(check.truth)}({stance})"
    yield f"  找什么:{escape(_params(check.params))}"
    yield f"  看哪里:{escape(check.scope)}{_looked(check, n_turns)}"
    if check.truth in (Truth.UNJUDGED, Truth.ABSENT):
        yield f"  为什么不能判:{escape(mask(check.note))}"
    for sight in check.sights[:_MOST_SIGHTS]:
        yield f"  看到:{escape(_sight(sight))}"
    if len(check.sights) > _MOST_SIGHTS:
        yield f"  (还有 {len(check.sights) - _MOST_SIGHTS} 处)"
    if not check.sights and check.truth in (Truth.TRUE, Truth.FALSE):
        lead = "没有看到" if OPERATORS[check.operator].placed else "实际"
        yield f"  {lead}:{escape(mask(check.note))}"
    for other in check.uncounted[:_MOST_UNCOUNTED]:
        yield f"  [dim]没算:{escape(_uncounted(other))}[/dim]"
    if len(check.uncounted) > _MOST_UNCOUNTED:
        yield f"  [dim](没算的还有 {len(check.uncounted) - _MOST_UNCOUNTED} 处)[/dim]"


def _params(params: dict[str, Any]) -> str:
    return ";".join(f"{key} {_value(value)}" for key, value in params.items()) or "默认设置"


def _value(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return "、".join(map(str, value[:8])) + (f" 等 {len(value)} 个" if len(value) > 8 else "")


def _looked(check: CheckTrace, n_turns: int) -> str:
    if check.missing is not None:
        return f";“{check.missing}”没有出现,所以没有可看的"
    if check.turns is None:
        return ";这一段定不下来" if check.truth in (Truth.UNJUDGED, Truth.ABSENT) else ""
    if len(check.turns) == n_turns:
        return f";看了全部 {n_turns} 轮"
    if not check.turns:
        return ";没有这样的轮次"
    shown = "、".join(str(i + 1) for i in check.turns[:20])
    return f";看了第 {shown} 句{'等' if len(check.turns) > 20 else ''},共 {len(check.turns)} 轮"


def _sight(sight: Sight) -> str:
    hit = sight.hit
    where = _place(hit.turn, hit.start_ms, hit.end_ms)
    sure = f"存疑,因为{';'.join(sight.doubts)}" if sight.doubts else "算准"
    return f"{where} {mask(hit.explanation)}({MATCH_NAMES[hit.match]},把握 {hit.confidence:.2f}){sure}"


def _uncounted(other: Uncounted) -> str:
    where = _place(other.turn, other.start_ms, None)
    return f"{where} {other.speaker}说“{mask(other.matched)}”({MATCH_NAMES[other.match]}):{other.why}"


def _place(turn: int | None, start_ms: int | None, end_ms: int | None) -> str:
    missing = float("nan")
    sentence = "" if turn is None else f"第 {turn + 1} 句"
    if start_ms is None:
        return sentence or "全程"
    return f"{sentence} {place(start_ms, missing if end_ms is None else end_ms, missing)}".strip()


def write_json(explained: Explained) -> str:
    """The same for programs: truths, kinds and verdicts as codes, times in ms, turns from 0."""
    stored = explained.stored
    value = {
        "call_id": explained.call.call_id,
        "gaps": list(explained.gaps),
        "stored": None
        if stored is None
        else {
            "verdict": stored.value,
            "rule_version": stored.rule_version,
            "reason": mask(stored.reason),
            "same_rules": explained.same_rules,
        },
        **trace_value(explained.trace),
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def trace_value(trace: Trace) -> dict[str, Any]:
    """A trace as plain JSON values."""
    return {
        "rule": trace.rule.spec.id,
        "rule_version": trace.rule.spec.version,
        "verdict": str(trace.verdict.value),
        "reason": mask(trace.verdict.reason),
        "applies": None if trace.applies is None else _step_value(trace.applies),
        "forbid" if trace.rule.forbids else "expect": _step_value(trace.demand),
        "checks": [_check_value(check) for check in trace.checks],
    }


def _step_value(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "text": step.text,
        "truth": _code(step.truth),
        "stance": step.stance.value,
        "parts": [_step_value(p) for p in step.parts],
    }


def _check_value(check: CheckTrace) -> dict[str, Any]:
    return {
        "name": check.name,
        "operator": check.operator,
        "params": check.params,
        "scope": check.scope,
        "stance": check.stance.value,
        "truth": _code(check.truth),
        "note": mask(check.note),
        "turns": None if check.turns is None else list(check.turns),
        "missing_anchor": check.missing,
        "hits": [_hit_value(sight) for sight in check.sights],
        "not_counted": [
            {
                "turn": other.turn,
                "start_ms": other.start_ms,
                "matched": mask(other.matched),
                "wanted": other.wanted,
                "match": str(other.match),
                "why": other.why,
            }
            for other in check.uncounted
        ],
    }


def _hit_value(sight: Sight) -> dict[str, Any]:
    hit = sight.hit
    return {
        "turn": hit.turn,
        "role": None if hit.role is None else str(hit.role),
        "start_ms": hit.start_ms,
        "end_ms": hit.end_ms,
        "match": str(hit.match),
        "confidence": hit.confidence,
        "matched": mask(hit.matched),
        "wanted": hit.wanted,
        "explanation": mask(hit.explanation),
        "doubts": list(sight.doubts),
    }


def _code(truth: Truth | None) -> str | None:
    return None if truth is None else truth.name.lower()
