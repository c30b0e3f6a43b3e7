"""Customer types by what somebody wants and feels: beyond reason (无理取闹型), dissatisfied but quiet (潜在不满)."""

from __future__ import annotations

from pipeline.domain.course import CallCourse, Sign, Trait, TraitKind
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.emotion.control import insults
from pipeline.emotion.course_of_call import upset_turns
from pipeline.emotion.curve import mean_valence
from pipeline.emotion.lexicon import DEMAND, GIVING_UP
from pipeline.emotion.seen import CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.emotion.threats import COMPLAINT_RULE, MENACE_RULE, REGULATOR_RULE, ULTIMATUM_RULE, hits

REPEAT_RULE = "general.risk.repeat_contact"
CHURN_RULE = "general.risk.churn"
COMPENSATION_RULE = "general.risk.compensation"

THREATENS = SignKind(code="threats", title="威胁的话", unit="句", threshold=2, full=4, weight=0.39)
DEMANDS = SignKind(code="demands", title="反复要求", unit="句", threshold=5, full=10, weight=0.39)
EXTRA = SignKind(code="compensation", title="要求退款以外的赔偿", unit="处", threshold=1, full=2, weight=0.39)
INSULTING = SignKind(code="insults", title="骂对方的话", unit="句", threshold=1, full=2, weight=0.39)

FALLING = SignKind(code="falling", title="情绪下滑", unit="", threshold=0.25, full=0.6, weight=0.5)
BAD_END = SignKind(code="bad_end", title="结束时不满或愤怒", unit="句", threshold=1, full=2, weight=0.6)
OFTEN_UPSET = SignKind(code="upset", title="流露不满的话", unit="句", threshold=3, full=8, weight=0.39)
REPEATED = SignKind(code="repeat_contact", title="多次来电", unit="处", threshold=1, full=2, weight=0.5)
LEAVING = SignKind(code="churn", title="说要注销或换别家", unit="处", threshold=1, full=2, weight=0.6)
GIVES_UP = SignKind(code="giving_up", title="结尾认为没有解决", unit="句", threshold=1, full=3, weight=0.5)

MIN_POINTS = 6
"""Of fewer turns there is no telling whether the emotion fell."""
END_SHARE = 1 / 3
LAST_TURNS = 3


def unreasonable(seen: CallSeen) -> Trait:
    """无理取闹型: threats, demands over and over, claims beyond a refund, abuse: at least two of them."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role):
        signs = [kind.unmeasured(doubt) for kind in (THREATENS, DEMANDS, EXTRA, INSULTING)]
        return trait(TraitKind.UNREASONABLE, role, signs)
    demands = seen.said(role, DEMAND)
    signs = [
        _of_rules(seen, THREATENS, COMPLAINT_RULE, REGULATOR_RULE, ULTIMATUM_RULE, MENACE_RULE),
        DEMANDS.measured(len(demands), demands, found=seen.first_words(demands, DEMAND)),
        _of_rules(seen, EXTRA, COMPENSATION_RULE),
        insults(seen, role, INSULTING),
    ]
    return trait(TraitKind.UNREASONABLE, role, signs)


def dissatisfied(seen: CallSeen, course: CallCourse) -> Trait:
    """潜在不满: signs that come before a complaint. Whether one was threatened is another trait."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role):
        kinds = (FALLING, BAD_END, OFTEN_UPSET, REPEATED, LEAVING, GIVES_UP)
        return trait(TraitKind.DISSATISFIED, role, [kind.unmeasured(doubt) for kind in kinds])
    upset = upset_turns(seen)
    own = seen.of(role)
    last = {t.index for t in own[-max(1, round(len(own) * END_SHARE)) :]}
    gives_up = [turn for turn in seen.said(role, GIVING_UP) if turn in last]
    signs = [
        _falling(course),
        _bad_end(seen, course),
        OFTEN_UPSET.measured(len(upset), upset),
        _of_rules(seen, REPEATED, REPEAT_RULE),
        _of_rules(seen, LEAVING, CHURN_RULE),
        GIVES_UP.measured(len(gives_up), gives_up, found=seen.first_words(tuple(gives_up), GIVING_UP)),
    ]
    return trait(TraitKind.DISSATISFIED, role, signs)


def _of_rules(seen: CallSeen, kind: SignKind, *rules: str) -> Sign:
    """The turns in which any of the rules surely found something; unmeasured where none of them was judged."""
    answers = [hits(seen, rule) for rule in rules]
    judged = [turns for turns in answers if not isinstance(turns, str)]
    if not judged:
        return kind.unmeasured(next(why for why in answers if isinstance(why, str)))
    turns = sorted({turn for found in judged for turn in found})
    return kind.measured(len(turns), turns)


def _falling(course: CallCourse) -> Sign:
    """By how much the last third of the customer's curve lies below the first."""
    points = course.customer.points if course.customer else ()
    if len(points) < MIN_POINTS:
        return FALLING.unmeasured(f"客户可以判断的话不到 {MIN_POINTS} 句")
    third = max(1, round(len(points) * END_SHARE))
    fall = mean_valence(points[:third]) - mean_valence(points[-third:])
    worst = sorted(points[-third:], key=lambda p: p.valence)[:LAST_TURNS]
    return FALLING.measured(round(fall, 3), sorted(p.turn for p in worst))


def _bad_end(seen: CallSeen, course: CallCourse) -> Sign:
    """How many of the last turns that tell the end are dissatisfied or angry."""
    if course.customer is None:
        return BAD_END.unmeasured("没有情绪识别结果")
    bad = (EmotionLabel.DISSATISFIED, EmotionLabel.ANGRY)
    if course.customer.end not in bad:
        return BAD_END.measured(0)
    felt = [p.turn for p in course.customer.points[-LAST_TURNS:]]
    turns = [i for i in felt if (e := seen.emotions[i]) is not None and e.label in bad] or felt[-1:]
    return BAD_END.measured(len(turns), turns)
