"""Evidence and reasons in words: what a verdict says for itself."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.verdict import Finding, MatchKind
from pipeline.rulepack.load import Rule
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.view import Hit


def finding_of(rule: Rule, check: str, hit: Hit) -> Finding:
    """A hit of one of a rule's checks, as evidence."""
    return Finding(
        rule_id=rule.spec.id,
        check=check,
        operator=rule.checks[check].operator,
        match=hit.match,
        confidence=hit.confidence,
        explanation=hit.explanation,
        turn=hit.turn,
        role=hit.role,
        start_ms=hit.start_ms,
        end_ms=hit.end_ms,
        char_start=hit.char_start,
        char_end=hit.char_end,
        text=hit.text,
        matched=hit.matched,
        wanted=hit.wanted,
    )


def absence(rule: Rule, check: str, note: str) -> Finding:
    """That what a check looks for (`note`) was not found."""
    return _call_level(rule, check, MatchKind.ABSENCE, f"没有找到:{note}", note)


def fact(rule: Rule, check: str, note: str) -> Finding:
    """What is known of the call as a whole (it began at 22)."""
    return _call_level(rule, check, MatchKind.MEASURE, note, note)


def _call_level(rule: Rule, check: str, match: MatchKind, explanation: str, wanted: str) -> Finding:
    """A finding that has no place in the call."""
    return Finding(
        rule_id=rule.spec.id,
        check=check,
        operator=rule.checks[check].operator,
        match=match,
        confidence=1.0,
        explanation=explanation,
        wanted=wanted,
    )


def negated(note: str) -> str:
    """That what a check looks for is not the case."""
    return f"没有出现“{note}”的情况"


def violated_reason(findings: Sequence[Finding]) -> str:
    """Why a rule is violated: what was found, at most three of it."""
    said = list(dict.fromkeys(f.explanation for f in findings))
    return ";".join(said[:3]) + (f" 等 {len(said)} 处" if len(said) > 3 else "")


def unknown_reason(truth: Truth, notes: Sequence[str], findings: Sequence[Finding]) -> str:
    """Why a rule could not be judged, or only suspected."""
    evidence = [f.explanation for f in findings if f.match is not MatchKind.ABSENCE]
    said = list(dict.fromkeys(evidence))[:3] or list(notes)[:3]
    lead = {Truth.DOUBTFUL: "存疑,需人工确认", Truth.UNJUDGED: "无法判断", Truth.ABSENT: "不适用"}[truth]
    return f"{lead}:{';'.join(said)}"


def passed_reason(rule: Rule, findings: Sequence[Finding]) -> str:
    """Why a rule is passed."""
    if rule.forbids:
        return "未发现"
    said = [f.explanation for f in findings if f.match is not MatchKind.ABSENCE]
    return said[0] if said else "符合要求"
