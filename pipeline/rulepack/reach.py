"""What in a rule's logic can never matter: checks that change no verdict, demands that always or never hold.

A rule is taken as a function of its checks, each true or false by itself, and is tried with every combination.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from pipeline.rulepack.load import Rule
from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Then

MOST_CHECKS = 12
"""Beyond it there are too many combinations (4,096 and more), and nothing is said."""

_Assignment = Mapping[Expression, bool]


def unreachable(rule: Rule) -> Iterator[str]:
    """What is wrong with the logic, in Chinese."""
    atoms = list(dict.fromkeys(a for e in (rule.applies, rule.demand) if e is not None for a in _atoms(e)))
    if len(atoms) > MOST_CHECKS:
        return
    outcomes = {values: _outcome(rule, dict(zip(atoms, values, strict=True))) for values in _combinations(len(atoms))}
    seen = set(outcomes.values())
    if seen == {None}:
        yield "applies 永远不成立,规则对任何通话都不适用"
        return
    if False not in seen:
        yield "不论检查结果如何都不会违规"
    if True not in seen:
        yield "不论检查结果如何,凡适用就是违规"
    if True not in seen or False not in seen:
        return
    for i, atom in enumerate(atoms):
        if isinstance(atom, Check) and not any(
            outcomes[values] != outcomes[(*values[:i], not values[i], *values[i + 1 :])] for values in outcomes
        ):
            yield f"检查“{atom.name}”成立与否都不影响判定,等于没有写"


def _combinations(n: int) -> Iterator[tuple[bool, ...]]:
    yield from product((False, True), repeat=n)


def _outcome(rule: Rule, values: _Assignment) -> bool | None:
    """Whether the rule is kept; None where it does not apply."""
    if rule.applies is not None and not _holds(rule.applies, values):
        return None
    return _holds(rule.demand, values) is not rule.forbids


def _atoms(expression: Expression) -> Iterator[Expression]:
    """The checks, and each `then`: whether its parts come in order is a thing of its own."""
    match expression:
        case Check():
            yield expression
        case Not(inner):
            yield from _atoms(inner)
        case AtLeast(_, parts):
            for part in parts:
                yield from _atoms(part)
        case Then(first, second):
            yield from _atoms(first)
            yield from _atoms(second)
            yield expression


def _holds(expression: Expression, values: _Assignment) -> bool:
    match expression:
        case Check():
            return values[expression]
        case Not(inner):
            return not _holds(inner, values)
        case AtLeast(n, parts):
            return sum(_holds(p, values) for p in parts) >= n
        case Then(first, second):
            return values[expression] and _holds(first, values) and _holds(second, values)
