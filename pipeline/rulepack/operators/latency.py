"""The operator on how long a reply takes: `latency`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.domain.signals import Reply
from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.timing import TIMING_DOUBT_MS, grade
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
    waits = [reply for reply in view.signals.replies or () if reply.by is speaker]
    if params.first:
        waits = waits[:1]
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    unknown = False
    for wait in waits:
        begin = (wait.asked_turn, AFTER_TURN) if wait.turn is None else (wait.turn, 0)
        if (wait.turn is not None and wait.turn not in turns) or not region.holds(begin):
            continue
        if wait.wait_ms is None:
            unknown = True
        elif wait.wait_ms > params.longer_than:
            hit = _hit(view, wait, wait.wait_ms, params)
            close = view.is_voice and wait.wait_ms < params.longer_than + TIMING_DOUBT_MS
            (doubtful if close or _doubtful(view, wait) else sure).append(hit)
    note = f"{SPEAKER_NAMES[region.speaker]}{'首次' if params.first else ''}答复超过 {_length(params.longer_than)}"
    outcome = grade(sure, doubtful, region, note, params.count)
    if unknown and outcome.truth is not Truth.TRUE:
        timed = view.is_voice or any(t.start_ms is not None for t in view.turns)
        raise NotJudgedError(Truth.UNJUDGED if timed else Truth.ABSENT, "没有时间信息,测不出答复用了多久")
    return outcome


def _doubtful(view: CallView, wait: Reply) -> bool:
    """Whether the reply may have come sooner, or what was said may be the other's."""
    turns = [view.turns[i] for i in (wait.asked_turn, wait.turn) if i is not None]
    return wait.unheard or min(t.role_confidence for t in turns) < MIN_ROLE_CONFIDENCE


def _length(ms: int) -> str:
    return f"{ms / 1000:.1f} 秒" if ms < 60_000 else f"{ms // 60_000} 分 {ms % 60_000 // 1000} 秒"


def _hit(view: CallView, wait: Reply, ms: int, params: LatencyParams) -> Hit:
    asked = view.turns[wait.asked_turn]
    shown = asked if wait.turn is None else view.turns[wait.turn]
    said = asked.text if len(asked.text) <= _SHOWN_CHARS else f"{asked.text[:_SHOWN_CHARS]}…"
    reached = "还没有答复" if wait.turn is None else "才答复"
    explanation = f"{SPEAKER_NAMES[asked.role]}说“{said}”后过了 {_length(ms)},{SPEAKER_NAMES[wait.by]}{reached}"
    return Hit(
        begin=(shown.index, AFTER_TURN if wait.turn is None else 0),
        finish=(shown.index, AFTER_TURN),
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
