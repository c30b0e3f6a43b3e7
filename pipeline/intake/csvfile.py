"""CSV as contact centres export it: encodings and separators found out, broken rows told one by one."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.columns import MANIFEST, TURN_TABLE, plain
from pipeline.intake.place import Refusal, RefusedError
from pipeline.intake.table import Row, Table, fit, is_blank
from pipeline.intake.textfile import Line, lines

_SEPARATORS = ",;\t"
_SEP_LINE = re.compile(r"sep=([,;|\t])\s*", re.IGNORECASE)
_HEAD_LINES = 50  # a header is one line; quoted line breaks may make it a few
_FOREIGN = {b"PK\x03\x04": "Excel(.xlsx)", b"\xd0\xcf\x11\xe0": "旧版 Excel(.xls)", b"PAR1": "Parquet"}


_BAD_QUOTES = Refusal(
    "双引号没有成对或位置不对,或字段过长",
    "文字里的双引号要写成两个,并给整个字段加双引号",
    code=ProblemCode.BAD_FORMAT,
)


@dataclass(frozen=True, slots=True)
class _Record:
    """The fields of a row that begins at line `number`; `fault` where it cannot be trusted."""

    number: int
    fields: tuple[str, ...]
    fault: Refusal | None


def open_csv(path: Path) -> Table:
    """The table in a text file. The separator is the one of `,` `;` tab under which most headers are known.

    Raises:
        RefusedError: the file holds no header, an undecodable one, or is no text.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        foreign = _FOREIGN.get(file.read(4))
    if foreign:
        raise RefusedError(f"内容其实是 {foreign}", "请改成正确的后缀,或另存为 CSV", code=ProblemCode.BAD_FORMAT)
    stream = lines(path)
    head = list(islice(stream, _HEAD_LINES))
    while head and not head[0].text.strip():
        del head[0]
    separator = _declared(head) or _separator(head)
    records = _records(chain(head, stream), separator)
    header = next((record for record in records if record.fault or not is_blank(record.fields)), None)
    if header is None:
        raise RefusedError("文件里没有内容", "请在第一行写表头,从第二行起每行一条", code=ProblemCode.NO_CALLS)
    if header.fault:
        raise RefusedError.of(header.fault)
    if any("\0" in field for field in header.fields):
        raise RefusedError("表头含有空字符,不是文本文件", "请另存为 UTF-8 编码的 CSV", code=ProblemCode.BAD_ENCODING)
    return Table(header.fields, header.number, _rows(records, header.fields))


def _rows(records: Iterable[_Record], headers: tuple[str, ...]) -> Iterator[Row]:
    for record in records:
        if record.fault:
            yield Row(record.number, record.fields, record.fault)
        elif is_blank(record.fields):
            continue
        elif len(record.fields) < len(headers):
            what = f"只有 {len(record.fields)} 个字段,表头有 {len(headers)} 个"
            fault = Refusal(what, "请补齐这一行,空的字段也要留分隔符", code=ProblemCode.BAD_FORMAT)
            yield Row(record.number, record.fields, fault)
        else:
            yield fit(record.number, record.fields, headers)


def _declared(head: list[Line]) -> str | None:
    """The separator of Excel's own first line `sep=;`, which is taken off."""
    declared = _SEP_LINE.fullmatch(head[0].text) if head else None
    if declared:
        del head[0]
    return declared and declared[1]


def _separator(head: list[Line]) -> str:
    accepted = MANIFEST.meaning | TURN_TABLE.meaning

    def known(separator: str) -> tuple[int, int]:
        fields = next((record.fields for record in _records(head, separator)), ())
        return sum(plain(field) in accepted for field in fields), len(fields)

    return max(_SEPARATORS, key=known)


def _records(source: Iterable[Line], separator: str) -> Iterator[_Record]:
    """The records of the lines. One that breaks the rules of quoting costs its first line only.

    A quote left open would swallow what follows: the lines it took are read again (csv's limit of 131,072
    characters per field bounds how many).
    """
    stream = iter(source)
    again: deque[Line] = deque()
    taken: list[Line] = []

    def feed() -> Iterator[str]:
        while (line := again.popleft() if again else next(stream, None)) is not None:
            taken.append(line)
            yield line.text

    reader = csv.reader(feed(), delimiter=separator, strict=True)
    while True:
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _Record(taken[0].number, (), taken[0].fault or _BAD_QUOTES)
            again.extendleft(reversed(taken[1:]))
            reader = csv.reader(feed(), delimiter=separator, strict=True)
            continue
        yield _Record(taken[0].number, tuple(fields), next((line.fault for line in taken if line.fault), None))
