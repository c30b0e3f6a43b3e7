"""When nobody speaks, whose turn it was then, and what explains it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pipeline.domain.signals import Silence, SilenceReason
from pipeline.domain.transcript import LineSound, Role, SoundKind, Turn
from pipeline.signals.spans import Stretch
from pipeline.text import normalise
from pipeline.text.back_channel import asks, only_acknowledges

MIN_SILENCE_MS = 1000
"""Shorter gaps are the ordinary change of speakers, and below what word times of a recogniser can tell."""

SAID_BEFORE_MS = 15_000
"""How long before a silence begins the words that explain it may have been said."""

MUSIC_SHARE = 0.5
"""So much of a silence must be music for it to explain it: music is found with its first and last second missing."""

_WAIT = re.compile(
    r"稍等|稍候|等一下|等一等|等等我|请等|等我|请.{0,2}等待|耐心等|别挂|(不要|不用|请勿)挂|保持在线|在线等|听.{0,3}音乐|"
    r"((?<![帮给替为跟])我|(帮|给|为|替)(您|你)|这边|这里)(先|再|去|来|马上|现在|这就|仔细|详细|帮您|给您|为您|帮你|给你)*"
    r"(查|核实|核对|核查|看|确认|去问|找|翻|转接|操作|登记|算)(询|找|看)?(一?下|一?看)"
)
"""What asks the other one to wait, in normal form: 请稍等, 我帮您查一下, 我找一下."""
_ASKS_FOR = re.compile(
    r"(请|麻烦|劳驾)(您|你)?.{0,4}(提供|报|说|讲|告诉|描述|核对|确认|选择|输入|打开)|(您|你)(请|先)?(说|讲)(一下)?$|"
    r"(提供|报|说|告诉我|描述)一?下.{0,12}$"
)
"""What asks for an answer without a question: 请您提供一下订单号, 您请讲."""

_OTHER = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}


def asks_to_wait(text: str) -> bool:
    """Whether the words ask the other one to wait."""
    return _WAIT.search(normalise(text).text) is not None


def said_before(turn: Turn, silence: Silence) -> bool:
    """Whether a turn is near enough before the silence to explain it."""
    if turn.start_ms is None or turn.end_ms is None:
        return False
    return turn.start_ms < silence.end_ms and silence.start_ms - SAID_BEFORE_MS <= turn.end_ms


def silences(speech: Iterable[Stretch], duration_ms: int | None) -> tuple[Silence, ...]:
    """Gaps in the speech of everybody, and at the recording's edges where its length is known."""
    found: list[Silence] = []
    quiet_since_ms = None if duration_ms is None else 0
    after: int | None = None
    for stretch in sorted(speech, key=lambda s: (s.start_ms, s.end_ms, s.turn)):
        if quiet_since_ms is not None and stretch.start_ms - quiet_since_ms >= MIN_SILENCE_MS:
            found.append(Silence(quiet_since_ms, stretch.start_ms, after, stretch.turn))
        if quiet_since_ms is None or stretch.end_ms >= quiet_since_ms:
            quiet_since_ms, after = stretch.end_ms, stretch.turn
    if duration_ms is not None and quiet_since_ms is not None and duration_ms - quiet_since_ms >= MIN_SILENCE_MS:
        found.append(Silence(quiet_since_ms, duration_ms, after, None))
    return tuple(found)


class Surroundings:
    """What lies around the silences of a call: its `turns` without the quarantined, and the sounds on its line."""

    def __init__(self, turns: Sequence[Turn], sounds: Sequence[LineSound]) -> None:
        self._by_index = {turn.index: turn for turn in turns}
        self._in_order = sorted((t for t in turns if t.start_ms is not None), key=lambda t: (t.start_ms or 0, t.index))
        self._starts_ms = [t.start_ms or 0 for t in self._in_order]
        self._music = [(s.start_ms, s.end_ms) for s in sounds if s.kind is SoundKind.MUSIC]

    def expected(self, silence: Silence) -> Role | None:
        """Whose turn it is to speak; None at the edges, beside a third voice, and where either could go on.

        Who asks to wait, or pauses within a turn, is expected to go on; who is asked, to answer; after a statement of
        the customer's the agent. After the agent's own statement it is the agent where that one is the next to speak.
        """
        if silence.after_turn is None or silence.before_turn is None:
            return None
        after, before = self._by_index[silence.after_turn], self._by_index[silence.before_turn]
        if after.role not in _OTHER or before.role not in _OTHER:
            return None
        waits = [turn for turn in self._last_words(silence, after) if asks_to_wait(self._said(turn, silence))]
        if waits:
            return waits[0].role
        if after is before:
            return after.role
        text = self._said(after, silence)
        if after.role is Role.CUSTOMER or asks(text) or _ASKS_FOR.search(normalise(text).text):
            return _OTHER[after.role]
        return Role.AGENT if before.role is Role.AGENT else None

    def explained_by(self, silence: Silence, *, roles_known: bool) -> SilenceReason | None:
        """Where the roles are not known whoever asks to wait explains it."""
        wanted = (Role.AGENT,) if roles_known else tuple(Role)
        last = next((t for t in self._before(silence) if t.role in wanted), None)
        if last is not None and said_before(last, silence) and asks_to_wait(self._said(last, silence)):
            return SilenceReason.HOLD_PHRASE
        return SilenceReason.MUSIC if self._music_ms(silence) >= MUSIC_SHARE * silence.length_ms else None

    def _before(self, silence: Silence) -> Iterator[Turn]:
        """The turns that began before the silence, the last one first."""
        for at in range(bisect_right(self._starts_ms, silence.start_ms) - 1, -1, -1):
            yield self._in_order[at]

    def _last_words(self, silence: Silence, after: Turn) -> Iterator[Turn]:
        """The turn before the silence; where that only says 好的, also the other one's before it."""
        yield after
        if only_acknowledges(after.text):
            answered = (t for t in self._before(silence) if t.role in _OTHER and t.role is not after.role)
            yield from (turn for turn in islice(answered, 1) if said_before(turn, silence))

    @staticmethod
    def _said(turn: Turn, silence: Silence) -> str:
        """What of the turn is said in the time before the silence."""
        ends = [w.char_end for w in turn.words if w.end_ms <= silence.start_ms]
        if not turn.words or len(ends) == len(turn.words):
            return turn.text
        return turn.text[: max(ends, default=0)]

    def _music_ms(self, silence: Silence) -> int:
        spans = ((max(start, silence.start_ms), min(end, silence.end_ms)) for start, end in self._music)
        return sum(max(0, end - start) for start, end in spans)
