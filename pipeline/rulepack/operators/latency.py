"""The operator on how long a reply takes: `latency`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE, Quarantine, Role, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.timing import OTHER_SIDE, TIMING_DOUBT_MS, grade
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import DurationMs, Params, Scope
from pipeline.rulepack.view import (
    AFTER_TURN,
    SPEAKER_NAMES,
    CallView,
    Hit,
    NotJudgedError,
    Outcome,
    Stance,
)

_SHOWN_CHARS = 20


class LatencyParams(Params):
    """`longer_than`: the wait that is too long; `first`: only the first reply; `count`: how often it must happen.

    Two minutes, the default, is the limit for a chat's first reply in the service documents; a phone needs another.
    """

    longer_than: DurationMs = 120_000
    first: bool = False
    count: Annotated[int, Field(ge=1)] = 1

    def scope_problem(self, scope: Scope) -> str | None:
        return "要写明是谁答复:role: agent 或 customer" if scope.speaker is None else None


@dataclass(frozen=True, slots=True)
class _Wait:
    """From `asked` to `reply`; `ms` is at least that long where there is no reply, None where times are missing."""

    asked: Turn
    reply: Turn | None
    ms: int | None
    doubtful: bool


def latency(params: LatencyParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the speaker of the region takes longer than `longer_than` to reply, at least `count` times.

    On the phone the wait lasts from the end of the other side's words to the reply, and none stands next to an
    announcement or a third voice; who speaks only while the other is still talking has not replied. In a chat it lasts
    from the first message not yet answered; a message that nobody answers has waited until the last time that the chat
    shows. A listener's 嗯 is no reply and asks for none. Doubtful is what a recogniser's times cannot tell, and a wait
    in which something was said that could not be recognised or may be the other's. Raises NotJudgedError where a time
    that is needed is missing; a chat without any has nothing to judge.
    """
    assert region.speaker is not None
    turns = set(region.turn_indexes)
    speaker = region.speaker
    waits = view.once(("waits", speaker), lambda v: tuple(_waits(v, speaker)))
    if params.first:
        waits = waits[:1]
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    unknown = False
    for wait in waits:
        place = wait.reply or wait.asked
        begin = (place.index, 0 if wait.reply else AFTER_TURN)
        if (wait.reply is not None and place.index not in turns) or not region.holds(begin):
            continue
        if wait.ms is None:
            unknown = True
        elif wait.ms > params.longer_than:
            hit = _hit(wait, wait.ms, begin, params)
            close = view.is_voice and wait.ms < params.longer_than + TIMING_DOUBT_MS
            (doubtful if close or wait.doubtful else sure).append(hit)
    note = f"{SPEAKER_NAMES[region.speaker]}{'首次' if params.first else ''}答复超过 {_length(params.longer_than)}"
    outcome = grade(sure, doubtful, region, note, params.count)
    if unknown and outcome.truth is not Truth.TRUE:
        timed = view.is_voice or any(t.start_ms is not None for t in view.turns)
        raise NotJudgedError(Truth.UNJUDGED if timed else Truth.ABSENT, "没有时间信息,测不出答复用了多久")
    return outcome


def _waits(view: CallView, speaker: Role) -> Iterator[_Wait]:
    """Every wait for a word of `speaker`, in order."""
    other = OTHER_SIDE[speaker]
    asked: list[Turn] = []
    unheard = False
    for turn in view.turns:
        if turn.quarantined:
            unheard = unheard or turn.quarantine is not Quarantine.CROSSTALK
        elif turn.back_channel or not view.normal[turn.index].text:
            continue
        elif turn.role is other:
            if view.is_voice or not asked:
                asked, unheard = [], False
            asked.append(turn)
        elif turn.role is not speaker:
            asked = [] if view.is_voice else asked
        elif asked and not _still_talking(asked[-1], turn, view):
            yield _wait(asked, turn, view, unheard=unheard)
            asked = []
    if asked and not view.is_voice:
        yield _wait(asked, None, view, unheard=unheard)


def _still_talking(asked: Turn, turn: Turn, view: CallView) -> bool:
    return view.is_voice and asked.end_ms is not None and turn.end_ms is not None and turn.end_ms <= asked.end_ms


def _wait(asked: list[Turn], reply: Turn | None, view: CallView, *, unheard: bool) -> _Wait:
    first = asked[0]
    since = first.end_ms if view.is_voice else first.start_ms
    if reply is None:
        times = [t.start_ms for t in view.turns[first.index :] if t.start_ms is not None]
        until = max([*times, view.transcript.duration_ms or 0], default=None)
    else:
        until = reply.start_ms
    ms = None if since is None or until is None else until - since
    unsure = min([t.role_confidence for t in (*asked, *((reply,) if reply else ()))]) < MIN_ROLE_CONFIDENCE
    return _Wait(first, reply, ms, unheard or unsure)


def _length(ms: int) -> str:
    return f"{ms / 1000:.1f} 秒" if ms < 60_000 else f"{ms // 60_000} 分 {ms % 60_000 // 1000} 秒"


def _hit(wait: _Wait, ms: int, begin: tuple[int, int], params: LatencyParams) -> Hit:
    asked, reply = wait.asked, wait.reply
    shown = reply or asked
    who = SPEAKER_NAMES[OTHER_SIDE[asked.role]]
    said = asked.text if len(asked.text) <= _SHOWN_CHARS else f"{asked.text[:_SHOWN_CHARS]}…"
    reached = "才答复" if reply else "还没有答复"
    explanation = f"{SPEAKER_NAMES[asked.role]}说“{said}”后过了 {_length(ms)},{who}{reached}"
    return Hit(
        begin=begin,
        finish=(begin[0], AFTER_TURN),
        match=MatchKind.MEASURE,
        confidence=1.0,
        explanation=explanation,
        turn=shown.index,
        role=shown.role,
        start_ms=asked.start_ms,
        end_ms=shown.end_ms,
        char_start=0,
        char_end=len(shown.text),
        text=shown.text,
        matched=_length(ms),
        wanted=f"不超过 {_length(params.longer_than)}",
    )
