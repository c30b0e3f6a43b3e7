"""A scene performed: when everything in it is said, and the recording of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training.make_fixtures.recording import Part, Samples, mix, write_recording
from training.make_fixtures.scene import Scene, SceneHeader, Speaker
from training.make_fixtures.script import Pause, Sound, Utterance
from training.make_fixtures.timing import Span, chat_gaps_ms, schedule, seed, voice_gaps_ms
from training.voice import RATE_HZ, Piece, Speech, Voice, speak
from training.voice.channel import degrade
from training.voice.sounds import hold_music, noise, ring_tone

Speak = Callable[[str, Voice], Speech]


@dataclass(frozen=True, slots=True)
class Performed:
    """A scene and when everything in it took place, in ms from the recording's start.

    `spans` has one entry per item of the script; `words` has one per utterance: its characters, numbers and Latin
    words. A chat has no words.
    """

    scene: Scene
    spans: tuple[Span, ...]
    words: tuple[tuple[Piece, ...], ...] = ()

    @property
    def turns(self) -> tuple[tuple[Utterance, Span], ...]:
        """The utterances with their spans, in the order of the script."""
        return tuple((i, s) for i, s in zip(self.scene.script, self.spans, strict=True) if isinstance(i, Utterance))


def perform(scene: Scene, folder: Path) -> Performed:
    """Speak a scene and write its recording into `folder`; a chat is only timed.

    Raises InputError when an overlap reaches beyond the turn that it cuts into, or espeak-ng is missing.
    """
    performed, voices = rehearse(scene)
    if voices:
        _record(performed, voices, folder)
    return performed


def rehearse(scene: Scene, speak: Speak = speak) -> tuple[Performed, tuple[Samples, ...]]:
    """Who says what when, and the sound of each utterance; a chat is only timed and has no sound.

    Raises InputError when an overlap reaches beyond the turn that it cuts into, and whatever `speak` raises.
    """
    utterances, header = scene.utterances, scene.header
    if header.is_chat:
        gaps_ms = chat_gaps_ms([u.written for u in utterances])
        return Performed(scene, schedule(scene.script, lengths_ms=[0] * len(gaps_ms), gaps_ms=gaps_ms)), ()
    speeches = [speak(u.text, _voice(u, scene.speaker_of(u))) for u in utterances]
    lengths_ms = [len(s.samples) * 1000 // RATE_HZ for s in speeches]
    spans = schedule(scene.script, lengths_ms=lengths_ms, gaps_ms=voice_gaps_ms(header.call_id, len(speeches)))
    performed = Performed(scene, spans)
    words = tuple(_shifted(said, span) for said, (_, span) in zip(speeches, performed.turns, strict=True))
    voices = tuple(_amplified(s.samples, u.gain_db) for s, u in zip(speeches, utterances, strict=True))
    return replace(performed, words=words), voices


def file_name(header: SceneHeader) -> str:
    """The recording's name within the folder."""
    return f"{header.call_id}.{header.format}"


def _record(performed: Performed, voices: Sequence[Samples], folder: Path) -> None:
    header = performed.scene.header
    parts = [
        Part(_channel(header, agent=turn.is_agent), span.start_ms, samples)
        for (turn, span), samples in zip(performed.turns, voices, strict=True)
    ]
    for item, span in zip(performed.scene.script, performed.spans, strict=True):
        if isinstance(item, Pause) and item.sound:
            parts.append(_sounded(header, item, item.sound, span))
    sound = degrade(mix(parts, mono=header.mono), header.quality, seed(header.call_id, "channel"))
    write_recording(folder / file_name(header), sound, format=header.format)


def _shifted(said: Speech, span: Span) -> tuple[Piece, ...]:
    return tuple(piece.shifted(span.start_ms) for piece in said.pieces)


def _voice(utterance: Utterance, speaker: Speaker) -> Voice:
    return Voice(
        variant=speaker.voice,
        wpm=round(speaker.wpm * utterance.rate_factor),
        pitch=min(max(speaker.pitch + utterance.pitch_steps, 0), 99),
    )


def _channel(header: SceneHeader, *, agent: bool) -> int:
    return header.agent_channel if agent else 1 - header.agent_channel


def _sounded(header: SceneHeader, pause: Pause, sound: Sound, span: Span) -> Part:
    """Music comes from the agent, noise from where the customer is, and the ring from the side that is called."""
    seconds = pause.length_ms / 1000
    called_agent = header.meta.direction != "outbound"
    match sound:
        case Sound.MUSIC:
            agent, samples = True, hold_music(seconds, seed(header.call_id, f"music {span.start_ms}"))
        case Sound.RING:
            agent, samples = called_agent, ring_tone(seconds)
        case Sound.NOISE:
            agent, samples = False, noise(seconds, seed(header.call_id, f"noise {span.start_ms}"))
    return Part(_channel(header, agent=agent), span.start_ms, samples)


def _amplified(samples: Samples, gain_db: float) -> Samples:
    return samples * np.float32(10 ** (gain_db / 20))
