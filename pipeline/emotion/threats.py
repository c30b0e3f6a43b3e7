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
COMPENSATION_RULE = "general.risk.compensation"

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
"""How far before and after the words of a threat it is told whom it is for."""
_TO_CONFIRM = "规则存疑,待人工确认"

_OTHERS = "他|她|它|商家|店家|店里|那家|骑手|老板|师傅|司机|对方"
_AT_OTHERS = re.compile(_OTHERS)
_DARED = re.compile("(让|叫)(我|你)|随便|有本事|有能耐|爱.{0,2}去")
"""What stands before the words where it is told that somebody else said: go and complain."""
_SAID_SO = re.compile(f"({_OTHERS})们?(是|就|还)*(这么|这样|那么)(说|讲)")
_WITHDRAWN = re.compile("撤(销|回|诉|案|单|掉|了)")
_ACTS_BY_ITSELF = re.compile(f"^(这|那|边|{_OTHERS}|们|是|的|人)*(会|来|检测|检查|查|抽|通知|要求|规定|认定)")
"""What follows an office's name where it is told what the office does, and not that one goes there."""
_BARE_OFFICES = frozenset({"管理局", "监督局", "监察局", "监管局"})
_GOES_THERE = re.compile("打|找|去|到|上|投诉|举报|反映|告|联系|市场|食品|药品|工商|卫生|质量|物价")
_TO_AN_OFFICE = re.compile("举报")
"""The check for the police also finds that somebody reports a shop: that goes to a regulator."""


def threats(seen: CallSeen) -> tuple[Trait, ...]:
    """One trait per kind of threat. A rule that was not among the verdicts, or not judged, leaves it unmeasured."""
    return tuple(trait(kind, Role.CUSTOMER, [_sign(seen, kind)]) for kind in _CHECKS)


def findings(seen: CallSeen, rule_id: str) -> tuple[Finding, ...] | str:
    """What a rule surely found, or why it says nothing, in Chinese.

    A suspected verdict says nothing: a person has yet to decide.
    """
    if why := _unjudged(seen, rule_id):
        return why
    verdict = seen.verdicts[rule_id]
    if verdict.value is VerdictValue.SUSPECTED:
        return _TO_CONFIRM
    return verdict.findings if verdict.value is VerdictValue.VIOLATED else ()


def hits(seen: CallSeen, rule_id: str) -> tuple[int, ...] | str:
    """The turns of `findings`."""
    found = findings(seen, rule_id)
    return found if isinstance(found, str) else _places(found)


def _sign(seen: CallSeen, kind: TraitKind) -> Sign:
    rule_id, checks = _CHECKS[kind]
    if why := _unjudged(seen, rule_id):
        return SIGNS[kind].unmeasured(why)
    verdict = seen.verdicts[rule_id]
    # The findings of a rule that passed are no threats.
    found = verdict.findings if verdict.value in (VerdictValue.VIOLATED, VerdictValue.SUSPECTED) else ()
    mine = [f for f in found if _is(f, kind, checks) and not (_aims_at_another(f) or _is_no_threat(f))]
    if mine and verdict.value is VerdictValue.SUSPECTED:
        return SIGNS[kind].unmeasured(_TO_CONFIRM)
    words = list(dict.fromkeys(f"“{f.matched}”" for f in mine if f.matched))[:4]
    places = _places(mine)
    return SIGNS[kind].measured(len(places), places, found="客户说" + "、".join(words))


def _aims_at_another(finding: Finding) -> bool:
    """Whether a complaint or a suit is not held over us: who wants to complain of a shop calls a hotline for just that.

    A complaint is, where it names who listens, or would follow if nothing is done; a suit, unless it names others.
    """
    if finding.char_start is None or finding.char_end is None:
        return False
    before, after = _around(finding, _AFTER_CHARS)
    named = finding.matched + after
    if finding.rule_id == COMPLAINT_RULE:
        return not (_US.search(named) or _UNLESS_DONE.search(before))
    of_law = finding.check in ("legal", "police") and not _TO_AN_OFFICE.search(finding.matched)
    return of_law and _AT_OTHERS.search(named) is not None and not (_US.search(before) or _US.search(named))


def _is_no_threat(finding: Finding) -> bool:
    """Whether it is told what others said, what an office does, or that a case is withdrawn; or is a fragment."""
    if finding.rule_id != REGULATOR_RULE or finding.char_start is None or finding.char_end is None:
        return False
    before, after = _around(finding, _BEFORE_CHARS)
    if _WITHDRAWN.search(before + after) or _DARED.search(before[-_AFTER_CHARS:]) or _SAID_SO.search(after):
        return True
    if finding.check != "regulator":
        return False
    fragment = finding.matched in _BARE_OFFICES and not _GOES_THERE.search(before + after)
    return fragment or (_ACTS_BY_ITSELF.search(after) is not None and not _US.search(after))


def _around(finding: Finding, after_chars: int) -> tuple[str, str]:
    """What stands in the turn shortly before and after the words that were found, whose place is known."""
    start, end = finding.char_start or 0, finding.char_end or 0
    return finding.text[max(0, start - _BEFORE_CHARS) : start], finding.text[end : end + after_chars]


def _unjudged(seen: CallSeen, rule_id: str) -> str:
    verdict = seen.verdicts.get(rule_id)
    if verdict is None:
        return "没有用这条规则"
    return f"{_UNJUDGED[verdict.value]}:{verdict.reason}" if verdict.value in _UNJUDGED else ""


def _places(findings: Iterable[Finding]) -> tuple[int, ...]:
    return tuple(sorted({f.turn for f in findings if f.turn is not None}))


def _is(finding: Finding, kind: TraitKind, checks: frozenset[str] | None) -> bool:
    if finding.check == "police" and _TO_AN_OFFICE.search(finding.matched):
        return kind is TraitKind.THREAT_REGULATOR
    if checks is None or finding.check in checks:
        return True
    return finding.check == _SOUND_CHECK and any(word in finding.wanted for word in _BY_SOUND.get(kind, ()))
