"""kill -9 in mid-run, then run again: the tables are those of an undisturbed run."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.conftest import RunFlow
from tests.flows.test_run import tables

LONGEST_WAIT_S = 180


@pytest.mark.parametrize("stage", ["inspected", "transcribed"])
def test_a_killed_run_goes_on_where_it_was(run_flow: RunFlow, recordings: Path, tmp_path: Path, stage: str) -> None:
    lake = tmp_path / "killed"
    command = [sys.executable, "-m", "flows.cli", "run", str(recordings), "--out", str(lake), "--batch-size", "1"]
    environment = {k: v for k, v in os.environ.items() if k != "PREFECT_HOME"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for(lambda: begun(lake, stage), process)
    os.killpg(process.pid, signal.SIGKILL)  # and its temporary Prefect server, which nobody else would end
    process.wait()
    kept = {p: p.stat().st_mtime_ns for p in (lake / "_state" / "transcripts").rglob("*") if p.is_file()}

    summary = run_flow(recordings, lake="killed", batch_size=1)
    assert summary.failed == 0
    assert summary.inspected + summary.skipped == 5
    assert all(p.stat().st_mtime_ns == when for p, when in kept.items())
    if stage == "inspected":
        assert summary.skipped >= 1

    run_flow(recordings, lake="undisturbed")
    killed, undisturbed = tables(lake), tables(tmp_path / "undisturbed")
    assert all(killed[name].equals(undisturbed[name]) for name in killed)


def begun(lake: Path, stage: str) -> bool:
    """Whether a first call has reached the stage."""
    if stage == "transcribed":
        return any(p.is_file() for p in (lake / "_state" / "transcripts").rglob("*"))
    path = lake / "_state" / "ledger.sqlite"
    if not path.exists():
        return False
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return bool(connection.execute("select count(*) from call_state").fetchone()[0])
    except sqlite3.OperationalError:
        return False


def wait_for(condition: object, process: subprocess.Popen[bytes]) -> None:
    """Polls until it holds; fails the test when the process ends or time runs out first."""
    assert callable(condition)
    end = time.monotonic() + LONGEST_WAIT_S
    while not condition():
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.02)
