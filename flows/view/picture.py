"""The picture of a stored call's emotions, as a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.domain.errors import LakeError, Problem, ProblemCode, UserError
from pipeline.emotion.picture import course_svg
from pipeline.privacy import mask
from pipeline.store.course_rows import stored_course
from pipeline.store.files import replacing
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from pipeline.store.stored import stored_call


def write_picture(lake: Lake, call_id: str, path: Path) -> None:
    """Draw the call's course into the SVG file `path`, whole or not at all; what was said is not in it.

    Raises LakeError when the lake has no such call or no course of it, UserError when the file cannot be written.
    """
    stored = stored_call(lake, call_id)
    course = stored_course(lake, call_id)
    if course is None:
        what, remedy = f"数据湖里没有通话“{call_id}”的情绪走势", "请重新质检这通电话"
        raise LakeError(Problem(code=ProblemCode.LAKE_INVALID, what=what, remedy=remedy, call_id=call_id))
    call = stored.call
    agent = mask(" ".join(part for part in (call.agent_id, call.agent_name) if part))
    when = f"{call.started_at.astimezone(lake.timezone):%Y-%m-%d %H:%M}" if call.started_at else ""
    title = " · ".join(filter(None, (f"通话 {call_id}", agent and f"坐席 {agent}", when)))
    turns = lake.read(Table.TURNS, columns=["call_id", "turn", "loudness_db"])
    louder = turns[turns["call_id"] == call_id].sort_values("turn")["loudness_db"]
    drawn = course_svg(
        course,
        stored.transcript.turns,
        title=title,
        loudness_db=[None if pd.isna(db) else float(db) for db in louder],
    )
    try:
        with replacing(path) as handle:
            handle.write(drawn.encode())
    except OSError as error:
        raise UserError(
            Problem(
                code=ProblemCode.FILE_UNWRITABLE,
                what=f"无法写入图片:{error.strerror or error}",
                remedy="请检查文件夹是否存在、磁盘空间和权限",
                file=str(path),
            )
        ) from error
