"""`zhijian manifest`: the list of recordings and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="录音清单", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """录音清单:每通电话一行,写明录音文件和坐席、班组、时间等。"""


@app.command("template")
def template(
    out: Annotated[Path, typer.Argument(help="要写的文件,.csv 或 .xlsx")],
) -> None:
    """写一份清单样例,用 Excel 打开照着填即可。"""
    from pipeline.intake import manifest_template

    manifest_template(out)
    typer.echo(f"已写出 {out},填好后运行:zhijian run {out} --out lake")
