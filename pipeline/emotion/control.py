"""Loss of control (情绪失控) of either side, from signs that a person can check."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.domain.course import Sign, Trait, TraitKind
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.signals import OverlapKind
from pipeline.domain.transcript import Role
from pipeline.emotion.curve import weight
from pipeline.emotion.lexicon import INSULTS, SWEARING
from pipeline.emotion.seen import SAYS_SOMETHING, SURE_EMOTION, CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.text import normalise

INSULTING = SignKind(code="insults", title="骂对方的话", unit="处", threshold=1, full=2, weight=0.9)
COARSE = SignKind(code="swearing", title="带着怒气的粗话", unit="句", threshold=1, full=4, weight=0.7)
ANGRY_RUN = SignKind(code="angry_run", title="接连愤怒的话", unit="句", threshold=2, full=6, weight=0.7)
SHOUTING = SignKind(code="shouting", title="提高嗓门的话", unit="句", threshold=2, full=5, weight=0.6)
INTERRUPTING = SignKind(code="interrupting", title="抢话打断", unit="次", threshold=3, full=8, weight=0.4)

_TAKES_THE_FLOOR = (OverlapKind.INTERRUPTION, OverlapKind.ATTEMPT)


def loss_of_control(seen: CallSeen, role: Role) -> Trait:
    """The trait `out_of_control` of one side: 无, 苗头 or 失控, with the turns. Its signs are the constants above."""
    if doubt := seen.unheard(role):
        kinds = (INSULTING, COARSE, ANGRY_RUN, SHOUTING, INTERRUPTING)
        return trait(TraitKind.OUT_OF_CONTROL, role, [kind.unmeasured(doubt) for kind in kinds])
    abuse = insults(seen, role, INSULTING)
    coarse = _coarse(seen, role, abuse.turns)
    signs = [
        abuse,
        coarse,
        _angry_run(seen, role, {*abuse.turns, *coarse.turns}),
        shouting(seen, role),
        interrupting(seen, role),
    ]
    return trait(TraitKind.OUT_OF_CONTROL, role, signs)


def insults(seen: CallSeen, role: Role, kind: SignKind) -> Sign:
    """How often the side abuses who listens. Places and not turns: how speech is cut into turns is chance."""
    places = [(t.index, word) for t in seen.answered(role) for word in INSULTS.all(normalise(t.text).text)]
    words = "、".join(f"“{word}”" for word in list(dict.fromkeys(word for _, word in places))[:4])
    return kind.measured(len(places), list(dict.fromkeys(turn for turn, _ in places)), found=words)


def _coarse(seen: CallSeen, role: Role, counted: Collection[int]) -> Sign:
    """Coarse words in turns whose own words are angry: many say them of a fly in the soup, or as others say um."""
    in_talk = {t.index for t in seen.in_talk(role)}.difference(counted)
    turns = [n for n in seen.said(role, SWEARING) if n in in_talk]
    if turns and all(seen.emotions[n] is None for n in turns):
        return COARSE.unmeasured("没有情绪识别结果")
    angry = tuple(n for n in turns if (e := seen.emotions[n]) and e.says(EmotionLabel.ANGRY))
    return COARSE.measured(len(angry), angry, found=seen.first_words(angry, SWEARING))


def _angry_run(seen: CallSeen, role: Role, counted: Collection[int]) -> Sign:
    """The longest run of turns that are surely angry and displeased by their own words.

    Turns that another sign counts, and those that only their neighbours make angry, neither count nor end it.
    """
    telling = [t for t in seen.in_talk(role) if seen.emotions[t.index] is not None and weight(t) >= SAYS_SOMETHING]
    if not telling:
        return ANGRY_RUN.unmeasured("没有情绪识别结果")
    best: list[int] = []
    run: list[int] = []
    for turn in telling:
        emotion = seen.emotions[turn.index]
        if turn.index in counted:
            continue
        if emotion is None or emotion.probabilities[EmotionLabel.ANGRY] < SURE_EMOTION:
            run = []
        elif seen.displeased(turn):
            run = [*run, turn.index]
            best = max(best, run, key=len)
    return ANGRY_RUN.measured(len(best), best)


def shouting(seen: CallSeen, role: Role) -> Sign:
    """In how many turns the voice is raised, by its vote."""
    if not seen.is_voice:
        return SHOUTING.unmeasured("文字渠道没有声音")
    heard = {t.index: e.raised for t in seen.of(role) if (e := seen.emotions[t.index]) and e.raised is not None}
    raised = [turn for turn, loud in heard.items() if loud]
    return SHOUTING.measured(len(raised), raised) if heard else SHOUTING.unmeasured("没有测得音量")


def interrupting(seen: CallSeen, role: Role, kind: SignKind = INTERRUPTING) -> Sign:
    """How often the side takes the floor, or tries to, while the other is talking."""
    overlaps = seen.signals.overlaps
    if overlaps is None:
        return kind.unmeasured("文字渠道没有打断" if not seen.is_voice else "双方同在一个声道或没有时间,听不出谁打断谁")
    taken = [o.turn for o in overlaps if o.by is role and o.kind in _TAKES_THE_FLOOR]
    return kind.measured(len(taken), sorted(set(taken)))
