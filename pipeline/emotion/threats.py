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
_US = re.compile("[你您]|客服|平台|领导|经理|主管|管事|工号")
_UNLESS_DONE = re.compile("如果|要是|再不|否则|不然|不行|(不|没)(给我?)?(处理|解决|退|赔|管)|(处理|解决)不")
_BEFORE_CHARS, _AFTER_CHARS = 24, 6
"""How far before and after the words of a complaint it is told whom it is for."""
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
    mine = [f for f in found if _is(f, kind, checks) and not _aims_at_another(f)]
    if mine and verdict.value is VerdictValue.SUSPECTED:
        return SIGNS[kind].unmeasured(_TO_CONFIRM)
    words = list(dict.fromkeys(f"“{f.matched}”" for f in mine if f.matched))[:4]
    places = _places(mine)
    return SIGNS[kind].measured(len(places), places, found="客户说" + "、".join(words))


def _aims_at_another(finding: Finding) -> bool:
    """Whether a complaint is not held over us: who wants to complain of a shop calls a hotline for just that.

    It is, where it names who listens, or would follow if nothing is done.
    """
    if finding.rule_id != COMPLAINT_RULE or finding.char_start is None or finding.char_end is None:
        return False
    before = finding.text[max(0, finding.char_start - _BEFORE_CHARS) : finding.char_start]
    named = finding.matched + finding.text[finding.char_end : finding.char_end + _AFTER_CHARS]
    return not (_US.search(named) or _UNLESS_DONE.search(before))


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
