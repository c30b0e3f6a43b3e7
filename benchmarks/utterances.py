"""The utterances of a recording, each with its sound and the times of its words, to be said at another time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.transcript import Role
from training.voice.reading import read_aloud

Signal = NDArray[np.float64]

HZ, SAMPLES_PER_MS = 8_000, 8
ACKNOWLEDGED = ("嗯嗯", "嗯", "对对", "对", "好的", "好", "哦", "是的", "行")
"""What a listener says to show that he listens."""

_EDGE_MS = 60


@dataclass(frozen=True, slots=True)
class Utterance:
    """An utterance as it was recorded: its words with their times from its start, and their syllables.

    `pauses`: behind which words a mark stands, so that the speaker pauses before the word's end by the truth.
    """

    role: Role
    words: tuple[tuple[str, int, int, int], ...]
    pauses: frozenset[int]
    sound: Signal

    @property
    def length_ms(self) -> int:
        return self.words[-1][2]

    def cut(self, after_ms: int) -> Utterance:
        """Broken off behind the first word that ends then or later, and behind which there is no pause."""
        ends = (n for n, word in enumerate(self.words) if word[2] >= after_ms and n not in self.pauses)
        return replace(self, words=self.words[: next(ends, len(self.words) - 1) + 1])

    def samples(self) -> Signal:
        cut = self.sound[: self.length_ms * SAMPLES_PER_MS].copy()
        cut[-40:] *= np.linspace(1, 0, 40)
        return cut


def utterances_of(turns: list[dict[str, Any]], texts: list[str], sides: Mapping[Role, Signal]) -> list[Utterance]:
    """Those over which the other does not speak, in order."""
    found: list[Utterance] = []
    for index, (turn, text) in enumerate(zip(turns, texts, strict=True)):
        beside = [t for i, t in enumerate(turns) if i != index]
        if any(t["start_ms"] < turn["end_ms"] and turn["start_ms"] < t["end_ms"] for t in beside):
            continue
        role, start_ms, end_ms = Role(turn["role"]), turn["start_ms"], turn["end_ms"]
        readings = read_aloud(text)
        spoken = [reading for reading in readings if reading.sounds]
        syllables = [1 if reading.latin else len(reading.sounds) for reading in spoken]
        marked = (n for n, (reading, after) in enumerate(pairwise(readings)) if reading.sounds and after.pause)
        at = {index: n for n, index in enumerate(i for i, reading in enumerate(readings) if reading.sounds)}
        words = tuple(
            (w["text"], w["start_ms"] - start_ms, w["end_ms"] - start_ms, count)
            for w, count in zip(turn["words"], syllables, strict=True)
        )
        sound = sides[role][start_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]
        found.append(Utterance(role, words, frozenset(at[index] for index in marked), sound))
    return found


def nods_of(utterances: list[Utterance], role: Role) -> list[Utterance]:
    """What a role says to show that it listens, cut out of where it says so, pauses, and goes on."""
    found = []
    for utterance in utterances:
        text = "".join(w[0] for w in utterance.words)
        said = next((a for a in ACKNOWLEDGED if text.startswith(a) and len(a) - 1 in utterance.pauses), None)
        if utterance.role is role and said is not None:
            *words, last = utterance.words[: len(said)]
            end_ms = min(last[2], _audible_ms(utterance.sound, last[2]))
            if end_ms > last[1]:
                found.append(replace(utterance, words=(*words, (last[0], last[1], end_ms, last[3]))))
    return found


def _audible_ms(sound: Signal, until_ms: int) -> int:
    """The end of the last 10 ms before `until_ms` that are no softer than the loudest by 20 dB."""
    frame = 10 * SAMPLES_PER_MS
    part = sound[: until_ms * SAMPLES_PER_MS // frame * frame].reshape(-1, frame)
    power = np.square(part).mean(1)
    return int(np.flatnonzero(power >= power.max() / 100)[-1] + 1) * 10


def quiet_line(turns: list[dict[str, Any]], side: Signal, duration_ms: int) -> Signal:
    """The side's own line with nobody speaking, as long as needed: what lies in the usual gaps between turns."""
    parts = []
    spans = sorted((t["start_ms"], t["end_ms"]) for t in turns)
    until_ms = 0
    for start_ms, end_ms in spans:
        if until_ms and 300 <= start_ms - until_ms <= 900:
            parts.append(side[(until_ms + _EDGE_MS) * SAMPLES_PER_MS : (start_ms - _EDGE_MS) * SAMPLES_PER_MS])
        until_ms = max(until_ms, end_ms)
    quiet = np.concatenate(parts)
    samples = duration_ms * SAMPLES_PER_MS
    return np.tile(quiet, samples // len(quiet) + 1)[:samples].copy()
