"""Which rules a call cannot bring to anything but what they come to where nothing they look for is said.

The checks of all rules are numbered from 1; a set of checks is an integer whose bit i stands for check i, and bit 0 for
what does not rest on the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Then, leaves

if TYPE_CHECKING:
    from pipeline.rulepack.load import CompiledCheck, Rule

Checks: TypeAlias = int
BESIDE_THE_TEXT: Checks = 1
"""Always touched."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule need not be judged where nothing touches one of `needs`, nor where nothing touches `watched`.

    The first needs are those of `conditions`: the parts of `applies` that surely do not hold then.
    """

    watched: Checks
    needs: tuple[Checks, ...] = ()
    conditions: tuple[Expression, ...] = ()

    def closed(self, touched: Checks) -> int | None:
        """Which verdict the rule comes to: the number of the first need that is not met; None where it is open."""
        for number, need in enumerate(self.needs):
            if not touched & need:
                return number
        return None if touched & self.watched else len(self.needs)

    def lacking(self, touched: Checks) -> Expression | None:
        """The first condition of which nothing is said: reason enough that the rule does not apply."""
        closed = self.closed(touched)
        return self.conditions[closed] if closed is not None and closed < len(self.conditions) else None


def gate_of(rule: Rule, bits: Mapping[str, Checks]) -> Gate:
    """`bits` are the rule's checks by name."""
    if rule.applies is not None:
        # Where nothing says that it applies, it does not, whatever else is said.
        names = _with_anchors(rule, {name for name, _ in leaves(rule.applies)})
        parts = rule.applies.parts if _is_and(rule.applies) else (rule.applies,)
        conditions = tuple(part for part in parts if _alone(rule, part))
        needs = tuple(_union(bits, (name for name, _ in leaves(part))) for part in conditions)
    else:
        names, conditions = set(rule.checks), ()
        needs = tuple(_union(bits, need) for need in _needs(rule, rule.demand)) if rule.forbids else ()
    on_text_alone = all(rule.checks[name].params.triggers is not None for name in names)
    return Gate(_union(bits, names) if on_text_alone else BESIDE_THE_TEXT, needs, conditions)


def _union(bits: Mapping[str, Checks], names: Iterable[str]) -> Checks:
    return reduce(or_, map(bits.__getitem__, names), 0)


def _is_and(expression: Expression) -> TypeGuard[AtLeast]:
    return isinstance(expression, AtLeast) and expression.n == len(expression.parts)


def _alone(rule: Rule, expression: Expression) -> bool:
    """Whether it is one of some checks that surely find nothing where nothing of them is said, by themselves."""
    if isinstance(expression, Check):
        check = rule.checks[expression.name]
        return _certain(check) and not check.scope.anchors
    return isinstance(expression, AtLeast) and expression.n == 1 and all(_alone(rule, p) for p in expression.parts)


def _needs(rule: Rule, expression: Expression) -> tuple[frozenset[str], ...]:
    """Sets of checks; where nothing of one of them is said, the expression does not hold."""
    match expression:
        case Check(name):
            check = rule.checks[name]
            if not _certain(check):
                return ()
            anchors = (need for _, anchor in check.scope.anchors for need in _needs(rule, Check(anchor.check)))
            return (frozenset({name}), *anchors)
        case Not():
            return ()
        case AtLeast(n, parts) if n == len(parts):
            return tuple(need for part in parts for need in _needs(rule, part))
        case AtLeast(_, parts):
            either = [_needs(rule, part) for part in parts]
            return (frozenset().union(*(needs[0] for needs in either)),) if all(either) else ()
        case Then(first, second):
            return _needs(rule, first) + _needs(rule, second)


def _with_anchors(rule: Rule, names: set[str]) -> set[str]:
    """The checks, and those by whose hits they look."""
    found, ahead = set(names), list(names)
    while ahead:
        for _, anchor in rule.checks[ahead.pop()].scope.anchors:
            if anchor.check not in found:
                found.add(anchor.check)
                ahead.append(anchor.check)
    return found


def _certain(check: CompiledCheck) -> bool:
    """Whether it surely finds nothing where nothing of it is said: times that nobody knows may leave it unjudged."""
    scope = check.scope
    extents = [] if scope.within is None else [scope.within.first, scope.within.last]
    extents += [anchor.within for _, anchor in scope.anchors]
    timed = any(extent is not None and extent.turns is None for extent in extents)
    return check.params.triggers is not None and not timed
