from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import only, recording, refused, spots, utc


def table(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture(autouse=True)
def _recording(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_typed_columns_reach_their_fields(tmp_path: Path, unit: str) -> None:
    moment = datetime(2026, 1, 5, 9, 3)
    path = table(
        tmp_path / "manifest.parquet",
        {
            "call_id": [1001],
            "录音路径": ["a.wav"],
            "started_at": pa.array([moment], pa.timestamp(unit)),
            "csat": [5.0],
            "agent_id": pa.array([12.0]),
            "x": pa.array([None], pa.string()),
        },
    )
    call = only(read([path]))
    assert (call.call_id, call.agent_id, call.csat, call.metadata) == ("1001", "12", 5.0, {})
    assert (call.started_at, type(call.started_at)) == (utc(2026, 1, 5, 1, 3), datetime)


def test_a_time_with_a_zone_keeps_its_moment(tmp_path: Path) -> None:
    zoned = pa.array([utc(2026, 1, 5, 1, 3)], pa.timestamp("ns", tz="America/New_York"))
    call = only(read([table(tmp_path / "m.parquet", {"path": ["a.wav"], "started_at": zoned})]))
    assert call.started_at == utc(2026, 1, 5, 1, 3)


def test_types_that_only_parquet_has_are_read_as_a_person_would_write_them(tmp_path: Path) -> None:
    columns = {
        "path": [b"a.wav"],
        "started_at": pa.array([date(2026, 1, 5)]),
        "clock": pa.array([time(9, 3)]),
        "price": pa.array([Decimal("10.50")], pa.decimal128(20, 2)),
        "parts": [["甲", "乙"]],
        "day": pa.array([date(2026, 1, 5)]),
        "seen": pa.array([datetime(2026, 1, 5, 9, 3)], pa.timestamp("ms")),
    }
    call = only(read([table(tmp_path / "m.parquet", columns)]))
    assert call.started_at == utc(2026, 1, 4, 16)
    assert call.metadata == {
        "clock": "09:03:00",
        "price": "10.50",
        "parts": '["甲", "乙"]',
        "day": "2026-01-05",
        "seen": "2026-01-05 09:03:00",
    }


def test_missing_numbers_of_pandas_are_blank(tmp_path: Path) -> None:
    path = table(tmp_path / "m.parquet", {"path": ["a.wav"], "csat": [float("nan")], "agent_id": [float("nan")]})
    call = only(read([path]))
    assert (call.csat, call.agent_id) == (None, None)


def test_rows_are_numbered_from_one(tmp_path: Path) -> None:
    path = table(tmp_path / "m.parquet", {"path": ["a.wav", None, "none.wav"], "call_id": ["A", None, "B"]})
    intake = read([path])
    assert [c.source for c in intake.calls] == ["m.parquet:1"]
    assert spots(intake) == [(ProblemCode.FILE_MISSING, 3, "path")]


def test_a_table_of_turns_is_told_by_its_columns(tmp_path: Path) -> None:
    path = table(
        tmp_path / "m.parquet",
        {"call_id": ["A", "A"], "role": ["agent", "customer"], "text": ["您好", "你好"], "start_ms": [0, 900]},
    )
    call = only(read([path]))
    assert call.turns is not None
    assert [turn.start_ms for turn in call.turns] == [0, 900]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"pth": ["a.wav"]}, ProblemCode.MISSING_COLUMN),
        ({"path": pa.array([], pa.string())}, ProblemCode.NO_CALLS),
        ({"工号": ["1"], "坐席工号": ["1"], "path": ["a.wav"]}, ProblemCode.BAD_FORMAT),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, columns: dict[str, Any], code: ProblemCode) -> None:
    found = refused(table(tmp_path / "m.parquet", columns))
    assert (found.code, found.row) == (code, None)


@pytest.mark.parametrize(
    "column", [pa.array([b"\xff"], pa.binary()).view(pa.string()), pa.array([10**18], pa.timestamp("us"))]
)
def test_values_that_cannot_be_read_are_told(tmp_path: Path, column: Any) -> None:
    assert refused(table(tmp_path / "m.parquet", {"path": ["a.wav"], "x": column})).code is ProblemCode.BAD_FORMAT


def test_damage_in_the_data_is_told(tmp_path: Path) -> None:
    path = table(tmp_path / "m.parquet", {"path": [f"{n}.wav" for n in range(1000)]})
    content = bytearray(path.read_bytes())
    content[4:600] = b"\xff" * 596
    path.write_bytes(content)
    assert refused(path).code is ProblemCode.BAD_FORMAT
