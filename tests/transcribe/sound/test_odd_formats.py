"""Formats as recorders really write them, and real clips where they are at hand."""

from __future__ import annotations

import csv
import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

import pipeline
from pipeline.domain.errors import AudioError
from pipeline.transcribe.sound.audio import read_audio

from ..conftest import RATE_HZ, encode, tone

Save = Callable[[bytes], Path]

CLIPS = Path(pipeline.__file__).parents[2] / "shared" / "data" / "audio"

PCM, FLOAT, A_LAW, MU_LAW, GSM, EXTENSIBLE = 1, 3, 6, 7, 0x31, 0xFFFE
BIT_RATES = {"g726": 32_000, "libopencore_amrnb": 12_200}
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav(tag: int, body: bytes, *, channels: int = 1, rate_hz: int = 8000, bits: int = 16, extra: bytes = b"") -> bytes:
    """A WAV file with a header written by hand."""
    align = 65 if tag == GSM else channels * bits // 8
    per_second = 1625 if tag == GSM else rate_hz * align
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, per_second, align, bits)
    form += struct.pack("<H", len(extra)) + extra if extra else b""
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def extensible(tag: int, bits: int, valid_bits: int, mask: int) -> bytes:
    """The end of a WAVE_FORMAT_EXTENSIBLE header: the codec as a GUID, and where the channels' loudspeakers stand."""
    return struct.pack("<HIH", valid_bits, mask, tag) + _GUID_TAIL


def frequency_hz(sound: NDArray[np.float32]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * RATE_HZ / sound.size)


@pytest.mark.parametrize("codec", ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
@pytest.mark.parametrize("rate_hz", [6000, 8000, 11025, 22050, 44100, 48000, 96000])
def test_a_wav_of_any_depth_and_rate_keeps_its_length_and_pitch(codec: str, rate_hz: int, save: Save) -> None:
    recording = read_audio(save(encode([tone(2, 440, rate_hz=rate_hz)], "wav", codec, rate_hz=rate_hz)))
    sound = recording.channels[0][:]
    assert recording.duration_ms == pytest.approx(2000, abs=5)
    assert frequency_hz(sound) == pytest.approx(440, abs=1)
    assert np.abs(sound).max() == pytest.approx(0.36, abs=0.04)


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz", "sides"),
    [
        ("wav", "pcm_mulaw", 8000, 2),
        ("wav", "pcm_alaw", 8000, 2),
        ("wav", "adpcm_ms", 8000, 2),
        ("wav", "adpcm_ima_wav", 8000, 2),
        ("wav", "g726", 8000, 1),
        ("wav", "libmp3lame", 8000, 2),
        ("amr", "libopencore_amrnb", 8000, 1),
        ("3gp", "libopencore_amrnb", 8000, 1),
        ("mp2", "mp2", 16000, 2),
        ("ogg", "libopus", 48000, 2),
        ("ipod", "alac", 16000, 2),
        ("matroska", "pcm_s16le", 8000, 2),
        ("matroska", "libmp3lame", 16000, 2),
        ("mov", "pcm_s16be", 8000, 2),
        ("aiff", "pcm_s24be", 44100, 2),
        ("au", "pcm_s16be", 8000, 2),
        ("caf", "pcm_alaw", 8000, 2),
        ("flac", "flac", 96000, 2),
    ],
)
def test_a_telephone_codec_in_any_container_is_read(
    container: str, codec: str, rate_hz: int, sides: int, save: Save
) -> None:
    tones = [tone(2, 440 + 260 * side, rate_hz=rate_hz) for side in range(sides)]
    file = encode(tones, container, codec, rate_hz=rate_hz, bit_rate=BIT_RATES.get(codec, 64_000))
    recording = read_audio(save(file))
    assert recording.duration_ms == pytest.approx(2000, abs=200)  # encoders pad
    assert [round(frequency_hz(sound[:]), -1) for sound in recording.channels] == [440, 700][:sides]


