"""What the file system or a damaged file does to a lake, told to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from pipeline.domain.errors import LakeError, Problem, ProblemCode

_T = TypeVar("_T")


def lake_error(path: Path, what: str, remedy: str, code: ProblemCode = ProblemCode.LAKE_INVALID) -> LakeError:
    """A problem with a file or folder of the lake."""
    return LakeError(Problem(code=code, what=what, remedy=remedy, file=str(path)))


@contextmanager
def lake_writes(root: Path) -> Iterator[None]:
    """Turn what the file system refuses into a LakeError that says so."""
    try:
        yield
    except OSError as error:
        raise lake_error(
            Path(error.filename or root),
            f"无法写入数据湖：{error.strerror or error}",
            "请检查磁盘空间和文件夹权限后重新运行；已完成的结果不会丢失",
            ProblemCode.FILE_UNWRITABLE,
        ) from error


def lake_reads(path: Path, read: Callable[[Path], _T]) -> _T:
    """`read(path)`. Raises LakeError when the file is damaged or may not be read."""
    try:
        return read(path)
    except (pa.ArrowException, OSError) as error:
        raise lake_error(
            path, "文件已损坏或无法读取", "请从备份恢复这个文件；没有备份时删除它，再重新质检这些通话"
        ) from error
