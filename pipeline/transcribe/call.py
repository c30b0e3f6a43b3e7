"""From calls to their transcripts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import AudioError, ModelError, Problem, ProblemCode
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.transcribe.cache import TranscriptCache
from pipeline.transcribe.engine import Engine, Result, Samples, Segment, Separator
from pipeline.transcribe.guard.guard import BUILT_IN, Guard
from pipeline.transcribe.sound.doubled import doubled_fingerprint
from pipeline.transcribe.sound.levels import levels_dbfs
from pipeline.transcribe.sound.quality import line_quality, quality_fingerprint
from pipeline.transcribe.turns import MAX_PAUSE_MS, MIN_GAP_MS, build_turns, sifted
from pipeline.transcribe.voices.assign import cast_recording, voices_fingerprint
from pipeline.transcribe.voices.delivery import delivery_fingerprint, with_delivery
from pipeline.transcribe.voices.edges import edges_fingerprint, with_edges
from pipeline.transcribe.written import written_fingerprint

if TYPE_CHECKING:
    from pipeline.transcribe.sound.audio import Recording


Outcome = Transcript | Exception
"""A call's transcript, or why there is none."""

_FINISHING = 8
"""Recordings of which turns are made, or wait to be, behind the recogniser."""


def transcribe_call(
    call: Call,
    engine: Engine | None,
    *,
    agent_channel: int | None = None,
    cache: TranscriptCache | None = None,
    guard: Guard = BUILT_IN,
    separator: Separator | None = None,
) -> Transcript:
    """The transcript of one call, see `transcribe_calls`.

    Raises:
        AudioError: the recording cannot be read whole, or names a channel that does not exist.
        ModelError: the engine broke down, or the separator.
        OSError: the cache's folder cannot be written.
    """
    (outcome,) = transcribe_calls(
        [call], engine, agent_channel=agent_channel, cache=cache, guard=guard, separator=separator
    )
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def transcribe_calls(
    calls: Iterable[Call],
    engine: Engine | None,
    *,
    agent_channel: int | None = None,
    cache: TranscriptCache | None = None,
    guard: Guard = BUILT_IN,
    separator: Separator | None = None,
) -> Iterator[Outcome]:
    """For each call, in order, its transcript or why there is none: one bad call stops no other.

    Ready turns stay as they are, a recording is transcribed as the engine hears it; `engine` None will do where no
    call is a recording. While the engine works, the next calls are decoded and the last ones' speakers told apart.

    In a stereo recording the agent is on the channel that the call names, else on `agent_channel` (0-based), else
    where somebody talks like an agent. In a mono recording, also one stored as two equal channels, two voices are
    told apart by their sound (by `separator`, or ours) and named by what they say. Where that is doubtful, or what is
    said plainly contradicts the channel that was named, `roles_known` is False, so no rule about a role is judged.
    Announcements, tones and music are the system's; a second agent on the agent's channel is neither side's.

    The cache is keyed by the content's hash, everything that shapes the transcript, and the agent's channel.
    """
    tools = _Tools(engine, agent_channel, cache, guard, separator, _fingerprint(engine, guard, separator))
    return _in_background(_outcomes(calls, tools))


def _fingerprint(engine: Engine | None, guard: Guard, separator: Separator | None) -> str:
    """Changes whenever a transcript could."""
    return (
        f"{engine.fingerprint if engine else ''} guard={guard.fingerprint} {voices_fingerprint(separator)} "
        f"doubled={doubled_fingerprint()} text={written_fingerprint()} pause={MAX_PAUSE_MS} gap={MIN_GAP_MS} "
        f"edges={edges_fingerprint()} delivery={delivery_fingerprint()} "
        f"quality={quality_fingerprint()}"
    )


@dataclass(frozen=True, slots=True)
class _Tools:
    """What all calls are transcribed with."""

    engine: Engine | None
    agent_channel: int | None
    cache: TranscriptCache | None
    guard: Guard
    separator: Separator | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """A call whose recording is decoded and waits to be heard. `agent`: the channel named for the agent."""

    call: Call
    agent: int | None
    recording: Recording


