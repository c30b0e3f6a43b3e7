"""Threats of a customer, from the findings of the caller's risk rules: what is threatened, in which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pipeline.domain.course import Sign, Trait, TraitKind
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding, VerdictValue
from pipeline.emotion.seen import CallSeen
from pipeline.emotion.signs import SignKind, trait

COMPLAINT_RULE = "general.risk.complaint"
REGULATOR_RULE = "general.risk.regulator"
ULTIMATUM_RULE = "general.risk.ultimatum"
MENACE_RULE = "general.risk.menace"

_CHECKS: Mapping[TraitKind, tuple[str, frozenset[str] | None]] = {
    TraitKind.THREAT_COMPLAINT: (COMPLAINT_RULE, None),
    TraitKind.THREAT_REGULATOR: (REGULATOR_RULE, frozenset({"regulator"})),
    TraitKind.THREAT_LEGAL: (REGULATOR_RULE, frozenset({"legal", "police"})),
    TraitKind.THREAT_MEDIA: (REGULATOR_RULE, frozenset({"media"})),
}
"""Of which rule, and of which of its checks, a threat is a finding; None: of any."""

_SOUND_CHECK = "sound"
_BY_SOUND: Mapping[TraitKind, tuple[str, ...]] = {
    TraitKind.THREAT_REGULATOR: ("消费者", "监管", "监督"),
    TraitKind.THREAT_LEGAL: ("报警", "法律", "起诉"),
    TraitKind.THREAT_MEDIA: ("媒体", "曝光"),
}
"""The regulator rule's check by sound has all kinds in one list: what it sought tells them apart."""

SIGNS = {
    TraitKind.THREAT_COMPLAINT: SignKind(
        code="complaint", title="说要投诉或找上级", unit="处", threshold=1, full=2, weight=0.95
    ),
    TraitKind.THREAT_REGULATOR: SignKind(
        code="regulator", title="提到监管或消费者组织", unit="处", threshold=1, full=2, weight=0.95
    ),
    TraitKind.THREAT_LEGAL: SignKind(
        code="legal", title="提到律师、起诉或报警", unit="处", threshold=1, full=2, weight=0.95
    ),
    TraitKind.THREAT_MEDIA: SignKind(code="media", title="提到曝光或媒体", unit="处", threshold=1, full=2, weight=0.95),
}

_UNJUDGED = {
    VerdictValue.UNDETERMINED: "规则无法判断",
    VerdictValue.NOT_APPLICABLE: "规则不适用于这通电话",
}
_ANOTHER = re.compile("(一?下)?(那个|这个|这家|我?那?个?)?(商家|他|她|它|店|骑手|外卖员|卖家|司机|师傅|快递|商品|质量)")
_TO_CONFIRM = "规则存疑,待人工确认"


def threats(seen: CallSeen) -> tuple[Trait, ...]:
    """One trait per kind of threat. A rule that was not among the verdicts, or not judged, leaves it unmeasured."""
    return tuple(trait(kind, Role.CUSTOMER, [_sign(seen, kind)]) for kind in _CHECKS)


def hits(seen: CallSeen, rule_id: str) -> tuple[int, ...] | str:
    """The turns in which a rule surely found something, or why it says nothing, in Chinese.

    A suspected verdict says nothing: a person has yet to decide.
    """
    if why := _unjudged(seen, rule_id):
        return why
    verdict = seen.verdicts[rule_id]
    if verdict.value is VerdictValue.SUSPECTED:
        return _TO_CONFIRM
    return _places(verdict.findings) if verdict.value is VerdictValue.VIOLATED else ()


def _sign(seen: CallSeen, kind: TraitKind) -> Sign:
    rule_id, checks = _CHECKS[kind]
    if why := _unjudged(seen, rule_id):
        return SIGNS[kind].unmeasured(why)
    verdict = seen.verdicts[rule_id]
    # The findings of a rule that passed are no threats.
    found = verdict.findings if verdict.value in (VerdictValue.VIOLATED, VerdictValue.SUSPECTED) else ()
    mine = [f for f in found if _is(f, kind, checks) and not _of_another(f)]
    if mine and verdict.value is VerdictValue.SUSPECTED:
        return SIGNS[kind].unmeasured(_TO_CONFIRM)
    words = list(dict.fromkeys(f"“{f.matched}”" for f in mine if f.matched))[:4]
    places = _places(mine)
    return SIGNS[kind].measured(len(places), places, found="客户说" + "、".join(words))


def _of_another(finding: Finding) -> bool:
    """Whether what would be complained of is a third party, which is what a hotline is for."""
    return finding.rule_id == COMPLAINT_RULE and _ANOTHER.match(finding.text[finding.char_end or 0 :]) is not None


def _unjudged(seen: CallSeen, rule_id: str) -> str:
    verdict = seen.verdicts.get(rule_id)
    if verdict is None:
        return "没有用这条规则"
    return f"{_UNJUDGED[verdict.value]}:{verdict.reason}" if verdict.value in _UNJUDGED else ""


def _places(findings: Iterable[Finding]) -> tuple[int, ...]:
    return tuple(sorted({f.turn for f in findings if f.turn is not None}))


def _is(finding: Finding, kind: TraitKind, checks: frozenset[str] | None) -> bool:
    if checks is None or finding.check in checks:
        return True
    return finding.check == _SOUND_CHECK and any(word in finding.wanted for word in _BY_SOUND.get(kind, ()))
