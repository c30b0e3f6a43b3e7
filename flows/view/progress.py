"""The progress bar of long work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from flows.work import Notify

_STAGES = {
    "prepare": "准备",
    "transcribe": "转写",
    "inspect": "质检",
    "publish": "写表",
    "backtest": "回测",
    "train": "训练",
}


@contextmanager
def progress_bar() -> Iterator[Notify]:
    """A bar on stderr with the stage, the calls done and the time left; where stderr is no terminal, nothing."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("通"),
        TextColumn("剩余"),
        TimeRemainingColumn(compact=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_STAGES["prepare"], total=None)

        def notify(stage: str, done: int, total: int) -> None:
            bar.update(task, description=_STAGES[stage], completed=done, total=total)

        yield notify
