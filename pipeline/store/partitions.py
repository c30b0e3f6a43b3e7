"""The lake's Parquet files: one per table and day, replaced whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.store.errors import lake_error, lake_reads
from pipeline.store.files import replacing, sweep
from pipeline.store.schemas import TABLES, Table
from pipeline.store.staging import DAY, UNKNOWN_DAY

_FILE = "data.parquet"
_DAYS = ds.partitioning(pa.schema([DAY]), flavor="hive")


def table_schema(table: Table) -> pa.Schema:
    """The columns that a reader of the table's folder sees: those of its files, and `day` where it is partitioned."""
    schema = TABLES[table].schema
    return schema if table is Table.FAILURES else schema.append(DAY)


class Partitions:
    """The files of all tables under `root`. `day` is None for a table without partitions."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def load(self, table: Table, day: str | None) -> pa.Table:
        """One partition, without `day`; no rows when there is no file. Raises LakeError."""
        path, schema = self._path(table, day), TABLES[table].schema
        if not path.exists():
            return schema.empty_table()
        rows = lake_reads(path, lambda path: pq.ParquetFile(path).read())
        if not rows.schema.equals(schema, check_metadata=False):
            raise lake_error(path, "文件的列与本版本的表结构不同", "请换一个 --out 文件夹，或用写入它的版本打开")
        return rows.replace_schema_metadata(schema.metadata)

    def update(self, table: Table, day: str | None, change: Callable[[pa.Table], pa.Table]) -> int:
        """Replace the rows of one partition by `change` of them; gives the number of files written.

        What stays the same is not written again. A partition that lost its last row stays as an empty file: a reader
        may be about to open it. Raises LakeError.
        """
        before = self.load(table, day)
        after = change(before)
        path = self._path(table, day)
        if after.equals(before) and path.exists():
            return 0
        sweep(path.parent)
        with replacing(path) as handle:
            pq.write_table(after, handle, compression="zstd")
        return 1

    def scan(self, table: Table, columns: Sequence[str] | None = None, where: ds.Expression | None = None) -> pa.Table:
        """The rows of all partitions, by day. Raises LakeError naming the file that is damaged."""
        folder, schema = self._root / table, table_schema(table)
        if not folder.exists():
            return schema.empty_table().select(columns or schema.names)
        dataset = ds.dataset(folder, schema=schema, format="parquet", partitioning=_DAYS)
        try:
            return dataset.to_table(columns=columns, filter=where)
        except (pa.ArrowException, OSError):
            for file in dataset.files:
                lake_reads(Path(file), pq.read_metadata)
            raise

    def complete(self) -> int:
        """Give each table that no row ever reached an empty file, so that every table can be read by any tool.

        Gives the number of files written. Raises LakeError.
        """
        missing = [table for table in TABLES if not any((self._root / table).rglob(_FILE))]
        return sum(self.update(t, None if t is Table.FAILURES else UNKNOWN_DAY, lambda rows: rows) for t in missing)

    def _path(self, table: Table, day: str | None) -> Path:
        folder = self._root / table
        return (folder if day is None else folder / f"day={day}") / _FILE
