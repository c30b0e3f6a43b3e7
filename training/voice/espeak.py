"""espeak-ng through its library, which tells when each syllable begins; the command line does not."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from pipeline.domain.errors import InputError, Problem, ProblemCode
from training.voice.reading import Reading, read_aloud
from training.voice.variants import VARIANTS_SEEN, VARIANTS_UNSEEN

Samples = NDArray[np.float32]

RATE_HZ = 8_000
_ESPEAK_RATE_HZ = 22_050
_SAMPLES_PER_MS = RATE_HZ // 1000
_MANDARIN = "cmn-latn-pinyin"
"""espeak-ng's `cmn` misreads characters; its pinyin voice, fed with tone numbers, does not."""
_AUDIBLE = 0.003
_PEAK = 0.35
"""A turn's highest sample, so that a loud one (7 dB more) still fits."""
_SYNCHRONOUS, _UTF8, _END_PAUSE = 2, 1, 0x1000
_RATE, _PITCH = 1, 3
_WORD = 1
_LIST_END = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """espeak-ng's voice variant (empty for the plain one), words per minute (80 to 300), pitch 0 to 99."""

    variant: str
    wpm: int
    pitch: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A syllable (pinyin with a tone number), a letter or an English word: half-open, from the start of the samples."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A written character, number or Latin word, and what is said for it, at least one sound."""

    text: str
    sounds: tuple[Sound, ...]

    @property
    def start_ms(self) -> int:
        return self.sounds[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.sounds[-1].end_ms

    def shifted(self, by_ms: int) -> Piece:
        """The same, said that much later."""
        return Piece(self.text, tuple(Sound(s.text, s.start_ms + by_ms, s.end_ms + by_ms) for s in self.sounds))


@dataclass(frozen=True, slots=True)
class Speech:
    """Mono 8 kHz float32 samples, trimmed to what can be heard, whole milliseconds long, and what is said in them."""

    samples: Samples
    pieces: tuple[Piece, ...]


def require_espeak() -> None:
    """Raises InputError when espeak-ng is not installed."""
    if ctypes.util.find_library("espeak-ng") is None:
        raise InputError(
            Problem(
                code=ProblemCode.MODEL_UNAVAILABLE,
                what="找不到语音合成程序 espeak-ng",
                remedy="请先安装,例如 apt-get install espeak-ng",
            )
        )


def speak(text: str, voice: Voice) -> Speech:
    """`text` (see `training.voice.reading`) in a voice.

    Raises:
        InputError: espeak-ng is not installed, or does not know the variant.
        ValueError: a character has no reading, or nothing in the text is said.
    """
    readings: list[Reading] = []
    starts: list[float] = []
    parts: list[Samples] = []
    offset = 0
    for latin, run in groupby(_with_pauses(read_aloud(text)), key=lambda piece: piece[0].latin):
        said = list(run)
        spoken, begun = _synthesise(said, voice, latin=latin)
        samples, cut = _trim(spoken)
        readings += [reading for reading, _ in said]
        starts += [offset + start - cut for start in begun]
        parts.append(samples)
        offset += len(samples)
    if not offset:
        raise ValueError(f"nothing is said in “{text}”")
    return _finish(np.concatenate(parts), readings, starts)


def _with_pauses(readings: tuple[Reading, ...]) -> Iterator[tuple[Reading, str]]:
    """What is said, each with the punctuation that follows it."""
    said: Reading | None = None
    pause = ""
    for reading in readings:
        if reading.sounds:
            if said:
                yield said, pause
            said, pause = reading, ""
        else:
            pause = reading.pause or pause
    if said:
        yield said, pause


def _synthesise(run: list[tuple[Reading, str]], voice: Voice, *, latin: bool) -> tuple[Samples, list[int]]:
    """Samples at espeak-ng's rate, and the sample at which each sound begins."""
    text = " ".join(" ".join(reading.sounds) + pause for reading, pause in run)
    library = _espeak()
    _set_voice("en" if latin else _MANDARIN, voice.variant)
    library.espeak_SetParameter(_RATE, voice.wpm, 0)
    library.espeak_SetParameter(_PITCH, voice.pitch, 0)
    _heard.clear()
    _begun.clear()
    raw = text.encode()
    library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8 | _END_PAUSE, None, None)
    samples = np.concatenate([np.zeros(0, np.int16), *_heard]).astype(np.float32) / np.float32(32768)
    at: dict[int, int] = {}
    for position, sample in _begun:
        at.setdefault(position, sample)
    starts: list[int] = []
    position = 1  # espeak-ng counts characters from 1
    latest = 0
    for reading, pause in run:
        for sound in reading.sounds:
            latest = max(latest, at.get(position, latest))
            starts.append(latest)
            position += len(sound) + 1
        position += len(pause)
    return samples, starts


def _trim(spoken: Samples) -> tuple[Samples, int]:
    audible = np.flatnonzero(np.abs(spoken) > _AUDIBLE)
    if not audible.size:
        return spoken[:0], 0
    return spoken[audible[0] : audible[-1] + 1], int(audible[0])


def _finish(spoken: Samples, readings: Sequence[Reading], starts: Sequence[float]) -> Speech:
    narrow = np.asarray(resample_poly(spoken, RATE_HZ, _ESPEAK_RATE_HZ), dtype=np.float32)
    narrow *= np.float32(_PEAK / float(np.abs(narrow).max()))
    samples = np.pad(narrow, (0, -len(narrow) % _SAMPLES_PER_MS))
    last_ms = len(samples) // _SAMPLES_PER_MS
    edges = [min(max(round(start / _ESPEAK_RATE_HZ * 1000), 0), last_ms) for start in starts] + [last_ms]
    spans = iter([(start, max(start, end)) for start, end in pairwise(edges)])
    pieces = tuple(Piece(r.text, tuple(Sound(sound, *next(spans)) for sound in r.sounds)) for r in readings)
    return Speech(samples, pieces)


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_heard: list[NDArray[np.int16]] = []
_begun: list[tuple[int, int]] = []

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def _receive(wave: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
    if wave and count > 0:
        _heard.append(np.ctypeslib.as_array(wave, (count,)).copy())
    index = 0
    while (event := events[index]).type != _LIST_END:
        if event.type == _WORD:
            _begun.append((event.text_position, event.sample))
        index += 1
    return 0


_receiver = _CALLBACK(_receive)


@cache
def _espeak() -> ctypes.CDLL:
    require_espeak()
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng"))
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
    if rate != _ESPEAK_RATE_HZ:
        raise InputError(
            Problem(
                code=ProblemCode.MODEL_UNAVAILABLE,
                what=f"espeak-ng 不能启动,或采样率不是 {_ESPEAK_RATE_HZ}({rate})",
                remedy="请重新安装 espeak-ng 1.51 或更新的版本",
            )
        )
    library.espeak_SetSynthCallback(_receiver)
    return library


def _set_voice(language: str, variant: str) -> None:
    # espeak-ng takes the plain voice for a variant that it does not know, so the names are checked here.
    name = f"{language}+{variant}" if variant else language
    known = variant in VARIANTS_SEEN or variant in VARIANTS_UNSEEN
    if not known or _espeak().espeak_SetVoiceByName(name.encode()) != 0:
        raise InputError(
            Problem(
                code=ProblemCode.BAD_VALUE,
                what=f"没有声音“{variant}”",
                remedy="可用的声音见 training/voice/variants.py",
            )
        )
