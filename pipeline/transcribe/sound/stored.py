"""Files and decoded sound of which only the part in use is in memory, however long the recording is."""

from __future__ import annotations

import os
import re
import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 20
_SAMPLE_BYTES = 4


class FileBytes:
    """A file's bytes as if they were `bytes`, and, for libav, as a file without a name. For one thread.

    What is read again nearby comes from memory. Raises OSError where the file cannot be read any more.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._block, self._block_at = b"", 0
        self._place = 0

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(self._size)
        if end - start > _BLOCK:
            self._file.seek(start)
            return self._file.read(end - start)
        self._load(start, end)
        return self._block[start - self._block_at : max(start, end) - self._block_at]

    def _load(self, start: int, end: int) -> None:
        if not self._block_at <= start <= end <= self._block_at + len(self._block):
            self._file.seek(start)
            self._block, self._block_at = self._file.read(_BLOCK), start

    def matches(
        self, pattern: re.Pattern[bytes], *, longest: int, start: int = 0, end: int | None = None
    ) -> Iterator[tuple[int, re.Match[bytes]]]:
        """Where the pattern matches, without overlap, and how; `longest`: bytes that it can match at most."""
        end = self._size if end is None else min(end, self._size)
        while start < end:
            self._load(start, min(end, start + longest))
            at, block = self._block_at, self._block
            known = min(end, at + len(block))
            found = pattern.search(block, start - at, known - at)
            if found and (at + found.end() < known or known == end):
                yield at + found.start(), found
                start = at + max(found.end(), found.start() + 1)
            elif known == end:
                return
            else:
                start = max(start + 1, known - longest + 1) if not found else at + found.start()
                self._block = b""  # what follows is read from here

    def find(self, sought: bytes, start: int = 0, end: int | None = None) -> int:
        """As `bytes.find`."""
        end = self._size if end is None else min(end, self._size)
        while start < end:
            found = self[start : min(end, start + _BLOCK)].find(sought)
            if found >= 0:
                return start + found
            start += _BLOCK - len(sought) + 1
        return -1

    def rfind(self, sought: bytes) -> int:
        """As `bytes.rfind`."""
        end = self._size
        while end > 0:
            start = max(0, end - _BLOCK)
            found = self[start:end].rfind(sought)
            if found >= 0:
                return start + found
            end = start + len(sought) - 1 if start else 0
        return -1

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`."""
        read = self[self._place : self._place + size]
        self._place += len(read)
        return read

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As a file's."""
        self._place = max(0, offset + (0, self._place, self._size)[whence])
        return self._place

    def tell(self) -> int:
        """As a file's."""
        return self._place


class StoredSamples:
    """A channel of 16 kHz float32 samples in a temporary file without a name, which ends with this object.

    See `engine.Samples`. May be read from several threads. Raises OSError where the disk is full.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the object
        self._lock = threading.Lock()
        self._length = 0
        weakref.finalize(self, self._file.close)

    def append(self, samples: NDArray[np.float32]) -> None:
        """Adds to the end."""
        with self._lock:
            self._file.seek(0, os.SEEK_END)
            self._file.write(np.ascontiguousarray(samples, np.float32).tobytes())
            self._length += len(samples)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice, /) -> NDArray[np.float32]:
        start, end, _ = part.indices(self._length)
        samples = bytearray(max(0, end - start) * _SAMPLE_BYTES)  # which an array may write to
        with self._lock:
            self._file.seek(start * _SAMPLE_BYTES)
            self._file.readinto(samples)
        return np.frombuffer(samples, np.float32)
