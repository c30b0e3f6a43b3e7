"""Customers who are dissatisfied but quiet (潜在不满): found before they complain."""

from __future__ import annotations

from pipeline.domain.course import CallCourse, CurvePoint, Sign, Trait, TraitKind
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.emotion.curve import VALENCE
from pipeline.emotion.lexicon import GIVING_UP, LEAVING, REJECTING, UPSET
from pipeline.emotion.seen import SAYS_SOMETHING, CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.emotion.threats import hits

REPEAT_RULE = "general.risk.repeat_contact"
CHURN_RULE = "general.risk.churn"

FALLING = SignKind(code="falling", title="情绪下滑", unit="", threshold=0.25, full=0.5, weight=0.39)
BAD_END = SignKind(code="bad_end", title="结束时不满或愤怒", unit="句", threshold=1, full=2, weight=0.39)
OFTEN_UPSET = SignKind(code="upset", title="流露不满的话", unit="句", threshold=3, full=8, weight=0.39)
REJECTS = SignKind(code="rejecting", title="不接受答复的话", unit="句", threshold=1, full=2, weight=0.5)
REPEATED = SignKind(code="repeat_contact", title="多次来电", unit="处", threshold=1, full=2, weight=0.5)
LEAVES = SignKind(code="churn", title="说不再用或换别家", unit="句", threshold=1, full=2, weight=0.6)
GIVES_UP = SignKind(code="giving_up", title="结尾认为没有解决", unit="句", threshold=1, full=3, weight=0.5)
KINDS = (FALLING, BAD_END, OFTEN_UPSET, REJECTS, REPEATED, LEAVES, GIVES_UP)

MIN_POINTS = 6
"""Of fewer turns there is no telling whether the emotion fell."""
END_SHARE = 1 / 3
LAST_TURNS = 3


def dissatisfied(seen: CallSeen, course: CallCourse) -> Trait:
    """潜在不满: signs that come before a complaint. Whether one was threatened is another trait."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role):
        return trait(TraitKind.DISSATISFIED, role, [kind.unmeasured(doubt) for kind in KINDS])
    own = seen.of(role)
    third = max(1, round(len(own) * END_SHARE))
    first, last = {t.index for t in own[:third]}, {t.index for t in own[-third:]}
    gives_up = tuple(turn for turn in seen.said(role, GIVING_UP) if turn in last)
    # What somebody begins with is why he calls, and may yet be put right.
    rejects = tuple(turn for turn in seen.said(role, REJECTING) if turn not in first)
    upset = sorted({*seen.said(role, UPSET), *(t.index for t in own if seen.displeased(t))})
    repeated = hits(seen, REPEAT_RULE)
    signs = [
        _falling(seen, course),
        _bad_end(seen, course),
        OFTEN_UPSET.measured(len(upset), upset),
        REJECTS.measured(len(rejects), rejects, found=seen.first_words(rejects, REJECTING)),
        REPEATED.unmeasured(repeated) if isinstance(repeated, str) else REPEATED.measured(len(repeated), repeated),
        _leaves(seen),
        GIVES_UP.measured(len(gives_up), gives_up, found=seen.first_words(gives_up, GIVING_UP)),
    ]
    return trait(TraitKind.DISSATISFIED, role, signs)


def _leaves(seen: CallSeen) -> Sign:
    """By the rule where it was judged, and by words, which are found whatever rules there are."""
    said, found = seen.said(Role.CUSTOMER, LEAVING), hits(seen, CHURN_RULE)
    if isinstance(found, str) and not said:
        return LEAVES.unmeasured(found)
    turns = sorted({*said, *(() if isinstance(found, str) else found)})
    return LEAVES.measured(len(turns), turns, found=seen.first_words(said, LEAVING))


def _falling(seen: CallSeen, course: CallCourse) -> Sign:
    """By how much the last third of what the customer's own words say lies below the first."""
    points = course.customer.points if course.customer else ()
    if len(points) < MIN_POINTS:
        return FALLING.unmeasured(f"客户可以判断的话不到 {MIN_POINTS} 句")
    third = max(1, round(len(points) * END_SHARE))
    fall = _mean(seen, points[:third]) - _mean(seen, points[-third:])
    worst = sorted(points[-third:], key=lambda p: _valence(seen, p))[:LAST_TURNS]
    return FALLING.measured(round(fall, 3), sorted(p.turn for p in worst))


def _mean(seen: CallSeen, points: tuple[CurvePoint, ...]) -> float:
    return sum(_valence(seen, p) * p.weight for p in points) / sum(p.weight for p in points)


def _valence(seen: CallSeen, point: CurvePoint) -> float:
    emotion = seen.emotions[point.turn]
    return sum(VALENCE[label] * share for label, share in emotion.own.items()) if emotion else 0.0


def _bad_end(seen: CallSeen, course: CallCourse) -> Sign:
    """Where the end is dissatisfied or angry: how many of the last turns that say something say so themselves."""
    if course.customer is None:
        return BAD_END.unmeasured("没有情绪识别结果")
    if course.customer.end not in (EmotionLabel.DISSATISFIED, EmotionLabel.ANGRY):
        return BAD_END.measured(0)
    last = [p.turn for p in course.customer.points if p.weight >= SAYS_SOMETHING][-LAST_TURNS:]
    turns = [turn for turn in last if seen.displeased(seen.transcript.turns[turn])]
    return BAD_END.measured(len(turns), turns)
