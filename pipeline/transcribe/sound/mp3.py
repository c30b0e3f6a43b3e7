"""The frames of an MP3 file, walked without decoding: the only way to see that its end is missing.

An MP3 stream has no length of its own, and libav estimates one from the file's size, so a file that was cut
looks complete to it. Two things tell: the frame count that most encoders write into the first frame (Xing, Info or
VBRI header), and a last frame that is longer than what is left of the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.transcribe.sound.stored import FileBytes

_BITRATES_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# By the header's two version bits: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5, 1 is reserved.
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LAYER_3 = 1
_SYNC = 0xFF
# What a frame may begin with; searched for as one pattern, so that damage of many sync marks takes no time.
_START = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")
_HEADER_BYTES = 4
_ID3V1_BYTES = 128


@dataclass(frozen=True, slots=True)
class _Frame:
    start: int
    length: int
    samples: int
    rate_hz: int

    @property
    def end(self) -> int:
        return self.start + self.length


def expected_mp3_ms(data: FileBytes, decoded_ms: float) -> float:
    """How long an MP3 of these bytes, of which `decoded_ms` could be decoded, was before anything was lost.

    Infinity where it was cut but nothing tells how much is missing. Layer III with a constant or variable bit rate;
    for other layers and free-format streams `decoded_ms` itself, because nothing can be told.

    Not seen: a file without a frame count that was cut exactly between two frames.
    """
    end = len(data) - (_ID3V1_BYTES if data[-_ID3V1_BYTES : -_ID3V1_BYTES + 3] == b"TAG" else 0)
    first = last = None
    framed_bytes = lost_bytes = 0
    for frame in _frames(data, end):
        if last is None:
            first = frame
        else:
            lost_bytes += max(0, frame.start - _after_tags(data, last.end))
        framed_bytes += frame.length
        last = frame
    if first is None or last is None:
        return decoded_ms
    declared_ms = _declared_ms(data, first)
    if declared_ms is not None:
        return max(decoded_ms, declared_ms)
    rest = data[last.end : end]
    if last.end > end or (0 < len(rest) < _HEADER_BYTES and rest[0] == _SYNC):
        return math.inf
    return decoded_ms * (framed_bytes + lost_bytes) / framed_bytes


def _frames(data: FileBytes, end: int) -> Iterator[_Frame]:
    """Every frame in order; the last one may reach past `end`. Tags and damage between frames are skipped."""
    start, in_step = 0, False
    while start < end:
        start = _after_tags(data, start)
        frame = _frame_at(data, start)
        if frame is not None and (in_step or _frame_at(data, frame.end) is not None):
            yield frame
            start, in_step = frame.end, True
        else:
            found = next(data.matches(_START, longest=3, start=start + 1, end=end), None)
            start, in_step = found[0] if found else end, False


def _frame_at(data: FileBytes, start: int) -> _Frame | None:
    header = data[start : start + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES or header[0] != _SYNC or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version not in _RATES_HZ or layer != _LAYER_3 or bitrate in (0, 15) or rate == 3:
        return None
    generation = 1 if version == 3 else 2
    rate_hz = _RATES_HZ[version][rate]
    length = 144_000 // generation * _BITRATES_KBPS[generation][bitrate] // rate_hz + (header[2] >> 1 & 1)
    return _Frame(start, length, 1152 // generation, rate_hz)


def _after_tags(data: FileBytes, start: int) -> int:
    """Where the ID3v2 tags that begin at `start` end; its size is four bytes of seven bits."""
    while data[start : start + 3] == b"ID3" and len(header := data[start : start + 10]) == 10:
        size = sum(byte << shift for byte, shift in zip(header[6:10], (21, 14, 7, 0), strict=True))
        start += 10 + size
    return start


def _declared_ms(data: FileBytes, first: _Frame) -> float | None:
    """The length that the first frame's Xing, Info or VBRI header states, None without one."""
    head = data[first.start : first.end]
    for name, frames_at in ((b"Xing", 8), (b"Info", 8), (b"VBRI", 14)):
        at = head.find(name, 0, 64)
        has_frames = name == b"VBRI" or (at >= 0 and at + 8 <= len(head) and head[at + 7] & 1)
        if at >= 0 and has_frames and at + frames_at + 4 <= len(head):
            frames = int.from_bytes(head[at + frames_at : at + frames_at + 4], "big")
            return frames * first.samples * 1000 / first.rate_hz
    return None
