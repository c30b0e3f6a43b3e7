"""`zhijian rules lint` and `zhijian rules test`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.rules.packs import EXIT_FAILED, Packs, folders


def lint(
    packs: Packs = None,
    strict: Annotated[bool, typer.Option("--strict", help="有警告时退出码也为 3")] = False,
) -> None:
    """检查规则包的写法:一次列出全部错误和警告,带文件和行号。有错误时退出码为 3。"""
    from pipeline.rulepack.lint import Level, lint_folders

    linted = lint_folders(folders(packs))
    for remark in linted.remarks:
        typer.echo(f"{'错误' if remark.level is Level.ERROR else '警告'} {remark.problem}")
    errors, warnings = linted.count(Level.ERROR), linted.count(Level.WARNING)
    typer.echo(f"{linted.packs} 个规则包,{linted.rules} 条规则,{errors} 个错误,{warnings} 个警告")
    if errors or (strict and warnings):
        raise typer.Exit(EXIT_FAILED)


def run_cases_of(packs: Packs = None) -> None:
    """运行规则旁的全部用例,逐条显示判错的用例和得出判定的经过。有判错时退出码为 3。"""
    from flows.explaining import trace_case
    from flows.view.cases import print_results
    from pipeline.emotion import load_default
    from pipeline.rulepack.cases import load_cases, run_cases
    from pipeline.rulepack.load import load_rules
    from pipeline.score.inspect import verdicts_of

    loaded = load_rules(folders(packs))
    cases = [case for pack in loaded.packs for case in load_cases(pack)]
    results = run_cases(cases, verdicts_of(loaded, load_default()))
    if not print_results(results, lambda case: trace_case(loaded, case)):
        raise typer.Exit(EXIT_FAILED)
