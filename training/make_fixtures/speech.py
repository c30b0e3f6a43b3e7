"""From a line to the sound of it: pinyin, espeak-ng, 8 kHz."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin
from scipy.signal import resample_poly

from pipeline.domain.errors import InputError, Problem, ProblemCode
from training.make_fixtures.scene import Voice
from training.make_fixtures.script import Utterance

Samples = NDArray[np.float32]

RATE_HZ = 8_000
_SAMPLES_PER_MS = RATE_HZ // 1000
_ESPEAK_RATE_HZ = 22_050
_WAV_HEADER_BYTES = 44
_AUDIBLE = 0.003
_UNSPEAKABLE = {"n2": "en5"}
"""嗯 as pypinyin writes it is spelled out by espeak-ng."""
_PEAK = 0.35
"""A turn's highest sample before its mark for loudness, so that a loud one (7 dB) still fits."""


def require_espeak() -> None:
    """Raises InputError when espeak-ng is not installed."""
    if shutil.which("espeak-ng") is None:
        raise InputError(
            Problem(
                code=ProblemCode.MODEL_UNAVAILABLE,
                what="找不到语音合成程序 espeak-ng",
                remedy="请先安装,例如 apt-get install espeak-ng",
            )
        )


def speak(utterance: Utterance, voice: Voice) -> Samples:
    """The utterance at 8 kHz, trimmed to what can be heard and padded to a whole millisecond.

    espeak-ng's `cmn` voice misreads characters: its pinyin voice, fed with tone numbers, does not.
    """
    spoken = np.frombuffer(_espeak(utterance, voice)[_WAV_HEADER_BYTES:], dtype="<i2").astype(np.float32) / 32768
    audible = np.nonzero(np.abs(spoken) > _AUDIBLE)[0]
    trimmed = spoken[audible[0] : audible[-1] + 1]
    narrow = np.asarray(resample_poly(trimmed, RATE_HZ, _ESPEAK_RATE_HZ), dtype=np.float32)
    level = _PEAK / float(np.abs(narrow).max()) * 10 ** (utterance.gain_db / 20)
    return np.pad(narrow * np.float32(level), (0, -len(narrow) % _SAMPLES_PER_MS))


def length_ms(samples: Samples) -> int:
    """How long `samples` last, whole milliseconds."""
    return len(samples) // _SAMPLES_PER_MS


def at_sample(time_ms: int) -> int:
    """The first sample of a millisecond."""
    return time_ms * _SAMPLES_PER_MS


def pinyin_of(text: str) -> str:
    """What espeak-ng is given: syllables with tone numbers, punctuation kept for its pauses."""
    syllables = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(_UNSPEAKABLE.get(s, s) for s in syllables).translate(str.maketrans(",。?!、", ",.?!,"))


def _espeak(utterance: Utterance, voice: Voice) -> bytes:
    name = "cmn-latn-pinyin" + (f"+{voice.voice}" if voice.voice else "")
    wpm = round(voice.wpm * utterance.rate_factor)
    pitch = min(max(voice.pitch + utterance.pitch_steps, 0), 99)
    command = ["espeak-ng", "-v", name, "-s", str(wpm), "-p", str(pitch), "--stdout", pinyin_of(utterance.text)]
    return subprocess.run(command, capture_output=True, check=True).stdout
