"""The options about the speech model that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.transcribe import EngineOptions

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        envvar="ZHIJIAN_PROFILE",
        help="一套现成的模型和设置:demo(默认,只认合成语音)、fast 或 accurate;说明见 zhijian models list",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        envvar="ZHIJIAN_MODEL",
        help="语音模型:文件夹、规格(如 large-v3)或模型库编号;不写则用 --profile 的",
    ),
]
Device = Annotated[str | None, typer.Option("--device", envvar="ZHIJIAN_DEVICE", help="auto(默认)、cpu 或 cuda")]
ComputeType = Annotated[
    str | None, typer.Option("--compute-type", help="运算精度:int8、float16 等,default 用模型自己的")
]
Threads = Annotated[int | None, typer.Option("--threads", min=0, help="识别用的线程数,0 为自动(默认)")]
Language = Annotated[str | None, typer.Option("--language", help="语种,默认 zh")]
BeamSize = Annotated[int | None, typer.Option("--beam-size", min=1, help="搜索宽度,1 最快,默认 5")]
AsrBatchSize = Annotated[
    int | None, typer.Option("--asr-batch-size", min=1, help="语音模型同时识别的窗口数,内存或显存不足时改小")
]
AsrAhead = Annotated[
    int | None,
    typer.Option("--asr-ahead", min=30, help="识别时提前解码好多少秒的语音,默认 600;内存不足时改小,与录音长短无关"),
]
Glossary = Annotated[
    Path | None,
    typer.Option("--glossary", help="词表:一行一个产品名、人名等,# 后是注释;提示给语音模型,只放得下几十个"),
]
StockPhrases = Annotated[
    Path | None,
    typer.Option(
        "--stock-phrases",
        help="套话表:一行一句语音模型常凭空写出的话,* 代表最多 20 个字,# 后是注释;与自带的一起用,听成这些的隔离不判",
    ),
]

Diarizer = Annotated[
    Path | None,
    typer.Option(
        "--diarizer",
        envvar="ZHIJIAN_DIARIZER",
        help="单声道录音改用 pyannote 分两个说话人:它的模型文件夹(本机路径,不联网);需安装 zhijian[pyannote]",
    ),
]


def options(profile: str | None, *, glossary: Path | None, **given: Any) -> EngineOptions:
    """The profile's options, where what was given on the command line wins. Raises UserError."""
    from flows.wordlists import read_glossary
    from pipeline.transcribe import engine_options

    return engine_options(profile, glossary=read_glossary(glossary) if glossary else None, **given)


def stock_phrases(path: Path | None) -> tuple[str, ...]:
    """The lines of the user's own file, none where there is none. Raises UserError."""
    from flows.wordlists import read_stock_phrases

    return read_stock_phrases(path) if path else ()
