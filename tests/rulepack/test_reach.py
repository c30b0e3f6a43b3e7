"""What the linter calls unreachable never changes a verdict, and what it does not, can."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rulepack.load import Rule
from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Truth, leaves, truth_at_least, truth_not
from pipeline.rulepack.reach import MOST_CHECKS, unreachable
from pipeline.rulepack.schema import RuleSpec

NAMES = "abcd"
_LEAF = st.sampled_from(NAMES).map(Check)


def _grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    some = parts.flatmap(lambda p: st.integers(1, len(p)).map(lambda n: AtLeast(n, p)))
    return st.one_of(inner.map(Not), some)


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(_LEAF, _grown, max_leaves=6)


def _rule(applies: Expression | None, demand: Expression, *, forbids: bool) -> Rule:
    values: dict[str, Any] = {"id": "t.a.rule", "title": "规则", "kind": "risk", "severity": "minor", "status": "test"}
    spec = RuleSpec(**values, version=1, since="2026-01-01", guidance="x", checks={"a": {}}, forbid="a")  # type: ignore[arg-type]
    return Rule(
        spec=spec, pack_id="t", checks={}, applies=applies, demand=demand, forbids=forbids, file="a.yml", line=1
    )


def _truth(expression: Expression, values: dict[str, Truth]) -> Truth:
    match expression:
        case Check(name):
            return values[name]
        case Not(inner):
            return truth_not(_truth(inner, values))
        case AtLeast(n, parts):
            return truth_at_least(n, [_truth(p, values) for p in parts])
    raise AssertionError(expression)


def _verdict(rule: Rule, values: dict[str, Truth]) -> str:
    if rule.applies is not None and _truth(rule.applies, values) is Truth.FALSE:
        return "not applicable"
    return "violated" if (_truth(rule.demand, values) is Truth.TRUE) == rule.forbids else "passed"


@settings(max_examples=200, deadline=None)
@given(st.none() | EXPRESSIONS, EXPRESSIONS, st.booleans())
def test_a_check_is_unreachable_exactly_when_no_verdict_hangs_on_it(
    applies: Expression | None, demand: Expression, forbids: bool
) -> None:
    rule = _rule(applies, demand, forbids=forbids)
    said = list(unreachable(rule))
    everything = [dict(zip(NAMES, v, strict=True)) for v in product((Truth.FALSE, Truth.TRUE), repeat=len(NAMES))]
    verdicts = {_verdict(rule, values) for values in everything}
    if {"passed", "violated"} <= verdicts:
        named = {name for e in (applies, demand) if e is not None for name, _ in leaves(e)}
        idle = {
            n for n in named if all(_verdict(rule, v) == _verdict(rule, v | {n: truth_not(v[n])}) for v in everything)
        }
        assert said == [
            f"检查“{n}”成立与否都不影响判定,等于没有写" for n in sorted(idle, key=_order(applies, demand).index)
        ]
    else:
        assert len(said) == 1
        assert "成立" in said[0] or "违规" in said[0]


def _order(applies: Expression | None, demand: Expression) -> list[str]:
    return [name for e in (applies, demand) if e is not None for name, _ in leaves(e)]


def test_a_rule_of_very_many_checks_is_passed_over() -> None:
    many = AtLeast(1, tuple(Check(f"c{i}") for i in range(MOST_CHECKS + 1)))
    assert list(unreachable(_rule(None, AtLeast(1, (many, Check("c0"))), forbids=True))) == []
