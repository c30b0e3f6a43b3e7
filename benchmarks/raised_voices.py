"""Turns of which it is known whether they were raised, with the vote of the voice on each.

Raised are those that a scene marks (大声). They come from the shipped recordings, as they are and mixed down to one
channel; from the same scenes performed anew, where more turns are raised by some effort, over lines of every quality;
and from what the demo model hears. Nobody is taken to raise the voice in the clips of real people.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from benchmarks.recordings import recorded
from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Transcript, Turn, Word
from pipeline.emotion.voice import voice_votes
from pipeline.signals import measure
from pipeline.transcribe import EngineOptions, load_engine, transcribe_calls
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.voices.delivery import with_delivery
from training.make_fixtures.__main__ import all_scenes, read_scenes
from training.make_fixtures.perform import rehearse
from training.make_fixtures.recording import Part, mix
from training.make_fixtures.scene import Scene
from training.make_fixtures.script import Utterance
from training.make_fixtures.tables import truth_of
from training.make_fixtures.timing import seed
from training.voice.channel import QUALITIES, degrade

ONE_IN = 8
"""Of the turns that a scene does not mark, this part is raised when it is performed anew."""
EFFORTS_DB = (5.0, 7.0, 10.0)
STEPS_PER_DB, FASTER = 4.4, 1.1
"""0.4 semitones for a decibel (see `pipeline.emotion.voice`); a step of espeak-ng's pitch is 0.09 semitones."""
LEAST_MS = 600
"""Shorter stretches of real people are left out."""
READERS = (
    "azure_samples/zhcn_continuous_mode_sample.wav",
    "azure_samples/chat_input_2.wav",
    "faster_whisper/jfk.flac",
)

Sound = NDArray[np.floating[Any]]
Truth = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn, whether it was raised, and the vote on it."""

    turn: Turn
    raised: bool
    vote: VoiceVote | None


@dataclass(frozen=True, slots=True)
class Shipped:
    """A recording of the fixtures with its truth. `judged`: as it is, and on one channel, by the name of the line."""

    call: Call
    truth: Truth
    judged: Mapping[str, Sequence[Judged]]


def scenes() -> dict[str, Scene]:
    """The scenes of the recordings by their call."""
    return {s.header.call_id: s for s in read_scenes(all_scenes()) if not s.header.is_chat}


def shipped(scenes: Mapping[str, Scene]) -> Iterator[Shipped]:
    """The recordings of the fixtures, judged with the words' true times and speakers."""
    for one in recorded():
        call, path = one.call, one.call.audio_path
        assert path is not None
        truth = json.loads((path.parent / "truth" / f"{call.call_id}.json").read_text(encoding="utf-8"))
        channels = [channel[:] for channel in read_audio(path).channels]
        marked = [_raised(u) for u in scenes[call.call_id].utterances]
        alone = {f"{truth['quality']}, one channel": _judged(truth, marked, channels, None)}
        if len(channels) > 1:
            alone = {truth["quality"]: _judged(truth, marked, channels, call.agent_channel or 0)} | alone
        yield Shipped(call, truth, alone)


