"""`zhijian show`: one call explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    call_id: Annotated[str, typer.Argument(help="通话编号")],
    source: Annotated[Path, typer.Option("--from", help="zhijian run 写出的数据湖文件夹")],
) -> None:
    """显示一通电话或会话:得分、每一处扣分的依据、全部判定和对话内容。"""
    from flows.view.call import print_call
    from pipeline.store.lake import Lake

    print_call(Lake(source), call_id)