def _outcomes(calls: Iterable[Call], tools: _Tools) -> Iterator[Callable[[], Outcome]]:
    """What is left to do for each call, in order, once its recording was heard."""
    opened: deque[_Opened] = deque()
    order: deque[Outcome | None] = deque()  # None stands for the next one opened

    def recordings() -> Iterator[Sequence[Samples]]:
        for call in calls:
            begun = _begin(call, tools)
            if isinstance(begun, _Opened):
                opened.append(begun)
                order.append(None)
                yield begun.recording.channels
            else:
                order.append(begun)

    def settled() -> Iterator[Callable[[], Outcome]]:
        while order and (outcome := order[0]) is not None:
            order.popleft()
            yield partial(_same, outcome)

    for heard in tools.engine.transcribe(recordings()) if tools.engine else _unheard(recordings()):
        yield from settled()
        order.popleft()
        yield partial(_finish, opened.popleft(), heard, tools)
    yield from settled()


def _unheard(recordings: Iterator[Sequence[Samples]]) -> Iterator[Result]:
    """Without an engine no call is a recording, so that nothing is heard."""
    return ([] for _ in recordings)


def _in_background(tasks: Iterable[Callable[[], Outcome]]) -> Iterator[Outcome]:
    """What each task gives, in order, done in another thread while the next ones are fetched."""
    with ThreadPoolExecutor(1) as pool:
        coming: deque[Future[Outcome]] = deque()
        for task in tasks:
            coming.append(pool.submit(task))
            while coming and (coming[0].done() or len(coming) > _FINISHING):
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _begin(call: Call, tools: _Tools) -> _Opened | Outcome:
    if call.turns is not None:
        return _given(call, call.turns)
    if call.audio_path is None or tools.engine is None:
        raise ValueError(f"call {call.call_id} has neither turns nor audio, or there is no engine to hear it")
    agent = tools.agent_channel if call.agent_channel is None else call.agent_channel
    if agent not in (None, 0, 1):
        return _bad_channel(call, agent)
    stored = tools.cache.get(call.content_hash, tools.fingerprint, agent) if tools.cache else None
    if stored is not None:
        return stored
    from pipeline.transcribe.sound.audio import read_audio

    try:
        return _Opened(call, agent, read_audio(call.audio_path))
    except AudioError as error:
        placed = AudioError(replace(p, call_id=call.call_id) for p in error.problems)
        placed.__cause__ = error.__cause__
        return placed
    except Exception as error:
        return error


def _given(call: Call, turns: tuple[Turn, ...]) -> Transcript:
    """Speakers are known in a text channel, and in a voice call when both sides are named."""
    both = {Role.AGENT, Role.CUSTOMER} <= {turn.role for turn in turns}
    return Transcript(turns=turns, engine="given", roles_known=both or call.channel is not Channel.VOICE)


def _finish(opened: _Opened, heard: Result, tools: _Tools) -> Outcome:
    if isinstance(heard, ModelError):
        return heard
    try:
        transcript = _transcript(opened, heard, tools)
        if tools.cache:
            tools.cache.put(opened.call.content_hash, tools.fingerprint, opened.agent, transcript)
    except Exception as error:
        return error
    return transcript


def _transcript(opened: _Opened, segments: list[list[Segment]], tools: _Tools) -> Transcript:
    recording = opened.recording
    heard = [sifted(channel, tools.guard) for channel in segments]
    cast = cast_recording(heard, recording.channels, declared=opened.agent, separator=tools.separator)
    sides = {voice.role: voice.channel for voice in cast.voices if voice.channel is not None}
    if not cast.roles_known:
        sides = {}
    levels = [levels_dbfs(channel) for channel in recording.channels]
    turns = with_delivery(build_turns(with_edges(cast.voices, levels)), recording.channels, sides)
    return Transcript(
        turns=turns,
        engine=tools.fingerprint,
        duration_ms=recording.duration_ms,
        roles_known=cast.roles_known,
        roles_note=cast.note,
        one_channel=len(recording.channels) == 1,
        sounds=cast.sounds,
        lines=line_quality(turns, recording.channels, levels, cast.sounds, sides),
    )


def _same(outcome: Outcome) -> Outcome:
    return outcome


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
