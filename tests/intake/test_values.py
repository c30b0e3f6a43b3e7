"""What a cell may hold, through CSV (all text) and JSONL (typed)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from pipeline.intake.values import call_parsers
from tests.intake.build import jsonl, only, recording, spots, utc


def read_value(tmp_path: Path, column: str, value: Any, **options: Any) -> Any:
    recording(tmp_path / "a.wav")
    return read([jsonl(tmp_path / "m.jsonl", {"path": "a.wav", column: value})], **options)


NINE = utc(2026, 1, 5, 1, 3)  # 9:03 in Shanghai


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-05 09:03:00", NINE),
        ("2026-01-05T09:03:00", NINE),
        ("2026-01-05T09:03", NINE),
        ("2026-01-05T09:03:00+08:00", NINE),
        ("2026-01-05T09:03:00+0800", NINE),
        ("2026-01-05 09:03:00 +08", NINE),
        ("2026-01-05t01:03:00z", NINE),
        ("2026-01-04T20:03:00-05:00", NINE),
        ("2026/1/5 9:03", NINE),
        ("2026/01/05 9:03:00", NINE),
        ("2026.1.5 9:03", NINE),
        ("2026年1月5日 9:03:00", NINE),
        ("2026年1月5日9:03", NINE),
        ("2026年01月05日 9时3分0秒", NINE),
        ("2026年1月5日9点3分", NINE),
        ("\uff12026/1/5\u30009\uff1a03", NINE),
        ("20260105090300", NINE),
        ("20260105T010300Z", NINE),
        ("1767574980", NINE),
        (1767574980, NINE),
        (1767574980.0, NINE),
        ("1767574980000", NINE),
        (1767574980000, NINE),
        ("2026-01-05 09:03:00.250", datetime(2026, 1, 5, 1, 3, 0, 250_000, tzinfo=UTC)),
        ("2026-01-05T09:03:00.123456789", datetime(2026, 1, 5, 1, 3, 0, 123_456, tzinfo=UTC)),
        (1767574980.25, datetime(2026, 1, 5, 1, 3, 0, 250_000, tzinfo=UTC)),
        ("2026-01-05", utc(2026, 1, 4, 16)),
        ("2026年1月5日", utc(2026, 1, 4, 16)),
        ("20260105", utc(2026, 1, 4, 16)),
    ],
)
def test_a_start_is_read_in_the_ways_people_and_systems_write_it(
    tmp_path: Path, written: object, expected: datetime
) -> None:
    started = only(read_value(tmp_path, "started_at", written)).started_at
    assert started == expected
    assert started is not None
    assert started.tzinfo is UTC


@pytest.mark.parametrize(
    ("timezone", "expected"),
    [("UTC", utc(2026, 7, 1, 9)), ("America/New_York", utc(2026, 7, 1, 13)), ("Asia/Hong_Kong", utc(2026, 7, 1, 1))],
)
def test_a_time_without_a_zone_is_local_to_the_given_zone(tmp_path: Path, timezone: str, expected: datetime) -> None:
    call = only(read_value(tmp_path, "started_at", "2026-07-01 09:00", timezone=timezone))
    assert call.started_at == expected


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30)),
    st.sampled_from(
        ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%SZ"]
    ),
)
def test_any_moment_survives_being_written(moment: datetime, pattern: str) -> None:
    from zoneinfo import ZoneInfo

    moment = moment.replace(microsecond=0, tzinfo=UTC)
    assert call_parsers(ZoneInfo("UTC"))["started_at"](moment.strftime(pattern)) == moment


BAD: dict[str, list[Any]] = {
    "started_at": [
        "昨天",
        "2026-13-01",
        "2026-02-30",
        "2026-01-05 25:00",
        "5/1/2026",
        "01-05-2026 9:03",
        "9:03",
        "2026/1-5",
        "2026/1/512:03",
        "2026-01-05 9:03 PM",
        "0026-01-05",
        "46027.5",
        46027,
        123456789,
        "202601",
        True,
        "2026-01-05T09:03+99:00",
        "9999-12-31",
        "2026-W01-1",
    ],
    "direction": ["in", "呼", "入", "both", 1, True],
    "agent_channel": ["2", -1, "中", "坐席", True, 0.5],
    "csat": ["9" * 400, "很好", "-1", -0.5, "5分", "1,000", "nan", "inf", "1e3", True, "五", "4/5", [5]],
    "answered_after_s": ["3秒", "00:03", "-1", "快", "inf"],
    "agent_id": ["1\x002", "a\tb", "a\nb", "1.38E+10", 1.2345678901234567e17, "#N/A", "\ud83d", "\x85"],
    "customer_id": ["a\x7fb", "1.5e+12", {"a": 1}],
    "ticket_id": ["\x1f1", "#REF!"],
    "agent_name": ["张\x00三", "#VALUE!", ["张三"]],
    "team": ["一\n组", "#N/A"],
    "queue": ["a\x0bb"],
    "call_id": [
        "a b",
        "a/b",
        "a\\b",
        "../x",
        "a,b",
        "x\x00",
        "é",
        "😀",
        ".",
        "..",
        "--",
        "a\u200b",
        "\uff11",
        "x" * 129,
        1e300,
        "a'b",
        "<b>",
        "\ud800",
    ],
}


@pytest.mark.parametrize(("column", "value"), [(column, value) for column, values in BAD.items() for value in values])
def test_a_bad_value_fails_its_row_under_its_column(tmp_path: Path, column: str, value: object) -> None:
    intake = read_value(tmp_path, column, value)
    assert intake.calls == ()
    assert spots(intake) == [(ProblemCode.BAD_VALUE, 1, column)]
    assert intake.failures[0].remedy
    str(intake.failures[0]).encode()


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("direction", "呼入", "inbound"),
        ("direction", "呼出", "outbound"),
        ("direction", " InBound ", "inbound"),
        ("direction", "OUTBOUND", "outbound"),
        ("agent_channel", 0, 0),
        ("agent_channel", "1", 1),
        ("agent_channel", 1.0, 1),
        ("agent_channel", "左", 0),
        ("agent_channel", "右", 1),
        ("agent_channel", "Left", 0),
        ("agent_channel", "right", 1),
        ("agent_channel", "\uff11", 1),
        ("csat", 0, 0.0),
        ("csat", "4.50", 4.5),
        ("csat", "\uff15", 5.0),
        ("answered_after_s", 2.25, 2.25),
        ("agent_id", 1001, "1001"),
        ("agent_id", 1001.0, "1001"),
        ("agent_id", "00123", "00123"),
        ("agent_id", " 7 ", "7"),
        ("ticket_id", 1234567890123456789, "1234567890123456789"),
        ("customer_id", "1E10X", "1E10X"),
        ("call_id", "x" * 128, "x" * 128),
        ("call_id", "通话_2026-01-05T09:03@坐席.1", "通话_2026-01-05T09:03@坐席.1"),
        ("call_id", 20260105, "20260105"),
        ("call_id", "〇𠮷㐂", "〇𠮷㐂"),
    ],
)
def test_a_good_value_is_taken(tmp_path: Path, column: str, value: object, expected: object) -> None:
    call = only(read_value(tmp_path, column, value))
    assert getattr(call, column) == expected
    assert type(getattr(call, column)) is type(expected)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("客户", "customer"), (" 坐席挂机 ", "agent"), ("Agent", "agent"), ("系统", "system"), ("正常结束", "正常结束")],
)
def test_who_hung_up_is_kept_in_one_wording_where_it_is_known(tmp_path: Path, written: str, kept: str) -> None:
    assert only(read_value(tmp_path, "hangup_by", written)).metadata == {"hangup_by": kept}


def test_a_long_value_is_shortened_in_the_message(tmp_path: Path) -> None:
    intake = read_value(tmp_path, "started_at", "x" * 10_000)
    assert len(str(intake.failures[0])) < 300
