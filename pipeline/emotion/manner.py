"""Customer types by how somebody talks: in a hurry (急躁型), at length (话多型)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipeline.domain.course import Sign, Trait, TraitKind
from pipeline.domain.transcript import Role
from pipeline.emotion.control import interrupting
from pipeline.emotion.lexicon import BACK_TO_MATTER, URGING
from pipeline.emotion.seen import CallSeen
from pipeline.emotion.signs import SignKind, trait
from pipeline.signals.pace import count_syllables
from pipeline.text import words
from pipeline.text.back_channel import only_acknowledges

URGES = SignKind(code="urging", title="催促的话", unit="句", threshold=2, full=5, weight=0.85)
FAST = SignKind(code="fast_speech", title="语速快", unit="字/分", threshold=300, full=360, weight=0.4)
INTERRUPTS = SignKind(code="interrupting", title="抢话打断", unit="次", threshold=3, full=8, weight=0.5)
SHORT_LATENCY = SignKind(code="short_latency", title="抢在 0.1 秒内接话", unit="%", threshold=0.6, full=0.9, weight=0.3)

LATCH_MS = 100
"""Who starts so soon had begun before the other was done: nobody reacts to an end of speech within 0.1 s."""
MIN_REPLIES = 5
"""Of fewer replies a share says nothing."""

TALK_SHARE = SignKind(code="talk_share", title="客户讲话占比", unit="%", threshold=0.6, full=0.75, weight=0.6)
LONG_TURNS = SignKind(code="long_turns", title="连讲 60 字以上", unit="次", threshold=3, full=8, weight=0.39)
OFF_TOPIC = SignKind(code="off_topic", title="离题的长话", unit="次", threshold=1, full=3, weight=0.5)
CALLED_BACK = SignKind(code="called_back", title="客服把话题拉回来", unit="次", threshold=2, full=4, weight=0.3)

LONG_SYLLABLES = 60
"""Some 15 seconds of speech without the other side taking the floor."""
MIN_TALK_SYLLABLES = 200
"""Of less talk, both sides together, a share says nothing."""
MIN_TOPIC_WORDS = 8
OFF_TOPIC_SHARE = 0.2
"""A long speech is off topic when at most this share of its words of two characters and more stand anywhere else in
the call (the lexical cohesion of Hearst's TextTiling 1997, over the whole call)."""


def impatient(seen: CallSeen) -> Trait:
    """急躁型: urges, speaks fast, interrupts, hardly waits."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role):
        signs = [kind.unmeasured(doubt) for kind in (URGES, FAST, INTERRUPTS, SHORT_LATENCY)]
        return trait(TraitKind.IMPATIENT, role, signs)
    urging = seen.said(role, URGING)
    signs = [
        URGES.measured(len(urging), urging, found=seen.first_words(urging, URGING)),
        _fast(seen),
        interrupting(seen, role, INTERRUPTS),
        _latency(seen),
    ]
    return trait(TraitKind.IMPATIENT, role, signs)


def talkative(seen: CallSeen) -> Trait:
    """话多型: most of the talk is the customer's, in long speeches, off the matter."""
    role = Role.CUSTOMER
    if doubt := seen.unheard(role) or seen.unheard(Role.AGENT):
        kinds = (TALK_SHARE, LONG_TURNS, OFF_TOPIC, CALLED_BACK)
        return trait(TraitKind.TALKATIVE, role, [kind.unmeasured(doubt) for kind in kinds])
    syllables = [count_syllables(turn.text) for turn in seen.transcript.turns]
    speeches = _speeches(seen, syllables)
    back = seen.said(Role.AGENT, BACK_TO_MATTER)
    off = [_longest(seen, turns) for turns in _off_topic(seen, speeches)]
    signs = [
        _talk_share(seen, syllables),
        LONG_TURNS.measured(len(speeches), [_longest(seen, turns) for turns in speeches]),
        OFF_TOPIC.measured(len(off), off),
        CALLED_BACK.measured(len(back), back, found=seen.first_words(back, BACK_TO_MATTER)),
    ]
    return trait(TraitKind.TALKATIVE, role, signs)


def _fast(seen: CallSeen) -> Sign:
    rate, rates = seen.signals.customer_rate_cpm, seen.signals.rates_cpm
    if rate is None or rates is None:
        return FAST.unmeasured("没有时间信息" if seen.is_voice else "文字渠道没有语速")
    quick = [t.index for t in seen.of(Role.CUSTOMER) if (rates[t.index] or 0) >= FAST.threshold]
    return FAST.measured(rate, quick)


def _latency(seen: CallSeen) -> Sign:
    """The share of the customer's replies that begin before, or within `LATCH_MS` after, the agent ends."""
    if not seen.is_voice or seen.signals.overlaps is None:
        why = "双方同在一个声道或没有时间,听不出接话快慢" if seen.is_voice else "文字渠道没有接话快慢"
        return SHORT_LATENCY.unmeasured(why)
    turns = [t for t in seen.transcript.turns if not t.quarantined and t.role in (Role.AGENT, Role.CUSTOMER)]
    gaps = {
        second.index: second.start_ms - first.end_ms
        for first, second in pairwise(turns)
        if first.role is Role.AGENT and second.role is Role.CUSTOMER
        if not (second.back_channel or only_acknowledges(second.text))
        if first.end_ms is not None and second.start_ms is not None
    }
    if len(gaps) < MIN_REPLIES:
        return SHORT_LATENCY.unmeasured(f"客户接话不到 {MIN_REPLIES} 次")
    soon = [index for index, gap in gaps.items() if gap <= LATCH_MS]
    return SHORT_LATENCY.measured(len(soon) / len(gaps), soon)


def _talk_share(seen: CallSeen, syllables: Sequence[int]) -> Sign:
    """Of the talking time where it is measured, else of the characters."""
    mine, theirs = (sum(syllables[t.index] for t in seen.of(role)) for role in (Role.CUSTOMER, Role.AGENT))
    if mine + theirs < MIN_TALK_SYLLABLES:
        return TALK_SHARE.unmeasured("双方讲话太少")
    customer, agent = seen.signals.customer_talk_ms, seen.signals.agent_talk_ms
    if customer is not None and agent is not None and customer + agent > 0:
        return TALK_SHARE.measured(customer / (customer + agent), found="按时长")
    return TALK_SHARE.measured(mine / (mine + theirs), found="按字数")


def _speeches(seen: CallSeen, syllables: Sequence[int]) -> list[list[int]]:
    """The stretches of `LONG_SYLLABLES` and more in which the agent says nothing but 嗯 or 对."""
    found: list[list[int]] = []
    current: list[int] = []
    sure = {t.index for t in seen.of(Role.CUSTOMER)}
    for turn in seen.transcript.turns:
        if turn.index in sure:
            current.append(turn.index)
        elif not (turn.quarantined or only_acknowledges(turn.text)):
            found.append(current)
            current = []
    return [turns for turns in (*found, current) if sum(syllables[i] for i in turns) >= LONG_SYLLABLES]


def _longest(seen: CallSeen, speech: list[int]) -> int:
    """The turn by which a person finds the speech again."""
    return max(speech, key=lambda i: len(seen.transcript.turns[i].text))


def _off_topic(seen: CallSeen, speeches: Sequence[list[int]]) -> list[list[int]]:
    """Those of the speeches whose words hardly stand anywhere else in the call."""
    if not speeches:
        return []
    said = [set() if turn.quarantined else _topic_words(turn.text) for turn in seen.transcript.turns]
    in_turns = Counter(word for turn in said for word in turn)
    found = []
    for speech in speeches:
        own = Counter(word for i in speech for word in said[i])
        elsewhere = sum(in_turns[word] > n for word, n in own.items())
        if len(own) >= MIN_TOPIC_WORDS and elsewhere <= OFF_TOPIC_SHARE * len(own):
            found.append(speech)
    return found


def _topic_words(text: str) -> set[str]:
    return {word for word in words(text) if len(word) > 1}
