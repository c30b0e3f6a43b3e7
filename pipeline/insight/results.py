"""What an evaluation finds: its tables, one dataclass per kind of row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import VerdictValue

NEAR_MS = 2_000
"""A finding this close to the planted fault leads a listener to it."""


class Outcome(StrEnum):
    """What became of a planted fault. `not_inspected`: the lake has no such call; `no_verdict`: no such rule."""

    FOUND = "found"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    MISSED = "missed"
    NO_VERDICT = "no_verdict"
    NOT_INSPECTED = "not_inspected"


OUTCOME_NAMES: Mapping[str, str] = {
    Outcome.FOUND: "查出",
    Outcome.SUSPECTED: "存疑待复核",
    Outcome.UNDETERMINED: "无法判断",
    Outcome.MISSED: "漏查",
    Outcome.NO_VERDICT: "没有判定",
    Outcome.NOT_INSPECTED: "没有质检",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResult:
    """A planted fault and what became of it.

    `time_error_ms` is how far the nearest finding lies from the fault, 0 where they overlap; None where the fault has
    no place or nothing with a time was found.
    """

    call_id: str
    rule_id: str
    note: str
    start_ms: int | None
    outcome: Outcome
    time_error_ms: int | None

    @property
    def near(self) -> bool | None:
        """Whether the evidence leads to the fault; None where there is nothing to compare."""
        return None if self.time_error_ms is None else self.time_error_ms <= NEAR_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """A rule that was `violated` or `suspected` on a call in which its fault was not planted.

    `clean`: the whole call is without faults. `near_miss`: the call was made to tempt just this rule.
    """

    call_id: str
    rule_id: str
    verdict: VerdictValue
    clean: bool
    near_miss: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule over all inspected calls: `found` to `missed` are of the `planted` calls with its fault.

    `absent` are the calls without its fault on which it was judged, `false_alarms` those of them that it hit.
    `false_suspicions` are calls without its fault that were left to a person.
    """

    rule_id: str
    planted: int
    found: int
    suspected: int
    undetermined: int
    missed: int
    absent: int
    false_alarms: int
    false_suspicions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterError:
    """Misrecognised characters of one speaker in one recording, or of several: None stands for all.

    A recording's own row also names its `queue`, where it is known.

    `errors` are substitutions, deletions and insertions; `rate` is their share of the true `characters`.
    """

    call_id: str | None
    role: Role | None
    characters: int
    substitutions: int
    deletions: int
    insertions: int
    queue: str | None = None

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        return self.errors / self.characters if self.characters else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The whole: `calls` have a truth, `inspected` are in the lake, `clean` of these have no fault.

    `characters` has the rows of `pipeline.insight.characters.character_errors`.
    """

    calls: int
    inspected: int
    clean: int
    events: tuple[EventResult, ...]
    rules: tuple[RuleResult, ...]
    false_alarms: tuple[FalseAlarm, ...]
    characters: tuple[CharacterError, ...]

    @property
    def clean_without_alarm(self) -> int:
        """How many of the inspected clean calls have no violation; a suspicion is none yet."""
        alarmed = {a.call_id for a in self.false_alarms if a.clean and a.verdict is VerdictValue.VIOLATED}
        return self.clean - len(alarmed)

    @property
    def found_elsewhere(self) -> int:
        """How many found faults have their evidence elsewhere: the rule was seen broken there, and this one missed."""
        return sum(event.outcome is Outcome.FOUND and event.near is False for event in self.events)

    def count(self, outcome: Outcome) -> int:
        """How many planted faults came out so."""
        return sum(event.outcome is outcome for event in self.events)

    def error_of(self, *, role: Role | None = None) -> CharacterError | None:
        """The row over all recordings, of one speaker or of both; None when no recording was recognised."""
        return next((row for row in self.characters if row.call_id is None and row.role is role), None)
