"""`zhijian run`: inspects recordings and chats into a lake of Parquet tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands import emotion, recogniser

EXIT_PARTLY = 3


def command(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="录音文件、录音文件夹、清单(CSV/Excel/JSONL/Parquet)、会话文件(JSONL/CSV)或别的系统的转写(SRT/VTT/JSON/TXT),可以给多个"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹(数据湖);再次运行只处理新的或变化的通话")],
    packs: Annotated[
        list[Path] | None, typer.Option("--pack", help="规则包文件夹,可多次给出;默认用自带的通用规则包")
    ] = None,
    industry: Annotated[
        str | None,
        typer.Option(
            "--industry",
            help="行业:banking 银行、collections 催收、ecommerce 电商、insurance 保险、property 物业、telecom 通信;"
            "中英文都可以;用通用和该行业的规则包,以及该行业的评分表",
        ),
    ] = None,
    sheet: Annotated[Path | None, typer.Option("--sheet", help="评分表文件;默认用自带的标准评分表")] = None,
    recordings: Annotated[Path | None, typer.Option("--recordings", help="清单里的录音路径所在的文件夹")] = None,
    agent_channel: Annotated[
        int | None,
        typer.Option(
            "--agent-channel",
            min=0,
            max=1,
            help="双声道录音中坐席所在的声道,0 左 1 右;清单里写了的以清单为准,都没写时按谁说话像客服来认",
        ),
    ] = None,
    profile: recogniser.Profile = None,
    model: recogniser.Model = None,
    device: recogniser.Device = None,
    compute_type: recogniser.ComputeType = None,
    threads: recogniser.Threads = None,
    language: recogniser.Language = None,
    beam_size: recogniser.BeamSize = None,
    asr_batch_size: recogniser.AsrBatchSize = None,
    asr_ahead: recogniser.AsrAhead = None,
    glossary: recogniser.Glossary = None,
    stock_phrases: recogniser.StockPhrases = None,
    rule_words: Annotated[
        bool,
        typer.Option(
            "--rule-words/--no-rule-words",
            help="把规则里要求说的词句提示给语音模型;效果未经测量,可能把没说的听成说了,默认不提示",
        ),
    ] = False,
    diarizer: recogniser.Diarizer = None,
    premium_columns: Annotated[
        list[str] | None,
        typer.Option("--premium-column", help="清单里写客户等级的列,可多次给出;默认认 客户等级、会员等级、VIP 等列名"),
    ] = None,
    premium_values: Annotated[
        list[str] | None,
        typer.Option("--premium-value", help="算作高端客户的值(包含即可),可多次给出;默认认 VIP、钻石、白金、金卡 等"),
    ] = None,
    emotion_model: emotion.Model = None,
    timezone: Annotated[str, typer.Option("--timezone", envvar="ZHIJIAN_TIMEZONE", help="业务时区")] = "Asia/Shanghai",
    ledger: Annotated[
        str | None,
        typer.Option(
            "--ledger",
            envvar="ZHIJIAN_LEDGER",
            help="运行台账的数据库地址(如 postgresql+psycopg://…);默认是数据湖里的 SQLite",
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, max=1000, help="每批质检的通话数,中断时最多重做一批")
    ] = 32,
) -> None:
    """质检录音和会话,结果写成 Parquet 表。中断后再次运行会接着做,做过的不重做。

    例:zhijian run 录音/ --out lake --profile fast;zhijian run 清单.xlsx --recordings /data/录音 --out lake
    --model large-v3。--profile 选定一套模型和设置(zhijian models list 有说明),另外写出的选项各自优先。
    """
    from flows.options import RunOptions, default_packs, of_industry
    from flows.run import run_inspection
    from flows.view.progress import progress_bar
    from flows.view.results import print_run
    from pipeline.emotion.customer import CustomerOptions

    chosen, own_sheet = (default_packs(), None) if industry is None else of_industry(industry)
    sheet = sheet or own_sheet
    defaults = {} if sheet is None else {"sheet": sheet}
    options = RunOptions(
        sources=tuple(sources),
        lake=out,
        packs=tuple(packs) if packs else chosen,
        engine=recogniser.options(
            profile,
            model=model,
            device=device,
            compute_type=compute_type,
            threads=threads,
            language=language,
            beam_size=beam_size,
            batch_size=asr_batch_size,
            round_s=asr_ahead,
            glossary=glossary,
        ),
        recordings=recordings,
        agent_channel=agent_channel,
        timezone=timezone,
        ledger=ledger,
        batch_size=batch_size,
        rule_words=rule_words,
        stock_phrases=recogniser.stock_phrases(stock_phrases),
        diarizer=diarizer,
        customers=CustomerOptions.of(premium_columns, premium_values),
        emotion_model=emotion_model,
        **defaults,
    )
    with progress_bar() as notify:
        summary = run_inspection(options, notify)
    print_run(options.lake, summary)
    if summary.partly:
        raise typer.Exit(EXIT_PARTLY)
