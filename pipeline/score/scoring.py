"""From the verdicts of a call to its score, every lost point with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from pipeline.domain.score import CallScore, ScoreItem
from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.score.check import FATAL
from pipeline.score.flags import flag_reasons
from pipeline.score.sheet import ScoreSheet
from pipeline.score.tally import JUDGED, Tally, Values, apportion, as_points, judged_weight, tally, tenths

FATAL_TITLE = "一票否决"


def score_call(
    sheet: ScoreSheet,
    verdicts: Sequence[Verdict],
    severities: Mapping[str, Severity],
    titles: Mapping[str, str],
    *,
    quarantined: float = 0.0,
) -> CallScore:
    """Scores one call on one sheet; `severities` and `titles` know every rule that has a verdict.

    `quarantined`: the share of the call's text that was set apart; it costs nothing, but a person should look.
    The order of the verdicts does not matter. What the items lost sums exactly to 100 minus the score. Raises
    ValueError where a rule of the sheet has no verdict, a rule has two, or a rule's severity or title is missing.
    """
    by_rule = _by_rule(sheet, verdicts, severities, titles)
    values = {rule: verdict.value for rule, verdict in by_rule.items()}
    fatal = [rule for rule in sheet.fatal if values[rule] is VerdictValue.VIOLATED]
    counted = tally(sheet, values)
    lost = _lost_tenths(counted, fatal)
    score = as_points(1000 - sum(lost.values())) if counted or fatal else None
    items = _items(sheet, by_rule, titles, counted, lost)
    judged = judged_weight(sheet, values)
    flags = flag_reasons(
        sheet, values, severities=severities, titles=titles, score=score, judged=judged, quarantined=quarantined
    )
    confirmed = _confirmed_tenths(sheet, values)
    return CallScore(
        score=score,
        score_if_confirmed=None if confirmed is None else as_points(confirmed),
        grade=None if score is None else sheet.grade(score),
        fatal=bool(fatal),
        flagged=bool(flags),
        judged_weight=float(judged),
        items=items,
        reasons=_reasons(items),
        flag_reasons=flags,
    )


def _by_rule(
    sheet: ScoreSheet, verdicts: Sequence[Verdict], severities: Mapping[str, Severity], titles: Mapping[str, str]
) -> dict[str, Verdict]:
    by_rule = {v.rule_id: v for v in verdicts}
    if len(by_rule) != len(verdicts):
        raise ValueError("a rule has more than one verdict")
    if missing := [rule for rule in sheet.rules if rule not in by_rule]:
        raise ValueError(f"no verdict for {', '.join(missing)}")
    if unknown := sorted(rule for rule in by_rule if rule not in severities or rule not in titles):
        raise ValueError(f"no severity or title for {', '.join(unknown)}")
    return by_rule


def _lost_tenths(counted: Tally | None, fatal: Sequence[str]) -> dict[str, int]:
    """What each line lost, in tenths; the fatal lines share all that the others left."""
    exact = counted.lost if counted else {}
    kept = tenths(counted.score) if counted else 1000
    lost = dict(zip(exact, apportion(list(exact.values()), 1000 - kept), strict=True))
    if fatal:
        lost |= zip(fatal, apportion([Fraction(kept, 10 * len(fatal))] * len(fatal), kept), strict=True)
    return lost


def _confirmed_tenths(sheet: ScoreSheet, values: Values) -> int | None:
    """The score, in tenths, when a person confirms whatever is suspected."""
    confirmed = {r: VerdictValue.VIOLATED if v is VerdictValue.SUSPECTED else v for r, v in values.items()}
    if any(confirmed[rule] is VerdictValue.VIOLATED for rule in sheet.fatal):
        return 0
    counted = tally(sheet, confirmed)
    return None if counted is None else tenths(counted.score)


def _items(
    sheet: ScoreSheet,
    by_rule: Mapping[str, Verdict],
    titles: Mapping[str, str],
    counted: Tally | None,
    lost: Mapping[str, int],
) -> tuple[ScoreItem, ...]:
    """One item per line of the sheet, in its order, the fatal rules last."""
    lines = [(d.id, d.title, rule, False) for d in sheet.dimensions for rule in d.rules]
    lines += [(FATAL, FATAL_TITLE, rule, True) for rule in sheet.fatal]
    worth = counted.points if counted else {}
    return tuple(
        ScoreItem(
            dimension=dimension,
            dimension_title=dimension_title,
            rule_id=rule,
            title=titles[rule],
            verdict=by_rule[rule].value,
            judged=by_rule[rule].value in JUDGED,
            points=as_points(max(tenths(worth.get(rule, Fraction(0))), lost.get(rule, 0))),
            lost=as_points(lost.get(rule, 0)),
            fatal=fatal,
            reason=by_rule[rule].reason,
        )
        for dimension, dimension_title, rule, fatal in lines
    )


def _reasons(items: Sequence[ScoreItem]) -> tuple[str, ...]:
    """A line for each violation, fatal ones first, then by what they cost; one that found nothing left to take too."""
    violated = [item for item in items if item.verdict is VerdictValue.VIOLATED]
    worst_first = sorted(violated, key=lambda item: (not item.fatal, -item.lost))
    return tuple(f"{i.dimension_title} −{i.lost} {i.title}: {i.reason}" for i in worst_first)
