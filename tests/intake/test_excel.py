from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import only, recording, refused, spots, utc, workbook


@pytest.fixture(autouse=True)
def _recording(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["manifest.xlsx", "m.XLSX"])
def test_cells_keep_their_types(tmp_path: Path, name: str) -> None:
    path = workbook(
        tmp_path / name,
        ["通话编号", "录音路径", "工号", "客户编号", "开始时间", "满意度", "坐席声道", "应答时长(秒)", "备注", "日期"],
        [1001, "a.wav", "00123", 42.0, datetime(2026, 1, 5, 9, 3), 5, 1, 2.5, 3.0, date(2026, 1, 5)],
    )
    call = only(read([path]))
    assert (call.call_id, call.agent_id, call.customer_id) == ("1001", "00123", "42")
    assert (call.started_at, call.csat, call.agent_channel) == (utc(2026, 1, 5, 1, 3), 5.0, 1)
    assert call.answered_after_s == 2.5
    assert call.metadata == {"备注": "3", "日期": "2026-01-05"}
    assert call.source == f"{name}:2"


def test_zeros_that_only_the_number_format_shows_are_kept(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "m.xlsx", ["path", "工号", "csat"], ["a.wav", 123, 4], formats={"B2": "00000", "C2": "0"}
    )
    call = only(read([path]))
    assert (call.agent_id, call.csat) == ("00123", 4.0)


def test_ids_whose_digits_excel_lost_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", ["path", "客户编号"], ["a.wav", 1.23456789012346e17], ["a.wav", "#N/A"])
    intake = read([path])
    assert spots(intake) == [(ProblemCode.BAD_VALUE, 2, "客户编号"), (ProblemCode.BAD_VALUE, 3, "客户编号")]
    assert "文本格式" in intake.failures[0].remedy


def test_a_number_where_a_date_belongs_is_refused(tmp_path: Path) -> None:
    intake = read([workbook(tmp_path / "m.xlsx", ["path", "开始时间"], ["a.wav", 46027.377])])
    assert spots(intake) == [(ProblemCode.BAD_VALUE, 2, "开始时间")]


def test_rows_are_numbered_as_excel_shows_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "m.xlsx", [], ["path", "note"], [], ["a.wav", "x"], [None, " "], ["none.wav", "x"], [None, "y"]
    )
    intake = read([path])
    assert [c.source for c in intake.calls] == ["m.xlsx:4"]
    assert spots(intake) == [(ProblemCode.FILE_MISSING, 6, "path"), (ProblemCode.MISSING_VALUE, 7, "path")]


def test_short_rows_are_filled_up_and_values_without_header_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", ["path", "note", None], ["a.wav"], ["a.wav", "x", "y"])
    intake = read([path])
    assert [c.source for c in intake.calls] == ["m.xlsx:2"]
    assert spots(intake) == [(ProblemCode.BAD_FORMAT, 3, None)]


def sheets(path: Path, **tables: list[list[object]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for at, (title, rows) in enumerate(tables.items()):
        sheet = book.create_sheet(title, at)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_sheet_that_names_recordings_is_read_wherever_it_stands(tmp_path: Path) -> None:
    path = sheets(tmp_path / "m.xlsx", 说明=[["请填写第二张表"]], 清单=[["录音路径"], ["a.wav"]])
    assert only(read([path])).source == "m.xlsx:2"


def test_two_sheets_that_could_be_meant_are_refused_by_name(tmp_path: Path) -> None:
    path = sheets(tmp_path / "m.xlsx", 一月=[["录音路径"], ["a.wav"]], 二月=[["录音路径"], ["a.wav"]])
    found = refused(path)
    assert found.code is ProblemCode.BAD_FORMAT
    assert "一月、二月" in found.what


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], ProblemCode.NO_CALLS),
        ([["path"]], ProblemCode.NO_CALLS),
        ([["pth"], ["a.wav"]], ProblemCode.MISSING_COLUMN),
        ([["path", "Path"], ["a.wav", "b.wav"]], ProblemCode.BAD_FORMAT),
    ],
)
def test_a_workbook_without_a_usable_table_is_refused(tmp_path: Path, rows: list[list[str]], code: ProblemCode) -> None:
    assert refused(workbook(tmp_path / "m.xlsx", *rows)).code is code


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "m.xlsx", ["path"], ["a.wav"])
    path.write_bytes(path.read_bytes()[:-200])
    assert refused(path).code is ProblemCode.BAD_FORMAT


def test_turns_may_come_in_a_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "m.xlsx", ["通话编号", "角色", "内容"], ["A", "客服", "您好"], ["A", "客户", None], ["A", "客户", 12]
    )
    call = only(read([path]))
    assert call.turns is not None
    assert [turn.text for turn in call.turns] == ["您好", "", "12"]
