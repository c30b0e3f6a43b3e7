"""Terms for the recogniser to expect: what the rules want to hear."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, zip_longest

from pipeline.domain.verdict import Severity
from pipeline.rulepack.load import Rule, RuleSet
from pipeline.rulepack.logic import leaves

_PHRASE_LENGTHS = range(3, 11)  # shorter ones every model knows, longer ones take the room of several
_BY_SEVERITY = list(Severity)


def expected_words(rules: RuleSet) -> tuple[str, ...]:
    """The short phrases that the rules expect to be said: first of each rule its first one, then its second, and so
    on, the gravest rules in front.

    Phrases that a rule forbids, or that make it apply, are not among them: a recogniser led to hear them would hear
    them where they were not said, and that would cost the agent.
    """
    expecting = (r for r in rules.rules if not r.forbids and r.spec.status != "deprecated")
    by_rule = [_phrases(r) for r in sorted(expecting, key=lambda r: (_BY_SEVERITY.index(r.spec.severity), r.spec.id))]
    turn_by_turn = chain.from_iterable(zip_longest(*by_rule))
    return tuple(dict.fromkeys(phrase for phrase in turn_by_turn if phrase is not None))


def _phrases(rule: Rule) -> list[str]:
    checks = dict.fromkeys(name for name, positive in leaves(rule.demand) if positive)
    phrases: Iterable[str] = chain.from_iterable(_wanted(rule, name) for name in checks)
    return [phrase for phrase in dict.fromkeys(phrases) if len(phrase) in _PHRASE_LENGTHS]


def _wanted(rule: Rule, check: str) -> tuple[str, ...]:
    """The phrases that a `phrase` check looks for, without those that excuse a hit."""
    return tuple(getattr(rule.checks[check].params, "phrase", ()))
