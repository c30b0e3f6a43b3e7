"""What reviewers wrote is read back, and every row that says nothing usable is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.domain.errors import InputError
from pipeline.insight.flagged import export_flagged
from pipeline.insight.reviews import REVIEW_HEADER, Review, read_reviews
from tests.insight.build import ABUSE, GREET, SHIRK, S, V, hit, inspected, lake_of

HEADER = "通话编号,规则编号,复核结论"


def _csv(folder: Path, *lines: str, name: str = "r.csv", header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines]), encoding=encoding)
    return path


def _fill(path: Path, reviews: Sequence[Any], *, sheet: str = "证据") -> None:
    """Writes the reviews into the workbook's rows, as a person does."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    headers = [cell.value for cell in page[1]]
    for row, review in enumerate(reviews, start=2):
        page.cell(row, headers.index(REVIEW_HEADER) + 1, review)
    book.save(path)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("确认", Review.RIGHT), ("部分成立", Review.RIGHT), ("误判", Review.WRONG), (" 误判 ", Review.WRONG)],
)
def test_the_three_decisions_say_right_or_wrong(tmp_path: Path, said: str, meant: Review) -> None:
    assert read_reviews([_csv(tmp_path, f"c1,t.a.b,{said}")]).decided == {("c1", "t.a.b"): meant}


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("call_id,rule_id,review", "utf-8"),
        (HEADER, "gbk"),
        (HEADER, "utf-8-sig"),
        (f"通话编号,规则编号,{REVIEW_HEADER}", "utf-8"),
    ],
)
def test_the_headers_may_be_english_or_those_of_the_workbooks(tmp_path: Path, header: str, encoding: str) -> None:
    found = read_reviews([_csv(tmp_path, "c1,t.a.b,误判", header=header, encoding=encoding)])
    assert found.decided == {("c1", "t.a.b"): Review.WRONG}


def test_rows_that_nobody_decided_are_passed_over(tmp_path: Path) -> None:
    assert read_reviews([_csv(tmp_path, "c1,t.a.b,", "c2,t.a.b,确认")]).decided == {("c2", "t.a.b"): Review.RIGHT}


def test_a_filled_workbook_of_flagged_calls_is_read_from_its_evidence(tmp_path: Path) -> None:
    lake = lake_of(
        tmp_path,
        inspected("-worse", {ABUSE: V, GREET: S}, hit(ABUSE), score="20.0"),
        inspected("better", {SHIRK: V}, hit(), score="80.0"),
    )
    out = tmp_path / "待复核.xlsx"
    export_flagged(lake, out)
    _fill(out, ["确认", None, "误判"])
    assert read_reviews([out]).decided == {("-worse", ABUSE): Review.RIGHT, ("better", SHIRK): Review.WRONG}


def test_a_rule_with_several_pieces_of_evidence_is_right_when_one_of_them_is(tmp_path: Path) -> None:
    for order in (("误判", "确认"), ("确认", "误判")):
        path = _csv(tmp_path, *(f"c1,t.a.b,{review}" for review in order))
        assert read_reviews([path]).decided == {("c1", "t.a.b"): Review.RIGHT}


def test_what_files_disagree_about_is_not_decided(tmp_path: Path) -> None:
    one = _csv(tmp_path, "c1,t.a.b,确认", "c2,t.a.b,确认")
    two = _csv(tmp_path, "c1,t.a.b,误判", "c2,t.a.b,部分成立", name="two.csv")
    found = read_reviews([one, two])
    assert found.decided == {("c2", "t.a.b"): Review.RIGHT}
    assert found.disputed == {("c1", "t.a.b")}


def test_every_bad_row_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    one = _csv(tmp_path, "c1,t.a.b,对的", ",t.a.b,确认", "c3,,误判", "c4,t.a.b,确认")
    two = tmp_path / "two.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "复核"
    for row in (["call_id", "rule_id", "review"], ["c1", "t.a.b", "?"]):
        page.append(row)
    book.save(two)
    with pytest.raises(InputError) as error:
        read_reviews([one, two, tmp_path / "none.csv"])
    told = [(p.file, p.row) for p in error.value.problems]
    assert told == [("r.csv", 2), ("r.csv", 3), ("r.csv", 4), ("two.xlsx 工作表“复核”", 2), ("none.csv", None)]
    assert "请写 确认、部分成立、误判 之一" in str(error.value.problems[0])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("r.csv", b"\xe9\x80\x9a,b\n1,2\n", "没有同时写有"),
        ("r.csv", b"", "没有内容"),
        ("r.csv", b"call_id,rule_id,review,review\nc,t.a.b,,\n", "同一列"),
        ("r.docx", b"x", "不支持 .docx"),
        ("r.xlsx", b"no workbook", "不是完好的 Excel"),
    ],
)
def test_a_file_that_holds_no_reviews_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_reviews([path])
