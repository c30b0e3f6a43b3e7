"""The score of a call, with every lost point accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.verdict import VerdictValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """One line of the score sheet on one call.

    `points` is what the line is worth on this call after the weight of lines that do not apply was redistributed
    (0 when the line itself was not judged); `lost` is how much of it is lost. `judged` is False for
    not_applicable, undetermined and suspected lines: they neither earn nor lose.
    """

    dimension: str
    dimension_title: str
    rule_id: str
    title: str
    verdict: VerdictValue
    judged: bool
    points: Decimal
    lost: Decimal
    fatal: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScore:
    """The score of a call on one sheet.

    `score` is 0–100 with one decimal, None when nothing could be judged. `score_if_confirmed` is what the score
    becomes when a person confirms every suspected line. `judged_weight` is the share (0–1) of the weight that
    applies to the call and was judged. `reasons` name each lost point, worst first. `flag_reasons` say why a person
    should look.
    """

    score: Decimal | None
    score_if_confirmed: Decimal | None
    grade: str | None
    fatal: bool
    flagged: bool
    judged_weight: float
    items: tuple[ScoreItem, ...]
    reasons: tuple[str, ...]
    flag_reasons: tuple[str, ...]
