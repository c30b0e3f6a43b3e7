"""`zhijian train`: models that learn from what a user's own people have reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="用自己复核过的数据训练模型", no_args_is_help=True)

EXIT_NOT_BETTER = 4


@app.callback()
def _group() -> None:
    """用自己复核过的数据训练模型。全部在本机进行,不上网。"""


@app.command("emotion")
def emotion(
    labels: Annotated[
        Path,
        typer.Option(
            "--labels",
            help="标注:CSV、Excel、JSONL 或 Parquet,一行一轮,列有 说话人、文本、情绪,最好还有 通话编号、轮次;"
            "没标情绪的行只作上下文",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="模型文件夹;里面已有模型时,只有新的更好才替换")] = Path(
        "emotion-model"
    ),
    force: Annotated[bool, typer.Option("--force", help="不比现有模型好也替换")] = False,
) -> None:
    """在自带的情绪模型上学习您自己标注的话,量出之前和之后的成绩,更好才写出。同样的标注得到同样的文件。

    例:zhijian train emotion --labels 标注.xlsx --out 我的情绪模型,然后 zhijian run 清单.csv --out lake
    --emotion-model 我的情绪模型。

    情绪写 满意、平静、焦急、不满、愤怒;同一通的各轮写同样的通话编号,检验时不会一半学、一半考。
    退出码:0 已写出(或与现有的相同),4 没有现有的好、没有替换,2 标注或设置有误。
    """
    from flows.emotion_training import train_emotion
    from flows.view.emotion import print_training
    from flows.view.progress import progress_bar
    from pipeline.domain.errors import InputError, Problem, ProblemCode

    try:
        with progress_bar() as notify:
            trained = train_emotion(labels, out, force=force, notify=notify)
    except OSError as error:
        what = f"写不了模型文件夹({error.strerror or error})"
        problem = Problem(code=ProblemCode.FILE_UNWRITABLE, what=what, remedy="请检查权限和磁盘", file=str(out))
        raise InputError(problem) from None
    print_training(trained, out)
    if not trained.written:
        raise typer.Exit(EXIT_NOT_BETTER)
