"""From a call to its transcript."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import AudioError, Problem, ProblemCode
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.transcribe.cache import TranscriptCache
from pipeline.transcribe.cast import cast_channels, cast_fingerprint, cast_mono
from pipeline.transcribe.crosstalk import crosstalk_fingerprint, without_crosstalk
from pipeline.transcribe.engine import Engine
from pipeline.transcribe.guard import guard_fingerprint
from pipeline.transcribe.turns import MAX_PAUSE_MS, MIN_GAP_MS, build_turns, sifted
from pipeline.transcribe.written import written_fingerprint


def transcribe_call(
    call: Call, engine: Engine | None, *, agent_channel: int | None = None, cache: TranscriptCache | None = None
) -> Transcript:
    """The transcript of a call: ready turns as they are, a recording as the engine hears it.

    `engine` None will do where no call is a recording.

    In a stereo recording the agent is on the channel that the call names, else on `agent_channel` (0-based), else
    where somebody talks like an agent. In a mono recording, also one stored as two equal channels, two voices are
    told apart by their sound and named by what they say. Where that is doubtful, or what is said plainly contradicts
    the channel that was named, `roles_known` is False, so no rule about a role is judged.

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
    agent = agent_channel if call.agent_channel is None else call.agent_channel
    if agent not in (None, 0, 1):
        raise _bad_channel(call, agent)
    fingerprint = (
        f"{engine.fingerprint} guard={guard_fingerprint()} crosstalk={crosstalk_fingerprint()} "
        f"roles={cast_fingerprint()} pause={MAX_PAUSE_MS} gap={MIN_GAP_MS} text={written_fingerprint()}"
    )
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


def _heard(call: Call, path: Path, engine: Engine, agent: int | None, fingerprint: str) -> Transcript:
    from pipeline.transcribe.audio import read_audio

    try:
        recording = read_audio(path)
    except AudioError as error:
        raise AudioError(replace(p, call_id=call.call_id) for p in error.problems) from error.__cause__
    heard = [sifted(segments) for segments in engine.transcribe(recording.channels)]
    mono = len(recording.channels) == 1
    if mono:
        cast = cast_mono(heard[0], recording.channels[0])
    else:
        cast = cast_channels(without_crosstalk(heard, recording.channels), agent)
    return Transcript(
        turns=build_turns(cast.voices),
        engine=fingerprint,
        duration_ms=recording.duration_ms,
        roles_known=cast.roles_known,
        roles_note=cast.note,
        one_channel=mono,
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
