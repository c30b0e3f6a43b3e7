"""Two versions of a rule pack on the same calls: what would change if the newer one were published.

What people decided of a call and a rule is taken as the truth about it, whichever version they had before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pipeline.domain.score import CallScore
from pipeline.domain.verdict import Verdict, VerdictValue
from pipeline.insight.changes import (
    Backtest,
    CallChange,
    Change,
    ComparedRule,
    RuleChange,
    ScoreChange,
    Scores,
    SideCount,
)
from pipeline.insight.reviews import NO_REVIEWS, Review, Reviews
from pipeline.insight.said import evidence_of, masked_reason

_HIT, _SUSPECTED = VerdictValue.VIOLATED, VerdictValue.SUSPECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTwice:
    """A call, and the verdicts of both versions of the pack on it by rule id. A score is None where there is none."""

    call_id: str
    before: Mapping[str, Verdict]
    after: Mapping[str, Verdict]
    score_before: CallScore | None = None
    score_after: CallScore | None = None


def compare(judged: Iterable[JudgedTwice], rules: Sequence[ComparedRule], *, reviews: Reviews = NO_REVIEWS) -> Backtest:
    """Counts what changed. The calls are gone through once; only what changed of them is kept.

    Verdicts of rules that are not in `rules` are passed over.
    """
    counts = {rule.rule_id: _Counts() for rule in rules}
    changes: list[CallChange] = []
    scores = _ScoreCounts()
    seen: set[str] = set()
    for one in judged:
        seen.add(one.call_id)
        scores.add(one)
        for rule_id, count in counts.items():
            before, after = one.before.get(rule_id), one.after.get(rule_id)
            review = reviews.decided.get((one.call_id, rule_id))
            count.before.add(before, review)
            count.after.add(after, review)
            if (change := _change(before, after)) is not None:
                count.changes[change, review] += 1
                changes.append(_call_change(one.call_id, rule_id, change, before, after, review))
    order = {change: place for place, change in enumerate(Change)}
    return Backtest(
        calls=len(seen),
        rules=tuple(counts[rule.rule_id].result(rule) for rule in sorted(rules, key=lambda r: r.rule_id)),
        changes=tuple(sorted(changes, key=lambda c: (c.rule_id, order[c.change], c.call_id))),
        scores=scores.result(),
        reviews_unused=sum(call_id not in seen for call_id, _ in reviews.decided),
    )


def _change(before: Verdict | None, after: Verdict | None) -> Change | None:
    """What kind of change it is, None where there is none; that a rule came or went is one where it found something."""
    was, now = (None if v is None else v.value for v in (before, after))
    if was is now:
        return None
    if now is _HIT:
        return Change.NEWLY_HIT
    if was is _HIT:
        return Change.NO_LONGER_HIT
    return Change.OTHER if (was is not None and now is not None) or _SUSPECTED in (was, now) else None


def _call_change(
    call_id: str, rule_id: str, change: Change, before: Verdict | None, after: Verdict | None, review: Review | None
) -> CallChange:
    return CallChange(
        call_id=call_id,
        rule_id=rule_id,
        change=change,
        before=None if before is None else before.value,
        after=None if after is None else after.value,
        reason_before="" if before is None else masked_reason(before),
        reason_after="" if after is None else masked_reason(after),
        evidence=next((said for v in (after, before) if v is not None and (said := evidence_of(v.findings))), ""),
        review=review,
    )


@dataclass(slots=True)
class _Side:
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict | None, review: Review | None) -> None:
        if verdict is None:
            return
        self.counts["calls"] += 1
        self.counts["suspected"] += verdict.value is _SUSPECTED
        if verdict.value is _HIT:
            self.counts["hits"] += 1
            self.counts["reviewed"] += review is not None
            self.counts["right"] += review is Review.RIGHT

    def result(self) -> SideCount:
        return SideCount(**self.counts)


@dataclass(slots=True)
class _Counts:
    before: _Side = field(default_factory=_Side)
    after: _Side = field(default_factory=_Side)
    changes: Counter[tuple[Change, Review | None]] = field(default_factory=Counter)

    def result(self, rule: ComparedRule) -> RuleChange:
        def total(change: Change) -> int:
            return sum(n for (kind, _), n in self.changes.items() if kind is change)

        return RuleChange(
            rule=rule,
            before=self.before.result(),
            after=self.after.result(),
            newly_hit=total(Change.NEWLY_HIT),
            newly_right=self.changes[Change.NEWLY_HIT, Review.RIGHT],
            newly_wrong=self.changes[Change.NEWLY_HIT, Review.WRONG],
            no_longer_hit=total(Change.NO_LONGER_HIT),
            lost_right=self.changes[Change.NO_LONGER_HIT, Review.RIGHT],
            lost_wrong=self.changes[Change.NO_LONGER_HIT, Review.WRONG],
            other=total(Change.OTHER),
        )


@dataclass(slots=True)
class _ScoreCounts:
    changes: list[ScoreChange] = field(default_factory=list)
    sums: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    calls: int = 0
    flagged: Counter[str] = field(default_factory=Counter)

    def add(self, one: JudgedTwice) -> None:
        before, after = one.score_before, one.score_after
        if before is None or after is None:
            return
        self.flagged["before"] += before.flagged
        self.flagged["after"] += after.flagged
        if before.score is not None and after.score is not None:
            self.calls += 1
            self.sums = [self.sums[0] + before.score, self.sums[1] + after.score]
        told = [(s.score, s.grade, s.flagged) for s in (before, after)]
        if told[0] != told[1]:
            self.changes.append(
                ScoreChange(
                    call_id=one.call_id,
                    before=before.score,
                    after=after.score,
                    grade_before=before.grade,
                    grade_after=after.grade,
                    flagged_before=before.flagged,
                    flagged_after=after.flagged,
                )
            )

    def result(self) -> Scores:
        means = [total / self.calls for total in self.sums] if self.calls else [None, None]
        return Scores(
            calls=self.calls,
            mean_before=means[0],
            mean_after=means[1],
            flagged_before=self.flagged["before"],
            flagged_after=self.flagged["after"],
            changes=tuple(sorted(self.changes, key=_greatest_loss_first)),
        )


def _greatest_loss_first(change: ScoreChange) -> tuple[bool, Decimal, str]:
    difference = change.difference
    return difference is None, difference or Decimal(0), change.call_id
