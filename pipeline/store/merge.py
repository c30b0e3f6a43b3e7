"""What the lake holds once batches are published: pure functions on Arrow tables, no loop over rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.store.schemas import CALL_TABLES, TABLES, Table
from pipeline.store.staging import DAY, Batch


def newest_rows(batches: Sequence[Batch]) -> dict[Table, pa.Table]:
    """The rows of every call from the last batch that inspected it. The batches are given oldest first."""
    inspected = pa.concat_tables(
        pa.table({"call_id": batch.call_ids, "batch": pa.array([n] * len(batch.call_ids), pa.int32())})
        for n, batch in enumerate(batches)
    )
    last = inspected.group_by("call_id").aggregate([("batch", "max")])
    newest = {}
    for name in CALL_TABLES:
        parts = [batch.tables[name] for batch in batches]
        rows = pa.concat_tables(parts)
        batch_of_row = pa.chunked_array([pa.array([n] * len(part), pa.int32()) for n, part in enumerate(parts)])
        newest[name] = rows.filter(pc.equal(batch_of_row, _looked_up(rows["call_id"], last, "batch_max")))
    return newest


def days_of(calls: pa.Table) -> list[str]:
    """The days of the calls, in order."""
    days: list[str] = sorted(calls["day"].unique().to_pylist())
    return days


def days_left(places: pa.Table, calls: pa.Table) -> list[str]:
    """The days in which a call was, but no longer is. Both tables have `call_id` and `day`, `calls` each call once."""
    return days_of(places.filter(pc.not_equal(_looked_up(places["call_id"], calls, "day"), places["day"])))


def arrived(rows: pa.Table, *, table: Table, day: str, calls: pa.Table, new: pa.Table) -> pa.Table:
    """The rows of a partition with those of the day's calls replaced by the new ones."""
    here = calls.filter(pc.equal(calls["day"], day))["call_id"]
    new_here = new.filter(pc.equal(new["day"], day)).drop_columns("day")
    return _in_order(table, pa.concat_tables([_without_calls(rows, here), new_here]))


def departed(rows: pa.Table, *, day: str, calls: pa.Table) -> pa.Table:
    """The rows of a partition without those of calls that are now in another day."""
    return _without_calls(rows, calls.filter(pc.not_equal(calls["day"], day))["call_id"]).combine_chunks()


def revisions(past: pa.Table, scores: pa.Table) -> pa.Table:
    """The history of the calls in `scores`: all past revisions, and a new one for each call whose score row changed.

    Both tables have the column `day`; the history of a call lies where the call lies now. `past` may hold a
    revision twice, as a move that was cut short leaves it.
    """
    past = _distinct(_in_order(Table.SCORE_REVISIONS, past), TABLES[Table.SCORE_REVISIONS].key)
    last = pa.TableGroupBy(past, "call_id", use_threads=False).aggregate(
        [("revision", "last"), ("score_digest", "last")]
    )
    digest = pc.fill_null(_looked_up(scores["call_id"], last, "score_digest_last"), "")
    changed = scores.filter(pc.not_equal(digest, scores["score_digest"]))
    number = pc.add(pc.fill_null(_looked_up(changed["call_id"], last, "revision_last"), 0), 1)
    schema = TABLES[Table.SCORE_REVISIONS].schema.append(DAY)
    moved = past.set_column(past.schema.get_field_index("day"), DAY, _looked_up(past["call_id"], scores, "day"))
    new = changed.append_column(schema.field("revision"), number.cast(pa.int32()))
    return pa.concat_tables([moved.select(schema.names).cast(schema), new.select(schema.names).cast(schema)])


def open_failures(failures: pa.Table, batches: Sequence[Batch]) -> pa.Table:
    """The failures that still stand after the batches, given oldest first.

    A failure is over when its call is inspected or fails anew, and when another run has read its source anew.
    """
    for batch in batches:
        standing = _without_calls(_without_calls(failures, batch.call_ids), batch.failures["call_id"].drop_null())
        read_anew = pc.is_in(standing["source"], value_set=pa.array(batch.sources, pa.string()))
        by_another_run = pc.not_equal(standing["run_id"], batch.run_id)
        failures = pa.concat_tables([standing.filter(pc.invert(pc.and_(read_anew, by_another_run))), batch.failures])
    schema = TABLES[Table.FAILURES].schema
    return _in_order(Table.FAILURES, failures.group_by(schema.names).aggregate([]).select(schema.names).cast(schema))


def _without_calls(rows: pa.Table, call_ids: pa.ChunkedArray) -> pa.Table:
    """The rows that belong to none of the calls. A row without a call_id stays."""
    return rows.filter(pc.invert(pc.is_in(rows["call_id"], value_set=call_ids)))


def _in_order(table: Table, rows: pa.Table) -> pa.Table:
    """The rows by the table's key, in one chunk: the same rows are the same bytes, however they came together."""
    return rows.sort_by([(column, "ascending") for column in TABLES[table].key]).combine_chunks()


def _looked_up(call_ids: pa.ChunkedArray, table: pa.Table, column: str) -> pa.ChunkedArray:
    """`table[column]` for each call, null where the table has no row for it."""
    return table[column].take(pc.index_in(call_ids, value_set=table["call_id"]))


def _distinct(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """The first row of each key; the rows are in the order of the key."""
    if len(rows) == 0:
        return rows
    before, after = rows.slice(0, len(rows) - 1), rows.slice(1)
    differs = [pc.not_equal(before[column], after[column]) for column in key]
    return rows.filter(pa.chunked_array([[True], *reduce(pc.or_, differs).chunks]))
