"""The files that a user writes one entry a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from flows.cli import app
from flows.wordlists import read_glossary, read_stock_phrases
from pipeline.domain.errors import InputError, Problem, ProblemCode

Read = Callable[[Path], tuple[str, ...]]
RUN = ["run", "recordings", "--out", "lake"]
ASR = ["evaluate", "asr", "recordings", "--references", "said.jsonl"]
KINDS = pytest.mark.parametrize("read", [read_glossary, read_stock_phrases])


def problems_of(read: Read, path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read(path)
    return caught.value.problems


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_a_file_is_read_in_the_encodings_that_people_have(encoding: str, tmp_path: Path) -> None:
    text = "# 产品\r\n天翼智能光猫\r\n\r\n 天翼 高清  # 电视\r\n天翼智能光猫\r\nC#\r\n"
    (tmp_path / "words.txt").write_bytes(text.encode(encoding))
    assert read_glossary(tmp_path / "words.txt") == ("天翼智能光猫", "天翼 高清", "C#")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_stock_line_may_hold_a_gap(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "stock.txt").write_bytes("# 本台\n欢迎收听*新闻\nSee you next time\n".encode(encoding))
    assert read_stock_phrases(tmp_path / "stock.txt") == ("欢迎收听*新闻", "See you next time")


def test_everything_wrong_in_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(
        "天翼光猫\n".encode() + b"\xff\xfe\xfa\n" + ("长" * 61).encode() + "\n再见\n*字幕*\n天*地*玄*黄*\n".encode()
    )
    problems = problems_of(read_stock_phrases, file)
    assert [(p.row, p.code) for p in problems] == [
        (2, ProblemCode.BAD_ENCODING),
        (3, ProblemCode.BAD_VALUE),
        (4, ProblemCode.BAD_VALUE),
        (5, ProblemCode.BAD_VALUE),
        (6, ProblemCode.BAD_VALUE),
    ]
    assert "“再见”不到 4 个字" in problems[2].what
    assert {p.file for p in problems} == {str(file)}


def test_a_short_term_is_a_term_but_no_stock_line(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("再见\n", encoding="utf-8")
    assert read_glossary(tmp_path / "words.txt") == ("再见",)
    assert len(problems_of(read_stock_phrases, tmp_path / "words.txt")) == 1


SPREADSHEET = b"PK\x03\x04" + bytes(range(256)) * 40
BROKEN = b"\xff\xfe\xfa\n".join([b""] * 50)


@KINDS
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("# 只有注释\n\n".encode(), ProblemCode.FILE_EMPTY),
        (b"", ProblemCode.FILE_EMPTY),
        ("\n".join(f"第{n}个产品" for n in range(1001)).encode(), ProblemCode.BAD_VALUE),
        ("字幕由某人提供\n".encode() * 60_000, ProblemCode.BAD_FORMAT),
        (SPREADSHEET, ProblemCode.BAD_FORMAT),
        (b"abcd\n" + BROKEN, ProblemCode.BAD_FORMAT),
        (None, ProblemCode.FILE_MISSING),
    ],
    ids=["comments only", "empty", "too many", "too large", "a spreadsheet", "no text", "missing"],
)
def test_a_file_that_is_no_use_is_refused_with_one_clear_problem(
    read: Read, content: bytes | None, code: ProblemCode, tmp_path: Path
) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    (problem,) = problems_of(read, file)
    assert problem.code == code
    assert problem.file == str(file)
    assert problem.what
    assert problem.remedy


@KINDS
def test_a_folder_is_no_such_file(read: Read, tmp_path: Path) -> None:
    (problem,) = problems_of(read, tmp_path)
    assert problem.code == ProblemCode.FILE_UNREADABLE


@pytest.mark.parametrize(
    ("command", "runs"), [(RUN, "flows.run.run_inspection"), (ASR, "flows.recognition.evaluate_asr")]
)
@pytest.mark.parametrize(("given", "phrases"), [(True, ("欢迎收听*新闻",)), (False, ())])
def test_the_users_stock_lines_reach_what_hears_the_recordings(
    command: list[str],
    runs: str,
    given: bool,
    phrases: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "stock.txt").write_text("欢迎收听*新闻 # 本台\n", encoding="utf-8")
    seen: list[Any] = []

    def run(options: Any, _notify: object) -> None:
        seen.append(options)
        raise typer.Exit

    monkeypatch.setattr(runs, run)
    more = ["--stock-phrases", str(tmp_path / "stock.txt")] if given else []
    assert CliRunner().invoke(app, [*command, *more]).exit_code == 0
    (options,) = seen
    assert options.stock_phrases == phrases
