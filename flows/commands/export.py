"""`zhijian export`: the Excel files that people work from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What can be exported."""

    FLAGGED = "flagged"
    COACHING = "coaching"
    BANNED = "banned"


def command(
    kind: Annotated[
        Kind, typer.Argument(help="flagged 待复核通话(质检员);coaching 辅导名单(班组长);banned 禁语审计(合规)")
    ],
    source: Annotated[Path, typer.Option("--from", help="zhijian run 写出的数据湖文件夹")],
    out: Annotated[Path, typer.Option("--out", help="要写的 Excel 文件,以 .xlsx 结尾")],
    packs: Annotated[list[Path] | None, typer.Option("--pack", help="规则包文件夹,辅导要点取自其中")] = None,
) -> None:
    """导出 Excel:待复核通话、辅导名单或禁语审计。电话、证件和卡号已打码。"""
    from flows.options import shipped_packs
    from pipeline.audit.banned import export_banned
    from pipeline.insight.coaching import export_coaching
    from pipeline.insight.flagged import export_flagged
    from pipeline.rulepack.load import load_rules
    from pipeline.store.lake import Lake

    if out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("文件名应以 .xlsx 结尾", param_hint="--out")
    lake = Lake(source)
    match kind:
        case Kind.FLAGGED:
            rows = export_flagged(lake, out)
        case Kind.COACHING:
            rows = export_coaching(lake, out, load_rules(tuple(packs) if packs else shipped_packs()))
        case Kind.BANNED:
            rows = export_banned(lake, out)
    typer.echo(f"已写出 {out}({rows} 行)")
