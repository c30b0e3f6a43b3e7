"""The training from the first step or the last checkpoint to the exported model, with what it reaches on the way."""

from __future__ import annotations

import time
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from training.asr_demo.batches import Batcher
from training.asr_demo.export import export
from training.asr_demo.held_out import character_error
from training.asr_demo.model import Shape
from training.asr_demo.prepare import HELD_OUT, TOKENS, shard_paths, spacious_paths
from training.asr_demo.shards import read_shard
from training.asr_demo.sounds import HEAD_SIZE
from training.asr_demo.tokens import Tokens
from training.asr_demo.train import CHECKPOINT, Course, Trainer

_MEASURE_EVERY = 2000
_MEASURED = 50
"""Windows of each kind: writing is slow here, without a cache."""
_REPORT_KEEP = 0.98


def train(work: Path, out: Path, course: Course) -> None:
    """Train through the course with the shards in `work`, keep a checkpoint there, and export the average to `out`."""
    tokens = Tokens.load(work / TOKENS)
    batcher = Batcher(tokens=tokens)
    shape = Shape(vocabulary=len(tokens), sounds=HEAD_SIZE)
    trainer = Trainer.start(shape, batcher, course)
    checkpoint = work / CHECKPOINT
    if checkpoint.exists():
        trainer.resume(checkpoint)
    measured = {held.name: read_shard(work / held.file)[:_MEASURED] for held in HELD_OUT}
    smooth: dict[str, float] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("训练", total=course.all_steps, completed=trainer.step)

        def report(step: int, losses: dict[str, float]) -> None:
            for name, loss in losses.items():
                smooth[name] = _REPORT_KEEP * smooth.get(name, loss) + (1 - _REPORT_KEEP) * loss
            progress.update(task, completed=step)

        for step in trainer.run(shard_paths(work), spacious_paths(work), report):
            trainer.save(checkpoint)
            line = f"{time.strftime('%H:%M:%S')} {step}" + "".join(f" {k} {v:.3f}" for k, v in smooth.items())
            if step % _MEASURE_EVERY == 0 or step >= course.all_steps:
                errors = {name: character_error(trainer.average, group, batcher) for name, group in measured.items()}
                line += "".join(f" CER {name} {error:.1%}" for name, error in errors.items())
            progress.console.print(line)
    export(trainer.average.state_dict(), shape, tokens, out)
