"""Kills at every step, two writers at once, and a plain dictionary as the judge."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.errors import LakeError, Problem, ProblemCode
from pipeline.store import staging
from pipeline.store.inspected import InspectedCall
from pipeline.store.lake import Lake
from pipeline.store.rows import batch_rows, failure_row
from pipeline.store.schemas import CALL_TABLES, Table, arrow_table

from .samples import NOON, voice_call


class Killed(BaseException):
    """What a kill looks like from inside: nothing that anyone catches."""


@contextmanager
def killed_at(step: int, name: str) -> Iterator[None]:
    """The process dies in place of the `step`-th call (from 0) of `os.name`."""
    real: Callable[..., Any] = getattr(os, name)
    calls = iter(range(step + 1))

    def deadly(*args: Any, **options: Any) -> Any:
        if next(calls, step) == step:
            raise Killed
        return real(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, deadly)
        yield


def tables(lake: Lake) -> dict[Table, list[dict[str, Any]]]:
    """All rows of all tables, as plain pyarrow reads them."""
    return {t: pq.read_table(lake.root / t).to_pylist() if (lake.root / t).exists() else [] for t in Table}


@pytest.mark.parametrize("name", ["replace", "unlink"])
def test_a_kill_at_any_step_of_publishing_is_healed_by_publishing_again(tmp_path: Path, name: str) -> None:
    before = [voice_call("c1", n_turns=3), voice_call("c2")]
    # c1 moves to another day, c2 changes its score, c3 is new, and c4 fails.
    moved = voice_call("c1", started_at=NOON + timedelta(days=1), run_id="run-2")
    after = [moved, voice_call("c2", score="10.0", run_id="run-2"), voice_call("c3", run_id="run-2")]
    failed = failure_row(
        Problem(code=ProblemCode.NOT_AUDIO, what="不是录音", remedy="请更换", call_id="c4"), source="甲", run_id="run-2"
    )

    ready = Lake(tmp_path / "ready")
    ready.stage("b", batch_rows(before), run_id="run-1")
    ready.publish()
    ready.stage("b1", batch_rows(after[:2]), run_id="run-2")
    ready.stage("b2", batch_rows(after[2:]), failures=[failed], sources=["甲"], run_id="run-2")
    whole = Lake(shutil.copytree(ready.root, tmp_path / "whole"))
    whole.publish()
    expected = tables(whole)
    kills = 0
    for step in range(1_000):
        lake = Lake(shutil.copytree(ready.root, tmp_path / str(step)))
        try:
            with killed_at(step, name):
                lake.publish()
        except Killed:
            kills += 1
        else:
            break
        assert {"c1", "c2"} <= set(lake.read("scores")["call_id"])
        restarted = Lake(lake.root)
        restarted.publish()
        assert tables(restarted) == expected
        assert list(lake.root.rglob("*.tmp")) == []
        assert list(lake.root.rglob("*.batch")) == []
    assert kills >= 2


def test_a_call_that_moves_again_after_a_kill_is_found_wherever_it_got_to(tmp_path: Path) -> None:
    for step in range(3):
        lake = Lake(tmp_path / str(step))
        for days in range(3):
            rows = batch_rows([voice_call("c1", started_at=NOON + timedelta(days=days))])
            lake.stage("b", rows, run_id="run-1")
            if days == 1:
                with pytest.raises(Killed), killed_at(step, "replace"):
                    lake.publish()
            else:
                lake.publish()
        for table in CALL_TABLES:
            assert set(lake.read(table)["day"]) == {"2026-03-04"}


def test_a_kill_while_staging_leaves_no_half_batch(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.prepare()
    with pytest.raises(Killed), killed_at(0, "replace"):
        lake.stage("b", batch_rows([voice_call()]), run_id="run-1")
    assert lake.publish().calls == 0
    lake.stage("b", batch_rows([voice_call()]), run_id="run-1")
    assert lake.publish().calls == 1


def test_what_a_killed_process_left_half_written_is_swept_up(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.stage("b", batch_rows([voice_call()]), run_id="run-1")
    (tmp_path / "_state/staging/.0000000009-x.batch.77.tmp").write_bytes(b"half")
    (tmp_path / "scores/day=2026-03-02").mkdir(parents=True)
    (tmp_path / "scores/day=2026-03-02/.data.parquet.77.tmp").write_bytes(b"half")
    assert lake.publish().calls == 1
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.stage("b", batch_rows([voice_call()]), run_id="run-1")

    def full(*names: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(LakeError, match="磁盘") as caught:
            lake.publish()
    assert caught.value.problems[0].code is ProblemCode.FILE_UNWRITABLE
    assert lake.publish().calls == 1


HOLD = """
import sys
from pathlib import Path
from pipeline.store.lake import Lake
with Lake(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_refused_at_once_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        lake = Lake(tmp_path)
        lake.stage("b", batch_rows([voice_call()]), run_id="run-1")
        with pytest.raises(LakeError, match=str(holder.pid)) as caught:
            lake.publish()
        assert caught.value.problems[0].code is ProblemCode.LAKE_BUSY
        assert lake.read("scores").empty
        holder.kill()
    assert lake.publish().calls == 1


def test_a_lake_is_held_against_others_in_the_same_process_and_given_back(tmp_path: Path) -> None:
    ours, theirs = Lake(tmp_path), Lake(tmp_path)
    with ours.writing():
        ours.stage("b", batch_rows([voice_call()]), run_id="run-1")
        assert ours.publish().calls == 1
        with pytest.raises(LakeError):
            theirs.publish()
    assert theirs.publish().calls == 0


@dataclass
class Model:
    """What a lake should hold, in plain dictionaries."""

    calls: dict[str, InspectedCall] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    histories: dict[str, list[str]] = field(default_factory=dict)

    def apply(self, call_id: str, call: InspectedCall | None) -> None:
        self.failures.pop(call_id, None)
        if call is None:
            self.failures[call_id] = "坏了"
        else:
            self.calls[call_id] = call


# A step is a batch to stage (None: the call failed), or a publication that dies at its n-th file if there are so many.
OUTCOME = st.none() | st.tuples(st.integers(0, 2), st.sampled_from(["50.0", "60.0"]), st.integers(0, 3))
BATCH = st.dictionaries(st.sampled_from("abcd"), OUTCOME, max_size=3)
STEPS = st.lists(st.one_of(BATCH, st.integers(0, 30)), max_size=8)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, group_bytes=st.sampled_from([1, staging.GROUP_BYTES]))
def test_whatever_is_staged_published_and_killed_the_lake_holds_each_call_once_as_it_was_last(
    steps: list[dict[str, tuple[int, str, int] | None] | int], group_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "GROUP_BYTES", group_bytes)
        lake, model = Lake(Path(folder)), Model()
        for n, step in enumerate(steps):
            if isinstance(step, dict):
                _stage(lake, model, step, run_id=f"run-{n}")
                continue
            try:
                with killed_at(step, "replace"):
                    lake.publish()
            except Killed:
                lake = Lake(lake.root)
            else:
                _check(lake, model)
        lake.publish()
        _check(lake, model)


