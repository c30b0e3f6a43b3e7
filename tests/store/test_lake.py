from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.store import staging
from pipeline.store.lake import Lake, Published
from pipeline.store.rows import batch_rows
from pipeline.store.schemas import CALL_TABLES, TABLES, Table

from .samples import NOON, bare_chat, failure, publish, voice_call


def contents(lake: Lake) -> dict[str, bytes]:
    """Every file that a reader of the lake sees."""
    files = (path for path in lake.root.rglob("*") if path.is_file() and "_state" not in path.parts)
    return {path.relative_to(lake.root).as_posix(): path.read_bytes() for path in files}


def test_plain_pandas_reads_one_score_row_per_call(lake: Lake) -> None:
    publish(lake, voice_call("c2"), voice_call("c1", started_at=NOON + timedelta(days=1)), bare_chat())
    scores = pd.read_parquet(lake.root / "scores")
    found = {row.call_id: (row.day, row.score) for row in scores.itertuples()}
    assert {call: day for call, (day, _) in found.items()} == {
        "c1": "2026-03-03",
        "c2": "2026-03-02",
        "chat-1": "unknown",
    }
    assert found["c1"][1] == 87.5
    assert scores["score"].isna().tolist() == [False, False, True]
    assert str(scores["started_at"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize("table", [*CALL_TABLES, Table.SCORE_REVISIONS])
def test_plain_pyarrow_reads_every_table_with_its_types_and_version(lake: Lake, table: Table) -> None:
    publish(lake, voice_call(), bare_chat())
    for path in (lake.root / table).rglob("*.parquet"):
        schema = pq.read_schema(path)
        assert schema.equals(TABLES[table].schema)
        assert schema.metadata[b"zhijian.schema_version"] == b"5"
        assert schema.metadata[b"zhijian.table"] == table.encode()


def test_partitions_whose_columns_are_all_missing_do_not_change_the_types(lake: Lake) -> None:
    publish(lake, voice_call(), bare_chat())
    both, known = pd.read_parquet(lake.root / "scores"), pd.read_parquet(lake.root / "scores/day=2026-03-02")
    assert both.drop(columns="day").dtypes.equals(known.dtypes)
    assert len(pd.read_parquet(lake.root / "turns")) == 3


def test_the_day_is_that_of_the_contact_centre(tmp_path: Path) -> None:
    late = voice_call("late", started_at=datetime(2026, 3, 2, 16, 30, tzinfo=UTC))
    days = {}
    for name in ("Asia/Shanghai", "UTC"):
        lake = Lake(tmp_path / name.replace("/", "-"), timezone=name)
        publish(lake, late)
        days[name] = lake.read("calls")["day"].tolist()
    assert days == {"Asia/Shanghai": ["2026-03-03"], "UTC": ["2026-03-02"]}


def test_read_gives_a_day_as_text_and_only_the_columns_asked_for(lake: Lake) -> None:
    publish(lake, voice_call("c2"), voice_call("c1"), bare_chat())
    turns = lake.read(Table.TURNS)
    assert turns[["day", "call_id", "turn"]].values.tolist() == [
        ["2026-03-02", "c1", 0],
        ["2026-03-02", "c1", 1],
        ["2026-03-02", "c2", 0],
        ["2026-03-02", "c2", 1],
        ["unknown", "chat-1", 0],
    ]
    assert str(turns["day"].dtype) == "str"
    assert lake.read("scores", columns=["call_id"], day="unknown").to_dict("list") == {"call_id": ["chat-1"]}


def test_a_table_without_rows_reads_as_empty_with_its_columns(lake: Lake) -> None:
    lake.prepare()
    assert lake.read("failures").columns.tolist() == TABLES[Table.FAILURES].schema.names
    assert lake.read("scores", columns=["day", "score"]).columns.tolist() == ["day", "score"]


def test_inspecting_a_call_again_replaces_its_rows_in_every_table(lake: Lake) -> None:
    publish(lake, voice_call("c1", n_turns=4), voice_call("c2"))
    publish(lake, voice_call("c1", n_turns=1, score="60.0"))
    assert lake.read("turns").groupby("call_id").size().to_dict() == {"c1": 1, "c2": 2}
    assert lake.read("scores").set_index("call_id")["score"].to_dict() == {"c1": 60.0, "c2": 87.5}


def test_a_call_whose_time_was_corrected_moves_to_its_new_day(lake: Lake) -> None:
    publish(lake, voice_call("c1"), voice_call("c2"))
    publish(lake, voice_call("c1", started_at=NOON + timedelta(days=5)))
    for table in (*CALL_TABLES, Table.SCORE_REVISIONS):
        assert lake.read(table).groupby("call_id")["day"].unique().map(list).to_dict() == {
            "c1": ["2026-03-07"],
            "c2": ["2026-03-02"],
        }


def test_the_order_and_the_cut_of_the_batches_leave_no_trace(tmp_path: Path) -> None:
    calls = [voice_call(f"c{i}", started_at=NOON + timedelta(days=i % 3), n_turns=i) for i in range(8)]
    lakes = [Lake(tmp_path / str(i)) for i in range(3)]
    publish(lakes[0], *calls)
    for call in reversed(calls):
        publish(lakes[1], call)
    for n, part in enumerate([calls[5:], calls[2:5], calls[:2]]):
        lakes[2].stage(f"b{n}", batch_rows(reversed(part)), run_id="run-1")
    lakes[2].publish()
    assert contents(lakes[0]) == contents(lakes[1]) == contents(lakes[2])


def test_more_batches_than_fit_in_memory_are_published_some_at_a_time(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        lake.stage(f"b{n}", batch_rows([voice_call(f"c{n}")]), run_id="run-1")
    size = max(path.stat().st_size for path in lake.root.rglob("*.batch"))
    monkeypatch.setattr(staging, "GROUP_BYTES", 2 * size)
    empty_failures = 1
    files = 3 * len([*CALL_TABLES, Table.SCORE_REVISIONS]) + empty_failures
    assert lake.publish() == Published(calls=5, failures=0, files=files)
    assert lake.read("scores")["call_id"].tolist() == ["c0", "c1", "c2", "c3", "c4"]


def test_publishing_the_same_rows_again_writes_no_file(lake: Lake) -> None:
    publish(lake, voice_call("c1"), bare_chat())
    before = contents(lake)
    assert publish(lake, voice_call("c1"), bare_chat()) == Published(calls=2, failures=0, files=0)
    assert contents(lake) == before


def test_publishing_nothing_changes_nothing(lake: Lake) -> None:
    publish(lake, voice_call())
    before = contents(lake)
    assert lake.publish() == Published(calls=0, failures=0, files=0)
    assert contents(lake) == before


def test_of_a_call_staged_twice_the_later_rows_count(lake: Lake) -> None:
    lake.stage("z", batch_rows([voice_call("c1", score="50.0"), voice_call("c2")]), run_id="run-1")
    lake.stage("a", batch_rows([voice_call("c1", score="70.0")]), run_id="run-2")
    lake.publish()
    assert lake.read("scores").set_index("call_id")["score"].to_dict() == {"c1": 70.0, "c2": 87.5}
    assert lake.read("score_revisions")["call_id"].tolist() == ["c1", "c2"]


def test_a_revision_is_kept_for_each_changed_score_and_none_for_a_mere_rerun(lake: Lake) -> None:
    for run_id, score in [("r1", "80.0"), ("r2", "80.0"), ("r3", "75.0"), ("r4", "80.0")]:
        publish(lake, voice_call("c1", score=score, run_id=run_id), voice_call("c2", run_id=run_id))
    history = lake.read("score_revisions", columns=["call_id", "revision", "score", "run_id"])
    assert history.values.tolist() == [
        ["c1", 1, 80.0, "r1"],
        ["c1", 2, 75.0, "r3"],
        ["c1", 3, 80.0, "r4"],
        ["c2", 1, 87.5, "r1"],
    ]
    assert set(lake.read("scores")["run_id"]) == {"r4"}


class TestFailures:
    def test_a_failure_ends_when_its_call_is_inspected(self, lake: Lake) -> None:
        lake.stage("b", {}, failures=[failure("甲", call_id="c1"), failure("甲", call_id="c2")], run_id="run-1")
        assert lake.publish().failures == 2
        publish(lake, voice_call("c1"), run_id="run-2")
        assert lake.read("failures")["call_id"].tolist() == ["c2"]

    def test_a_new_failure_of_a_call_replaces_the_old_one_and_leaves_its_rows(self, lake: Lake) -> None:
        publish(lake, voice_call("c1"))
        for run_id, what in [("r2", "打不开"), ("r3", "是空的")]:
            failed = [failure("甲", call_id="c1", run_id=run_id, what=what)]
            lake.stage(run_id, {}, failures=failed, run_id=run_id)
            lake.publish()
        assert lake.read("failures")["message"].tolist() == ["是空的"]
        assert lake.read("scores")["call_id"].tolist() == ["c1"]

    def test_reading_a_source_anew_ends_what_other_runs_found_in_it(self, lake: Lake) -> None:
        lake.stage("b", {}, failures=[failure("甲"), failure("乙"), failure("甲", call_id="gone")], run_id="run-1")
        lake.publish()
        lake.stage(
            "intake", {}, failures=[failure("甲", run_id="run-2", what="还有错")], sources=["甲"], run_id="run-2"
        )
        lake.publish()
        found = lake.read("failures")[["source", "message"]].values.tolist()
        assert sorted(found) == [["乙", "坏了"], ["甲", "还有错"]]

    def test_batches_of_one_run_do_not_end_each_others_failures(self, lake: Lake) -> None:
        for n in range(3):
            failed = [failure("甲", call_id=f"c{n}")]
            lake.stage(f"b{n}", {}, failures=failed, sources=["甲"], run_id="run-1")
        lake.publish()
        assert lake.read("failures")["call_id"].tolist() == ["c0", "c1", "c2"]

    def test_the_same_failure_staged_twice_is_one_row(self, lake: Lake) -> None:
        for batch_id in ("a", "b"):
            lake.stage(batch_id, {}, failures=[failure("甲")], run_id="run-1")
        lake.publish()
        assert len(lake.read("failures")) == 1

    def test_plain_pandas_reads_them(self, lake: Lake) -> None:
        lake.stage("b", {}, failures=[failure("甲", call_id="c1")], run_id="run-1")
        lake.publish()
        assert pd.read_parquet(lake.root / "failures")["code"].tolist() == ["bad_value"]


def test_every_table_can_be_read_even_when_nothing_was_found(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.stage("b", {}, run_id="r")
    lake.publish()
    for table in Table:
        frame = pd.read_parquet(tmp_path / "lake" / table)
        assert frame.empty
        assert set(frame.columns) == set(lake.read(table).columns)
