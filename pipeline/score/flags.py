"""Why a person should look at a call."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from pipeline.domain.verdict import Severity, VerdictValue
from pipeline.score.sheet import ScoreSheet
from pipeline.score.tally import Values

_SEVERITIES = {Severity.CRITICAL: "严重", Severity.MAJOR: "重要", Severity.MINOR: "一般"}
_WORST_FIRST = list(Severity)


def flag_reasons(
    sheet: ScoreSheet,
    values: Values,
    *,
    severities: Mapping[str, Severity],
    titles: Mapping[str, str],
    score: Decimal | None,
    judged: Fraction,
    quarantined: float,
) -> tuple[str, ...]:
    """One line per reason, the gravest first; a rule gives one line at most.

    `judged`: the share of the weight that could be judged; `quarantined`: the share of the text that was set apart.
    """
    rules = sorted(values, key=lambda rule: (_WORST_FIRST.index(severities[rule]), rule))
    fatal = [rule for rule in sheet.fatal if values[rule] is VerdictValue.VIOLATED]
    reasons = [f"一票否决: {titles[rule]}" for rule in fatal]
    for rule in rules:
        severity, title = severities[rule], titles[rule]
        if rule in fatal:
            continue
        if values[rule] is VerdictValue.VIOLATED and severity in sheet.flag.violated:
            reasons.append(f"{_SEVERITIES[severity]}违规: {title}")
        elif values[rule] is VerdictValue.VIOLATED and rule in sheet.flag.rules:
            reasons.append(f"需要关注: {title}")
        elif values[rule] is VerdictValue.SUSPECTED and severity in sheet.flag.suspected:
            reasons.append(f"疑似{_SEVERITIES[severity]}违规，待人工确认: {title}")
    if score is None:
        reasons.append("未评分: 没有一项能够判定")
    elif sheet.flag.score_below is not None and score < sheet.flag.score_below:
        reasons.append(f"得分 {score} 低于 {sheet.flag.score_below}")
    if score is not None and not fatal and judged < Fraction(sheet.flag.judged_below):
        wanted = _percent(Fraction(sheet.flag.judged_below))
        reasons.append(f"{_percent(1 - judged)} 的评分权重未能判定，能判定的不足 {wanted}")
    if quarantined > float(sheet.flag.quarantined_above):
        reasons.append(f"{_percent(quarantined)} 的识别文字可能不是人说的，已隔离不判，结论请听录音核对")
    return tuple(reasons)


def _percent(share: Fraction | float) -> str:
    return f"{float(share * 100):.1f}%".replace(".0%", "%")
