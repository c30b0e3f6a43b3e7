"""What a perfect recogniser would hear of a scene, and what the rule engine makes of it; no sound is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Verdict
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.turns import Voice as Heard
from pipeline.transcribe.turns import build_turns, sifted
from training.make_fixtures.perform import Performed
from training.make_fixtures.script import Utterance
from training.voice import RATE_HZ, Piece, Sound, Speech, Voice
from training.voice.reading import read_aloud

Judge = Callable[[Call, Transcript], tuple[Verdict, ...]]

MS_PER_SOUND, MS_PER_PAUSE = 270 * 165, 270
"""Of espeak-ng at one word per minute, and of a comma; fitted to 350 of its utterances, right within 5 %."""


def estimate(text: str, voice: Voice) -> Speech:
    """Silence as long as espeak-ng would speak, and when it would say each piece."""
    pieces: list[Piece] = []
    now_ms = 0
    for reading in read_aloud(text):
        length_ms = MS_PER_SOUND // voice.wpm * len(reading.sounds) if reading.sounds else 0
        if reading.sounds:
            step_ms = length_ms // len(reading.sounds)
            starts = [now_ms + step_ms * n for n in range(len(reading.sounds))]
            sounds = zip(reading.sounds, starts, [*starts[1:], now_ms + length_ms], strict=True)
            pieces.append(Piece(reading.text, tuple(Sound(*sound) for sound in sounds)))
        now_ms += length_ms or (MS_PER_PAUSE if reading.pause else 0)
    end_ms = pieces[-1].end_ms
    return Speech(np.zeros(end_ms * RATE_HZ // 1000, np.float32), tuple(pieces))


def heard(performed: Performed) -> tuple[Call, Transcript]:
    """The call and its transcript as they would come out of intake and recognition."""
    header = performed.scene.header
    turns = tuple(
        Turn(n, turn.role, turn.written, span.start_ms if header.is_chat else None)
        for n, (turn, span) in enumerate(performed.turns)
    )
    call = Call(
        call_id=header.call_id,
        channel=Channel.CHAT if header.is_chat else Channel.VOICE,
        source="scene",
        content_hash="0" * 64,
        audio_path=None if header.is_chat else Path(f"{header.call_id}.{header.format}"),
        turns=turns if header.is_chat else None,
        agent_id=header.meta.agent_id,
        started_at=header.meta.started_at,
        direction=header.meta.direction,
    )
    if header.is_chat:
        return call, Transcript(turns=turns, engine="given")
    turns = build_turns(_voices(performed))
    return call, Transcript(turns=turns, engine="heard", one_channel=header.mono)


def _voices(performed: Performed) -> list[Heard]:
    segments = [
        (utterance, _segment(utterance, words))
        for (utterance, _), words in zip(performed.turns, performed.words, strict=True)
    ]
    return [Heard(role, sifted(s for u, s in segments if u.role is role)) for role in (Role.AGENT, Role.CUSTOMER)]


def _segment(utterance: Utterance, words: tuple[Piece, ...]) -> Segment:
    written = utterance.written
    spaced = {m.start() for m in re.finditer(r"(?<= )[A-Za-z0-9]", written)}
    at = 0
    found: list[HeardWord] = []
    for word in words:
        at = written.index(word.text, at)
        found.append(HeardWord(" " * (at in spaced) + word.text, word.start_ms, word.end_ms, 1.0))
        at += len(word.text)
    return Segment(
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        words=tuple(found),
        mean_log_probability=0.0,
        no_speech_probability=0.0,
        compression_ratio=1.0,
    )
