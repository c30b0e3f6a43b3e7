"""Conversations put together from the fixtures' speech, so that every start and end in them is known.

The utterances of one stereo recording, in their order, are laid on two channels of that recording's own line noise,
with new pauses and overlaps. How they are drawn is stated below. No set at hand has the times of real calls (FOSAED has
none), so the lengths follow what is published on talk, roughly: gaps between speakers of about 200 ms (Stivers et al.
2009, PNAS 106; Levinson & Torreira 2015, Frontiers in Psychology 6:731, partly on telephone talk), about a third of the
changes of speaker overlapping (the same; Heldner & Edlund 2010, Journal of Phonetics 38), most of them briefly. None of
these studies is of Mandarin or of contact centres. Long silences, interruptions and 嗯 are drawn far more often than
people make them, so that there are enough to count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from benchmarks.recordings import recorded
from benchmarks.utterances import HZ, SAMPLES_PER_MS, Signal, Utterance, nods_of, quiet_line, utterances_of
from pipeline.domain.call import Call
from pipeline.domain.signals import OverlapKind
from pipeline.domain.transcript import Role
from pipeline.transcribe.engine import SAMPLE_RATE_HZ
from pipeline.transcribe.sound.audio import read_audio
from training.make_fixtures.__main__ import all_scenes, read_scenes
from training.make_fixtures.recording import write_recording
from training.make_fixtures.timing import seed
from training.voice.channel import QUALITIES
from training.voice.sounds import hold_music

MANNERS: Mapping[str, float] = {"gap": 0.36, "early": 0.14, "interruption": 0.24, "simultaneous": 0.06, "silence": 0.2}
"""How often the next utterance begins in which manner."""
GAP_MS, GAP_SPREAD = 250, 0.7
EARLY_MS, EARLY_SPREAD, EARLY_MOST_MS = 150, 0.6, 350
SILENCE_MS, SILENCE_SPREAD = (3_000, 0.8)
"""Medians and spreads of log-normal lengths."""
LISTENED = 0.4
"""The share of utterances of four seconds and more into which the listener says 嗯 or the like."""
MUSIC = 0.4
"""The share of silences of six seconds and more in which music is played."""

_LEAST_HELD_MS, _LISTENED_FROM_MS = 1_500, 4_000
_CUT_AFTER_MS = (700, 1_600)
"""How long one who is interrupted goes on."""
_MARK_MS = 500
"""Who begins so soon behind a mark takes it for the end."""
_TRIES = 40
_PAUSED_MS = 300
_QUIET_BEFORE_MS = 1_000
"""Who has just been interrupted and goes on has not stopped."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is heard of an utterance, on its role's side. `syllables`: as spoken, with words in other scripts as one."""

    role: Role
    text: str
    start_ms: int
    end_ms: int
    syllables: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """Two speak at once in `[start_ms, end_ms)`; `by` is who begins later."""

    kind: OverlapKind
    by: Role
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A recording's path, the call to transcribe it by, and what is true of it."""

    call: Call
    path: Path
    quality: str
    said: tuple[Said, ...]
    overlaps: tuple[Spoken, ...]
    music: tuple[tuple[int, int], ...]
    duration_ms: int

    def silences(self, least_ms: int) -> list[tuple[int, int]]:
        """When nobody speaks for at least that long, the recording's edges included."""
        quiet: list[tuple[int, int]] = []
        until_ms = 0
        for said in sorted(self.said, key=lambda s: s.start_ms):
            if said.start_ms - until_ms >= least_ms:
                quiet.append((until_ms, said.start_ms))
            until_ms = max(until_ms, said.end_ms)
        return [*quiet, (until_ms, self.duration_ms)] if self.duration_ms - until_ms >= least_ms else quiet


