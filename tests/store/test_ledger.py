from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.errors import LakeError, Problem, ProblemCode
from pipeline.store.ledger import Ledger, State, Work
from pipeline.store.ledger_database import CALL_STATE, ledger_error, open_database
from pipeline.store.migrations import HEAD, VERSION_TABLE

BROKEN = Problem(code=ProblemCode.NOT_AUDIO, what="文件不是录音", remedy="请更换文件", file="a.wav")
START = datetime(2026, 3, 2, tzinfo=UTC)


def work(call_id: str, *, content: str = "h1", digest: str = "d1") -> Work:
    return Work(call_id, content, digest)


def ticking() -> Iterator[datetime]:
    return (START + timedelta(seconds=n) for n in count())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = ticking()
    with Ledger.open(tmp_path / "lake" / "ledger.sqlite", now=lambda: next(clock)) as opened:
        yield opened


def test_a_second_run_inspects_nothing_again(ledger: Ledger) -> None:
    calls = [work(f"c{n}") for n in range(1_200)]
    assert ledger.pending(calls) == {one.call_id for one in calls}
    ledger.mark(calls, stage="score", state=State.DONE, run_id="r1")
    assert ledger.pending(calls) == set()
    assert ledger.pending([*calls, work("new")]) == {"new"}


@pytest.mark.parametrize(
    ("again", "is_pending"),
    [
        (work("c1"), False),
        (work("c1", digest="other rules"), True),
        (work("c1", content="another recording"), True),
    ],
)
def test_a_done_call_is_taken_up_again_when_its_content_or_the_configuration_changed(
    ledger: Ledger, again: Work, is_pending: bool
) -> None:
    ledger.mark([work("c1")], stage="score", state=State.DONE, run_id="r1")
    assert ledger.pending([again]) == ({"c1"} if is_pending else set())


def test_a_call_that_was_running_when_the_run_was_killed_is_pending(ledger: Ledger) -> None:
    ledger.mark([work("c1")], stage="transcribe", state=State.RUNNING, run_id="r1")
    assert ledger.pending([work("c1")]) == {"c1"}


def test_finishing_a_stage_makes_done_what_runs_in_it_and_nothing_else(ledger: Ledger) -> None:
    ledger.mark([work("early")], stage="transcribe", state=State.RUNNING, run_id="r1")
    ledger.mark([work("killed")], stage="publish", state=State.RUNNING, run_id="r1")
    ledger.mark([work("ours")], stage="publish", state=State.RUNNING, run_id="r2")
    ledger.fail([(work("broken"), BROKEN)], stage="publish", run_id="r2")
    ledger.finish_stage("publish")
    calls = [work(call_id) for call_id in ("early", "killed", "ours", "broken")]
    assert ledger.pending(calls) == {"early", "broken"}
    killed = ledger.state("killed")
    assert killed is not None
    assert (killed.state, killed.run_id) == (State.DONE, "r1")


def test_a_failed_call_keeps_its_reason_and_is_taken_up_by_the_next_run(ledger: Ledger) -> None:
    ledger.fail([(work("c1"), BROKEN)], stage="transcribe", run_id="r1")
    found = ledger.state("c1")
    assert found is not None
    assert (found.state, found.stage, found.error_code) == (State.FAILED, "transcribe", "not_audio")
    assert found.error_message == "a.wav: 文件不是录音。请更换文件"
    assert [one.call_id for one in ledger.failed()] == ["c1"]
    assert ledger.pending([work("c1")]) == {"c1"}


def test_attempts_count_the_runs_that_took_the_work_up(ledger: Ledger) -> None:
    def attempts() -> int:
        found = ledger.state("c1")
        assert found is not None
        return found.attempts

    ledger.mark([work("c1")], stage="transcribe", state=State.RUNNING, run_id="r1")
    ledger.fail([(work("c1"), BROKEN)], stage="transcribe", run_id="r1")
    assert attempts() == 1
    ledger.fail([(work("c1"), BROKEN)], stage="transcribe", run_id="r2")
    assert attempts() == 2
    ledger.mark([work("c1")], stage="score", state=State.DONE, run_id="r3")
    assert attempts() == 3
    ledger.mark([work("c1", digest="d2")], stage="score", state=State.DONE, run_id="r4")
    assert attempts() == 1


def test_success_clears_the_reason_of_an_earlier_failure(ledger: Ledger) -> None:
    ledger.fail([(work("c1"), BROKEN)], stage="transcribe", run_id="r1")
    ledger.mark([work("c1")], stage="score", state=State.DONE, run_id="r2")
    found = ledger.state("c1")
    assert found is not None
    assert (found.state, found.error_code, found.error_message, found.run_id) == (State.DONE, None, None, "r2")
    assert found.updated_at == START + timedelta(seconds=1)
    assert ledger.failed() == []


def test_a_call_cannot_be_marked_failed_without_a_reason(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="failed"):
        ledger.mark([work("c1")], stage="score", state=State.FAILED, run_id="r1")
    assert ledger.state("c1") is None


def test_the_summary_counts_calls_and_shows_the_last_run(ledger: Ledger) -> None:
    assert (ledger.summary().calls, ledger.summary().last_run) == ({}, None)
    ledger.start_run("r1", config_digest="c1", version="0.1.0")
    ledger.mark([work("c1"), work("c2")], stage="score", state=State.DONE, run_id="r1")
    ledger.fail([(work("c3"), BROKEN)], stage="transcribe", run_id="r1")
    ledger.finish_run("r1", state=State.DONE, counts={"calls": 3})
    summary = ledger.summary()
    assert summary.calls == {State.DONE: 2, State.FAILED: 1}
    assert summary.last_run is not None
    assert (summary.last_run.run_id, summary.last_run.state, summary.last_run.counts) == (
        "r1",
        State.DONE,
        {"calls": 3},
    )
    assert summary.last_run.started_at < (summary.last_run.finished_at or START)


