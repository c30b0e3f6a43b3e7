"""Speech with known times, over lines of known quality."""

from __future__ import annotations

import ctypes.util

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.errors import InputError
from training.voice import RATE_HZ, VARIANTS_SEEN, VARIANTS_UNSEEN, Voice, speak
from training.voice.channel import QUALITIES, degrade
from training.voice.sounds import busy_tone, dialled_keys, hold_music, noise, ring_tone

needs_espeak = pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="espeak-ng is not installed")
LINE = "您好\uff0c请拨打#12315\uff0c或者用APP\u3002"


@needs_espeak
def test_every_character_has_its_time_in_order() -> None:
    speech = speak(LINE, Voice("f2", 165, 50))
    assert [piece.text for piece in speech.pieces] == [*"您好请拨打12315或者用", "APP"]
    edges = [ms for piece in speech.pieces for ms in (piece.start_ms, piece.end_ms)]
    assert edges == sorted(edges)
    assert edges[0] == 0
    assert edges[-1] == len(speech.samples) / RATE_HZ * 1000
    assert all(50 <= piece.end_ms - piece.start_ms <= 1500 for piece in speech.pieces)


@needs_espeak
def test_faster_speech_is_shorter() -> None:
    slow, fast = (len(speak(LINE, Voice("m3", wpm, 40)).samples) for wpm in (140, 250))
    assert fast < 0.75 * slow


@needs_espeak
def test_every_variant_speaks() -> None:
    assert not set(VARIANTS_SEEN) & set(VARIANTS_UNSEEN)
    for variant in (*VARIANTS_SEEN, *VARIANTS_UNSEEN):
        assert len(speak("好的", Voice(variant, 170, 50)).samples) > 0.2 * RATE_HZ, variant


@needs_espeak
def test_an_unknown_variant_is_named() -> None:
    with pytest.raises(InputError, match="nobody"):
        speak("好的", Voice("nobody", 170, 50))


@needs_espeak
def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is said"):
        speak("\uff0c\u3002", Voice("", 170, 50))


def voiced(seconds: float = 4.0) -> NDArray[np.float64]:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 300 * time_s) * (time_s % 1 < 0.6)
    return np.stack([tone, np.zeros_like(tone)])


def test_a_line_is_the_same_each_time_and_worse_lines_change_more() -> None:
    clean = voiced()
    changed = []
    for quality in QUALITIES:
        heard = degrade(clean, quality, seed=3)
        assert heard.shape == clean.shape
        assert np.abs(heard).max() <= 1.01
        assert np.array_equal(heard, degrade(clean, quality, seed=3))
        pauses = clean[0] == 0
        changed.append(float(np.sqrt(np.mean(np.square(heard[0][pauses])))))
    assert changed == sorted(changed)


def test_one_side_is_heard_faintly_on_the_other() -> None:
    heard = degrade(voiced(), "poor", seed=5)
    speaking = voiced()[0] != 0
    over_db = 20 * np.log10(np.std(heard[0][speaking]) / np.std(heard[1][speaking]))
    assert 8 < over_db < 30


def test_a_ring_tone_rings_one_second_in_five() -> None:
    ring = ring_tone(10)
    assert np.abs(ring[:RATE_HZ]).max() > 0.1
    assert np.abs(ring[RATE_HZ : 5 * RATE_HZ]).max() == 0
    assert np.abs(ring[5 * RATE_HZ : 6 * RATE_HZ]).max() > 0.1


def test_a_busy_tone_is_on_and_off_for_as_long() -> None:
    busy = busy_tone(7)
    on = [np.abs(busy[n * 2800 : (n + 1) * 2800]).max() > 0.1 for n in range(20)]
    assert on == [True, False] * 10


def test_a_dialled_key_is_two_tones_and_no_more() -> None:
    keys = dialled_keys(60, 3)
    sounding = np.flatnonzero(np.abs(keys[: 10 * RATE_HZ]) > 0.01)
    first = sounding[0]
    spectrum = np.abs(np.fft.rfft(keys[first : first + 400], 8000))
    loudest = [int(hz) for hz in np.argsort(spectrum)[::-1] if spectrum[hz] > spectrum.max() / 2]
    low, high = min(loudest), max(loudest)
    assert min(abs(low - hz) for hz in (697, 770, 852, 941)) < 30
    assert min(abs(high - hz) for hz in (1209, 1336, 1477)) < 30
    assert 0.02 < np.mean(np.abs(keys) > 0.01) < 0.6


@pytest.mark.parametrize("make", [hold_music, noise, dialled_keys])
def test_sounds_differ_by_their_seed_and_have_their_length(make) -> None:  # type: ignore[no-untyped-def]
    one, again, other = make(2.5, 1), make(2.5, 1), make(2.5, 2)
    assert len(one) == 2.5 * RATE_HZ
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert 0.05 < np.abs(one).max() <= 1
    assert len(make(0, 1)) == 0
