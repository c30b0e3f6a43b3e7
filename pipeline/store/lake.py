"""The Parquet lake: hive partitions by business day that any Parquet reader opens, brought up to date in place."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.domain.errors import ProblemCode
from pipeline.store import merge
from pipeline.store.errors import lake_error, lake_reads, lake_writes
from pipeline.store.files import replacing, sweep
from pipeline.store.lock import WriterLock
from pipeline.store.partitions import Partitions, table_schema
from pipeline.store.schemas import CALL_TABLES, Row, Table
from pipeline.store.staging import Batch, Staging, make_batch, read_batch

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""Of the folder's layout. A lake of a later format is refused."""

DEFAULT_TIMEZONE = "Asia/Shanghai"

_STATE = "_state"


@dataclass(frozen=True, slots=True)
class Published:
    """What one publication did: calls brought up to date, failures that now stand, files written."""

    calls: int
    failures: int
    files: int


class Lake:
    """A folder of tables, `TABLE/day=YYYY-MM-DD/data.parquet` (`day=unknown` for calls without a time).

    The day is that of the call's start in `timezone`; `failures/data.parquet` has no partitions. Everything that
    is not a table lies under `_state`, which Parquet readers pass over.

    Rows get in by `stage` and `publish`. A kill at any moment loses no staged batch, and publishing again finishes
    what was begun: no call is then there twice. While a publication runs, a reader sees each partition either as it
    was or as it will be.
    """

    def __init__(self, root: Path, *, timezone: str | None = None) -> None:
        """Touches nothing yet. `timezone` None means the lake's own, or Asia/Shanghai for a new one."""
        self.root = root
        self._wanted_timezone = timezone
        self._partitions = Partitions(root)
        self._staging = Staging(root / _STATE / "staging")
        self._lock = WriterLock(root / _STATE / "writer.lock")
        self._publishing = threading.Lock()

    @property
    def ledger_path(self) -> Path:
        """Where the run ledger of this lake lies unless a database URL is set."""
        return self.root / _STATE / "ledger.sqlite"

    @property
    def timezone(self) -> ZoneInfo:
        """The lake's time zone. Raises LakeError when the folder is no lake."""
        marker = self.root / _STATE / "lake.json"
        try:
            described = json.loads(marker.read_bytes())
            version, timezone = int(described["format"]), ZoneInfo(described["timezone"])
        except (FileNotFoundError, NotADirectoryError):
            raise lake_error(self.root, "这个文件夹不是质检数据湖", "请检查路径，或先运行一次质检") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise lake_error(marker, "数据湖的说明文件已损坏或无法读取", "请从备份恢复它") from error
        if version > FORMAT:
            raise lake_error(self.root, f"数据湖的格式 {version} 比本程序支持的 {FORMAT} 新", "请升级 zhijian")
        return timezone

    def prepare(self) -> None:
        """Make the folder a lake if it is new or empty.

        Raises LakeError when it holds something else, is of a later format or another time zone, or cannot be written.
        """
        with lake_writes(self.root):
            if not (self.root / _STATE / "lake.json").exists():
                self._found()
        if self._wanted_timezone not in (None, self.timezone.key):
            raise lake_error(
                self.root,
                f"数据湖按时区 {self.timezone.key} 分区，与设置的 {self._wanted_timezone} 不同",
                "请改用数据湖的时区，或换一个新文件夹",
                ProblemCode.SETTING_INVALID,
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the lake's one writer, for a whole run. Raises LakeError (lake_busy) at once when there is another one.

        Batches are staged only by the run that holds this, in its process or in its workers.
        """
        self.prepare()
        with self._lock.held() as taken:
            if taken:
                with lake_writes(self.root):
                    sweep(self._staging.folder)
            yield

    def stage(
        self,
        batch_id: str,
        rows: Mapping[Table, Sequence[Row]],
        *,
        run_id: str,
        failures: Sequence[Row] = (),
        sources: Sequence[str] = (),
    ) -> None:
        """Put a batch on disk, to be published later; once this returns nothing of it can be lost.

        `sources` are inputs that run `run_id` reads anew: what other runs found wrong with them is over. Of a call
        that is staged twice the later rows count. Raises ValueError when the rows are not whole (see `make_batch`),
        LakeError when the lake cannot be written.
        """
        self.prepare()
        batch = make_batch(rows, failures=failures, sources=sources, run_id=run_id, timezone=self.timezone)
        with lake_writes(self.root):
            self._staging.add(batch_id, batch)

    def publish(self) -> Published:
        """Bring the tables up to date with all staged batches and drop them, some at a time, the oldest first.

        All rows of a published call are replaced, in whichever partition they are; nothing else is deleted. A
        `score_revisions` row is added for each call whose score row changed. Raises LakeError.
        """
        calls = files = 0
        with self.writing(), self._publishing, lake_writes(self.root):
            for paths in self._staging.groups():
                batches = [lake_reads(path, read_batch) for path in paths]
                more_calls, more_files = self._publish_calls(batches)
                calls, files = calls + more_calls, files + more_files
                files += self._partitions.update(Table.FAILURES, None, partial(merge.open_failures, batches=batches))
                self._staging.discard(paths)
            files += self._partitions.complete()
            failures = self._partitions.scan(Table.FAILURES, ["code"]).num_rows
            return Published(calls=calls, failures=failures, files=files)

    def read(self, table: Table | str, *, columns: Sequence[str] | None = None, day: str | None = None) -> pd.DataFrame:
        """A table as pandas reads it, ordered by day and key, with `day` as text (`failures` has none).

        Raises LakeError when the folder is no lake or a file in it is damaged; ValueError for an unknown table or
        column, and for a `day` of failures.
        """
        table = Table(table)
        known = table_schema(table).names
        if unknown := ({*(columns or ())} | ({"day"} if day else set())) - set(known):
            raise ValueError(f"{table}: no column {sorted(unknown)}")
        _ = self.timezone
        where = None if day is None else ds.field("day") == day
        frame: pd.DataFrame = self._partitions.scan(table, columns, where).to_pandas()
        return frame

    def _publish_calls(self, batches: Sequence[Batch]) -> tuple[int, int]:
        fresh = merge.newest_rows(batches)
        calls = fresh[Table.CALLS].select(["call_id", "day"])
        places = self._places(calls["call_id"], batches)
        fresh[Table.SCORE_REVISIONS] = merge.revisions(self._past_revisions(places), fresh[Table.SCORES])
        left = merge.days_left(places, calls)
        files = 0
        # `calls` tells where rows of a call may lie, so it forgets a day only after all other tables have left it.
        for table in (*(t for t in CALL_TABLES if t is not Table.CALLS), Table.SCORE_REVISIONS, Table.CALLS):
            # A call that moves is written where it goes before it is removed where it was: it is never nowhere.
            for day in merge.days_of(calls):
                arrive = partial(merge.arrived, table=table, day=day, calls=calls, new=fresh[table])
                files += self._partitions.update(table, day, arrive)
            for day in left:
                files += self._partitions.update(table, day, partial(merge.departed, day=day, calls=calls))
        return calls.num_rows, files

    def _places(self, call_ids: pa.ChunkedArray, batches: Sequence[Batch]) -> pa.Table:
        """Where rows of the calls may lie: `call_id` and `day`, more than one for a call that moved.

        Staged rows that a later batch overtook count too: a publication that was cut short may have put them there.
        """
        ours = ds.field("call_id").isin(call_ids.combine_chunks())
        published = self._partitions.scan(Table.CALLS, ["call_id", "day"], ours)
        return pa.concat_tables(
            [published, *(batch.tables[Table.CALLS].select(published.schema.names) for batch in batches)]
        )

    def _past_revisions(self, places: pa.Table) -> pa.Table:
        ours = [ds.field(name).isin(places[name].unique()) for name in ("call_id", "day")]
        return self._partitions.scan(Table.SCORE_REVISIONS, where=ours[0] & ours[1])

    def _found(self) -> None:
        if self.root.exists() and any(path.name != _STATE for path in self.root.iterdir()):
            raise lake_error(self.root, "文件夹不是空的，也不是质检数据湖", "请换一个新的或空的文件夹")
        name = self._wanted_timezone or DEFAULT_TIMEZONE
        try:
            ZoneInfo(name)
        except (ValueError, KeyError, OSError):
            raise lake_error(
                self.root, f"没有名为 {name} 的时区", "请写成 Asia/Shanghai 这样的名称", ProblemCode.SETTING_INVALID
            ) from None
        with replacing(self.root / _STATE / "lake.json") as handle:
            handle.write(json.dumps({"format": FORMAT, "timezone": name}).encode())
