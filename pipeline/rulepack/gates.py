"""Which rules a call cannot bring to anything but what they come to where nothing they look for is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Then, leaves

if TYPE_CHECKING:
    from pipeline.rulepack.index import CheckKey, Found
    from pipeline.rulepack.load import CompiledCheck, Rule


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule need not be judged where none of `keys` may find anything, or where `demand` cannot hold."""

    rule: Rule
    keys: frozenset[CheckKey]
    demand: Expression | None = None
    certain: frozenset[str] = frozenset()

    def opens(self, found: Found) -> bool:
        """Whether the rule must be judged."""
        if self.demand is not None:
            return self._possible(self.demand, found)
        if not found.touched.isdisjoint(self.keys):
            return True
        return not all(map(found.holds_nothing_for, self.keys))

    def _possible(self, expression: Expression, found: Found) -> bool:
        match expression:
            case Check(name):
                check = self.rule.checks[name]
                if name not in self.certain:
                    return True
                if found.holds_nothing_for((self.rule.spec.id, name)):
                    return False
                return all(self._possible(Check(anchor.check), found) for _, anchor in check.scope.anchors)
            case Not():
                return True
            case AtLeast(n, parts):
                return sum(self._possible(part, found) for part in parts) >= n
            case Then(first, second):
                return self._possible(first, found) and self._possible(second, found)


def gate_of(rule: Rule) -> Gate | None:
    """None for a rule that must always be judged: something else than the text may decide it."""
    if rule.applies is not None:
        # Where nothing says that it applies, it does not, whatever else is said.
        names = _with_anchors(rule, {name for name, _ in leaves(rule.applies)})
    elif rule.forbids:
        return Gate(rule, frozenset(), rule.demand, frozenset(n for n, c in rule.checks.items() if _certain(c)))
    else:
        names = set(rule.checks)
    if any(rule.checks[name].params.triggers is None for name in names):
        return None
    return Gate(rule, frozenset((rule.spec.id, name) for name in names))


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
