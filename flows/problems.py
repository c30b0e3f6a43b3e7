"""What goes wrong with the calls of a run, as problems that a person understands."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from pipeline.domain.call import Call
from pipeline.domain.errors import Problem, ProblemCode

log = logging.getLogger(__name__)


def source_of(call: Call) -> tuple[str, int | None]:
    """The input that the call came from, and its row there."""
    name, colon, row = call.source.rpartition(":")
    return (name, int(row)) if colon and row.isdigit() else (call.source, None)


def placed(call: Call, problem: Problem) -> Problem:
    """The problem with the call's id and its row in the input."""
    return replace(problem, call_id=call.call_id, row=problem.row or source_of(call)[1])


def missing(source: Path) -> Problem:
    """There is nothing at a path that was handed in."""
    return Problem(code=ProblemCode.FILE_MISSING, what="找不到这个文件或文件夹", remedy="请核对路径", file=str(source))


def unreadable(call: Call, error: OSError) -> Problem:
    """A call's file could not be read."""
    return Problem(
        code=ProblemCode.FILE_UNREADABLE,
        what=f"文件读取失败:{error.strerror or error}",
        remedy="请检查磁盘或网络盘后重新运行,已完成的不会重做",
        file=call.source,
        call_id=call.call_id,
    )


def internal(call: Call, error: Exception) -> Problem:
    """A fault of the program, which costs this call only; the log has its trace."""
    log.error("call %s", call.call_id, exc_info=error)
    return Problem(
        code=ProblemCode.INTERNAL,
        what=f"程序内部错误:{type(error).__name__}: {error}",
        remedy="其余通话不受影响;请把这条信息和录音格式告诉维护者",
        file=call.source,
        call_id=call.call_id,
    )
