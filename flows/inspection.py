"""The Prefect flow `inspect`: discover, then transcribe and inspect batch by batch, then publish.

Tasks are few (two per batch), since a Prefect server takes in only some 50 records a second; the state of every call
lives in the run ledger. Import this module only after `environment.prepare_prefect`.
"""

from __future__ import annotations

from typing import Any

from prefect import State, Task, flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.runtime import task_run

from flows.work import RunSummary, RunWork

RETRIES = 2
RETRY_DELAYS_S = [1.0, 5.0]


def _is_io_error(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """A drive that is away may come back; every other error would only fail again."""
    return isinstance(state.result(raise_on_failure=False), OSError)


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=_is_io_error, cache_policy=NO_CACHE)
def discover(work: RunWork) -> int:
    """The number of batches to do."""
    return work.discover()


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=_is_io_error, cache_policy=NO_CACHE)
def transcribe_batch(work: RunWork, batch: int) -> int:
    """The number of calls of the batch that have a transcript."""
    return work.transcribe(batch, last_try=task_run.run_count > RETRIES)


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=_is_io_error, cache_policy=NO_CACHE)
def inspect_batch(work: RunWork, batch: int) -> int:
    """The number of calls of the batch that were scored."""
    return work.inspect(batch)


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=_is_io_error, cache_policy=NO_CACHE)
def publish(work: RunWork) -> RunSummary:
    """What the run did, once the tables are up to date."""
    return work.publish()


@flow(name="inspect", flow_run_name="{run_id}", validate_parameters=False)
def inspect(work: RunWork, run_id: str) -> RunSummary:  # noqa: ARG001 - Prefect names the flow run with it
    """One run over everything that is handed in."""
    for batch in range(discover(work)):
        transcribe_batch(work, batch)
        inspect_batch(work, batch)
    summary = publish(work)
    create_markdown_artifact(key="inspection-summary", markdown=_markdown(summary), description="质检运行小结")
    return summary


def _markdown(summary: RunSummary) -> str:
    rows = (
        ("发现通话", summary.found),
        ("本次质检", summary.inspected),
        ("此前已检", summary.skipped),
        ("未能质检", summary.failed),
    )
    return "| 项目 | 数量 |\n|---|---|\n" + "\n".join(f"| {name} | {n} |" for name, n in rows)
