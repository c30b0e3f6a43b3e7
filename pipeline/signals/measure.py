"""The numbers of one call, from when its turns and words were spoken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.domain.call import Channel
from pipeline.domain.signals import Signals, Silence
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.signals.delivery import loudness_db, pitch_semitones
from pipeline.signals.overlap import overlaps
from pipeline.signals.pace import rate_cpm
from pipeline.signals.spans import Stretch, covered_ms, is_timed, stretches

MIN_SILENCE_MS = 1000
"""Shorter gaps are the ordinary change of speakers, and below what word times of a recogniser can tell."""


def measure(transcript: Transcript, *, channel: Channel) -> Signals:
    """What the times of `transcript` tell.

    Quarantined turns are not speech. A figure is None, never 0, where it cannot be known: on text channels all but
    `first_reply_ms`; silences, overlaps and the figures of a role where some turn has no times; overlaps, the figures
    of a role and `first_reply_ms` where the roles are not known; overlaps where both share a channel. `duration_ms` is
    the recording's length if known.
    """
    turns = [t for t in transcript.turns if not t.quarantined]
    if channel is not Channel.VOICE:
        first_reply_ms = _first_reply_ms(turns) if transcript.roles_known else None
        return Signals(duration_ms=transcript.duration_ms, first_reply_ms=first_reply_ms)

    rates = tuple(None if t.quarantined else rate_cpm([t]) for t in transcript.turns)
    rates_cpm = rates if any(map(is_timed, turns)) else None
    if not all(map(is_timed, turns)) or not (turns or transcript.duration_ms is not None):
        return Signals(duration_ms=transcript.duration_ms, rates_cpm=rates_cpm)

    speech = [s for t in turns for s in stretches(t)]
    silences = _silences(speech, transcript.duration_ms)
    roles_known = transcript.roles_known
    return Signals(
        duration_ms=transcript.duration_ms,
        silences=silences,
        overlaps=overlaps(speech) if roles_known and not transcript.one_channel else None,
        rates_cpm=rates_cpm,
        loudness_db=loudness_db(transcript.turns) if roles_known else None,
        pitch_semitones=pitch_semitones(transcript.turns) if roles_known else None,
        agent_rate_cpm=rate_cpm(_by(Role.AGENT, turns)) if roles_known else None,
        customer_rate_cpm=rate_cpm(_by(Role.CUSTOMER, turns)) if roles_known else None,
        agent_talk_ms=_talk_ms(Role.AGENT, speech) if roles_known else None,
        customer_talk_ms=_talk_ms(Role.CUSTOMER, speech) if roles_known else None,
        silence_ms=sum(s.length_ms for s in silences),
        longest_silence_ms=max((s.length_ms for s in silences), default=0),
    )


def _by(role: Role, turns: Sequence[Turn]) -> list[Turn]:
    return [t for t in turns if t.role is role]


def _talk_ms(role: Role, speech: Sequence[Stretch]) -> int:
    return covered_ms(s for s in speech if s.role is role)


def _silences(speech: Iterable[Stretch], duration_ms: int | None) -> tuple[Silence, ...]:
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


def _first_reply_ms(turns: Sequence[Turn]) -> int | None:
    """From the customer's first message to the agent's next one; None where either is missing or has no time."""
    asked = next((i for i, t in enumerate(turns) if t.role is Role.CUSTOMER), None)
    if asked is None:
        return None
    replied = next((t for t in turns[asked + 1 :] if t.role is Role.AGENT), None)
    asked_ms, replied_ms = turns[asked].start_ms, replied.start_ms if replied else None
    if asked_ms is None or replied_ms is None or replied_ms < asked_ms:
        return None
    return replied_ms - asked_ms
