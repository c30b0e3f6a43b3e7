"""`zhijian evaluate`: how right the results are where the truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="准确性评估", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """准确性评估:把结果与已知的真实情况对照。"""


@app.command("fixtures")
def fixtures(
    out: Annotated[Path, typer.Option("--out", help="结果文件夹;已检过的不重检")] = Path("build/demo/lake"),
    folder: Annotated[
        Path | None, typer.Option("--fixtures", help="样例文件夹,可含多套;默认是自带的 fixtures/audio/general")
    ] = None,
) -> None:
    """质检自带的样例录音并与真实情况对照:埋下的问题是否查出,好通话是否误报,识别错字率多少。"""
    from flows.options import RunOptions
    from flows.run import run_inspection
    from flows.view.evaluation import print_evaluation
    from flows.view.progress import progress_bar
    from flows.view.results import print_run
    from pipeline.assets import asset
    from pipeline.insight.evaluation import evaluate_fixtures
    from pipeline.store.lake import Lake

    source = folder or asset("fixtures/audio/general")
    sets = tuple(sorted(truth.parent for truth in source.rglob("truth"))) or (source,)
    with progress_bar() as notify:
        summary = run_inspection(RunOptions(sources=sets, lake=out), notify)
    print_run(out, summary)
    print_evaluation(evaluate_fixtures(Lake(out), source))
