"""Small recordings in every container, and seeded damage to them."""

# ruff: noqa: ARG005 - every maker of a file takes the generator, also where nothing is left to chance

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

import av
import numpy as np
from numpy.random import Generator

from ..conftest import encode, tone

SECONDS = 1.5

_ENCODED = {
    "wav": ("wav", "pcm_s16le", 8000),
    "wav mu-law": ("wav", "pcm_mulaw", 8000),
    "wav A-law": ("wav", "pcm_alaw", 8000),
    "wav float": ("wav", "pcm_f32le", 16000),
    "wav double": ("wav", "pcm_f64le", 8000),
    "wav 24 bit": ("wav", "pcm_s24le", 8000),
    "wav ADPCM": ("wav", "adpcm_ima_wav", 8000),
    "w64": ("w64", "pcm_s16le", 8000),
    "caf": ("caf", "pcm_s16be", 8000),
    "aiff": ("aiff", "pcm_s16be", 8000),
    "au": ("au", "pcm_mulaw", 8000),
    "mp3": ("mp3", "libmp3lame", 8000),
    "opus": ("ogg", "libopus", 48000),
    "flac": ("flac", "flac", 8000),
    "m4a": ("ipod", "aac", 16000),
    "aac": ("adts", "aac", 16000),
    "webm": ("webm", "libopus", 48000),
    "wma": ("asf", "wmav2", 16000),
}
# A cut between two frames of the first three cannot be seen; of the others the lost length is told from the lost bytes,
# and files this short consist of headers for a good part.
_NO_LENGTH = ("amr", "aac", "opus", "wma", "mkv video", "mkv cover")
_EXTREMES = (0, 1, 3, 7, 0x7F, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_RATES_HZ = (0, 1, 7, 8000, 384_000, 2**31 - 1, 2**31, 2**32 - 1)
_CHANNELS = (0, 1, 2, 3, 6, 64, 255, 65535)
_BLOCKS = (0, 1, 2, 3, 65, 256, 65535)
_BITS = (0, 1, 4, 8, 16, 24, 32, 64, 65535)
# The WAV codec tags that a telephone system may write: PCM, ADPCM, G.711, G.726, GSM, MPEG, WMA, AAC, and some more.
_TAGS = (1, 2, 3, 6, 7, 0x11, 0x22, 0x31, 0x38, 0x42, 0x45, 0x50, 0x55, 0x64, 0x85, 0x160, 0x161, 0x162, 0xFF, 0xFFFE)
# Names of boxes, chunks and elements that hold sizes, counts and rates.
_FIELDS = (
    b"mvhd mdhd stsd stts stsc stsz stco esds mp4a moov mdat fmt  data LIST COMM SSND desc caff OpusHead Xing "
).split(b" ")
_ELEMENTS = (
    *_FIELDS,
    b"OggS",
    b"fLaC",
    b"\x1a\x45\xdf\xa3",
    b"\x16\x54\xae\x6b",
    b"\x1f\x43\xb6\x75",
    b"\xae",
    b"\xe1",
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged file. `kind` says how it was damaged, and `least_ms` and `most_ms` how long it can be if it is read."""

    kind: str
    content: bytes
    least_ms: int = 0
    most_ms: int = 3_600_000


@cache
def whole() -> dict[str, bytes]:
    """Recordings of SECONDS in every container, one and two channels, by name."""
    files = {}
    for n, (name, (container, codec, rate_hz)) in enumerate(_ENCODED.items()):
        sides = [tone(SECONDS, 300 + 10 * n + 200 * side, rate_hz=rate_hz) for side in range(1 + n % 2)]
        files[name] = encode(sides, container, codec, rate_hz=rate_hz)
    files["amr"] = b"#!AMR\n" + b"".join(b"\x3c" + np.random.default_rng(n).bytes(31) for n in range(75))
    files["mp4 video"] = with_picture("mp4", "mpeg4", "aac")
    files["mkv video"] = with_picture("matroska", "mpeg4", "pcm_s16le")
    files["mkv cover"] = with_picture("matroska", "mjpeg", "libopus", pictures=1)
    return files


def with_picture(
    container: str,
    picture_codec: str,
    sound_codec: str,
    *,
    pictures: int = 8,
    tracks: int = 1,
    seconds: float = SECONDS,
) -> bytes:
    """A file with pictures and as many sound tracks."""
    rate_hz = 48000
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        picture = cast(av.VideoStream, output.add_stream(picture_codec, rate=8))
        picture.width, picture.height = 32, 32
        picture.pix_fmt = "yuvj420p" if picture_codec == "mjpeg" else "yuv420p"
        sounds = [
            cast(av.AudioStream, output.add_stream(sound_codec, rate=rate_hz, layout="mono")) for _ in range(tracks)
        ]
        for _ in range(pictures):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            output.mux(picture.encode(frame.reformat(format=picture.pix_fmt)))
        output.mux(picture.encode(None))
        for sound in sounds:
            samples = av.AudioFrame.from_ndarray(
                tone(seconds, 440, rate_hz=rate_hz)[None], format="fltp", layout="mono"
            )
            samples.sample_rate = rate_hz
            resampler = av.AudioResampler(format=sound.codec_context.format, layout="mono", rate=rate_hz)
            for part in resampler.resample(samples):
                output.mux(sound.encode(part))
            output.mux(sound.encode(None))
    return file.getvalue()


def mutant(seed: int) -> Mutant:
    """The damaged file of that number; the same number gives the same file."""
    rng = np.random.default_rng(seed)
    kind, make = list(_KINDS.items())[seed % len(_KINDS)]
    made = make(rng)
    return Mutant(f"{kind} of {made.kind}", made.content, made.least_ms, made.most_ms)


def _base(rng: Generator) -> tuple[str, bytearray]:
    name = str(rng.choice(list(whole())))
    return name, bytearray(whole()[name])


def _cut(rng: Generator) -> Mutant:
    name, content = _base(rng)
    least_ms = 0 if name in _NO_LENGTH else round(SECONDS * 1000) - 600
    return Mutant(name, bytes(content[: rng.integers(len(content))]), least_ms, _LONGEST_MS)


def _hole(rng: Generator) -> Mutant:
    name, content = _base(rng)
    start, end = sorted(rng.integers(len(content), size=2))
    return Mutant(name, bytes(content[:start] + (b"" if rng.random() < 0.5 else bytes(end - start)) + content[end:]))


def _flip(rng: Generator, *, header: bool, many: bool) -> Mutant:
    name, content = _base(rng)
    end = 200 if header else len(content)
    for at in rng.integers(min(end, len(content)), size=rng.integers(20, 400) if many else rng.integers(1, 5)):
        content[at] ^= 1 << int(rng.integers(8))
    return Mutant(name, bytes(content))


def _swap_header(rng: Generator) -> Mutant:
    (head, first), (body, second) = _base(rng), _base(rng)
    cut = int(rng.choice([4, 12, 44, 100, 200]))
    return Mutant(f"{head} on {body}", bytes(first[:cut] + second[cut:]))


def _extreme(rng: Generator) -> Mutant:
    """A size, count or rate in a header replaced by a boundary value."""
    name, content = _base(rng)
    for _ in range(rng.integers(1, 4)):
        found = content.find(_ELEMENTS[rng.integers(len(_ELEMENTS))])
        near = found - 8 if found >= 0 else int(rng.integers(min(300, len(content))))
        at = max(0, near) + int(rng.integers(40))
        size = int(rng.choice([1, 2, 4, 8]))
        value = min(int(rng.choice(_EXTREMES)) * (2**32 + 1 if size == 8 else 1), 256**size - 1)
        content[at : at + size] = value.to_bytes(size, "big" if rng.random() < 0.5 else "little")
    return Mutant(name, bytes(content))


def _impossible_index(rng: Generator) -> Mutant:
    """An M4A of few bytes whose table claims millions of frames."""
    content = bytearray(whole()["m4a"])
    frames = int(rng.integers(2**24, 2**27))  # libav refuses more
    for box, at, value in [(b"stsz", 8, 1), (b"stsz", 12, frames), (b"stts", 12, frames), (b"stsc", 16, frames)]:
        start = content.index(box) + at
        content[start : start + 4] = value.to_bytes(4, "big")
    return Mutant("m4a", bytes(content))


def _wav_format(rng: Generator) -> Mutant:
    """A WAV header that says anything at all, over a sound or noise."""
    tag, rate_hz = int(rng.choice(_TAGS)), int(rng.choice(_RATES_HZ)) if rng.random() < 0.4 else 8000
    channels = int(rng.choice(_CHANNELS)) if rng.random() < 0.5 else 1
    align, bits = int(rng.choice(_BLOCKS)), int(rng.choice(_BITS))
    extra = rng.bytes(int(rng.choice([0, 2, 22, 32]))) if rng.random() < 0.5 else b""
    body = rng.bytes(4000) if rng.random() < 0.5 else whole()["wav"][-4000:]
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align % 2**32, align, bits)
    form += struct.pack("<H", len(extra)) + extra
    size = len(body) if rng.random() < 0.7 else int(rng.choice(_EXTREMES))
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + body
    return Mutant(f"wav tag {tag:#x}", b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)


def _float_wav(rng: Generator) -> Mutant:
    samples = tone(SECONDS, 440).astype("<f4")
    samples[rng.integers(samples.size, size=3)] = rng.choice(np.array([np.nan, np.inf, -np.inf, 3e38, 1e4], np.float32))
    content = whole()["wav float"]
    return Mutant("wav float", content[: content.index(b"data") + 8] + samples.tobytes(), most_ms=_LONGEST_MS)


def _joined(rng: Generator) -> Mutant:
    """One recording inside, before or after another."""
    (first, outer), (second, inner) = _base(rng), _base(rng)
    at = int(rng.choice([0, len(outer) // 2, len(outer)]))
    return Mutant(f"{second} in {first}", bytes(outer[:at] + inner + outer[at:]))


def _no_sound(rng: Generator) -> Mutant:
    name = str(rng.choice(list(_NO_SOUND)))
    return Mutant(name, _NO_SOUND[name](rng), most_ms=0)


def _id3(rng: Generator) -> bytes:
    """A tag with a cover picture and nothing else."""
    picture = b"\0image/png\0\x03\0" + b"\x89PNG\r\n\x1a\n" + rng.bytes(500)
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    return b"ID3\x03\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 0x7F]) + frame


def _playlist(head: bytes) -> Callable[[Generator], bytes]:
    def make(rng: Generator) -> bytes:
        target = (b"other.wav", b"file:other.wav", b"./other.wav", b"concat:other.wav|other.wav")[rng.integers(4)]
        return head.replace(b"TARGET", target)

    return make


_NO_SOUND: dict[str, Callable[[Generator], bytes]] = {
    "nothing": lambda rng: b"",
    "noise": lambda rng: rng.bytes(int(rng.integers(1, 5000))),
    "zeros": lambda rng: bytes(int(rng.integers(1, 5000))),
    "ones": lambda rng: b"\xff" * int(rng.integers(1, 5000)),
    "text": lambda rng: "您好,请问有什么可以帮您?\n".encode() * int(rng.integers(1, 200)),
    "zip": lambda rng: b"PK\x03\x04\x14\0\0\0\x08\0" + rng.bytes(2000) + b"PK\x05\x06" + bytes(18),
    "html": lambda rng: b"<!DOCTYPE html><html><head><title>404</title></head><body>" + b"<p>not found</p>" * 50,
    "only a cover": _id3,
    "cover and noise": lambda rng: _id3(rng) + rng.bytes(2000),
    "magic": lambda rng: whole()[str(rng.choice(list(whole())))][: int(rng.integers(1, 13))],
    "m3u8": _playlist(b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nTARGET\n#EXT-X-ENDLIST\n"),
    "ffconcat": _playlist(b"ffconcat version 1.0\nfile 'TARGET'\n"),
    "sdp": _playlist(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\na=TARGET\n"),
    "dash": _playlist(b"<?xml version='1.0'?><MPD><Period><BaseURL>TARGET</BaseURL></Period></MPD>\n"),
    "two tracks": lambda rng: with_picture("matroska", "mpeg4", "libopus", tracks=2),
}
_KINDS: dict[str, Callable[[Generator], Mutant]] = {
    "cut": _cut,
    "hole": _hole,
    "few flips": lambda rng: _flip(rng, header=False, many=False),
    "many flips": lambda rng: _flip(rng, header=False, many=True),
    "few flips in the header": lambda rng: _flip(rng, header=True, many=False),
    "many flips in the header": lambda rng: _flip(rng, header=True, many=True),
    "another header": _swap_header,
    "an extreme number": _extreme,
    "an extreme number again": _extreme,
    "an impossible index": _impossible_index,
    "an odd format": _wav_format,
    "floats": _float_wav,
    "two files joined": _joined,
    "no sound": _no_sound,
}
_LONGEST_MS = round(SECONDS * 1000) + 300  # encoders pad
