"""`zhijian rules schema`: what editors need to complete and check rule files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件夹")] = Path("rules/schema"),
) -> None:
    """写出规则、用例、规则包和评分表的 JSON Schema,编辑器据此补全、提示和检查。

    在规则文件的第一行写:# yaml-language-server: $schema=../schema/rule.schema.json
    (用例 cases.schema.json,pack.yml 用 pack.schema.json,评分表用 sheet.schema.json)
    """
    from pipeline.domain.errors import InputError, Problem, ProblemCode
    from pipeline.score.editor import editor_files

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in editor_files().items():
            (out / name).write_text(text, encoding="utf-8")
            typer.echo(f"已写入 {out / name}")
    except OSError as error:
        what = f"无法写入:{error.strerror or error}"
        raise InputError(
            Problem(code=ProblemCode.FILE_UNWRITABLE, what=what, remedy="请检查文件夹和权限", file=str(out))
        ) from error