def performed(scenes: Iterable[Scene]) -> dict[str, list[Judged]]:
    """The scenes performed anew without overlaps, by line. Raises InputError where espeak-ng is missing."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for scene in scenes:
        with_effort = _with_effort(scene)
        play, voices = rehearse(with_effort)
        parts = [
            Part(0 if turn.is_agent else 1, span.start_ms, voice)
            for (turn, span), voice in zip(play.turns, voices, strict=True)
        ]
        clean, truth = mix(parts), truth_of(play)
        marked = [_raised(u) for u in with_effort.utterances]
        lines: list[tuple[str, Sound]] = [("no line", clean)]
        lines += [(quality, degrade(clean, quality, seed(scene.header.call_id, quality))) for quality in QUALITIES]
        for name, sound in lines:
            wide = [resample_poly(channel, 2, 1).astype(np.float32) for channel in sound]
            groups[name] += _judged(truth, marked, wide, 0)
            groups[f"{name}, one channel"] += _judged(truth, marked, wide, None)
    return groups


def recognised(scenes: Mapping[str, Scene]) -> dict[str, list[Judged]]:
    """The recordings of the fixtures as the demo model hears them.

    A turn is raised where the true turn of its speaker that it overlaps most is; one that overlaps none is left out.
    """
    calls = list(recorded())
    outcomes = transcribe_calls([one.call for one in calls], load_engine(EngineOptions(model="asr-demo-zh")))
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one, transcript in zip(calls, outcomes, strict=True):
        if isinstance(transcript, Exception):
            raise transcript
        marks = {(u.role, u.written): _raised(u) for u in scenes[one.call.call_id].utterances}
        votes = voice_votes(transcript.turns, measure(transcript, channel=one.call.channel))
        for turn, vote in zip(transcript.turns, votes, strict=True):
            shared = {
                (said.role, said.text): min(said.end_ms, turn.end_ms or 0) - max(said.start_ms, turn.start_ms or 0)
                for said in one.said
                if said.role is turn.role
            }
            if shared and max(shared.values()) > 0:
                raised = marks[max(shared, key=shared.__getitem__)]
                groups["one channel" if transcript.one_channel else "two channels"].append(Judged(turn, raised, vote))
    return groups


def talking(folder: Path) -> list[Judged]:
    """Stretches of people who talk with each other, from clips with `.rttm`, at least three of a person in a clip."""
    judged: list[Judged] = []
    for path in sorted(folder.glob("pyannote/*.rttm")):
        fields = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        spans = [(f[7], round(float(f[3]) * 1000), round((float(f[3]) + float(f[4])) * 1000)) for f in fields]
        for person in sorted({who for who, _, _ in spans}):
            others = [(start, end) for who, start, end in spans if who != person]
            own = [(s, e) for who, s, e in spans if who == person and _shared_ms((s, e), others) < 0.3 * (e - s)]
            judged += _of_one_person(path.with_suffix(".wav"), own)
    return judged


def reading(folder: Path) -> list[Judged]:
    """Phrases of people who read, each alone in a clip."""
    return [judged for name in READERS for judged in _of_one_person(folder / name, _phrases(folder / name))]


def _raised(utterance: Utterance) -> bool:
    return utterance.gain_db > 0


def _judged(truth: Truth, raised: Sequence[bool], channels: Sequence[Sound], agent: int | None) -> list[Judged]:
    """The votes on the turns of the truth, from sound of 16 kHz; `agent` None mixes it down to one channel."""
    if agent is None:
        channels = [np.mean(channels, axis=0, dtype=np.float32)]
    sides = {Role.AGENT: agent or 0, Role.CUSTOMER: 0 if agent is None else 1 - agent}
    turns = with_delivery(_turns(truth), channels, sides)
    transcript = Transcript(turns=turns, engine="truth", duration_ms=len(channels[0]) // 16, one_channel=agent is None)
    votes = voice_votes(turns, measure(transcript, channel=Channel.VOICE))
    return [Judged(*each) for each in zip(turns, raised, votes, strict=True)]


def _turns(truth: Truth) -> tuple[Turn, ...]:
    turns = []
    for index, said in enumerate(truth["turns"]):
        words: list[Word] = []
        at = 0
        for word in said["words"]:
            start = said["text"].index(word["text"], at)
            at = start + len(word["text"])
            words.append(Word(word["text"], word["start_ms"], word["end_ms"], 1.0, start, at))
        turns.append(Turn(index, Role(said["role"]), said["text"], said["start_ms"], said["end_ms"], tuple(words)))
    return tuple(turns)


def _with_effort(scene: Scene) -> Scene:
    draw = np.random.default_rng(seed(scene.header.call_id, "effort"))

    def played(utterance: Utterance) -> Utterance:
        effort_db = float(draw.choice(EFFORTS_DB))
        utterance = replace(utterance, overlap_ms=0)
        if draw.integers(ONE_IN) or utterance.gain_db or utterance.pitch_steps:
            return utterance
        return replace(utterance, gain_db=effort_db, pitch_steps=round(effort_db * STEPS_PER_DB), rate_factor=FASTER)

    script = tuple(played(item) if isinstance(item, Utterance) else item for item in scene.script)
    return replace(scene, script=script)


def _shared_ms(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> int:
    return sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in others)


def _of_one_person(path: Path, spans: Iterable[tuple[int, int]]) -> list[Judged]:
    audio = read_audio(path).channels[0][:]
    fit = [(start, end) for start, end in spans if end - start >= LEAST_MS and end <= len(audio) // 16]
    word = [Word("字", start, end, 1.0, 0, 1) for start, end in fit]
    turns = [Turn(n, Role.CUSTOMER, "字", w.start_ms, w.end_ms, (w,)) for n, w in enumerate(word)]
    heard = [t for t in with_delivery(turns, [audio], {Role.CUSTOMER: 0}) if t.level_dbfs and t.pitch_hz]
    if len(heard) < 3:
        return []
    level = np.array([t.level_dbfs for t in heard], float)
    pitch = 12 * np.log2(np.array([t.pitch_hz for t in heard], float))
    louder, higher = (tuple(map(float, values - np.median(values))) for values in (level, pitch))
    votes = voice_votes(heard, Signals(loudness_db=louder, pitch_semitones=higher))
    return [Judged(turn, raised=False, vote=vote) for turn, vote in zip(heard, votes, strict=True)]


def _phrases(path: Path) -> list[tuple[int, int]]:
    """Between pauses of 200 ms: 20 ms at a time, what is less than 25 dB below the loudest twentieth."""
    audio = read_audio(path).channels[0][:]
    level = 10 * np.log10((audio[: len(audio) // 320 * 320].reshape(-1, 320) ** 2).mean(1) + 1e-10)
    voiced = np.flatnonzero(level > np.percentile(level, 95) - 25)
    cuts = np.flatnonzero(np.diff(voiced) > 10)
    return [(int(stretch[0]) * 20, int(stretch[-1] + 1) * 20) for stretch in np.split(voiced, cuts + 1)]
