"""The ledger's tables, and opening the database that holds them."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from pipeline.domain.errors import LakeError, Problem, ProblemCode
from pipeline.store.migrations import HEAD, VERSION_TABLE

_BUSY_TIMEOUT_MS = 30_000
"""How long SQLite waits for another process's transaction; ours last milliseconds."""

_RETRY_MS = 50

_MIGRATION_LOCK = 0x7A68696A  # "zhij": any number will do, as long as every zhijian uses the same


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A timezone-aware UTC time; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_METADATA = sa.MetaData()

RUN = sa.Table(
    "run",
    _METADATA,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("config_digest", sa.Text, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
)

CALL_STATE = sa.Table(
    "call_state",
    _METADATA,
    sa.Column("call_id", sa.Text, primary_key=True),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("work_digest", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)


def open_database(location: str | Path) -> sa.Engine:
    """An engine on the ledger with its tables up to date. Raises LakeError when it cannot be opened.

    `location` is the path of an SQLite file, made if it is missing, or a SQLAlchemy URL.
    """
    try:
        url = sa.make_url(location) if isinstance(location, str) else sa.URL.create("sqlite", database=str(location))
        engine = _engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ledger_error(None, "台账的数据库地址无效，或缺少它的驱动", "请检查地址，并安装对应的驱动") from error
    try:
        _migrate(engine)
    except _NewerLedgerError:
        engine.dispose()
        raise ledger_error(url, "运行台账由更新的版本写成", "请升级 zhijian") from None
    except (SQLAlchemyError, OSError) as error:
        engine.dispose()
        raise ledger_error(url, "无法打开运行台账的数据库", "请检查路径、权限与数据库是否可用") from error
    return engine


def ledger_error(url: sa.URL | None, what: str, remedy: str) -> LakeError:
    """A problem with the ledger. An address is shown without its password."""
    where = None if url is None else url.render_as_string(hide_password=True)
    return LakeError(Problem(code=ProblemCode.LAKE_INVALID, what=what, remedy=remedy, file=where))


class _NewerLedgerError(Exception):
    pass


def _engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (at the first write) to keep two processes apart; we send it ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    # SQLite's own wait does not cover a change of the journal's mode: it fails at once while another writes the file.
    for waited_ms in range(0, _BUSY_TIMEOUT_MS, _RETRY_MS):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or waited_ms + _RETRY_MS >= _BUSY_TIMEOUT_MS:
                raise
            time.sleep(_RETRY_MS / 1000)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.begin() as connection:
        if _revision(connection) == HEAD:
            return
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        # Alembic is slow to import, and nearly always the tables are there already.
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", "pipeline.store:migrations")
        config.set_main_option("path_separator", "os")
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise _NewerLedgerError from error


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(sa.text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    return revision
