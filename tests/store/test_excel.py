from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from pipeline.domain.errors import ProblemCode, UserError
from pipeline.store.excel import Column, Kind, Sheet, write_workbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEXT = [Column("a", "甲")]


def written(path: Path, *sheets: Sheet, **options: Any) -> Workbook:
    write_workbook(path, sheets, timezone=SHANGHAI, **options)
    return openpyxl.load_workbook(path)


def values(book: Workbook, name: str) -> list[list[Any]]:
    return [list(row) for row in book[name].iter_rows(values_only=True)]


def cell(path: Path, value: Any, kind: Kind = Kind.TEXT) -> Any:
    """The one cell of a workbook that holds `value`, as openpyxl sees it."""
    return written(path, Sheet("s", [Column("a", "甲", 20, kind)], [{"a": value}]))["s"]["A2"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def test_a_sheet_has_a_frozen_header_a_filter_and_its_widths(path: Path) -> None:
    columns = [
        Column("id", "通话编号", 24),
        Column("score", "得分", 8, Kind.SCORE),
        Column("why", "理由", 60, Kind.WRAP),
    ]
    rows = [{"id": "c1", "score": 87.5, "why": "推诿"}, {"id": "c2", "score": 90.0, "why": None}]
    book = written(path, Sheet("得分", columns, rows))
    sheet = book["得分"]
    assert values(book, "得分") == [["通话编号", "得分", "理由"], ["c1", 87.5, "推诿"], ["c2", 90, None]]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    assert [round(sheet.column_dimensions[letter].width) for letter in "ABC"] == [25, 9, 61]
    assert sheet["C2"].alignment.wrap_text
    assert sheet["A2"].font.name == "Microsoft YaHei"
    assert sheet["A1"].font.bold


@pytest.mark.parametrize(
    ("kind", "value", "shown", "number_format"),
    [
        (Kind.INT, 3, 3, "0"),
        (Kind.INT, np.int64(3), 3, "0"),
        (Kind.INT, 10**15, "1000000000000000", "@"),
        (Kind.SCORE, 87.5, 87.5, "0.0"),
        (Kind.PERCENT, 0.25, 0.25, "0.0%"),
        (Kind.TEXT, 13800138000, "13800138000", "@"),
        (Kind.TEXT, "01234", "01234", "@"),
        (Kind.TEXT, True, "是", "@"),
        (Kind.TEXT, np.False_, "否", "@"),
        (Kind.TEXT, "True", "True", "@"),
        (Kind.WRAP, ["甲", "乙"], "甲\n乙", "@"),
        (Kind.WRAP, np.array(["甲", "乙"]), "甲\n乙", "@"),
        (Kind.INT, "不详", "不详", "@"),
        (Kind.SCORE, float("inf"), "inf", "@"),
        (Kind.DATETIME, datetime(2026, 3, 2, 20, tzinfo=UTC), datetime(2026, 3, 3, 4), "yyyy-mm-dd hh:mm:ss"),
        (
            Kind.DATETIME,
            datetime(2026, 3, 2, 20, tzinfo=timezone(timedelta(hours=1))),
            datetime(2026, 3, 3, 3),
            "yyyy-mm-dd hh:mm:ss",
        ),
        (Kind.DATETIME, pd.Timestamp("2026-03-02T20:00Z"), datetime(2026, 3, 3, 4), "yyyy-mm-dd hh:mm:ss"),
    ],
)
def test_a_value_is_shown_as_its_column_says(
    path: Path, kind: Kind, value: Any, shown: Any, number_format: str
) -> None:
    found = cell(path, value, kind)
    assert (found.value, found.number_format) == (shown, number_format)


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_missing_is_an_empty_cell(path: Path, kind: Kind, value: Any) -> None:
    assert cell(path, value, kind).value is None


def test_a_time_without_a_zone_is_refused_and_no_file_is_left(path: Path) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        cell(path, datetime(2026, 3, 2), Kind.DATETIME)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+86 138", "'+86 138"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("甲\r\n乙", "甲\n乙"),
        ("  =1", "'  =1"),
        ("\u3000=1", "'\u3000=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("\x00=1", "'=1"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("http://example.com", "http://example.com"),
        ("1-2", "1-2"),
        ("a=b", "a=b"),
        ("", None),
    ],
)
def test_text_that_begins_like_a_formula_stays_text_here_and_in_a_csv_made_of_it(
    path: Path, text: str, shown: str | None
) -> None:
    found = cell(path, text)
    assert found.value == shown
    assert found.data_type == ("n" if shown is None else "s")  # openpyxl's type of an empty cell is n
    assert found.hyperlink is None


