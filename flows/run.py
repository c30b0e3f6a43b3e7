"""One run from options to summary: the lake's lock, the ledger, and the flow around the work."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flows.environment import prepare_prefect
from flows.options import RunOptions
from flows.work import Notify, RunSummary, RunWork
from pipeline.store.ledger import State


def run_inspection(options: RunOptions, notify: Notify) -> RunSummary:
    """Inspects what `options` name. Raises UserError when nothing can be done (bad rules, no input, busy lake)."""
    run_id = f"run-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    work = RunWork(options, run_id, notify)
    with work.lake.writing():
        work.open()
        prepare_prefect(options.lake)
        from flows.inspection import inspect

        try:
            return inspect(work, run_id)
        except BaseException:
            work.ledger.finish_run(run_id, state=State.FAILED, counts={})
            raise
