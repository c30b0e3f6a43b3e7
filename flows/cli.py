"""The command line `zhijian`. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.commands import evaluate, export, manifest, models, rules, run, show, train

EXIT_USER = 2

app = typer.Typer(
    name="zhijian",
    help="智能质检:逐通检查录音与会话,识别话术与禁语、行为与情绪,打分并说明每一分为什么扣。\n\n"
    "Inspects every contact of a contact centre and scores it, with evidence.\n\n"
    "第一次使用:zhijian run 录音文件夹 --out lake,然后 zhijian export flagged --from lake --out 待复核.xlsx\n\n"
    "退出码:0 全部完成,3 部分未能质检(原因见 failures 表),2 输入或设置有误,1 程序错误。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.command)
app.command("show")(show.command)
app.command("export")(export.command)
app.add_typer(models.app, name="models")
app.add_typer(rules.app, name="rules")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(train.app, name="train")
app.add_typer(manifest.app, name="manifest")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"zhijian {version('zhijian')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本后退出")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> None:
    """The console script: a user's mistake is shown in plain Chinese, never as a traceback."""
    from pipeline.domain.errors import UserError

    try:
        app(args=arguments)
    except UserError as error:
        for problem in error.problems:
            typer.secho(f"错误 {problem}", fg="red", err=True)
        sys.exit(EXIT_USER)
    except KeyboardInterrupt:
        typer.secho("已中断;再次运行同一命令会从中断处继续", fg="yellow", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
