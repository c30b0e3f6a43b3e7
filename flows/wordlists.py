"""Text files that a user writes one entry a line: the glossary, and lines that the recogniser invents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.intake import textfile
from pipeline.transcribe.guard.stock import LEAST_LETTERS, MOST_GAPS, letters_in

MOST_ENTRIES = 1000
"""Entries of a file; a model holds some thirty terms."""
MOST_BYTES = 2**20
MOST_FAULTS = 20
"""Lines of a wrong encoding that are told one by one; a file with more of them is no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`name` is the file's, `entry` one line of it as it is counted, `longest` in characters.

    `fault`: what is wrong with an entry and what to do, None where nothing is.
    """

    name: str
    entry: str
    longest: int
    too_long: str
    too_many: str
    fault: Callable[[str], tuple[str, str] | None] = lambda _: None


def _stock_fault(line: str) -> tuple[str, str] | None:
    if letters_in(line) < LEAST_LETTERS:
        return f"“{line}”不到 {LEAST_LETTERS} 个字", "太短的话人也会说,会把真话隔离;请写完整的句子"
    if line.count("*") > MOST_GAPS:
        return f"“{line}”里的 * 超过 {MOST_GAPS} 个", "请只留开头最固定的部分"
    return None


GLOSSARY = Kind(
    name="词表",
    entry="个词",
    longest=30,
    too_long="每行只写一个词,不写句子",
    too_many="模型一次只放得下几十个,请留下最要紧的",
)
STOCK_PHRASES = Kind(
    name="套话表",
    entry="句",
    longest=60,
    too_long="请只写固定不变的部分,变化的部分写 *",
    too_many="请只留语音模型真的凭空写出过的",
    fault=_stock_fault,
)


def read_glossary(path: Path) -> tuple[str, ...]:
    """The terms of a text file, one a line, in their order and each once; `#` begins a comment. UTF-8 or GBK.

    Raises:
        InputError: the file is not there or holds no term, or lines of it cannot be taken; all of them are told.
    """
    return _read(path, GLOSSARY)


def read_stock_phrases(path: Path) -> tuple[str, ...]:
    """Lines that a recogniser is known to invent, as `read_glossary` reads terms; `*` stands for up to 20 characters.

    Raises:
        InputError: as above, and for a line so short that people would say it.
    """
    return _read(path, STOCK_PHRASES)


def _read(path: Path, kind: Kind) -> tuple[str, ...]:
    problems: list[Problem] = []
    entries: dict[str, None] = {}
    try:
        if path.stat().st_size > MOST_BYTES:
            what = f"{kind.name}有 {path.stat().st_size // 2**20 + 1} MB,不像一行一{kind.entry}的文本"
            raise InputError(_problem(path, what, "请核对是不是选错了文件", code=ProblemCode.BAD_FORMAT))
        for line in _text_lines(path, kind):
            entry = _without_comment(line.text)
            if line.fault is not None:
                problems.append(
                    _problem(path, line.fault.what, line.fault.remedy, code=line.fault.code, row=line.number)
                )
            elif len(entry) > kind.longest:
                what = f"“{entry[: kind.longest]}…”超过 {kind.longest} 个字"
                problems.append(_problem(path, what, kind.too_long, row=line.number))
            elif entry and (fault := kind.fault(entry)):
                problems.append(_problem(path, *fault, row=line.number))
            elif entry:
                entries[entry] = None
    except OSError as error:
        code = ProblemCode.FILE_MISSING if isinstance(error, FileNotFoundError) else ProblemCode.FILE_UNREADABLE
        problem = _problem(path, f"{kind.name}打不开({error.strerror})", "请核对路径", code=code)
        raise InputError(problem) from error
    if not problems and not entries:
        problems.append(_problem(path, f"{kind.name}是空的", f"每行写一{kind.entry}", code=ProblemCode.FILE_EMPTY))
    if len(entries) > MOST_ENTRIES:
        what = f"{kind.name}有 {len(entries)} {kind.entry},最多 {MOST_ENTRIES} {kind.entry}"
        problems.append(_problem(path, what, kind.too_many))
    if problems:
        raise InputError(problems)
    return tuple(entries)


def _text_lines(path: Path, kind: Kind) -> Iterator[textfile.Line]:
    """The lines of a file that is text; of a spreadsheet or a recording every line would be a fault."""
    faults = 0
    for line in textfile.lines(path):
        faults += line.fault is not None
        if "\0" in line.text or faults > MOST_FAULTS:
            what = f"{kind.name}不是文本文件"
            remedy = f"请在记事本里写,一行一{kind.entry},另存为 UTF-8 的 .txt"
            raise InputError(_problem(path, what, remedy, code=ProblemCode.BAD_FORMAT))
        yield line


def _without_comment(line: str) -> str:
    """`#` begins a comment at the start or after a blank, so that `C#` is a term."""
    words = line.split()
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    return " ".join(words[:comment])


def _problem(
    path: Path, what: str, remedy: str, *, code: ProblemCode = ProblemCode.BAD_VALUE, row: int | None = None
) -> Problem:
    return Problem(code=code, what=what, remedy=remedy, file=str(path), row=row)
