"""What operators see of a call, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload
from zoneinfo import ZoneInfo

from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import TurnEmotion
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE, Role, Transcript, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.domain.wording import ROLE_NAMES
from pipeline.rulepack.index import Found, Idle, RuleIndex
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.llm.question import LanguageModel
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.patterns import PatternKey, Span
from pipeline.rulepack.phrases import PhraseHits
from pipeline.text import NormalText, normalise

if TYPE_CHECKING:
    from pipeline.rulepack.load import CompiledCheck

SPEAKER_NAMES: dict[Role | None, str] = {None: "任何一方"} | {role: ROLE_NAMES[role] for role in Role}
MadeT = TypeVar("MadeT")

AFTER_TURN = 1 << 30
"""A place behind the last character of a turn, where a measured event between turns stands."""


MIN_CLARITY = 0.5
"""Mean word probability under which speech counts as unclear: the share of intact phrases collapses below it."""


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


class Hits(Sequence[Hit]):
    """Hits that are made when they are looked at: of many nobody asks more than how many there are."""

    __slots__ = ("_made", "_makers")

    def __init__(self, makers: Iterable[Callable[[], Hit]]) -> None:
        self._makers = tuple(makers)
        self._made: dict[int, Hit] = {}

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        if at not in self._made:
            self._made[at] = self._makers[at]()
        return self._made[at]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check answers. `hits` are sure when `truth` is TRUE and doubtful when it is DOUBTFUL.

    `note` is Chinese and says what was looked for or measured, or why nothing could be said.
    """

    truth: Truth
    hits: Sequence[Hit] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call ready to be judged. `normal[i]` is turn i's normal text, empty where the turn is quarantined;
    `joined` is all of them in one text, `found` what of all rules is in it, `idle` what the others come to. `plain`:
    roles are known and all speech is clear, so that what is not found was not said. `spans` remembers where patterns
    matched, `regions` where checks look and `shares` what classifiers said of the turns, by the classifier's digest,
    since several checks may ask; `once` does so for anything else that is worth computing a single time for a call.
    `language_model` is None where none is configured.

    `started` is when the call began, in the business's time zone; None where that is unknown.
    """

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    normal: tuple[NormalText, ...]
    joined: JoinedText
    found: Found
    idle: Idle
    plain: bool
    started: datetime | None = None
    spans: dict[tuple[PatternKey, int], tuple[Span, ...]] = field(default_factory=dict)
    shares: dict[str, tuple[Mapping[str, float] | None, ...]] = field(default_factory=dict)
    language_model: LanguageModel | None = None
    regions: dict[tuple[object, ...], Any] = field(default_factory=dict)
    made: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def day(self) -> date | None:
        """The business day of the call, by which rules are in force."""
        return None if self.started is None else self.started.date()

    @property
    def hits(self) -> PhraseHits:
        return self.found.hits

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.transcript.turns

    def holds_nothing_for(self, rule_id: str, check: CompiledCheck) -> bool:
        """Whether a check rests on the text alone and nothing of what it looks for is there."""
        if not self.plain or check.params.triggers is None or check.scope.anchors:
            return False
        return not self.found.touches((rule_id, check.name))

    @property
    def is_voice(self) -> bool:
        return self.call.channel is Channel.VOICE

    def once(self, key: Hashable, make: Callable[[CallView], MadeT]) -> MadeT:
        """What `make` makes of this call, made at the first asking; `key` must tell it from all else."""
        if key not in self.made:
            self.made[key] = make(self)
        return cast("MadeT", self.made[key])


def view_call(
    call: Call,
    transcript: Transcript,
    signals: Signals,
    emotions: Sequence[TurnEmotion | None],
    index: RuleIndex,
    *,
    timezone: str = "Asia/Shanghai",
    language_model: LanguageModel | None = None,
) -> CallView:
    """Normalises the call's text once and finds all phrases of the rules in it."""
    normal = tuple(normalise("" if t.quarantined else t.text) for t in transcript.turns)
    joined = join(normal)
    started = call.started_at.astimezone(ZoneInfo(timezone)) if call.started_at else None
    return CallView(
        call=call,
        transcript=transcript,
        signals=signals,
        emotions=tuple(emotions),
        normal=normal,
        joined=joined,
        found=index.find(joined, [turn.role for turn in transcript.turns], sounded=call.channel is Channel.VOICE),
        # What an outcome that rests on the text alone may hang on beside the text.
        idle=index.idle((call.channel, transcript.has_times, started.date() if started else None)),
        plain=_plain(transcript),
        started=started,
        language_model=language_model,
    )


def _plain(transcript: Transcript) -> bool:
    return transcript.roles_known and all(map(_clear, transcript.turns))


def _clear(turn: Turn) -> bool:
    if turn.quarantined or turn.role_confidence < MIN_ROLE_CONFIDENCE:
        return False
    return not turn.words or sum(w.probability for w in turn.words) >= MIN_CLARITY * len(turn.words)


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
    explained: str | None = None,
) -> Hit:
    """A hit on `[start, end)` of a turn's normalised text, with its place in the original and in time.

    `spoken` is False where `wanted` is a pattern, which nobody would read aloud; `explained` is what to say instead of
    how it matched.
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
        explanation=said + (how.get(match, "") if explained is None else explained),
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
