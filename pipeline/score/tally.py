"""The exact arithmetic of a score: fractions in, tenths out, nothing lost between.

Only passed and violated lines are judged. An item is worth its share of its dimension's weight. The worth of items that
were not judged is shared out over all judged items of the sheet in proportion, so that no line grows beyond the others
because its neighbours did not apply. A violated deduction costs its `deduct`, those of one dimension together at most
its weight. A dimension without items gives its weight to whoever breaks no rule of it, once one of them was judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pipeline.domain.verdict import VerdictValue
from pipeline.score.sheet import Dimension, ScoreSheet

Values = Mapping[str, VerdictValue]

JUDGED = frozenset({VerdictValue.PASSED, VerdictValue.VIOLATED})
_VIOLATED = VerdictValue.VIOLATED


@dataclass(frozen=True, slots=True)
class Tally:
    """What each rule is worth on this call and what it lost, exactly; `score` is 0 to 100, fatal rules left aside."""

    score: Fraction
    points: Mapping[str, Fraction]
    lost: Mapping[str, Fraction]


def tally(sheet: ScoreSheet, values: Values) -> Tally | None:
    """The score of a call whose rules came out as `values`; None where no line of a dimension was judged.

    One more violation never raises the score: it adds to what is lost at least as much as to what is judged. (The
    one exception is a dimension of deductions alone that was not judged at all before.)
    """
    if not any(values[rule] in JUDGED for dimension in sheet.dimensions for rule in dimension.rules):
        return None
    worth = {rule: points for d in sheet.dimensions for rule, points in item_worth(d) if values[rule] in JUDGED}
    judged = sum(worth.values()) + sum(Fraction(d.weight) for d in sheet.dimensions if _stands_without_items(d, values))
    points = {rule: 100 * share / judged for rule, share in worth.items()}
    lost = {rule: worth_now for rule, worth_now in points.items() if values[rule] is _VIOLATED}
    deducted = {rule: cost for d in sheet.dimensions for rule, cost in _deducted(d, values)}
    due, left = sum(deducted.values(), Fraction(0)), 100 - sum(lost.values(), Fraction(0))
    for dimension in sheet.dimensions:
        for deduction in dimension.deductions:
            if values[deduction.rule] in JUDGED:
                points[deduction.rule] = Fraction(deduction.deduct)
            if deduction.rule in deducted:
                lost[deduction.rule] = deducted[deduction.rule] * min(due, left) / due
    return Tally(100 - sum(lost.values(), Fraction(0)), points, lost)


def _stands_without_items(dimension: Dimension, values: Values) -> bool:
    """Whether a dimension of deductions alone counts with its weight.

    A suspected deduction keeps it too: it costs nothing until a person confirms it. Were the weight given away
    meanwhile, confirming could raise a poor score.
    """
    holding = JUDGED | {VerdictValue.SUSPECTED}
    return not dimension.items and any(values[d.rule] in holding for d in dimension.deductions)


def item_worth(dimension: Dimension) -> list[tuple[str, Fraction]]:
    """What each item is worth when every line of the sheet is judged."""
    shares = sum(Fraction(item.points) for item in dimension.items)
    return [(item.rule, Fraction(dimension.weight) * Fraction(item.points) / shares) for item in dimension.items]


def _deducted(dimension: Dimension, values: Values) -> list[tuple[str, Fraction]]:
    """What the violated deductions of a dimension cost, together at most its weight."""
    violated = [d for d in dimension.deductions if values[d.rule] is _VIOLATED]
    due = sum(Fraction(d.deduct) for d in violated)
    return [(d.rule, Fraction(d.deduct) * min(due, Fraction(dimension.weight)) / due) for d in violated]


def judged_weight(sheet: ScoreSheet, values: Values) -> Fraction:
    """The share (0 to 1) of the weight of the lines that apply which was judged; 0 where none applies."""
    judged = applicable = Fraction(0)
    for dimension in sheet.dimensions:
        weight = Fraction(dimension.weight)
        stakes = item_worth(dimension)
        stakes += [(d.rule, Fraction(d.deduct)) for d in dimension.deductions]
        whole = sum(stake for _, stake in stakes)
        for rule, stake in stakes:
            if values[rule] is not VerdictValue.NOT_APPLICABLE:
                applicable += weight * stake / whole
            if values[rule] in JUDGED:
                judged += weight * stake / whole
    return judged / applicable if applicable else Fraction(0)


def tenths(exact: Fraction) -> int:
    """In tenths, halves rounded up."""
    return (exact * 20 + 1) // 2


def apportion(exact: Sequence[Fraction], total: int) -> list[int]:
    """`exact` in tenths that sum to `total`, by the largest remainder; of equal remainders the earlier is rounded up.

    Raises ValueError where `total` cannot be reached by rounding each entry up or down.
    """
    floors = [(value * 10).__floor__() for value in exact]
    remainders = [value * 10 - floor for value, floor in zip(exact, floors, strict=True)]
    missing = total - sum(floors)
    if not 0 <= missing <= sum(1 for r in remainders if r):
        raise ValueError(f"{total} tenths cannot be shared out")
    for i in sorted(range(len(exact)), key=lambda i: -remainders[i])[:missing]:
        floors[i] += 1
    return floors


def as_points(count: int) -> Decimal:
    """A number of tenths as points with one decimal."""
    return Decimal(count).scaleb(-1)
