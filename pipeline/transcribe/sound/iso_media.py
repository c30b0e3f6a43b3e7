"""Indexes of MP4 and its kin that claim more than any recording holds.

libav builds the whole index in memory before anything else, 36 bytes for each frame that a table claims: a file of a
few kilobytes can take six gigabytes and kill the run.
"""

from __future__ import annotations

import re

from pipeline.transcribe.sound.stored import FileBytes

# Six hours in frames of 2.5 ms are 8.6 million.
_MAX_FRAMES = 10_000_000
# Boxes of the sizes and of the times of frames, version and flags 0: sizes as (the same for all, count), times as
# (number of runs, count of the first, length of the first).
_TABLE = re.compile(rb"stsz\0\0\0\0(.{4})(.{4})|stts\0\0\0\0(.{4}).{4}(.{4})", re.DOTALL)
_ONE = b"\0\0\0\1"


def claims_too_much(data: FileBytes) -> bool:
    """Whether a track of `data` claims more frames of equal size than six hours can have.

    Sound as single samples (PCM), told by one run of times of length 1, is not indexed by sample and may be longer.
    """
    if data[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return False
    by_sample = False
    for _, table in data.matches(_TABLE, longest=20):
        size, count, runs, length = table.groups()
        if runs is not None:
            by_sample = runs == length == _ONE
        elif size != bytes(4) and int.from_bytes(count, "big") > _MAX_FRAMES and not by_sample:
            return True
    return False