def test_a_gsm_wav_is_read(save: Save) -> None:
    frames = np.random.default_rng(1).bytes(65 * 50)  # 40 ms each; every content is valid
    recording = read_audio(save(wav(GSM, frames, bits=0, extra=struct.pack("<H", 320))))
    assert recording.duration_ms == 2000


@pytest.mark.parametrize(
    ("tag", "bits", "valid_bits", "mask"),
    [(PCM, 16, 16, 0), (PCM, 16, 16, 3), (PCM, 24, 20, 0), (FLOAT, 32, 32, 3), (MU_LAW, 8, 8, 0), (A_LAW, 8, 8, 0x600)],
)
def test_an_extensible_wav_is_read_by_the_codec_inside(
    tag: int, bits: int, valid_bits: int, mask: int, save: Save
) -> None:
    body = np.random.default_rng(1).bytes(8000 * 2 * bits // 8) if tag != FLOAT else bytes(8000 * 2 * 4)
    file = wav(EXTENSIBLE, body, channels=2, bits=bits, extra=extensible(tag, bits, valid_bits, mask))
    recording = read_audio(save(file))
    assert recording.duration_ms == 1000
    assert len(recording.channels) == (1 if tag == FLOAT else 2)  # silence on both


@pytest.mark.parametrize("silent", [0, 1])
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_mulaw"])
def test_a_side_that_says_nothing_keeps_its_channel(silent: int, codec: str, save: Save) -> None:
    sides = [tone(2, 440, rate_hz=8000)] * 2
    sides[silent] = np.zeros_like(sides[silent])
    recording = read_audio(save(encode(sides, "wav", codec, rate_hz=8000)))
    loudness = [float(np.abs(sound[:]).mean()) for sound in recording.channels]
    assert len(loudness) == 2
    assert loudness[silent] < 0.001 < loudness[1 - silent]


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_one_channel_is_never_made_into_two(layout: str, save: Save) -> None:
    sides = [tone(2, 440)] * (2 if layout == "stereo" else 1)
    for container, codec in [("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("flac", "flac"), ("adts", "aac")]:
        assert len(read_audio(save(encode(sides, container, codec))).channels) == 1


@pytest.mark.skipif(
    not CLIPS.is_dir(), reason=f"no real clips beside the checkout ({CLIPS.parent.parent.name}/data/audio)"
)
def test_real_clips_have_the_channels_and_the_length_that_their_list_states() -> None:
    with (CLIPS / "manifest.csv").open(encoding="utf-8-sig", newline="") as listed:
        rows = list(csv.DictReader(listed))
    found = {row["file"]: as_read(CLIPS / row["file"]) for row in rows}
    expected = {row["file"]: None if "BROKEN" in row["note"] else as_decoded(CLIPS / row["file"], row) for row in rows}
    assert [name for name in found if not agree(found[name], expected[name])] == []
    assert None in found.values()


Shape = tuple[int, float] | None
"""Channels and seconds, None where a file cannot be read."""


def as_read(path: Path) -> Shape:
    try:
        recording = read_audio(path)
    except AudioError:
        return None
    return len(recording.channels), recording.duration_ms / 1000


def as_decoded(path: Path, row: dict[str, str]) -> Shape:
    """The listed channels and length, or those of the decoded frames; channels that differ by 1 % at most are one."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    count = frames[0].layout.nb_channels
    assert count == int(row["ch"] or count)
    samples = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(float)
    first, last = (samples[0], samples[-1]) if len(samples) == count else (samples[0, ::count], samples[0, 1::count])
    equal = count == 1 or np.square(first - last).sum() < 0.01 * np.square(first).sum()
    return (1 if equal else count), float(row["dur"] or sum(frame.samples / frame.sample_rate for frame in frames))


def agree(one: Shape, other: Shape) -> bool:
    if one is None or other is None:
        return one is other
    return one[0] == other[0] and abs(one[1] - other[1]) < 0.1
