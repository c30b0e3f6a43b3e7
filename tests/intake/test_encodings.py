from __future__ import annotations

import csv
import io
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read, textfile
from pipeline.intake.textfile import detect, lines
from tests.intake.build import manifest, only, recording, refused, spots

ENCODINGS = ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
_BOM = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}


def write(path: Path, rows: list[list[str]], *, encoding: str, separator: str, end: str = "\r\n") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    path.write_bytes((_BOM.get(encoding, "") + text.getvalue()).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_exports_of_every_system_are_read(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    recording(tmp_path / "录音1.wav")
    rows = [["通话编号", "录音路径", "坐席姓名", "备注"], ["甲1", "录音1.wav", "张三", "a,b;c\td 客户说“急”"]]
    path = write(tmp_path / "清单.csv", rows, encoding=encoding, separator=separator, end=end)
    call = only(read([path]))
    assert (call.call_id, call.agent_name, call.source) == ("甲1", "张三", "清单.csv:2")
    assert call.metadata == {"备注": "a,b;c\td 客户说“急”"}


# Characters of GBK, so that every encoding can write them; control characters are another test's matter.
WRITABLE = st.text(
    st.characters(codec="gbk", min_codepoint=0x20, exclude_categories=("Cc", "Cs", "Co", "Zs")) | st.just(" "),
    max_size=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(WRITABLE.map(str.strip), min_size=2, max_size=2), min_size=1, max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_text_comes_back_from_any_encoding_and_separator(
    values: list[list[str]], encoding: str, separator: str, end: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        recording(Path(folder) / "a.wav")
        # A long Chinese header makes the encoding certain, as real exports do.
        header = ["通话编号", "录音路径", "客户反馈的详细内容", "质检员填写的处理备注"]
        rows = [header, *([str(n), "a.wav", *row] for n, row in enumerate(values))]
        intake = read([write(Path(folder) / "m.csv", rows, encoding=encoding, separator=separator, end=end)])
    assert intake.failures == ()
    assert [[c.metadata.get(h, "") for h in header[2:]] for c in intake.calls] == values


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", "utf-8"),
        (b"plain ascii\n", "utf-8"),
        ("客户".encode(), "utf-8"),
        ("客户".encode("gbk"), "gb18030"),
        ("客户\n".encode() * 3 + b"\xff\xfe\xfd\n", "utf-8"),
        ("客户\n".encode("gbk") * 3 + b"\x81\n", "gb18030"),
        ("客户说好\n".encode() * 2 + "客户".encode("gbk"), "utf-8"),
        (("客户" * 400_000).encode("gbk"), "gb18030"),
        (b"\xff\xfeA\0", "utf-16"),
        (b"\xfe\xff\0A", "utf-16"),
    ],
)
def test_the_encoding_is_that_of_most_of_the_file(tmp_path: Path, content: bytes, encoding: str) -> None:
    assert detect(recording(tmp_path / "x.csv", content))[0] == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_an_undecodable_row_is_told_and_the_others_go_on(tmp_path: Path, encoding: str) -> None:
    recording(tmp_path / "a.wav")
    bad = {"utf-8": b"B,a.wav,\xff\xfe\n", "gb18030": b"B,a.wav,\xff\n"}
    rows = [_BOM.get(encoding, "") + "call_id,path,坐席姓名\n", "A,a.wav,张三\n", "B,a.wav,\ud83d\n", "C,a.wav,李四\n"]
    content = b"".join(
        bad[encoding] if "\ud83d" in row and encoding in bad else row.encode(encoding, "surrogatepass") for row in rows
    )
    intake = read([recording(tmp_path / "m.csv", content)])
    assert [(c.call_id, c.agent_name) for c in intake.calls] == [("A", "张三"), ("C", "李四")]
    assert spots(intake) == [(ProblemCode.BAD_ENCODING, 3, None)]


@pytest.mark.parametrize(("most", "few"), [("gb18030", "utf-8"), ("utf-8", "gb18030")])
def test_a_row_glued_on_in_another_encoding_is_told(tmp_path: Path, most: str, few: str) -> None:
    recording(tmp_path / "a.wav")
    text = "call_id,path,坐席姓名\nA,a.wav,欧阳小明\nB,a.wav,李四四\n".encode(most) + "C,a.wav,王五六六\n".encode(few)
    intake = read([recording(tmp_path / "m.csv", text)])
    assert [c.agent_name for c in intake.calls] == ["欧阳小明", "李四四"]
    assert spots(intake) == [(ProblemCode.BAD_ENCODING, 4, None)]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt", "CSV"])
def test_text_tables_may_have_several_suffixes(tmp_path: Path, suffix: str) -> None:
    recording(tmp_path / "a.wav")
    assert only(read([manifest(tmp_path, "call_id\tpath\nA\ta.wav\n", name=f"m.{suffix}")])).call_id == "A"


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_the_separator_line_of_excel_is_understood(tmp_path: Path, separator: str) -> None:
    recording(tmp_path / "a.wav")
    call = only(read([manifest(tmp_path, f"sep={separator}\r\ncall_id{separator}path\r\nA{separator}a.wav\r\n")]))
    assert (call.call_id, call.source) == ("A", "manifest.csv:3")


def test_blank_lines_before_the_header_are_counted_but_passed_over(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    assert only(read([manifest(tmp_path, "\n,\n\npath,\na.wav,\n")])).source == "manifest.csv:5"


def test_a_header_may_be_quoted_and_broken_over_lines(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    call = only(read([manifest(tmp_path, '"通话\n编号","录音,路径",path\nA,x,a.wav\n')]))
    assert (call.call_id, call.source, call.metadata) == ("A", "manifest.csv:3", {"录音,路径": "x"})


def test_a_line_that_never_ends_is_cut_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textfile, "MAX_LINE_CHARS", 100)
    recording(tmp_path / "a.wav")
    text = "call_id,path,note\nA,a.wav,x\nB,a.wav," + "x" * 1000 + "\nC,a.wav,x\n"
    intake = read([manifest(tmp_path, text)])
    assert [c.call_id for c in intake.calls] == ["A", "C"]
    assert spots(intake) == [(ProblemCode.BAD_FORMAT, 3, None)]


def test_a_field_longer_than_csv_allows_is_told(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    intake = read([manifest(tmp_path, f"call_id,path,note\nA,a.wav,{'x' * 200_000}\nB,a.wav,x\n")])
    assert [c.call_id for c in intake.calls] == ["B"]
    assert spots(intake) == [(ProblemCode.BAD_FORMAT, 2, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_large_file_is_streamed(tmp_path: Path, encoding: str) -> None:
    path = recording(tmp_path / "m.csv", ("录音路径,备注\n" + "a.wav,客户来电\n" * 50_000).encode(encoding))
    tracemalloc.start()
    try:
        count = sum(1 for _ in lines(path))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 50_001
    assert peak_bytes < path.stat().st_size / 2


def test_a_wrong_suffix_is_told_by_what_the_file_is(tmp_path: Path) -> None:
    assert "Excel" in refused(recording(tmp_path / "m.csv", b"PK\x03\x04...")).what
