"""`python -m training.asr_demo [--work DIR] [--data DIR] [--device cuda]`: all steps; each goes on where it was."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pipeline.domain.errors import UserError

REPOSITORY = Path(__file__).resolve().parents[2]
WORK = REPOSITORY / "build" / "asr-demo"


def main() -> int:
    """The command line; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.asr_demo", description="训练自带的语音识别模型")
    parser.add_argument("--work", type=Path, default=WORK, help="放训练语音和存档的文件夹")
    parser.add_argument("--data", type=Path, help="通用语料所在文件夹;不给时只用自写的客服语句")
    parser.add_argument("--scenes", type=Path, help="自己写的场景所在文件夹,其中的话也拿来训练")
    parser.add_argument("--out", type=Path, default=WORK / "model", help="模型写到哪里;随附的模型不会被覆盖")
    parser.add_argument("--shards", type=int, default=56, help="训练语音的份数,每份约 66 分钟;每四份另加一份停顿长的")
    parser.add_argument("--steps", type=int, default=13_000, help="从头训练的步数,每步约 66 秒语音")
    parser.add_argument("--refining-steps", type=int, default=6_000, help="之后以较低的学习率继续训练的步数")
    parser.add_argument("--jobs", type=int, default=2, help="同时合成的进程数")
    parser.add_argument("--device", default="cpu", help="cpu 或 cuda")
    arguments = parser.parse_args()
    try:
        _all(arguments)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _all(arguments: Any) -> None:
    from training.asr_demo.prepare import prepare
    from training.asr_demo.texts import Sources

    sources = Sources(data=arguments.data, scenes=arguments.scenes)
    prepare(arguments.work, sources, shards=arguments.shards, jobs=arguments.jobs)
    try:
        from training.asr_demo.course import train
        from training.asr_demo.train import Course
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        sys.exit("训练需要 PyTorch,请先安装:pip install -e '.[train]'")
    course = Course(steps=arguments.steps, refining_steps=arguments.refining_steps, device=arguments.device)
    train(arguments.work, arguments.out, course)


if __name__ == "__main__":
    sys.exit(main())
