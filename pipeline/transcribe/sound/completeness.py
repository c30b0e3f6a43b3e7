"""Whether a recording is whole: a call judged on half a recording is not judged honestly.

libav decodes what is there and stays silent about what is missing. Each container says in its own way how long it
should be; `_CHECKS` names them, and a container that is not named there is not opened at all.

What cannot be seen: a cut exactly between two pages of Ogg or two frames of MP3, AMR or ADTS, and any cut in a WAV or
WebM that was written live, where the file states no length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.transcribe.sound.mp3 import expected_mp3_ms
from pipeline.transcribe.sound.stored import FileBytes

_UNKNOWN_SIZE = 0xFFFFFFFF
_UNKNOWN_SIZE_FROM = 0x7FFFF000
_OGG_TABLE = 27  # where a page's table of segment sizes begins; the byte before it is their number
_MATROSKA_SEGMENT = bytes.fromhex("18538067")
_ASF_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What decoding found. `declared_ms` is the length that libav gives, None where it gives none.

    `failed_packets` could not be decoded; `torn_packet` is true when the container held less than it promised.
    """

    decoded_ms: float
    declared_ms: float | None
    failed_packets: int
    torn_packet: bool


def expected_ms(data: FileBytes, demuxer: str, decoded: Decoded) -> float:
    """How long the recording was before anything was lost, infinity where it was cut but nothing tells how much."""
    return _CHECKS[demuxer](data, decoded)


def _by_declaration(_: FileBytes, decoded: Decoded) -> float:
    """The header states the length; one that was written live states none, and then only damage tells."""
    if decoded.declared_ms is None:
        return _by_damage(_, decoded)
    return max(decoded.decoded_ms, decoded.declared_ms)


def _by_damage(_: FileBytes, decoded: Decoded) -> float:
    return math.inf if decoded.failed_packets or decoded.torn_packet else decoded.decoded_ms


def _by_mp3_frames(data: FileBytes, decoded: Decoded) -> float:
    return expected_mp3_ms(data, decoded.decoded_ms)


def _by_riff_size(data: FileBytes, decoded: Decoded) -> float:
    """RIFF, RIFX and RF64: the size of the data chunk against the bytes that are there.

    Recorders that write to a pipe leave 0, 0xFFFFFFFF or about 2 GiB as the size, which means unknown.
    """
    start, size_64 = 12, 0
    while start + 8 <= len(data):
        name, content = data[start : start + 4], start + 8
        size = int.from_bytes(data[start + 4 : content], "big" if data[:4] == b"RIFX" else "little")
        if name == b"ds64":
            size_64 = int.from_bytes(data[content + 8 : content + 16], "little")
        elif name == b"data":
            if size == _UNKNOWN_SIZE and size_64:
                size = size_64
            elif size == 0 or size >= _UNKNOWN_SIZE_FROM:
                size = len(data) - content
            return _in_proportion(decoded.decoded_ms, len(data) - content, size)
        start = content + size + size % 2
    return decoded.decoded_ms


def _by_ogg_pages(data: FileBytes, decoded: Decoded) -> float:
    """The last page must be whole; before it, the pages' sample counts give the length.

    A missing end-of-stream mark is not held against a file: some recorders never write it.
    """
    table = data.rfind(b"OggS") + _OGG_TABLE
    count = data[table - 1 : table][0] if table <= len(data) else 1
    if table + count + sum(data[table : table + count]) > len(data):
        return math.inf
    return _by_declaration(data, decoded)


def _by_asf_size(data: FileBytes, decoded: Decoded) -> float:
    """ASF (WMA): the file's size as its File Properties Object states it, 0 when written live."""
    at = data.find(_ASF_FILE_PROPERTIES)
    size = int.from_bytes(data[at + 40 : at + 48], "little") if at >= 0 else 0
    return _in_proportion(decoded.decoded_ms, len(data), size)


def _by_segment_size(data: FileBytes, decoded: Decoded) -> float:
    """Matroska and WebM: the segment's size, all ones when written live, and the length that the header states.

    Where there are pictures too, only the size tells, because the length is that of the longest track.
    """
    expected = _by_declaration(data, decoded)
    at = data.find(_MATROSKA_SEGMENT, 0, 4096) + len(_MATROSKA_SEGMENT)
    digits = 9 - data[at : at + 1][0].bit_length() if len(_MATROSKA_SEGMENT) <= at < len(data) else 9
    if digits == 9:
        return expected
    unknown = (1 << 7 * digits) - 1
    size = int.from_bytes(data[at : at + digits], "big") & unknown
    return (
        expected
        if size == unknown
        else max(expected, _in_proportion(decoded.decoded_ms, len(data) - at - digits, size))
    )


def _in_proportion(decoded_ms: float, present_bytes: int, declared_bytes: int) -> float:
    if present_bytes >= declared_bytes:
        return decoded_ms
    return decoded_ms * declared_bytes / present_bytes if decoded_ms and present_bytes > 0 else math.inf


# By libav's name of the demuxer.
_CHECKS: dict[str, Callable[[FileBytes, Decoded], float]] = {
    "wav": _by_riff_size,
    "w64": _by_damage,
    "caf": _by_damage,
    "aiff": _by_declaration,
    "au": _by_declaration,
    "mp3": _by_mp3_frames,
    "aac": _by_damage,
    "amr": _by_damage,
    "ogg": _by_ogg_pages,
    "flac": _by_declaration,
    "mov,mp4,m4a,3gp,3g2,mj2": _by_declaration,
    "matroska,webm": _by_segment_size,
    "asf": _by_asf_size,
}

DEMUXERS = ",".join(_CHECKS)
