"""From a call to its transcript."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import AudioError, Problem, ProblemCode
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.transcribe.cache import TranscriptCache
from pipeline.transcribe.engine import Engine
from pipeline.transcribe.guard import guard_fingerprint
from pipeline.transcribe.turns import MAX_PAUSE_MS, MIN_GAP_MS, Voice, build_turns

DEFAULT_AGENT_CHANNEL = 0


def transcribe_call(
    call: Call, engine: Engine | None, *, agent_channel: int | None = None, cache: TranscriptCache | None = None
) -> Transcript:
    """The transcript of a call: ready turns as they are, a recording as the engine hears it.

    `engine` None will do where no call is a recording.

    In a stereo recording the agent is on the channel that the call names, else on `agent_channel` (0-based), else on
    channel 0. In a mono recording, also one stored as two equal channels, the speakers are not told apart: every turn
    has the role `other` and `roles_known` is False, so no rule about a role can be judged. That is a limit of this
    version.

    The cache is keyed by the content's hash, everything that shapes the transcript, and the agent's channel.

    Raises:
        AudioError: the recording cannot be read whole, or names a channel that does not exist.
        ModelError: the engine broke down.
        OSError: the cache's folder cannot be written.
    """
    if call.turns is not None:
        return _given(call, call.turns)
    if call.audio_path is None or engine is None:
        raise ValueError(f"call {call.call_id} has neither turns nor audio, or there is no engine to hear it")
    chosen = (call.agent_channel, agent_channel, DEFAULT_AGENT_CHANNEL)
    agent = next(channel for channel in chosen if channel is not None)
    if agent not in (0, 1):
        raise _bad_channel(call, agent)
    fingerprint = f"{engine.fingerprint} guard={guard_fingerprint()} pause={MAX_PAUSE_MS} gap={MIN_GAP_MS}"
    stored = cache.get(call.content_hash, fingerprint, agent) if cache else None
    if stored is not None:
        return stored
    transcript = _heard(call, call.audio_path, engine, agent, fingerprint)
    if cache:
        cache.put(call.content_hash, fingerprint, agent, transcript)
    return transcript


def _given(call: Call, turns: tuple[Turn, ...]) -> Transcript:
    """Speakers are known in a text channel, and in a voice call when both sides are named."""
    both = {Role.AGENT, Role.CUSTOMER} <= {turn.role for turn in turns}
    return Transcript(turns=turns, engine="given", roles_known=both or call.channel is not Channel.VOICE)


def _heard(call: Call, path: Path, engine: Engine, agent: int, fingerprint: str) -> Transcript:
    from pipeline.transcribe.audio import read_audio

    try:
        recording = read_audio(path)
    except AudioError as error:
        raise AudioError(replace(p, call_id=call.call_id) for p in error.problems) from error.__cause__
    roles_known = len(recording.channels) > 1
    roles = [Role.AGENT if index == agent else Role.CUSTOMER for index in (0, 1)] if roles_known else [Role.OTHER]
    heard = engine.transcribe(recording.channels)
    return Transcript(
        turns=build_turns([Voice(role, segments) for role, segments in zip(roles, heard, strict=True)]),
        engine=fingerprint,
        duration_ms=recording.duration_ms,
        roles_known=roles_known,
    )


def _bad_channel(call: Call, channel: int) -> AudioError:
    what = f"坐席声道写成了 {channel},双声道录音只有 0(左)和 1(右)"
    return AudioError(
        Problem(
            code=ProblemCode.BAD_VALUE,
            what=what,
            remedy="请改为 0 或 1,或留空",
            column="agent_channel",
            call_id=call.call_id,
        )
    )
