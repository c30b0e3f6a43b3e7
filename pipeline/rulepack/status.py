"""How far each rule is from `stable`: that status is earned by evidence, never by age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.rulepack.cases import CaseResult
from pipeline.rulepack.evidence import Evidence, evidence_lacks, rule_digest
from pipeline.rulepack.load import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStatus:
    """One rule: its cases, its evidence (None where there is none), and in Chinese what it lacks to be stable.

    `misses` are cases that it is known to get wrong. `stale`: the rule was changed after its back-test.
    """

    rule: Rule
    cases: int
    failed: int
    misses: int
    evidence: Evidence | None
    stale: bool
    lacks: tuple[str, ...]

    @property
    def unearned(self) -> bool:
        """True for a rule that calls itself stable and is not."""
        return self.rule.spec.status == "stable" and bool(self.lacks)


def statuses(
    rules: Iterable[Rule], results: Iterable[CaseResult], evidence: Mapping[str, Evidence]
) -> tuple[RuleStatus, ...]:
    """The status of each rule, in their order, from the outcome of all their cases and the packs' evidence."""
    total, failed, misses = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        rule_id = result.case.spec.rule
        total[rule_id] += 1
        failed[rule_id] += result.failed
        misses[rule_id] += result.case.spec.known_miss and not result.right
    return tuple(
        _status(rule, total[rule.spec.id], failed[rule.spec.id], misses[rule.spec.id], evidence) for rule in rules
    )


def _status(rule: Rule, cases: int, failed: int, misses: int, evidence: Mapping[str, Evidence]) -> RuleStatus:
    lacks = [] if cases else ["没有用例"]
    if failed:
        lacks.append(f"{failed} 个用例判错")
    found = evidence.get(rule.spec.id)
    return RuleStatus(
        rule=rule,
        cases=cases,
        failed=failed,
        misses=misses,
        evidence=found,
        stale=found is not None and found.digest != rule_digest(rule),
        lacks=(*lacks, *evidence_lacks(rule, evidence)),
    )
