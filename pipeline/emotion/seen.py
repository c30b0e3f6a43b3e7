"""What course and types are read from: the call's text by side, and everything that earlier steps found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Verdict
from pipeline.domain.wording import ROLE_NAMES
from pipeline.emotion.curve import sure_turns, weight
from pipeline.emotion.lexicon import FAREWELL, GREETING, Words
from pipeline.text import normalise

SURE_EMOTION = 0.6
"""How sure the emotion of a single turn must be to be a sign of anything."""

SAYS_SOMETHING = 0.3
"""The least weight of a turn that says something: a bare 嗯 has less."""

MIN_SURE_SHARE = 0.5
"""Where less of a side's text is surely its own, nothing is said of that side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """One call. `emotions` has an entry per turn; `verdicts` are those of the caller's rules, by rule id."""

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    verdicts: Mapping[str, Verdict]
    _own: dict[Role, list[Turn]] = field(init=False, repr=False, compare=False)
    _unheard: dict[Role, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.emotions) != len(self.transcript.turns):
            raise ValueError(f"call {self.call.call_id}: one emotion (or None) per turn is needed")
        both = (Role.AGENT, Role.CUSTOMER)
        object.__setattr__(self, "_own", {role: sure_turns(self.transcript.turns, role) for role in both})
        object.__setattr__(self, "_unheard", {role: self._why_unheard(role) for role in both})

    @property
    def is_voice(self) -> bool:
        return self.call.channel is Channel.VOICE

    def of(self, role: Role) -> list[Turn]:
        """The turns that are surely this side's and may be judged, in order."""
        return self._own[role]

    def answered(self, role: Role) -> list[Turn]:
        """The turns of this side once the agent has answered the call, where his first words are a greeting.

        A recording may begin while the customer waits and talks to somebody else.
        """
        first = next(iter(self._agents_turns()), None)
        if first is None or not (self.is_voice and GREETING.found(normalise(first.text).text)):
            return self.of(role)
        return [t for t in self.of(role) if t.index >= first.index]

    def in_talk(self, role: Role) -> list[Turn]:
        """Of those, the turns before the agent took his leave: what follows may be said to somebody else."""
        last = next((t for t in reversed(self._agents_turns()) if weight(t) >= SAYS_SOMETHING), None)
        turns = self.answered(role)
        if last is None or not (self.is_voice and FAREWELL.found(normalise(last.text).text)):
            return turns
        return [t for t in turns if t.index <= last.index]

    def _agents_turns(self) -> list[Turn]:
        return [t for t in self.transcript.turns if t.role is Role.AGENT and not t.quarantined]

    def said(self, role: Role, words: Words) -> tuple[int, ...]:
        """The turns of this side that hold one of the words, in order."""
        return tuple(t.index for t in self.of(role) if words.found(normalise(t.text).text))

    def displeased(self, turn: Turn) -> bool:
        """Whether the turn is surely dissatisfied or angry, and by its own words, not by its neighbours' alone."""
        emotion = self.emotions[turn.index]
        if emotion is None:
            return False
        shares = emotion.probabilities
        sure = shares[EmotionLabel.DISSATISFIED] + shares[EmotionLabel.ANGRY] >= SURE_EMOTION
        return sure and emotion.says(EmotionLabel.DISSATISFIED, EmotionLabel.ANGRY)

    def first_words(self, turns: tuple[int, ...], words: Words) -> str:
        """What of the words stands in the turns, each once, for an explanation."""
        texts = [words.first(normalise(self.transcript.turns[i].text).text) for i in turns]
        return "、".join(f"“{text}”" for text in list(dict.fromkeys(filter(None, texts)))[:4])

    def unheard(self, role: Role) -> str:
        """Why nothing may be said of this side, in Chinese; empty where something may."""
        return self._unheard[role]

    def _why_unheard(self, role: Role) -> str:
        if not self.transcript.roles_known:
            return self.transcript.roles_note or "分不清谁是客服谁是客户"
        own = [t for t in self.transcript.turns if t.role is role and not t.quarantined]
        whole = sum(len(t.text) for t in own)
        if not whole:
            return f"{ROLE_NAMES[role]}没有可以判断的话"
        if sum(len(t.text) for t in self.of(role)) < MIN_SURE_SHARE * whole:
            return f"{ROLE_NAMES[role]}的话多半不能确定是谁说的"
        return ""
