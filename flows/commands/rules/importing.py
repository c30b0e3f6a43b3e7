"""`zhijian rules import`: rules of other systems as a pack of ours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.rules.packs import EXIT_FAILED

if TYPE_CHECKING:
    from pipeline.rulepack.sca import Carried

app = typer.Typer(help="导入别的系统的规则", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """导入别的系统的规则,成为一个新的规则包,并逐条说明带过来了什么、丢了什么。"""


@app.command("sca")
def sca(
    file: Annotated[Path, typer.Argument(help="从阿里云智能对话分析导出的规则 JSON")],
    out: Annotated[Path, typer.Option("--out", help="新规则包的文件夹,例如 rules/imported;已经有的不覆盖")],
    pack: Annotated[str, typer.Option("--pack", help="包名:小写字母、数字和下划线,规则编号以它开头")],
    title: Annotated[str, typer.Option("--title", help="规则包的名称")] = "从智能对话分析导入的规则",
    owner: Annotated[str, typer.Option("--owner", help="规则包的负责人")] = "质检组",
) -> None:
    """导入阿里云智能对话分析的规则(条件、lambda、关键词、正则、相似、重复、静音、语速、抢话)。

    说不准意思的规则不导入,并写明原因;有规则没有导入时,退出码为 3。
    例:zhijian rules import sca 规则.json --out rules/imported --pack imported
    """
    from flows.view.importing import print_carried, print_left_to_do
    from pipeline.rulepack.lint import lint_folders
    from pipeline.rulepack.sca import carry, read_sca

    _refuse(out, pack, title, owner)
    carried = carry(read_sca(file), pack_id=pack, title=title, owner=owner, since=datetime.now().astimezone().date())
    if carried.files:
        _write(carried, out)
    print_carried(carried)
    if carried.files:
        typer.echo(f"已写出 {out}:{'、'.join(carried.files)}")
        print_left_to_do(lint_folders([out]), out)
    else:
        typer.echo("没有一条规则能导入,什么也没有写")
    if any(report.rule_id is None for report in carried.reports):
        raise typer.Exit(EXIT_FAILED)


def _refuse(out: Path, pack: str, title: str, owner: str) -> None:
    """Raises RuleError for a folder that is there already, and a pack that could not be read back."""
    import re

    from pipeline.domain.errors import Problem, ProblemCode, RuleError

    problems: list[tuple[str, str, str | None]] = []
    if out.exists() or out.is_symlink():
        problems.append(("这个文件夹已经有了", "请换一个新的文件夹;导入不覆盖任何文件", str(out)))
    if not re.fullmatch(r"[a-z0-9_]+", pack):
        problems.append((f"“{pack}”不能作包名", "请用小写字母、数字和下划线,例如 imported", None))
    if not title.strip() or not owner.strip():
        problems.append(("规则包要有名称和负责人", "请用 --title 和 --owner 写出", None))
    if problems:
        raise RuleError(
            Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy=remedy, file=where)
            for what, remedy, where in problems
        )


def _write(carried: Carried, out: Path) -> None:
    """The whole pack or none of it."""
    from tempfile import TemporaryDirectory

    from pipeline.domain.errors import InputError, Problem, ProblemCode

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".") as scratch:
            folder = Path(scratch) / "pack"
            folder.mkdir()
            for name, text in carried.files.items():
                (folder / name).write_text(text, encoding="utf-8")
            folder.rename(out)
    except OSError as error:
        what = f"写不了文件({error.strerror or error})"
        problem = Problem(code=ProblemCode.FILE_UNWRITABLE, what=what, remedy="请检查权限和磁盘", file=str(out))
        raise InputError(problem) from error