@dataclass(slots=True)
class _Stage:
    """What was placed so far."""

    draw: np.random.Generator
    placed: list[tuple[Utterance, int]] = field(default_factory=list)
    overlaps: list[Spoken] = field(default_factory=list)
    music: list[tuple[int, int]] = field(default_factory=list)

    def end_ms(self, role: Role | None = None) -> int:
        """When everybody, or one role, is silent."""
        return max((at + u.length_ms for u, at in self.placed if role in (None, u.role)), default=0)

    def lognormal(self, median_ms: int, spread: float) -> int:
        return round(float(self.draw.lognormal(np.log(median_ms), spread)))


def conversations(folder: Path) -> Iterator[Conversation]:
    """One for each stereo recording of the fixtures with enough to say, written into `folder` as WAV of 8 kHz."""
    scenes = {scene.header.call_id: scene for scene in read_scenes(all_scenes())}
    for one in recorded():
        call, path = one.call, one.call.audio_path
        assert path is not None
        truth = json.loads((path.parent / "truth" / f"{call.call_id}.json").read_text(encoding="utf-8"))
        if truth["mono"]:
            continue
        channels = [resample_poly(c[:].astype(np.float64), 1, SAMPLE_RATE_HZ // HZ) for c in read_audio(path).channels]
        agent = call.agent_channel or 0
        sides = {Role.AGENT: channels[agent], Role.CUSTOMER: channels[1 - agent]}
        texts = [utterance.text for utterance in scenes[call.call_id].utterances]
        yield _conversation(call, truth, sides, texts, folder)


def _conversation(
    call: Call, truth: Mapping[str, Any], sides: Mapping[Role, Signal], texts: list[str], folder: Path
) -> Conversation:
    stage = _Stage(np.random.default_rng(seed(call.call_id, "conversation")))
    utterances = utterances_of(truth["turns"], texts, sides)
    nods = {role: nods_of(utterances, role) for role in sides}
    for utterance in utterances:
        _place(stage, utterance)
    _listen(stage, nods)
    duration_ms = stage.end_ms() + 700
    sound = {role: quiet_line(truth["turns"], side, duration_ms) for role, side in sides.items()}
    for utterance, at_ms in stage.placed:
        samples = utterance.samples()
        sound[utterance.role][at_ms * SAMPLES_PER_MS :][: len(samples)] = samples
    for number, (start_ms, end_ms) in enumerate(stage.music):
        tune = hold_music((end_ms - start_ms) / 1000, seed(call.call_id, f"hold {number}"))
        sound[Role.AGENT][start_ms * SAMPLES_PER_MS :][: len(tune)] += tune
    leak = 10 ** (QUALITIES[truth["quality"]].crosstalk_db.draw(stage.draw) / 20)
    both = [sound[Role.AGENT] + leak * sound[Role.CUSTOMER], sound[Role.CUSTOMER] + leak * sound[Role.AGENT]]
    path = folder / f"{call.call_id}.wav"
    agent = call.agent_channel or 0
    write_recording(path, np.stack(both if agent == 0 else both[::-1]), format="wav")
    return Conversation(
        call=replace(call, audio_path=path, content_hash=f"conversation {call.call_id}"),
        path=path,
        quality=truth["quality"],
        said=tuple(
            Said(u.role, "".join(w[0] for w in u.words), at, at + u.length_ms, sum(w[3] for w in u.words))
            for u, at in sorted(stage.placed, key=lambda placed: placed[1])
        ),
        overlaps=tuple(sorted(stage.overlaps, key=lambda o: o.start_ms)),
        music=tuple(stage.music),
        duration_ms=duration_ms,
    )


def _place(stage: _Stage, utterance: Utterance) -> None:
    """Lay the next utterance behind, or over, what was placed last."""
    end_ms = stage.end_ms()
    if not stage.placed:
        stage.placed.append((utterance, 700))
        return
    last, last_ms = stage.placed[-1]
    manner = str(stage.draw.choice(list(MANNERS), p=list(MANNERS.values())))
    if last.role is utterance.role or last_ms + last.length_ms < end_ms:
        manner = "silence" if manner == "silence" else "gap"
    at_ms = end_ms + min(max(stage.lognormal(GAP_MS, GAP_SPREAD), 80), 800)
    match manner:
        case "early":
            overlap_ms = min(stage.lognormal(EARLY_MS, EARLY_SPREAD), EARLY_MOST_MS)
            if min(last.length_ms, utterance.length_ms) > overlap_ms + 600:
                at_ms = end_ms - overlap_ms
                stage.overlaps.append(Spoken(OverlapKind.TURN_CHANGE, utterance.role, at_ms, end_ms))
        case "interruption":
            at_ms = _interrupt(stage, utterance) or at_ms
        case "simultaneous":
            at_ms = _start_together(stage, utterance) or at_ms
        case "silence":
            length_ms = min(1_000 + stage.lognormal(SILENCE_MS, SILENCE_SPREAD), 30_000)
            at_ms = end_ms + length_ms
            if length_ms >= 6_000 and stage.draw.random() < MUSIC:
                stage.music.append((end_ms + 500, at_ms - 500))
    stage.placed.append((utterance, at_ms))


def _interrupt(stage: _Stage, utterance: Utterance) -> int | None:
    """Begin in the middle of a phrase of the last speaker's, who then breaks off; None where there is no such place."""
    last, last_ms = stage.placed[-1]
    for _ in range(_TRIES):
        on_ms = int(stage.draw.integers(*_CUT_AFTER_MS))
        room_ms = last.length_ms - on_ms
        if room_ms < _LEAST_HELD_MS or utterance.length_ms < on_ms + 1_200:
            continue
        held_ms = int(stage.draw.integers(_LEAST_HELD_MS, room_ms + 1))
        at_ms = last_ms + held_ms
        cut = last.cut(held_ms + on_ms)
        marked = any(held_ms - _MARK_MS < last.words[n][2] <= cut.length_ms for n in last.pauses)
        just_spoke = at_ms - stage.end_ms(utterance.role) < _QUIET_BEFORE_MS
        if marked or just_spoke or last_ms + cut.length_ms + 600 > at_ms + utterance.length_ms:
            continue
        stage.placed[-1] = (cut, last_ms)
        stage.overlaps.append(Spoken(OverlapKind.INTERRUPTION, utterance.role, at_ms, last_ms + cut.length_ms))
        return at_ms
    return None


def _start_together(stage: _Stage, utterance: Utterance) -> int | None:
    """Begin just when the last speaker begins, after a gap, who then yields; None where there is no room."""
    last, last_ms = stage.placed[-1]
    before_ms = max((at + u.length_ms for u, at in stage.placed[:-1]), default=0)
    yields_ms = int(stage.draw.integers(600, 1_100))
    if last_ms - before_ms < _PAUSED_MS or last.length_ms < yields_ms + 300 or utterance.length_ms < yields_ms + 1_200:
        return None
    cut = last.cut(yields_ms)
    at_ms = last_ms + int(stage.draw.integers(0, 121))
    stage.placed[-1] = (cut, last_ms)
    stage.overlaps.append(Spoken(OverlapKind.SIMULTANEOUS, utterance.role, at_ms, last_ms + cut.length_ms))
    return at_ms


def _listen(stage: _Stage, nods: Mapping[Role, list[Utterance]]) -> None:
    """The listener's 嗯 into long utterances, away from everything else that the listener says."""
    other = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}
    for utterance, at_ms in list(stage.placed):
        own = nods[other[utterance.role]]
        if not own or utterance.length_ms < _LISTENED_FROM_MS or stage.draw.random() > LISTENED:
            continue
        nod = own[int(stage.draw.integers(len(own)))]
        start_ms = at_ms + int(stage.draw.integers(1_200, utterance.length_ms - nod.length_ms - 1_200))
        mine = [(at, at + u.length_ms) for u, at in stage.placed if u.role is nod.role]
        if all(end + 900 <= start_ms or start_ms + nod.length_ms + 900 <= start for start, end in mine):
            stage.placed.append((nod, start_ms))
            stage.overlaps.append(Spoken(OverlapKind.BACK_CHANNEL, nod.role, start_ms, start_ms + nod.length_ms))
