"""What operators see of a call, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from zoneinfo import ZoneInfo

from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import TurnEmotion
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.domain.wording import ROLE_NAMES
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.phrases import PhraseHits, PhraseIndex
from pipeline.text import NormalText, normalise

SPEAKER_NAMES: dict[Role | None, str] = {None: "任何一方"} | {role: ROLE_NAMES[role] for role in Role}
AFTER_TURN = 1 << 30
"""A place behind the last character of a turn, where a measured event between turns stands."""


class Stance(Enum):
    """Who gets the benefit of the doubt. GENEROUS: not finding it would cost the agent. STRICT: finding it would."""

    STRICT = "strict"
    GENEROUS = "generous"


class NotJudgedError(Exception):
    """Raised by an operator or scope that cannot be judged on this call; `note` says why, in Chinese."""

    def __init__(self, truth: Truth, note: str) -> None:
        super().__init__(note)
        self.truth, self.note = truth, note


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a check found something. `begin` and `finish` order hits: (turn, character)."""

    begin: tuple[int, int]
    finish: tuple[int, int]
    match: MatchKind
    confidence: float
    explanation: str
    turn: int | None = None
    role: Role | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    char_start: int | None = None
    char_end: int | None = None
    text: str = ""
    matched: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check answers. `hits` are sure when `truth` is TRUE and doubtful when it is DOUBTFUL.

    `note` is Chinese and says what was looked for or measured, or why nothing could be said.
    """

    truth: Truth
    hits: tuple[Hit, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call ready to be judged. `normal[i]` is turn i's normal text, empty where the turn is quarantined;
    `joined` is all of them in one text. `spans` remembers where patterns matched, since several checks may use one.

    `day` is the business day of the call, by which rules are in force; None where the start is unknown.
    """

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    normal: tuple[NormalText, ...]
    joined: JoinedText
    hits: PhraseHits
    day: date | None = None
    spans: dict[tuple[str, MatchKind], tuple[tuple[int, int, int], ...]] = field(default_factory=dict)

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.transcript.turns

    @property
    def is_voice(self) -> bool:
        return self.call.channel is Channel.VOICE


def view_call(
    call: Call,
    transcript: Transcript,
    signals: Signals,
    emotions: Sequence[TurnEmotion | None],
    index: PhraseIndex,
    *,
    timezone: str = "Asia/Shanghai",
) -> CallView:
    """Normalises the call's text once and finds all phrases of the rules in it."""
    normal = tuple(normalise("" if t.quarantined else t.text) for t in transcript.turns)
    joined = join(normal)
    return CallView(
        call=call,
        transcript=transcript,
        signals=signals,
        emotions=tuple(emotions),
        normal=normal,
        joined=joined,
        hits=index.find(joined),
        day=call.started_at.astimezone(ZoneInfo(timezone)).date() if call.started_at else None,
    )


def text_hit(
    view: CallView,
    turn_index: int,
    start: int,
    end: int,
    *,
    match: MatchKind,
    confidence: float,
    wanted: str,
    spoken: bool = True,
) -> Hit:
    """A hit on `[start, end)` of a turn's normalised text, with its place in the original and in time.

    `spoken` is False where `wanted` is a pattern, which nobody would read aloud.
    """
    turn = view.turns[turn_index]
    char_start, char_end = view.normal[turn_index].span(start, end)
    words = [w for w in turn.words if w.char_start < char_end and w.char_end > char_start]
    matched = turn.text[char_start:char_end]
    said = f"{SPEAKER_NAMES[turn.role]}说“{matched}”"
    how = {
        MatchKind.SOUND: f",与“{wanted}”同音" if spoken else ",与规则的句式同音",
        MatchKind.CLOSE: f",与“{wanted}”读音相近",
        MatchKind.PATTERN: ",符合规则的句式",
    }
    return Hit(
        begin=(turn_index, start),
        finish=(turn_index, end),
        match=match,
        confidence=confidence,
        explanation=said + how.get(match, ""),
        turn=turn_index,
        role=turn.role,
        start_ms=words[0].start_ms if words else turn.start_ms,
        end_ms=words[-1].end_ms if words else turn.end_ms,
        char_start=char_start,
        char_end=char_end,
        text=turn.text,
        matched=matched,
        wanted=wanted,
    )


def turn_hit(view: CallView, turn_index: int, *, confidence: float, explanation: str) -> Hit:
    """A hit on a whole turn by something measured."""
    turn = view.turns[turn_index]
    return Hit(
        begin=(turn_index, 0),
        finish=(turn_index, AFTER_TURN),
        match=MatchKind.MEASURE,
        confidence=confidence,
        explanation=explanation,
        turn=turn_index,
        role=turn.role,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        char_start=0,
        char_end=len(turn.text),
        text=turn.text,
        matched=turn.text,
    )
