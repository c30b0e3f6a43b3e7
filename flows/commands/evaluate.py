"""`zhijian evaluate`: how right the results are where the truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands import recogniser

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


@app.command("asr")
def asr(
    sources: Annotated[list[Path], typer.Argument(help="录音文件、录音文件夹或清单,可以给多个")],
    references: Annotated[
        list[Path],
        typer.Option(
            "--references", help="人工写的参考文本:与会话文件同样的格式(JSONL、逐句表),通话编号与录音一致;可多次给出"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="结果文件夹:asr.html 和两张 Parquet 表")] = Path("asr-evaluation"),
    packs: Annotated[
        list[Path] | None, typer.Option("--pack", help="统计哪些规则包的词句,可多次给出;默认用自带的全部规则包")
    ] = None,
    recordings: Annotated[Path | None, typer.Option("--recordings", help="清单里的录音路径所在的文件夹")] = None,
    agent_channel: Annotated[
        int | None, typer.Option("--agent-channel", min=0, max=1, help="双声道录音中坐席所在的声道,0 左 1 右")
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
    diarizer: recogniser.Diarizer = None,
) -> None:
    """用人工写的参考文本评估识别:错字率(总体、按角色、按队列)、规则词句找回率,最差的通话排在最前。

    例:zhijian evaluate asr 录音/ --references 参考.jsonl --model large-v3

    参考文本每行一通:{"call_id": "A001", "turns": [{"role": "客服", "text": "您好"}, {"role": "客户", "text": "你好"}]}
    """
    from flows.commands.run import EXIT_PARTLY
    from flows.recognition import RecognitionOptions, evaluate_asr
    from flows.view.progress import progress_bar
    from flows.view.recognition import print_recognition, write_page

    options = RecognitionOptions(
        sources=tuple(sources),
        references=tuple(references),
        out=out,
        packs=tuple(packs or ()),
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
        stock_phrases=recogniser.stock_phrases(stock_phrases),
        diarizer=diarizer,
    )
    with progress_bar() as notify:
        evaluated = evaluate_asr(options, notify)
    write_page(evaluated, out)
    print_recognition(evaluated, out)
    if evaluated.failures:
        raise typer.Exit(EXIT_PARTLY)


@app.command("emotion")
def emotion(
    sources: Annotated[
        list[Path] | None, typer.Argument(help="--calls 里那些通话的文字:会话文件或别的系统的转写,可以给多个")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="标注好的轮次:列有 说话人、文本、情绪,最好还有 通话编号、轮次")
    ] = None,
    calls: Annotated[
        Path | None,
        typer.Option("--calls", help="标注好的通话:列有 通话编号(call_id)、最差情绪(peak)、结束情绪(end)"),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", envvar="ZHIJIAN_EMOTION_MODEL", help="情绪模型文件夹;不写则用自带的"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="结果文件夹:emotion.html 和 Parquet 表")] = Path(
        "emotion-evaluation"
    ),
) -> None:
    """用人工标注评估情绪识别:宏平均 F1、各情绪、愤怒召回率、校准,混淆表,判错而最有把握的原话。

    例:zhijian evaluate emotion --labels 标注.xlsx --model 我的情绪模型;zhijian evaluate emotion 会话.jsonl --calls
    通话情绪.csv。什么都不给时,用自带的留出话语。模型训练时学过的通话不计入。
    """
    from flows.commands.run import EXIT_PARTLY
    from flows.emotion_evaluation import evaluate_emotion
    from flows.emotion_models import emotion_model
    from flows.view.emotion import print_emotions, write_page

    found = evaluate_emotion(
        emotion_model(model), folder=model, labels=labels, calls=calls, sources=sources or (), out=out
    )
    write_page(found, out)
    print_emotions(found, out)
    if found.failures:
        raise typer.Exit(EXIT_PARTLY)
