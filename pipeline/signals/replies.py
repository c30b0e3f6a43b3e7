"""How long who is asked takes to reply."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.domain.signals import Reply
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn
from pipeline.text import normalise

_OTHER = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}


def replies(transcript: Transcript, *, voice: bool) -> tuple[Reply, ...]:
    """Every wait for a word of the agent's or the customer's, by the turn that asks.

    On the phone none stands next to an announcement or a third voice, and who speaks only while the other is still
    talking has not replied. A listener's 嗯 is no reply and asks for none. Quarantined turns count only as `unheard`,
    a leaked voice not even so. The roles must be known.
    """
    found = [r for role in _OTHER for r in _replies(transcript, role, voice=voice)]
    return tuple(sorted(found, key=lambda reply: (reply.asked_turn, reply.by)))


def _replies(transcript: Transcript, by: Role, *, voice: bool) -> Iterator[Reply]:
    asked: list[Turn] = []
    unheard = False
    for turn in transcript.turns:
        if turn.quarantined:
            unheard = unheard or turn.quarantine is not Quarantine.CROSSTALK
        elif turn.back_channel or not normalise(turn.text).text:
            continue
        elif turn.role is _OTHER[by]:
            if voice or not asked:
                asked, unheard = [], False
            asked.append(turn)
        elif turn.role is not by:
            asked = [] if voice else asked
        elif asked and not (voice and _still_talking(asked[-1], turn)):
            yield Reply(by, asked[0].index, turn.index, _wait_ms(asked[0], turn, voice=voice), unheard)
            asked = []
    if asked and not voice:
        yield Reply(by, asked[0].index, None, _waited_ms(asked[0], transcript), unheard)


def _still_talking(asked: Turn, turn: Turn) -> bool:
    return asked.end_ms is not None and turn.end_ms is not None and turn.end_ms <= asked.end_ms


def _wait_ms(asked: Turn, reply: Turn, *, voice: bool) -> int | None:
    since_ms = asked.end_ms if voice else asked.start_ms
    return None if since_ms is None or reply.start_ms is None else reply.start_ms - since_ms


def _waited_ms(asked: Turn, transcript: Transcript) -> int | None:
    """Until the last time that the chat shows."""
    times = [t.start_ms for t in transcript.turns if t.index >= asked.index and t.start_ms is not None]
    if asked.start_ms is None or (not times and transcript.duration_ms is None):
        return None
    return max([*times, transcript.duration_ms or 0]) - asked.start_ms