def _stage(lake: Lake, model: Model, batch: dict[str, tuple[int, str, int] | None], *, run_id: str) -> None:
    calls, failures = [], []
    for call_id, outcome in batch.items():
        if outcome is None:
            problem = Problem(code=ProblemCode.INTERNAL, what="坏了", remedy="请重试", call_id=call_id)
            failures.append(failure_row(problem, source="甲", run_id=run_id))
            model.apply(call_id, None)
        else:
            days, score, n_turns = outcome
            started_at = None if days == 0 else NOON + timedelta(days=days)
            call = voice_call(call_id, started_at=started_at, score=score, n_turns=n_turns, run_id=run_id)
            calls.append(call)
            model.apply(call_id, call)
    lake.stage("batch", batch_rows(calls), failures=failures, run_id=run_id)


def _check(lake: Lake, model: Model) -> None:
    """The lake holds what the model does, and no history was rewritten since the last look."""
    found = tables(lake)
    expected = batch_rows(model.calls.values())
    for table in CALL_TABLES:
        rows = [{name: value for name, value in row.items() if name != "day"} for row in found[table]]
        assert sorted(rows, key=repr) == sorted(arrow_table(table, expected[table]).to_pylist(), key=repr)
    days = {row["call_id"]: row["day"] for row in found[Table.CALLS]}
    for table in (*CALL_TABLES, Table.SCORE_REVISIONS):
        assert all(days[row["call_id"]] == row["day"] for row in found[table])
    scores = {row["call_id"]: row for row in found[Table.SCORES]}
    for call_id, score in scores.items():
        history = [row for row in found[Table.SCORE_REVISIONS] if row["call_id"] == call_id]
        assert [row["revision"] for row in history] == list(range(1, len(history) + 1))
        assert history[-1]["score_digest"] == score["score_digest"]
        digests = [row["score_digest"] for row in history]
        assert all(a != b for a, b in pairwise(digests))
        assert digests[: len(model.histories.get(call_id, []))] == model.histories.get(call_id, [])
        model.histories[call_id] = digests
    assert {row["call_id"]: row["message"] for row in found[Table.FAILURES]} == model.failures
