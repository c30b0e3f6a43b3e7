"""How the checks of a rule hang together: the names that its expressions and anchors use, and what must be placed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.rulepack.logic import Expression, Then, leaves
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.yamlfile import Document, Location, nearest

if TYPE_CHECKING:
    from pipeline.rulepack.load import CompiledCheck, Rule

_CODE = ProblemCode.RULE_INVALID


def cross_check(
    checks: Mapping[str, CompiledCheck],
    expressions: Mapping[str, Expression],
    document: Document,
    at: Location,
) -> list[Problem]:
    """Names that are not there, checks that nothing uses, circles of anchors, `then` over checks without a place."""
    problems: list[Problem] = []
    used: set[str] = set()

    def refer(name: str, where: Location, *, placed: bool) -> None:
        used.add(name)
        if name not in checks:
            near = nearest(name, checks)
            remedy = f"您是否想写“{near}”?" if near else f"可用:{'、'.join(checks)}"
            problems.append(document.problem(_CODE, where, f"没有名为“{name}”的检查", remedy))
        elif placed and not OPERATORS[checks[name].operator].placed:
            what = f"检查“{name}”({checks[name].operator})在通话中没有位置,不能用来定先后或远近"
            problems.append(document.problem(_CODE, where, what, "请换用有位置的检查"))

    for key, expression in expressions.items():
        for name, _ in leaves(expression):
            refer(name, (*at, key), placed=False)
        for name in _ordered_names(expression):
            refer(name, (*at, key), placed=True)
    for check in checks.values():
        for side, anchor in check.scope.anchors:
            refer(anchor.check, (*at, "checks", check.name, side), placed=True)
            if anchor.hit == 0 or (anchor.within is not None and anchor.within.percent is not None):
                what = f"检查“{check.name}”的 {side}:hit 从 1 数起,within 只能是轮数或时间"
                problems.append(document.problem(_CODE, (*at, "checks", check.name, side), what, "请改正"))
    for name in checks:
        if name not in used:
            what = f"检查“{name}”没有被 applies、expect、forbid 或别的检查用到"
            problems.append(document.problem(_CODE, (*at, "checks", name), what, "请用上它或删去"))
        if _in_circle(name, checks):
            what = f"检查“{name}”的 after/before/around 绕成了圈"
            problems.append(document.problem(_CODE, (*at, "checks", name), what, "请打断这个圈"))
    return problems


def _ordered_names(expression: Expression) -> set[str]:
    """The checks that stand under a `then`."""
    if isinstance(expression, Then):
        return {name for name, _ in leaves(expression)}
    parts = getattr(expression, "parts", None) or ((inner,) if (inner := getattr(expression, "inner", None)) else ())
    return {name for part in parts for name in _ordered_names(part)}


def counted(rule: Rule) -> Iterator[str]:
    """The checks of which every hit counts: under a `then`, under what is forbidden, and those that others hang on."""
    for expression in (rule.applies, rule.demand):
        if expression is not None:
            yield from _ordered_names(expression)
    if rule.forbids:
        yield from (name for name, positive in leaves(rule.demand) if positive)
    for check in rule.checks.values():
        yield from (anchor.check for _, anchor in check.scope.anchors)


def _in_circle(name: str, checks: Mapping[str, CompiledCheck]) -> bool:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        current = ahead.pop()
        for _, anchor in checks[current].scope.anchors if current in checks else ():
            if anchor.check == name:
                return True
            if anchor.check not in seen:
                seen.add(anchor.check)
                ahead.append(anchor.check)
    return False
