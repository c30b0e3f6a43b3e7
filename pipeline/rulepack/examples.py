"""Labelled texts as a person hands them in: a CSV or JSONL file with a text and a label in each row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.intake.csvfile import open_csv
from pipeline.intake.jsonl import objects
from pipeline.intake.place import Place, RefusedError
from pipeline.text.classify.fit import Example

TEXT_HEADERS = ("text", "文本")
LABEL_HEADERS = ("label", "标签")
MOST_ROWS = 50_000
MOST_CHARACTERS = 2_000
_MOST_PROBLEMS = 20
_REMEDY = "每行要有 text(文本)和 label(标签)两项"


def read_examples(path: Path) -> tuple[Example, ...]:
    """The examples of a file. Raises InputError with the problems of its rows, the first twenty of them."""
    try:
        rows = _jsonl(path) if path.suffix.lower() in (".jsonl", ".ndjson") else _csv(path)
        examples: list[Example] = []
        problems: list[Problem] = []
        for row in rows:
            if isinstance(row, Problem):
                problems.append(row)
            else:
                examples.append(row)
            if len(problems) >= _MOST_PROBLEMS:
                break
            if len(examples) > MOST_ROWS:
                raise RefusedError(f"超过 {MOST_ROWS} 行", "请抽取一部分", code=ProblemCode.BAD_VALUE)
    except RefusedError as refused:
        raise InputError(Place(path.name, None).problem(refused.refusal)) from None
    except FileNotFoundError:
        raise InputError(_problem(path, None, ProblemCode.FILE_MISSING, "找不到这个文件", "请核对路径")) from None
    except OSError as error:
        what = f"读不到这个文件({error.strerror})"
        raise InputError(_problem(path, None, ProblemCode.FILE_UNREADABLE, what, "请检查权限和磁盘")) from None
    if not examples and not problems:
        problems.append(_problem(path, None, ProblemCode.FILE_EMPTY, "文件里没有样本", _REMEDY))
    if problems:
        raise InputError(problems)
    return tuple(examples)


def _csv(path: Path) -> Iterator[Example | Problem]:
    table = open_csv(path)
    headers = [header.strip().lower() for header in table.headers]
    places = [
        next((at for at, header in enumerate(headers) if header in names), None)
        for names in (TEXT_HEADERS, LABEL_HEADERS)
    ]
    if None in places:
        raise RefusedError(f"表头是 {'、'.join(table.headers)}", _REMEDY, code=ProblemCode.MISSING_COLUMN)
    for row in table.rows:
        if row.fault:
            yield Place(path.name, row.number).problem(row.fault)
        else:
            yield _example(path, row.number, *(row.cells[at] for at in places if at is not None))


def _jsonl(path: Path) -> Iterator[Example | Problem]:
    for entry in objects(path, path.name):
        if isinstance(entry, Problem):
            yield entry
        else:
            place, row = entry
            text, label = (
                next((row[name] for name in names if name in row), None) for names in (TEXT_HEADERS, LABEL_HEADERS)
            )
            yield _example(path, place.row, text, label)


def _example(path: Path, row: int | None, text: object, label: object) -> Example | Problem:
    if not isinstance(text, str) or not isinstance(label, str) or not text.strip() or not label.strip():
        return _problem(path, row, ProblemCode.MISSING_VALUE, "缺少文本或标签,或者不是文字", _REMEDY)
    if len(text) > MOST_CHARACTERS:
        what = f"文本超过 {MOST_CHARACTERS} 字"
        return _problem(path, row, ProblemCode.BAD_VALUE, what, "一行只写一轮讲话")
    return Example(text.strip(), label.strip())


def _problem(path: Path, row: int | None, code: ProblemCode, what: str, remedy: str) -> Problem:
    return Problem(code=code, what=what, remedy=remedy, file=path.name, row=row)