def test_headers_titles_and_notes_are_as_inert_as_cells(path: Path) -> None:
    book = written(path, Sheet("s", [Column("a", "=1")], []), title="=2", notes=["+3"])
    assert values(book, "s")[0] == ["'=1"]
    assert values(book, "说明") == [["'=2"], ["'+3"]]
    assert book.properties.title == "'=2"


ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(ANYTHING, min_size=1, max_size=5))
def test_no_text_whatever_becomes_a_formula_or_breaks_the_file(
    tmp_path_factory: pytest.TempPathFactory, texts: Sequence[str]
) -> None:
    path = tmp_path_factory.mktemp("excel") / "a.xlsx"
    book = written(path, Sheet("s", TEXT, [{"a": text} for text in texts]))
    found = [row[0] for row in book["s"].iter_rows(min_row=2, max_row=len(texts) + 1)]
    assert {one.data_type for one in found if one.value is not None} <= {"s"}
    assert not any(str(one.value or "").lstrip()[:1] in tuple("=+-@＝＋－＠") for one in found if one.value)


def test_characters_that_a_file_cannot_hold_are_dropped(path: Path) -> None:
    assert cell(path, "您\x00好\x0b\x1f\ufffe\ud800！\n🙂").value == "您好！\n🙂"


@pytest.mark.parametrize("letter", ["字", "🙂"])  # one and two UTF-16 units
def test_text_too_long_for_a_cell_is_cut_with_a_visible_mark(path: Path, letter: str) -> None:
    shown = cell(path, letter * 40_000).value
    assert shown.endswith("字……（过长，已截断）" if letter == "字" else "🙂……（过长，已截断）")
    assert 32_760 < len(shown.encode("utf-16-le")) // 2 <= 32_767


def test_text_of_the_greatest_length_is_kept_whole(path: Path) -> None:
    assert cell(path, "字" * 32_767).value == "字" * 32_767


def test_more_rows_than_a_sheet_holds_go_on_in_further_sheets(path: Path) -> None:
    book = written(path, Sheet("得分", TEXT, ({"a": str(n)} for n in range(5))), rows_per_sheet=2)
    assert {name: values(book, name) for name in book.sheetnames} == {
        "得分": [["甲"], ["0"], ["1"]],
        "得分 (2)": [["甲"], ["2"], ["3"]],
        "得分 (3)": [["甲"], ["4"]],
    }
    assert all(book[name].auto_filter.ref and book[name].freeze_panes == "A2" for name in book.sheetnames)


def test_rows_that_just_fill_a_sheet_open_no_other(path: Path) -> None:
    assert written(path, Sheet("s", TEXT, [{"a": "x"}] * 4), rows_per_sheet=4).sheetnames == ["s"]


def test_a_sheet_without_rows_says_so(path: Path) -> None:
    book = written(path, Sheet("空", [Column("a", "甲"), Column("b", "乙")], []))
    assert values(book, "空") == [["甲", "乙"], ["没有记录", None]]
    assert book["空"].auto_filter.ref == "A1:B1"


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["a/b:c*?[d]\\"], ["a b c   d"]),
        (["'引号'"], ["引号"]),
        (["", "   "], ["Sheet", "Sheet (2)"]),
        (["同名", "同名"], ["同名", "同名 (2)"]),
        (["Abc", "aBC"], ["Abc", "aBC (2)"]),
        (["字" * 40, "字" * 40], ["字" * 31, "字" * 27 + " (2)"]),
        (["History", "说明"], ["History (2)", "说明 (2)"]),
    ],
)
def test_sheets_get_names_that_excel_accepts(path: Path, names: list[str], given: list[str]) -> None:
    assert written(path, *(Sheet(name, TEXT, []) for name in names)).sheetnames == given


def test_the_same_rows_give_the_same_bytes_and_no_time_of_writing(tmp_path: Path) -> None:
    rows = [{"a": "x"}, {"a": "y"}]
    paths = [tmp_path / "1.xlsx", tmp_path / "2.xlsx"]
    for path in paths:
        write_workbook(path, [Sheet("s", TEXT, rows)], timezone=SHANGHAI, title="得分", notes=["n"])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_an_export_that_fails_half_way_leaves_the_old_file(path: Path) -> None:
    def failing() -> Iterator[dict[str, str]]:
        yield {"a": "new"}
        raise ZeroDivisionError

    write_workbook(path, [Sheet("s", TEXT, [{"a": "old"}])], timezone=SHANGHAI)
    with pytest.raises(ZeroDivisionError):
        write_workbook(path, [Sheet("s", TEXT, failing())], timezone=SHANGHAI)
    assert values(openpyxl.load_workbook(path), "s") == [["甲"], ["old"]]
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="无法写入表格") as caught:
        write_workbook(tmp_path / "file" / "a.xlsx", [], timezone=SHANGHAI)
    assert caught.value.problems[0].code is ProblemCode.FILE_UNWRITABLE
