"""The exact arithmetic of a score: fractions in, tenths out, nothing lost between.

Only passed and violated lines are judged. Within a dimension the judged items share its weight; a dimension with no
judged line gives its weight to the others in proportion. A violated deduction takes its `deduct` off, at most what its
dimension still has. So a dimension in which only deductions were judged starts from its full weight.
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
    """The score of a call whose rules came out as `values`; None where no line of a dimension was judged."""
    if not any(values[rule] in JUDGED for dimension in sheet.dimensions for rule in dimension.rules):
        return None
    counted = [d for d in sheet.dimensions if _counts(d, values)]
    total = sum(Fraction(d.weight) for d in counted)
    points: dict[str, Fraction] = {}
    lost: dict[str, Fraction] = {}
    for dimension in counted:
        _tally_dimension(dimension, Fraction(dimension.weight) * 100 / total, values, points, lost)
    return Tally(100 - sum(lost.values(), Fraction(0)), points, lost)


def _counts(dimension: Dimension, values: Values) -> bool:
    """Whether the dimension keeps its weight.

    A suspected deduction keeps it too: it costs nothing until a person confirms it. Were the weight given away
    meanwhile, confirming could raise a poor score.
    """
    items = any(values[item.rule] in JUDGED for item in dimension.items)
    holding = JUDGED | {VerdictValue.SUSPECTED}
    return items or any(values[deduction.rule] in holding for deduction in dimension.deductions)


def _tally_dimension(
    dimension: Dimension, weight: Fraction, values: Values, points: dict[str, Fraction], lost: dict[str, Fraction]
) -> None:
    """Writes the dimension's lines into `points` and `lost`: items lose first, deductions share what is left."""
    judged = [item for item in dimension.items if values[item.rule] in JUDGED]
    shares = sum(Fraction(item.points) for item in judged)
    left = weight
    for item in judged:
        points[item.rule] = weight * Fraction(item.points) / shares
        if values[item.rule] is _VIOLATED:
            lost[item.rule] = points[item.rule]
            left -= points[item.rule]
    due = sum(Fraction(d.deduct) for d in dimension.deductions if values[d.rule] is _VIOLATED)
    for deduction in dimension.deductions:
        if values[deduction.rule] in JUDGED:
            points[deduction.rule] = Fraction(deduction.deduct)
        if values[deduction.rule] is _VIOLATED:
            lost[deduction.rule] = Fraction(deduction.deduct) * min(due, left) / due


def judged_weight(sheet: ScoreSheet, values: Values) -> Fraction:
    """The share (0 to 1) of the weight of the lines that apply which was judged; 0 where none applies."""
    judged = applicable = Fraction(0)
    for dimension in sheet.dimensions:
        weight = Fraction(dimension.weight)
        shares = sum(Fraction(item.points) for item in dimension.items)
        stakes = [(item.rule, weight * Fraction(item.points) / shares) for item in dimension.items]
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
