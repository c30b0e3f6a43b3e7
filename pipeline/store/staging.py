"""Batches on their way into the lake: on disk as soon as they are done, published later, never half."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipeline.store.files import replacing
from pipeline.store.schemas import CALL_TABLES, TABLES, Row, Table, arrow_table

DAY = pa.field("day", pa.string(), nullable=False)
UNKNOWN_DAY = "unknown"

GROUP_BYTES = 64 * 2**20
"""What is published at once, so that memory stays bounded: about 20,000 calls, some hundred MB once unpacked."""

_SUFFIX = ".batch"
_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RUN_ID = b"zhijian.run_id"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of some calls. Each of `tables` has a further column `day`, the partition of its call.

    `sources` are the inputs that the run read anew: failures that other runs than `run_id` noted for them are over.
    """

    tables: Mapping[Table, pa.Table]
    failures: pa.Table
    sources: tuple[str, ...]
    run_id: str

    @property
    def call_ids(self) -> pa.ChunkedArray:
        return self.tables[Table.CALLS]["call_id"]


def business_day(started_at: datetime | None, timezone: ZoneInfo) -> str:
    """`YYYY-MM-DD` of the day it was at the contact centre, `unknown` when there is no time."""
    return UNKNOWN_DAY if started_at is None else started_at.astimezone(timezone).date().isoformat()


def make_batch(
    rows: Mapping[Table, Sequence[Row]],
    *,
    failures: Sequence[Row],
    sources: Sequence[str],
    run_id: str,
    timezone: ZoneInfo,
) -> Batch:
    """Type and check the rows.

    Raises ValueError unless every call has one row in `calls` and one in `scores`, and every other row belongs to
    one of these calls; and when a key comes twice, or a call is both inspected and failed.
    """
    days = {row["call_id"]: business_day(row["started_at"], timezone) for row in rows.get(Table.CALLS, ())}
    tables = {}
    for table in CALL_TABLES:
        of_table = rows.get(table, ())
        call_ids = [row["call_id"] for row in of_table]
        if strangers := set(call_ids) - days.keys():
            raise ValueError(f"{table}: no row in calls for {sorted(strangers)[:3]}")
        typed = arrow_table(table, of_table)
        _check_unique(table, typed)
        tables[table] = typed.append_column(DAY, pa.array([days[call_id] for call_id in call_ids], pa.string()))
    if unscored := days.keys() - {row["call_id"] for row in rows.get(Table.SCORES, ())}:
        raise ValueError(f"scores: no row for {sorted(unscored)[:3]}")
    if both := days.keys() & {row["call_id"] for row in failures}:
        raise ValueError(f"failures: {sorted(both)[:3]} were inspected in the same batch")
    return Batch(tables, arrow_table(Table.FAILURES, failures), tuple(sources), run_id)


def _check_unique(table: Table, rows: pa.Table) -> None:
    counts = rows.group_by(list(TABLES[table].key)).aggregate([([], "count_all")])["count_all"]
    if len(counts) < len(rows):
        raise ValueError(f"{table}: the same {', '.join(TABLES[table].key)} comes twice")


class Staging:
    """The folder of batches that wait to be published.

    A batch is one file of Arrow streams, one after the other, so that it appears and goes in one step. The number
    in its name tells which came later; of two versions of a call the later one counts.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, batch_id: str, batch: Batch) -> None:
        """Put a batch on disk. Raises ValueError when the id is not a plain name."""
        if not _BATCH_ID.fullmatch(batch_id):
            raise ValueError(f"batch id {batch_id!r}: letters, digits, dot, dash and underscore only, at most 100")
        number = max((int(path.name.split("-", 1)[0]) for path in self.paths()), default=0) + 1
        sources = pa.schema([pa.field("source", pa.string())], metadata={_RUN_ID: batch.run_id.encode()})
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with replacing(self.folder / f"{number:010d}-{batch_id}{_SUFFIX}") as handle:
            first = pa.table({"source": batch.sources}, schema=sources)
            for table in (first, batch.failures, *(batch.tables[name] for name in CALL_TABLES)):
                with pa.ipc.new_stream(handle, table.schema, options=options) as stream:
                    stream.write_table(table)

    def paths(self) -> list[Path]:
        """The batches, oldest first."""
        return sorted(self.folder.glob(f"[0-9]*{_SUFFIX}"))

    def groups(self) -> Iterator[list[Path]]:
        """The batches, oldest first, in groups of up to `GROUP_BYTES` (a batch that is bigger stands alone)."""
        group: list[Path] = []
        size = 0
        for path in self.paths():
            size += path.stat().st_size
            if group and size > GROUP_BYTES:
                yield group
                group, size = [], path.stat().st_size
            group.append(path)
        if group:
            yield group

    def discard(self, paths: Sequence[Path]) -> None:
        """Remove published batches, oldest first: what a crash leaves over is then newer than what is gone."""
        for path in paths:
            path.unlink()


def read_batch(path: Path) -> Batch:
    """Read what `Staging.add` wrote."""
    with pa.OSFile(str(path)) as handle:
        sources, failures, *tables = [pa.ipc.open_stream(handle).read_all() for _ in range(2 + len(CALL_TABLES))]
    return Batch(
        dict(zip(CALL_TABLES, tables, strict=True)),
        failures,
        tuple(sources["source"].to_pylist()),
        sources.schema.metadata[_RUN_ID].decode(),
    )
