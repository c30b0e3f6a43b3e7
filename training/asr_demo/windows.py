"""Windows of telephone speech, or of no speech, as the recogniser is given them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from training.voice import RATE_HZ, Piece, Voice, speak
from training.voice.channel import Quality, degrade
from training.voice.reading import written
from training.voice.sounds import hold_music, noise, ring_tone

Signal = NDArray[np.float64]

LONGEST_S = 29.0
_MS = RATE_HZ // 1000
_WPM = (130, 265)
_PITCH = (20, 75)
_LEVEL_DB = (-18.0, 8.0)
_QUALITIES: tuple[Quality, ...] = ("good", "good", "fair", "fair", "poor")
_TARGETS_S = ((0.62, 0.0), (0.83, 8.0), (0.93, 18.0), (1.0, 28.0))
"""Up to what share of the windows how many seconds are filled with further lines: 62 % hold a single one."""
_SPACIOUS_TARGETS_S = ((0.1, 0.0), (0.4, 8.0), (0.7, 18.0), (1.0, 28.0))
_SILENT_SHARE, _SPACIOUS_SILENT_SHARE = 0.04, 0.15
_PAUSES_S = ((0.1, 0.6), (0.3, 2.5))
_SPACIOUS_PAUSES_S = ((0.1, 0.6), (0.3, 2.5), (1.0, 5.0), (2.5, 9.0))
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A line within a window: what is written and what sounds, each with its start and end in ms of the window.

    `sounds` are pinyin with tone, letters or English words.
    """

    characters: tuple[tuple[str, int, int], ...]
    sounds: tuple[tuple[str, int, int], ...]

    @property
    def text(self) -> str:
        return "".join(char for char, _, _ in self.characters)


@dataclass(frozen=True, slots=True)
class Window:
    """16 kHz mono float32 audio of at most `LONGEST_S`, what is said in it, and on what line."""

    audio: NDArray[np.float32]
    said: tuple[Said, ...]
    quality: Quality


def make_window(
    draw_text: Callable[[random.Random], str],
    variants: Sequence[str],
    generator: random.Random,
    *,
    quality: Quality | None = None,
    lines: int | None = None,
    spacious: bool = False,
) -> Window:
    """A window in one voice; `lines` fixes how many lines it holds, else that is drawn (and may be none).

    `spacious` windows are mostly long, with pauses of up to 9 s, and more of them hold no speech.

    `draw_text` gives a line in the written form of `training.voice.reading`.
    """
    line = generator.choice(_QUALITIES) if quality is None else quality
    if lines is None and generator.random() < (_SPACIOUS_SILENT_SHARE if spacious else _SILENT_SHARE):
        return Window(_heard(_without_speech(generator), line, generator), (), line)
    voice = Voice(generator.choice(variants), generator.randint(*_WPM), generator.randint(*_PITCH))
    share = generator.random()
    targets_s = _SPACIOUS_TARGETS_S if spacious else _TARGETS_S
    target_s = 0.0 if lines else next(seconds for up_to, seconds in targets_s if share <= up_to)
    parts: list[Signal] = [np.zeros(round(generator.uniform(0.05, 0.7) * RATE_HZ))]
    said: list[Said] = []
    length = len(parts[0])
    while True:
        speech = _speak(draw_text, voice, generator)
        sound = speech[0] * 10 ** (generator.uniform(*_LEVEL_DB) / 20 if not said else 0)
        pause = np.zeros(round(_pause_s(generator, spacious=spacious) * RATE_HZ))
        if said and length + len(sound) > LONGEST_S * RATE_HZ:
            break
        if length + len(sound) > LONGEST_S * RATE_HZ:
            continue
        said.append(_said([piece.shifted(length // _MS) for piece in speech[1]]))
        parts += [sound, pause]
        length += len(sound) + len(pause)
        if length > target_s * RATE_HZ and (not lines or len(said) >= lines):
            break
    signal = np.concatenate(parts)[: round(LONGEST_S * RATE_HZ)]
    return Window(_heard(signal, line, generator, draw_text, variants), tuple(said), line)


def _pause_s(generator: random.Random, *, spacious: bool) -> float:
    return generator.choice([generator.uniform(*span) for span in (_SPACIOUS_PAUSES_S if spacious else _PAUSES_S)])


def _speak(
    draw_text: Callable[[random.Random], str], voice: Voice, generator: random.Random
) -> tuple[Signal, tuple[Piece, ...]]:
    for _ in range(_TRIES):
        try:
            speech = speak(draw_text(generator), voice)
        except ValueError:  # a character of a general sentence without a reading
            continue
        return speech.samples.astype(np.float64), speech.pieces
    raise ValueError(f"{_TRIES} texts in a row cannot be read aloud")


def _said(pieces: Sequence[Piece]) -> Said:
    characters = []
    for piece in pieces:
        text = written(piece.text)
        step = (piece.end_ms - piece.start_ms) / len(text)
        edges = [piece.start_ms + round(step * i) for i in range(len(text) + 1)]
        characters += list(zip(text, edges, edges[1:], strict=False))
    sounds = (sound for piece in pieces for sound in piece.sounds)
    return Said(tuple(characters), tuple((sound.text, sound.start_ms, sound.end_ms) for sound in sounds))


def _without_speech(generator: random.Random) -> Signal:
    seconds = generator.uniform(0.5, LONGEST_S)
    seed = generator.getrandbits(32)
    kind = generator.random()
    if kind < 0.4:
        return hold_music(seconds, seed).astype(np.float64) * 10 ** (generator.uniform(-15, 3) / 20)
    if kind < 0.65:
        return noise(seconds, seed).astype(np.float64) * 10 ** (generator.uniform(-40, 3) / 20)
    if kind < 0.8:
        return ring_tone(seconds).astype(np.float64)
    return np.zeros(round(seconds * RATE_HZ))


def _heard(
    signal: Signal,
    quality: Quality,
    generator: random.Random,
    draw_text: Callable[[random.Random], str] | None = None,
    variants: Sequence[str] = (),
) -> NDArray[np.float32]:
    """Over the line, with the other speaker on the other channel now and then, at the recogniser's 16 kHz."""
    channels = [signal]
    if draw_text and generator.random() < 0.3:
        other = Voice(generator.choice(variants), generator.randint(*_WPM), generator.randint(*_PITCH))
        sound, _ = _speak(draw_text, other, generator)
        place = generator.randint(0, max(0, len(signal) - len(sound)))
        beside = np.zeros(len(signal))
        beside[place : place + len(sound)] += sound[: len(signal) - place]
        channels.append(beside)
    heard = degrade(np.stack(channels), quality, generator.getrandbits(32))[0]
    return np.asarray(resample_poly(heard, 2, 1), dtype=np.float32)
