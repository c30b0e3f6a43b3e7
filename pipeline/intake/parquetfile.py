"""Parquet manifests and turn tables. Having no lines, their rows are numbered from 1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.domain.errors import ProblemCode
from pipeline.intake.place import Refusal, RefusedError
from pipeline.intake.table import Row, Table, fit, is_blank


def open_parquet(path: Path) -> Table:
    """The table in a Parquet file, read batch by batch.

    Raises:
        RefusedError: the file is no sound Parquet file; also from `rows`, where the damage lies further on.
    """
    import pyarrow.parquet as pq

    try:
        headers = tuple(pq.read_schema(path).names)
    except _broken_types() as error:
        raise RefusedError.of(_BROKEN) from error
    return Table(headers, None, _rows(path, headers))


def _rows(path: Path, headers: tuple[str, ...]) -> Iterator[Row]:
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=10_000):
                for cells in zip(*(_values(column) for column in batch.columns), strict=True):
                    number += 1
                    if not is_blank(cells):
                        yield fit(number, cells, headers)
    except _broken_types() as error:
        raise RefusedError.of(_BROKEN) from error


def _values(column: Any) -> list[object]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):  # nanoseconds would come back as a type of pandas
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    values: list[object] = column.to_pylist()
    return values


def _broken_types() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, OverflowError)  # text that is no UTF-8, dates past year 9999


_BROKEN = Refusal("不是完好的 Parquet 文件", "请重新导出,或改用 CSV、Excel", code=ProblemCode.BAD_FORMAT)
