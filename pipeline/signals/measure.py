"""The numbers of one call, from when its turns and words were spoken and how they sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.call import Channel
from pipeline.domain.signals import Signals, Silence
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.signals.chat import first_reply_ms, gaps_ms
from pipeline.signals.delivery import (
    loudness_db,
    loudness_rise_db,
    pitch_rise_semitones,
    pitch_semitones,
    shouted,
)
from pipeline.signals.overlap import overlaps
from pipeline.signals.pace import rate_cpm
from pipeline.signals.replies import replies
from pipeline.signals.silence import Surroundings, silences
from pipeline.signals.spans import Stretch, covered_ms, is_timed, stretches
from pipeline.text import normalise

MIN_TALK_MS = 10_000
MIN_TALK_CHARS = 20
"""Of less talk than this (both sides together) a share says nothing."""


def measure(transcript: Transcript, *, channel: Channel) -> Signals:
    """What the times of `transcript`, and what was measured of its recording, tell.

    Quarantined turns are not speech. A figure is None, never 0, where it cannot be known: on text channels all but
    lengths, gaps and replies; silences, overlaps and the figures of a role where some turn has no times; overlaps,
    replies and the figures of a role where the roles are not known; overlaps where both share a channel. `duration_ms`
    is the recording's length if known.
    """
    voice = channel is Channel.VOICE
    signals = _counted(transcript, voice=voice)
    if not voice:
        return _chat(signals, transcript)
    turns = [t for t in transcript.turns if not t.quarantined]
    if any(map(is_timed, turns)):
        own = [[] if t.quarantined else [t] for t in transcript.turns]
        signals = replace(
            signals,
            rates_cpm=tuple(map(rate_cpm, own)),
            rates_with_pauses_cpm=tuple(rate_cpm(turn, with_pauses=True) for turn in own),
        )
    if not all(map(is_timed, turns)) or not (turns or transcript.duration_ms is not None):
        return signals
    speech = [s for t in turns for s in stretches(t)]
    quiet = _silences(speech, turns, transcript)
    signals = replace(
        signals,
        silences=quiet,
        silence_ms=sum(s.length_ms for s in quiet),
        longest_silence_ms=max((s.length_ms for s in quiet), default=0),
    )
    if not transcript.roles_known:
        return signals
    return _by_role(signals, transcript, turns, speech)


def _counted(transcript: Transcript, *, voice: bool) -> Signals:
    """What needs no times."""
    lengths = tuple(0 if t.quarantined else len(normalise(t.text).text) for t in transcript.turns)
    known = transcript.roles_known
    chars = {
        role: sum(n for n, t in zip(lengths, transcript.turns, strict=True) if t.role is role)
        for role in (Role.AGENT, Role.CUSTOMER)
    }
    return Signals(
        duration_ms=transcript.duration_ms,
        lengths_chars=lengths,
        agent_chars=chars[Role.AGENT] if known else None,
        customer_chars=chars[Role.CUSTOMER] if known else None,
        replies=replies(transcript, voice=voice) if known else None,
        lines=transcript.lines,
    )


def _chat(signals: Signals, transcript: Transcript) -> Signals:
    signals = replace(signals, gaps_ms=gaps_ms(transcript.turns))
    if signals.agent_chars is None or signals.customer_chars is None:
        return signals
    return replace(
        signals,
        agent_talk_share=_share(signals.agent_chars, signals.customer_chars, least=MIN_TALK_CHARS),
        customer_talk_share=_share(signals.customer_chars, signals.agent_chars, least=MIN_TALK_CHARS),
        first_reply_ms=first_reply_ms([t for t in transcript.turns if not t.quarantined]),
    )


def _silences(speech: Sequence[Stretch], turns: Sequence[Turn], transcript: Transcript) -> tuple[Silence, ...]:
    around = Surroundings(turns, transcript.sounds or ())
    return tuple(
        replace(
            silence,
            expected=around.expected(silence) if transcript.roles_known else None,
            explained_by=around.explained_by(silence, roles_known=transcript.roles_known),
        )
        for silence in silences(speech, transcript.duration_ms)
    )


def _by_role(signals: Signals, transcript: Transcript, turns: Sequence[Turn], speech: Sequence[Stretch]) -> Signals:
    agent, customer = ([t for t in turns if t.role is role] for role in (Role.AGENT, Role.CUSTOMER))
    agent_ms, customer_ms = (_talk_ms(role, speech) for role in (Role.AGENT, Role.CUSTOMER))
    return replace(
        signals,
        overlaps=None if transcript.one_channel else overlaps(speech),
        loudness_db=loudness_db(transcript.turns),
        pitch_semitones=pitch_semitones(transcript.turns),
        shouted=shouted(transcript.turns),
        agent_rate_cpm=rate_cpm(agent),
        customer_rate_cpm=rate_cpm(customer),
        agent_rate_with_pauses_cpm=rate_cpm(agent, with_pauses=True),
        customer_rate_with_pauses_cpm=rate_cpm(customer, with_pauses=True),
        agent_talk_ms=agent_ms,
        customer_talk_ms=customer_ms,
        agent_talk_share=_share(agent_ms, customer_ms, least=MIN_TALK_MS),
        customer_talk_share=_share(customer_ms, agent_ms, least=MIN_TALK_MS),
        agent_loudness_rise_db=loudness_rise_db(agent, Role.AGENT),
        customer_loudness_rise_db=loudness_rise_db(customer, Role.CUSTOMER),
        agent_pitch_rise_semitones=pitch_rise_semitones(agent, Role.AGENT),
        customer_pitch_rise_semitones=pitch_rise_semitones(customer, Role.CUSTOMER),
    )


def _talk_ms(role: Role, speech: Sequence[Stretch]) -> int:
    return covered_ms(s for s in speech if s.role is role)


def _share(own: int, other: int, *, least: int) -> float | None:
    """None where both together are too little for a share to say anything."""
    return own / (own + other) if own + other >= least else None