def test_a_run_that_was_killed_is_noted_when_the_next_one_starts(ledger: Ledger, tmp_path: Path) -> None:
    ledger.start_run("r1", config_digest="c", version="0.1.0")
    ledger.start_run("r2", config_digest="c", version="0.1.0")
    with sqlite3.connect(tmp_path / "lake/ledger.sqlite") as database:
        states = dict(database.execute("SELECT run_id, state FROM run"))
    database.close()
    assert states == {"r1": "interrupted", "r2": "running"}


def test_a_run_that_goes_on_keeps_its_start(ledger: Ledger) -> None:
    ledger.start_run("r1", config_digest="c", version="0.1.0")
    first = ledger.summary().last_run
    ledger.finish_run("r1", state=State.FAILED, counts={})
    ledger.start_run("r1", config_digest="c", version="0.1.0")
    again = ledger.summary().last_run
    assert first is not None
    assert again is not None
    assert (again.state, again.started_at, again.finished_at) == (State.RUNNING, first.started_at, None)


def test_a_run_that_never_started_cannot_finish(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="r9"):
        ledger.finish_run("r9", state=State.DONE, counts={})


CALLS = st.lists(st.sampled_from("abc"), max_size=3, unique=True)
EVENTS = st.lists(st.tuples(CALLS, st.sampled_from(State), st.sampled_from(["d1", "d2"])), max_size=10)


@settings(max_examples=30, deadline=None)
@given(events=EVENTS)
def test_exactly_the_calls_done_with_this_work_are_not_pending(
    events: list[tuple[list[str], State, str]],
) -> None:
    last: dict[str, tuple[State, str]] = {}
    with Ledger.open("sqlite://") as ledger:
        for call_ids, state, digest in events:
            works = [work(call_id, digest=digest) for call_id in call_ids]
            if state is State.FAILED:
                ledger.fail([(one, BROKEN) for one in works], stage="s", run_id="r")
            elif state is not State.INTERRUPTED:
                ledger.mark(works, stage="s", state=state, run_id="r")
            else:
                continue
            last |= dict.fromkeys(call_ids, (state, digest))
        for digest in ("d1", "d2"):
            pending = ledger.pending([work(call_id, digest=digest) for call_id in "abc"])
            assert pending == {call_id for call_id in "abc" if last.get(call_id) != (State.DONE, digest)}
        assert sum(ledger.summary().calls.values()) == len(last)


class TestOpening:
    def test_what_one_process_notes_the_next_one_finds(self, tmp_path: Path) -> None:
        for n in range(3):
            with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
                assert (ledger.state("c1") is None) == (n == 0)
                ledger.mark([work("c1")], stage="score", state=State.DONE, run_id=f"r{n}")

    def test_the_migrations_make_exactly_the_tables_that_the_ledger_uses(self, tmp_path: Path) -> None:
        engine = open_database(tmp_path / "ledger.sqlite")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            assert context.get_current_revision() == HEAD
            assert compare_metadata(context, CALL_STATE.metadata) == []
        engine.dispose()

    def test_head_is_the_newest_migration(self) -> None:
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", "pipeline.store:migrations")
        config.set_main_option("path_separator", "os")
        assert ScriptDirectory.from_config(config).get_current_head() == HEAD

    def test_many_processes_may_open_a_new_ledger_at_once(self, tmp_path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from pipeline.store.ledger import Ledger, State, Work\n"
            "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
            "    ledger.mark([Work(sys.argv[2], 'h', 'd')], stage='s', state=State.DONE, run_id='r')"
        )
        path = tmp_path / "ledger.sqlite"
        openers = [subprocess.Popen([sys.executable, "-c", program, str(path), str(n)]) for n in range(3)]
        assert [opener.wait() for opener in openers] == [0, 0, 0]
        with Ledger.open(path) as ledger:
            assert ledger.summary().calls == {State.DONE: 3}

    def test_a_ledger_that_another_is_making_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        maker.execute("BEGIN IMMEDIATE")
        maker.execute("CREATE TABLE made (x)")
        done = threading.Timer(0.3, maker.commit)
        done.start()
        Ledger.open(path).close()
        done.join()
        maker.close()

    def test_readers_are_not_kept_waiting_by_the_journal(self, tmp_path: Path) -> None:
        engine = open_database(tmp_path / "ledger.sqlite")
        with engine.begin() as connection:
            assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        engine.dispose()

    def test_a_ledger_of_a_later_version_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        Ledger.open(path).close()
        with sqlite3.connect(path) as database:
            database.execute(f"UPDATE {VERSION_TABLE} SET version_num = 'ledger_9999'")
        database.close()
        with pytest.raises(LakeError, match="升级"):
            Ledger.open(path)

    def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        path.write_bytes(b"no database" * 100)
        with pytest.raises(LakeError, match=r"ledger\.sqlite") as caught:
            Ledger.open(path)
        assert caught.value.problems[0].code is ProblemCode.LAKE_INVALID

    @pytest.mark.parametrize("url", ["nonsense", "nosuchdatabase://host/name"])
    def test_an_address_that_means_nothing_is_refused(self, url: str) -> None:
        with pytest.raises(LakeError, match="数据库地址"):
            Ledger.open(url)

    def test_an_address_is_told_without_its_password(self) -> None:
        error = ledger_error(sa.make_url("postgresql://zhijian:secret@db/ledger"), "无法打开", "请检查")
        assert "postgresql://zhijian:***@db/ledger" in str(error)
