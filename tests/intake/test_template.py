from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.domain.errors import InputError, ProblemCode
from pipeline.intake import manifest_template, read
from tests.intake.build import recording, spots, utc


@pytest.mark.parametrize("name", ["清单.csv", "manifest.xlsx", "M.CSV"])
def test_the_template_is_read_by_the_reader_which_misses_only_its_recordings(tmp_path: Path, name: str) -> None:
    manifest_template(tmp_path / name)
    assert spots(read([tmp_path / name])) == [
        (ProblemCode.FILE_MISSING, 2, "录音路径"),
        (ProblemCode.FILE_MISSING, 3, "录音路径"),
    ]


@pytest.mark.parametrize("name", ["manifest.csv", "manifest.xlsx"])
def test_the_template_fills_every_field_once_its_recordings_exist(tmp_path: Path, name: str) -> None:
    manifest_template(tmp_path / name)
    recording(tmp_path / "录音" / "示例1.wav")
    recording(tmp_path / "录音" / "示例2.mp3")
    intake = read([tmp_path / name])
    assert intake.failures == ()
    first = intake.calls[0]
    assert (first.call_id, first.agent_id, first.agent_name, first.team) == ("示例-0001", "00123", "张三", "一组")
    assert (first.customer_id, first.direction, first.queue) == ("K1001", "inbound", "售后")
    assert (first.answered_after_s, first.csat, first.ticket_id) == (3.0, 5.0, "G20260105001")
    assert (first.started_at, first.agent_channel, first.metadata) == (
        utc(2026, 1, 5, 1, 3),
        0,
        {"hangup_by": "customer"},
    )
    assert (intake.calls[1].direction, intake.calls[1].agent_channel) == ("outbound", 1)


def test_the_csv_template_opens_in_excel_with_its_chinese_headers(tmp_path: Path) -> None:
    manifest_template(tmp_path / "m.csv")
    content = (tmp_path / "m.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(content.decode("utf-8-sig").splitlines())
    assert header[:3] == ["通话编号", "录音路径", "坐席工号"]
    assert len(rows) == 2


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_is_the_same_every_time(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"1{suffix}", tmp_path / f"2{suffix}"
    manifest_template(first)
    manifest_template(second)
    assert first.read_bytes() == second.read_bytes()


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "manifest.csv"
    kept.write_text("mine")
    with pytest.raises(InputError, match="已经存在"):
        manifest_template(kept)
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("name", ["manifest.txt", "manifest", "manifest.xls", "missing/manifest.csv"])
def test_a_place_where_no_template_can_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        manifest_template(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
