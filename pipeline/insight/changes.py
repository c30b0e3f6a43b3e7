"""What a back-test finds: one dataclass per kind of row. A *hit* is the verdict `violated`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.insight.reviews import Review
from pipeline.rulepack.evidence import Precision, precision_of


class Change(StrEnum):
    """How a verdict changed. `other`: neither version hits, or only one of them has a verdict and it is suspected."""

    NEWLY_HIT = "newly_hit"
    NO_LONGER_HIT = "no_longer_hit"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRule:
    """A rule that one of the versions has. A version is None where that side has no such rule.

    `stable`: its status promises that it is reliable; that of the newer version, or of the older where it is gone.
    """

    rule_id: str
    title: str
    kind: RuleKind
    version_before: int | None
    version_after: int | None
    stable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCount:
    """One version's verdicts of a rule: how many calls it judged, hit, suspected.

    `reviewed` of the hits were decided by people, and `right` of these confirmed.
    """

    calls: int = 0
    hits: int = 0
    suspected: int = 0
    reviewed: int = 0
    right: int = 0

    @property
    def precision(self) -> Precision | None:
        """None where nobody reviewed a hit."""
        return precision_of(self.right, self.reviewed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """A rule's verdicts under both versions, in calls. `*_right` and `*_wrong` are those of them that were reviewed."""

    rule: ComparedRule
    before: SideCount
    after: SideCount
    newly_hit: int = 0
    newly_right: int = 0
    newly_wrong: int = 0
    no_longer_hit: int = 0
    lost_right: int = 0
    lost_wrong: int = 0
    other: int = 0

    @property
    def changed(self) -> bool:
        """True where any verdict came out differently."""
        return bool(self.newly_hit or self.no_longer_hit or self.other)

    @property
    def worse(self) -> bool:
        """True where a confirmed hit is lost, or one that was decided to be wrong is newly made."""
        return bool(self.lost_right or self.newly_wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChange:
    """A verdict that changed, with personal data masked; None where that side has no verdict.

    `evidence`: what was said, of the newer version where it finds something, else of the older one; empty for an
    absence.
    """

    call_id: str
    rule_id: str
    change: Change
    before: VerdictValue | None
    after: VerdictValue | None
    reason_before: str
    reason_after: str
    evidence: str
    review: Review | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChange:
    """A call whose score, grade or need of a review changed. A score is None where nothing could be judged."""

    call_id: str
    before: Decimal | None
    after: Decimal | None
    grade_before: str | None
    grade_after: str | None
    flagged_before: bool
    flagged_after: bool

    @property
    def difference(self) -> Decimal | None:
        """None where either side has no score."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores over all `calls` that have one on both sides: their means, and how many calls a person should look at.

    `changes`: the calls that came out differently, the greatest loss first.
    """

    calls: int = 0
    mean_before: Decimal | None = None
    mean_after: Decimal | None = None
    flagged_before: int = 0
    flagged_after: int = 0
    changes: tuple[ScoreChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """`rules` in order of id; `changes` by rule, kind of change and call. `reviews_unused`: of other calls."""

    calls: int
    rules: tuple[RuleChange, ...]
    changes: tuple[CallChange, ...]
    scores: Scores
    reviews_unused: int = 0

    @property
    def worse(self) -> tuple[RuleChange, ...]:
        """The stable rules that got worse."""
        return tuple(rule for rule in self.rules if rule.rule.stable and rule.worse)

    def of(self, rule_id: str, change: Change) -> tuple[CallChange, ...]:
        """The changes of one kind of a rule."""
        return tuple(c for c in self.changes if c.rule_id == rule_id and c.change is change)
