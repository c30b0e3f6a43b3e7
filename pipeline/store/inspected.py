"""What the upper floors hand to the store: one call with everything that was found out about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.call import Call
from pipeline.domain.course import CallCourse, Trait
from pipeline.domain.emotion import TurnEmotion
from pipeline.domain.score import CallScore
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import RuleKind, Severity, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What produced a row: enough to produce it again.

    `packs` are `id@version`; the digests are SHA-256 (hex) of the rule packs, score sheet and emotion model as used.
    """

    run_id: str
    packs: tuple[str, ...]
    rules_digest: str
    sheet_id: str
    sheet_version: str
    sheet_digest: str
    emotion_digest: str


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What the tables tell of a rule beside its verdict."""

    title: str
    kind: RuleKind
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedCall:
    """All that is known of a call once it is scored.

    `emotions` has one entry per turn, None where none was read; `rules` names every rule that gave a verdict; `course`
    and `traits` tell how the emotion ran and what it shows of the people.
    """

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    verdicts: tuple[Verdict, ...]
    score: CallScore
    course: CallCourse
    traits: tuple[Trait, ...]
    rules: Mapping[str, RuleInfo]
    provenance: Provenance

    def __post_init__(self) -> None:
        if len(self.emotions) != len(self.transcript.turns):
            raise ValueError(f"call {self.call.call_id}: one emotion (or None) per turn is needed")
        if unknown := {verdict.rule_id for verdict in self.verdicts} - self.rules.keys():
            raise ValueError(f"call {self.call.call_id}: no rule info for {sorted(unknown)}")
