"""Customers beyond reason (无理取闹型): abuse, menace, belittling, no answer taken, claims that no rule knows.

Who cites the law, keeps a recording, or will go to a regulator if nothing is done, does what he may: that is told as a
threat (`pipeline.emotion.threats`) and is no sign here.
"""

from __future__ import annotations

import re

from pipeline.domain.course import Sign, Trait, TraitKind
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding
from pipeline.emotion.control import insults
from pipeline.emotion.lexicon import BELITTLING, DEMAND, HOUNDING, REFUSAL, REJECTING
from pipeline.emotion.seen import CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.emotion.threats import COMPENSATION_RULE, MENACE_RULE, ULTIMATUM_RULE, findings
from pipeline.text import normalise

INSULTING = SignKind(code="insults", title="骂对方的话", unit="处", threshold=1, full=2, weight=0.39)
MENACING = SignKind(code="menace", title="扬言伤人、闹事或纠缠的话", unit="句", threshold=1, full=2, weight=0.39)
INSISTING = SignKind(code="insisting", title="答复后仍坚持要求", unit="次", threshold=3, full=6, weight=0.39)
BELITTLES = SignKind(code="belittling", title="贬低对方的话", unit="句", threshold=2, full=4, weight=0.39)
EXTRA = SignKind(code="compensation", title="要求没有依据的赔偿", unit="处", threshold=1, full=2, weight=0.39)
KINDS = (INSULTING, MENACING, INSISTING, BELITTLES, EXTRA)

_LAWFUL = re.compile(
    "投诉|告|举报|报警|警察|法|监管|消协|局|123|315|官司|领导|主管|上级|总部|总公司|集团|曝光|爆|媒体|网上|差评|录音|"
    "追究|维权|注销|退会|看着办"
)
_HARASSES = re.compile("一直|天天|每天|反复|闹")
"""What an ultimatum threatens with: to complain is lawful, to complain day after day harasses."""

_BY_RULE = re.compile("倍|退一赔|假一|误工|营养|跑腿|(交通|路|车|医药|医疗|检查|治疗)费")
"""Claims that the law or what was spent measures: several times the price, costs."""
_WAIVES = re.compile(
    "[不没](要|给|跟|找|用|想|求|是|说|提|让)(你|他)?们?(要|给|赔偿?|求|提|说)?我?的?([那这]个|什么)?$"
)


def unreasonable(seen: CallSeen) -> Trait:
    """无理取闹型: at least two of the signs, one of them strong."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role):
        return trait(TraitKind.UNREASONABLE, role, [kind.unmeasured(doubt) for kind in KINDS])
    belittling = seen.said(role, BELITTLING)
    signs = [
        insults(seen, role, INSULTING),
        _menaces(seen),
        _insists(seen),
        BELITTLES.measured(len(belittling), belittling, found=seen.first_words(belittling, BELITTLING)),
        _claims(seen),
    ]
    return trait(TraitKind.UNREASONABLE, role, signs)


def _menaces(seen: CallSeen) -> Sign:
    """Menaces by the rules, and vows to hold on to the line, which are found whatever rules there are."""
    hounding = seen.said(Role.CUSTOMER, HOUNDING)
    answers = [findings(seen, rule) for rule in (MENACE_RULE, ULTIMATUM_RULE)]
    unjudged = [why for why in answers if isinstance(why, str)]
    if len(unjudged) == len(answers) and not hounding:
        return MENACING.unmeasured(unjudged[0])
    found = [f for answer in answers if not isinstance(answer, str) for f in answer]
    said = {f.turn for f in found if f.turn is not None and (f.rule_id == MENACE_RULE or _menaces_more(f))}
    said |= set(hounding)
    return MENACING.measured(len(said), sorted(said), found=seen.first_words(hounding, HOUNDING))


def _menaces_more(finding: Finding) -> bool:
    said = normalise(finding.matched).text
    return not _LAWFUL.search(said) or _HARASSES.search(said) is not None


def _insists(seen: CallSeen) -> Sign:
    """How often the agent said no, or that it was answered, and the customer demanded again before the next answer."""
    if why := seen.unheard(Role.AGENT):
        return INSISTING.unmeasured(why)
    answers = seen.said(Role.AGENT, REFUSAL)
    again = sorted({*seen.said(Role.CUSTOMER, DEMAND), *seen.said(Role.CUSTOMER, REJECTING)})
    until = [*answers[1:], len(seen.transcript.turns)]
    rounds = [
        next(t for t in again if a < t < b)
        for a, b in zip(answers, until, strict=False)
        if any(a < t < b for t in again)
    ]
    return INSISTING.measured(len(rounds), rounds)


def _claims(seen: CallSeen) -> Sign:
    found = findings(seen, COMPENSATION_RULE)
    if isinstance(found, str):
        return EXTRA.unmeasured(found)
    mine = [f for f in found if f.turn is not None and not _BY_RULE.search(f.matched) and not _is_waived(f)]
    turns = sorted({f.turn for f in mine if f.turn is not None})
    return EXTRA.measured(len(turns), turns, found="、".join(dict.fromkeys(f"“{f.matched}”" for f in mine)))


def _is_waived(finding: Finding) -> bool:
    return finding.char_start is not None and _WAIVES.search(finding.text[: finding.char_start]) is not None
