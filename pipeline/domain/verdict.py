"""What a rule says about a call, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.transcript import Role


class VerdictValue(StrEnum):
    """Not judged is never passed: `undetermined` could not be judged, `suspected` needs a person."""

    PASSED = "passed"
    VIOLATED = "violated"
    SUSPECTED = "suspected"
    NOT_APPLICABLE = "not_applicable"
    UNDETERMINED = "undetermined"


class RuleKind(StrEnum):
    """What a rule is about: words to say, words not to say, timing and manner, the course of the call, danger."""

    SCRIPTED = "scripted"
    BANNED = "banned"
    BEHAVIOUR = "behaviour"
    PROCESS = "process"
    RISK = "risk"


class Severity(StrEnum):
    """How much a broken rule weighs with the people who decide."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class MatchKind(StrEnum):
    """How the evidence matched, from surest to weakest; `measure` is a number, `absence` is something not found."""

    EXACT = "exact"
    PATTERN = "pattern"
    SOUND = "sound"
    CLOSE = "close"
    MEASURE = "measure"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence for a verdict.

    `turn` is the turn's index, None when the evidence is an absence over the whole call. `start_ms`/`end_ms` is its
    span in the recording, `char_start`/`char_end` in the turn's text. `text` is the turn (or part) as written;
    `matched` what in it matched, `wanted` what the rule asked for. `confidence` is 0 to 1.
    `explanation` says to a person, in Chinese, why this counts.
    """

    rule_id: str
    check: str
    operator: str
    match: MatchKind
    confidence: float
    explanation: str
    turn: int | None = None
    role: Role | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    char_start: int | None = None
    char_end: int | None = None
    text: str = ""
    matched: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The one verdict of a rule on a call. `reason` is one Chinese sentence for a person."""

    rule_id: str
    rule_version: int
    value: VerdictValue
    reason: str
    findings: tuple[Finding, ...] = ()
