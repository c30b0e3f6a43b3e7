"""`zhijian show`: one call explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    call_id: Annotated[str, typer.Argument(help="通话编号")],
    source: Annotated[Path, typer.Option("--from", help="zhijian run 写出的数据湖文件夹")],
    picture: Annotated[
        Path | None, typer.Option("--picture", help="把双方情绪的走势画成图,写到这个文件,以 .svg 结尾")
    ] = None,
) -> None:
    """显示一通电话或会话:得分、每一处扣分的依据、情绪走势、客户类型与风险、全部判定和对话内容。"""
    from flows.view.call import print_call
    from flows.view.picture import write_picture
    from pipeline.store.lake import Lake

    if picture is not None and picture.suffix.lower() != ".svg":
        raise typer.BadParameter("文件名应以 .svg 结尾", param_hint="--picture")
    lake = Lake(source)
    print_call(lake, call_id)
    if picture is not None:
        write_picture(lake, call_id, picture)
        typer.echo(f"已写出 {picture}")
