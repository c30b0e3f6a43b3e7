"""`zhijian rules`: checks and tests rule packs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands import train_classifier

app = typer.Typer(help="规则包:检查与测试", no_args_is_help=True)

EXIT_FAILED = 3

_Packs = Annotated[list[Path] | None, typer.Argument(help="规则包文件夹;默认是自带的全部规则包")]


@app.callback()
def _group() -> None:
    """规则包:检查写法,运行用例。"""


@app.command("lint")
def lint(packs: _Packs = None) -> None:
    """检查规则包的写法:一次列出全部问题,带文件和行号。有问题时退出码为 3。"""
    from flows.options import default_packs
    from pipeline.rulepack.cases import load_cases
    from pipeline.rulepack.lint import lint as find_problems
    from pipeline.rulepack.load import load_rules

    loaded = load_rules(tuple(packs) if packs else default_packs())
    problems = [p for pack in loaded.packs for p in find_problems(pack, load_cases(pack))]
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(loaded.packs)} 个规则包,{len(loaded.rules)} 条规则,{len(problems)} 个问题")
    if problems:
        raise typer.Exit(EXIT_FAILED)


@app.command("test")
def run_cases_of(packs: _Packs = None) -> None:
    """运行规则旁的全部用例,逐条显示判错的用例及其证据。有判错时退出码为 3。"""
    from flows.options import default_packs
    from flows.view.cases import print_results
    from pipeline.emotion import load_default
    from pipeline.rulepack.cases import load_cases, run_cases
    from pipeline.rulepack.load import load_rules
    from pipeline.score.inspect import verdicts_of

    loaded = load_rules(tuple(packs) if packs else default_packs())
    cases = [case for pack in loaded.packs for case in load_cases(pack)]
    if not print_results(run_cases(cases, verdicts_of(loaded, load_default()))):
        raise typer.Exit(EXIT_FAILED)


app.command("train-classifier")(train_classifier.command)
