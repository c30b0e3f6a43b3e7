"""The run ledger: which call was inspected with what, by which run, and why one could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from pipeline.domain.errors import Problem
from pipeline.store.ledger_database import CALL_STATE, RUN, ledger_error, open_database

_T = TypeVar("_T")

_CHUNK = 500
"""Call ids in one IN (…): below every database's limit on parameters."""


class State(StrEnum):
    """Of a run or a call. `interrupted` is a run that was killed; calls have the other three."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done to a call. `work_digest` names the configuration: models, rules, sheet, options."""

    call_id: str
    content_hash: str
    work_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallState:
    """Where a call stands. `attempts` counts the runs that have taken up this work; the error is None unless failed."""

    call_id: str
    content_hash: str
    work_digest: str
    stage: str
    state: State
    attempts: int
    error_code: str | None
    error_message: str | None
    run_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `counts` is what it wanted remembered, `version` the program's."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    state: State
    config_digest: str
    counts: Mapping[str, int]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many calls are in each state, and the run that started last."""

    calls: Mapping[State, int]
    last_run: Run | None


class Ledger:
    """The ledger of one lake, on SQLite or PostgreSQL.

    Each method is one transaction, and raises LakeError when the database does not answer.
    """

    def __init__(self, engine: sa.Engine, *, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    @classmethod
    def open(cls, location: str | Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Self:
        """Open the ledger at a path (SQLite) or SQLAlchemy URL, making its tables if need be. Raises LakeError."""
        return cls(open_database(location), now=now)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start_run(self, run_id: str, *, config_digest: str, version: str) -> None:
        """Note that a run begins, or goes on if it has begun before.

        Call it as the lake's one writer: whatever run still counts as running was killed, and is noted so.
        """
        values = {"state": State.RUNNING, "config_digest": config_digest, "version": version, "finished_at": None}
        with self._transaction() as connection:
            connection.execute(
                RUN.update()
                .where(RUN.c.state == State.RUNNING, RUN.c.run_id != run_id)
                .values(state=State.INTERRUPTED, finished_at=self._now())
            )
            again = connection.execute(RUN.update().where(RUN.c.run_id == run_id).values(**values))
            if not again.rowcount:
                connection.execute(RUN.insert().values(run_id=run_id, started_at=self._now(), counts={}, **values))

    def finish_run(self, run_id: str, *, state: State, counts: Mapping[str, int]) -> None:
        """Note how a run ended. Raises ValueError when it never started."""
        values = {"state": state, "counts": dict(counts), "finished_at": self._now()}
        with self._transaction() as connection:
            if not connection.execute(RUN.update().where(RUN.c.run_id == run_id).values(**values)).rowcount:
                raise ValueError(f"run {run_id} never started")

    def pending(self, work: Sequence[Work]) -> set[str]:
        """The call ids that still need work: all but those done with this very content and work digest."""
        left = {one.call_id for one in work}
        with self._transaction() as connection:
            for chunk in _chunks(work):
                wanted = {(one.call_id, one.content_hash, one.work_digest) for one in chunk}
                done = connection.execute(
                    sa.select(CALL_STATE.c.call_id, CALL_STATE.c.content_hash, CALL_STATE.c.work_digest).where(
                        CALL_STATE.c.state == State.DONE, CALL_STATE.c.call_id.in_([one.call_id for one in chunk])
                    )
                )
                left -= {row.call_id for row in done if tuple(row) in wanted}
        return left

    def mark(self, work: Sequence[Work], *, stage: str, state: State, run_id: str) -> None:
        """Note that calls are running in a stage, or done. Raises ValueError for `failed`, which needs a reason."""
        if state not in (State.RUNNING, State.DONE):
            raise ValueError(f"a call cannot be marked {state}")
        self._record([(one, None) for one in work], stage=stage, state=state, run_id=run_id)

    def finish_stage(self, stage: str) -> int:
        """Note that every call still running in `stage` is done, whichever run began it; returns how many."""
        running = (CALL_STATE.c.stage == stage, CALL_STATE.c.state == State.RUNNING)
        with self._transaction() as connection:
            return connection.execute(
                CALL_STATE.update().where(*running).values(state=State.DONE, updated_at=self._now())
            ).rowcount

    def fail(self, failed: Sequence[tuple[Work, Problem]], *, stage: str, run_id: str) -> None:
        """Note that calls failed, each with its reason; the next run takes them up again."""
        self._record(failed, stage=stage, state=State.FAILED, run_id=run_id)

    def state(self, call_id: str) -> CallState | None:
        """Where a call stands; None when the ledger has never heard of it."""
        with self._transaction() as connection:
            row = connection.execute(CALL_STATE.select().where(CALL_STATE.c.call_id == call_id)).mappings().first()
        return None if row is None else _call_state(row)

    def failed(self) -> list[CallState]:
        """All calls that failed, by call id."""
        query = CALL_STATE.select().where(CALL_STATE.c.state == State.FAILED).order_by(CALL_STATE.c.call_id)
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return [_call_state(row) for row in rows]

    def summary(self) -> Summary:
        """The state of all calls, and the last run."""
        count = sa.select(CALL_STATE.c.state, sa.func.count()).group_by(CALL_STATE.c.state)
        latest = RUN.select().order_by(RUN.c.started_at.desc(), RUN.c.run_id.desc()).limit(1)
        with self._transaction() as connection:
            calls = {State(state): int(n) for state, n in connection.execute(count)}
            run = connection.execute(latest).mappings().first()
        return Summary(calls=calls, last_run=None if run is None else _run(run))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise ledger_error(
                self._engine.url, "运行台账无法读写", "请检查磁盘空间、权限与数据库是否可用，然后重新运行"
            ) from error

    def _record(self, work: Sequence[tuple[Work, Problem | None]], *, stage: str, state: State, run_id: str) -> None:
        common = {"stage": stage, "state": state, "run_id": run_id, "updated_at": self._now()}
        rows = {one.call_id: _values(one, problem) | common for one, problem in work}
        with self._transaction() as connection:
            for chunk in _chunks(list(rows)):
                known = set(connection.scalars(sa.select(CALL_STATE.c.call_id).where(CALL_STATE.c.call_id.in_(chunk))))
                if new := [rows[call_id] | {"attempts": 1} for call_id in chunk if call_id not in known]:
                    connection.execute(CALL_STATE.insert(), new)
                if old := [{f"new_{k}": v for k, v in rows[call_id].items()} for call_id in chunk if call_id in known]:
                    connection.execute(_update(), old)


def _call_state(row: sa.RowMapping) -> CallState:
    return CallState(**{**row, "state": State(row["state"])})


def _run(row: sa.RowMapping) -> Run:
    return Run(**{**row, "state": State(row["state"])})


def _values(work: Work, problem: Problem | None) -> dict[str, Any]:
    return {
        "call_id": work.call_id,
        "content_hash": work.content_hash,
        "work_digest": work.work_digest,
        "error_code": None if problem is None else str(problem.code),
        "error_message": None if problem is None else str(problem),
    }


def _update() -> sa.Update:
    """An update with parameters `new_COLUMN`. A run counts once; other work starts the count anew."""
    columns = CALL_STATE.c
    other_work = sa.or_(
        columns.work_digest != sa.bindparam("new_work_digest"), columns.content_hash != sa.bindparam("new_content_hash")
    )
    attempts = sa.case(
        (other_work, 1),
        (columns.run_id != sa.bindparam("new_run_id"), columns.attempts + 1),
        else_=columns.attempts,
    )
    new: dict[str, Any] = {
        c.name: sa.bindparam(f"new_{c.name}") for c in columns if c.name not in ("call_id", "attempts")
    }
    return CALL_STATE.update().where(columns.call_id == sa.bindparam("new_call_id")).values(attempts=attempts, **new)


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]
