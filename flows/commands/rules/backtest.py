"""`zhijian rules backtest`: what a changed pack would change, on calls that are stored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import emotion
from flows.commands.rules.packs import EXIT_FAILED


def command(
    pack: Annotated[Path, typer.Argument(help="改过的规则包文件夹")],
    lake: Annotated[Path, typer.Option("--on", help="数据湖文件夹:在里面存着的通话上试")],
    against: Annotated[
        Path | None, typer.Option("--against", help="旧版规则包的文件夹;不写就与数据湖里当时的判定比")
    ] = None,
    reviews: Annotated[
        list[Path] | None,
        typer.Option(
            "--reviews",
            help="复核过的表,可多次给出:填好的待复核.xlsx,或有 通话编号、规则编号、复核结论 三列的 CSV/Excel",
        ),
    ] = None,
    packs: Annotated[
        list[Path] | None,
        typer.Option("--pack", help="评分表还要用到的别的规则包,可多次给出;默认用自带的通用规则包"),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="评分表文件;默认是行业规则包自己的,没有就用标准评分表")
    ] = None,
    emotion_model: emotion.Model = None,
    out: Annotated[Path, typer.Option("--out", help="结果文件夹:网页、Parquet 表和 Excel")] = Path("backtest"),
    evidence: Annotated[
        bool, typer.Option("--evidence", help="把每条规则的通话数、命中、复核和准确率写进规则包的 evidence.yml")
    ] = False,
) -> None:
    """发布之前,把改过的规则包放到存着的通话上试一遍:哪些新命中、哪些不再命中,分数怎么变,准确率多少。

    例:zhijian rules backtest rules/demo --on lake --against 旧版/demo --reviews 待复核.xlsx

    退出码:有 stable 的规则变差(丢了一处复核时确认的命中,或新命中一处复核为误判的),或有通话没能判成,为 3。
    """
    from flows.backtesting import BacktestOptions, backtest, keep_evidence
    from flows.view.backtest import print_backtest, write_page
    from flows.view.progress import progress_bar
    from pipeline.domain.errors import InputError, Problem, ProblemCode
    from pipeline.insight.backtest_tables import write_tables
    from pipeline.store.lake import Lake

    options = BacktestOptions(
        pack=pack,
        lake=lake,
        against=against,
        reviews=tuple(reviews or ()),
        packs=tuple(packs) if packs else None,
        sheet=sheet,
        emotion_model=emotion_model,
    )
    with progress_bar() as notify:
        found = backtest(options, notify)
    try:
        write_page(found, out)
        write_tables(found.result, out, timezone=Lake(lake).timezone)
        if evidence:
            rules = keep_evidence(found, today=datetime.now().astimezone().date())
    except OSError as error:
        what = f"写不了文件({error.strerror or error})"
        problem = Problem(code=ProblemCode.FILE_UNWRITABLE, what=what, remedy="请检查权限和磁盘", file=error.filename)
        raise InputError(problem) from error
    print_backtest(found, out)
    if evidence:
        typer.echo(f"已把 {rules} 条规则的证据写进 {found.pack.folder / 'evidence.yml'}")
    if found.result.worse or found.failures:
        raise typer.Exit(EXIT_FAILED)
