"""The option about the emotion model that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    Path | None,
    typer.Option(
        "--emotion-model",
        envvar="ZHIJIAN_EMOTION_MODEL",
        help="情绪模型文件夹,由 zhijian train emotion 写出;不写则用自带的",
    ),
]
