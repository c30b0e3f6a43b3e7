"""One writer per lake: a second one is told so at once, and a dead one holds nothing."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.domain.errors import LakeError, ProblemCode
from pipeline.store.errors import lake_error, lake_writes


class WriterLock:
    """A lock file under flock: the system frees it with its holder, so there is no stale lock to clear.

    The same object may be entered again, from any thread of the process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._depth = 0
        self._descriptor = -1

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; yields whether this entry took it (False: it was already ours).

        Raises LakeError (lake_busy) at once when another process, or another object in this one, holds it.
        """
        with self._mutex:
            if self._depth == 0:
                self._descriptor = self._take()
            self._depth += 1
            taken = self._depth == 1
        try:
            yield taken
        finally:
            with self._mutex:
                self._depth -= 1
                if self._depth == 0:
                    os.close(self._descriptor)

    def _take(self) -> int:
        with lake_writes(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace")
                os.close(descriptor)
                raise self._busy(holder) from None
            except BaseException:
                os.close(descriptor)
                raise
        return descriptor

    def _busy(self, holder: str) -> LakeError:
        return lake_error(
            self._path.parent.parent,
            f"另一个进程（{holder or '未知'}）正在写入这个数据湖",
            "请等它结束后再运行；若要停止它，请结束该进程，锁会自动释放",
            ProblemCode.LAKE_BUSY,
        )
