"""`zhijian models`: which speech models are here, and whether one works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands import recogniser

app = typer.Typer(help="语音模型:有哪些、能不能用、放在哪里", no_args_is_help=True)

EXIT_UNUSABLE = 1

_Name = Annotated[str, typer.Argument(help="方案(如 fast)、文件夹、规格(如 large-v3)或模型库编号")]


@app.callback()
def _group() -> None:
    """语音模型:有哪些、能不能用、放在哪里。

    质检真人录音要用真正的 Whisper 模型。能上网时 zhijian models check fast 会自动下载;不能上网时,
    在别的机器上下载好 CTranslate2 格式的整个模型文件夹,复制过来,再把文件夹的路径写给 --model。
    """


@app.command("list")
def list_models(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="另外查看的文件夹:本身是模型,或里面放着模型,可以给多个")
    ] = None,
) -> None:
    """列出现成的方案和本机的模型:随附的、models/ 下的、指定文件夹里的、模型库缓存里的。不上网。"""
    from flows.view.models import print_models, print_profiles
    from pipeline.transcribe.recogniser.model_files import local_models

    models = local_models(folders or ())
    print_profiles()
    print_models(models)


@app.command("check")
def check(
    name: _Name,
    device: recogniser.Device = None,
    compute_type: recogniser.ComputeType = None,
    threads: recogniser.Threads = None,
    language: recogniser.Language = None,
    beam_size: recogniser.BeamSize = None,
    asr_batch_size: recogniser.AsrBatchSize = None,
    glossary: recogniser.Glossary = None,
) -> None:
    """装入一个模型,识别一秒静音,说明它在本机怎样运行、词表放得下多少;本机没有而模型库有时会下载。

    例:zhijian models check fast --glossary 词表.txt。退出码:0 能用,1 不能用(原因见提示)。
    """
    from flows.view.models import print_report
    from pipeline.domain.errors import UserError
    from pipeline.transcribe.recogniser.probe import probe_model
    from pipeline.transcribe.recogniser.profiles import PROFILES

    try:
        options = recogniser.options(
            name if name in PROFILES else None,
            model=None if name in PROFILES else name,
            device=device,
            compute_type=compute_type,
            threads=threads,
            language=language,
            beam_size=beam_size,
            batch_size=asr_batch_size,
            glossary=glossary,
        )
        print_report(probe_model(options), glossary=options.glossary)
    except UserError as error:
        for problem in error.problems:
            typer.secho(f"错误 {problem}", fg="red", err=True)
        raise typer.Exit(EXIT_UNUSABLE) from error


@app.command("path")
def path(name: _Name) -> None:
    """只显示模型所在的文件夹,供脚本使用。不上网;本机没有这个模型时退出码为 2。"""
    from pipeline.domain.errors import ModelError, Problem, ProblemCode
    from pipeline.transcribe.recogniser.model_files import local_folder
    from pipeline.transcribe.recogniser.profiles import PROFILES

    model = PROFILES[name].model if name in PROFILES else name
    folder = local_folder(model)
    if folder is None:
        remedy = f"能上网时可用 zhijian models check {name} 下载;本机有哪些见 zhijian models list"
        raise ModelError(Problem(code=ProblemCode.MODEL_UNAVAILABLE, what=f"本机没有模型“{model}”", remedy=remedy))
    typer.echo(folder.absolute())
