"""Text files of unknown encoding, line by line: UTF-8, GBK/GB18030 and the UTF-16 of Excel's "Unicode text"."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.place import Refusal

MAX_LINE_CHARS = 16 * 2**20  # a hundred times the longest contact; bounds what one line may cost
_BLOCK_BYTES = 2**20
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ASCII = bytes(range(128))
_MARK = "\udc80"  # stands for undecodable bytes; no valid text holds it
_HAN = re.compile(r"[\u4e00-\u9fff]")

codecs.register_error("intake.mark", lambda error: (_MARK, error.end if isinstance(error, UnicodeDecodeError) else 0))

BAD_BYTES = Refusal(
    "这一行有无法解码的字节,或与文件其余部分编码不同",
    "请把整个文件另存为 UTF-8 后重新提交",
    code=ProblemCode.BAD_ENCODING,
)
TOO_LONG = Refusal(
    f"这一行超过 {MAX_LINE_CHARS} 个字符,没有读完",
    "请检查是否缺少换行,每通一行",
    code=ProblemCode.BAD_FORMAT,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as an editor numbers it, with its line break; `fault` says why its text cannot be trusted."""

    number: int
    text: str
    fault: Refusal | None = None


def lines(path: Path) -> Iterator[Line]:
    """The lines of the file, streamed. At most `MAX_LINE_CHARS` of a line are kept.

    Raises:
        OSError: the file cannot be read.
    """
    encoding, mixed = detect(path)
    with path.open(encoding=encoding, errors="intake.mark", newline="") as file:
        number = 0
        while text := file.readline(MAX_LINE_CHARS):
            number += 1
            fault = None
            if not text.endswith(("\n", "\r")) and len(text) == MAX_LINE_CHARS:
                fault = TOO_LONG
                while (rest := file.readline(MAX_LINE_CHARS)) and not rest.endswith(("\n", "\r")):
                    pass
            elif _MARK in text or (mixed and _is_utf8(text)):
                fault = BAD_BYTES
            yield Line(number, text, fault)


def detect(path: Path) -> tuple[str, bool]:
    """The codec of the file: by its mark, else UTF-8 unless more of it is only GB18030.

    A file with a few broken lines keeps the encoding of the many, so that those lines alone are refused. The second
    value is True where lines of a GB18030 file could be UTF-8: they would decode, but into other characters.
    """
    with path.open("rb") as file:
        head = file.read(4)
        for mark, encoding in _BOMS.items():
            if head.startswith(mark):
                return encoding, False
        file.seek(0)
        utf8_bytes = gb_bytes = 0
        while block := file.readline(_BLOCK_BYTES):
            for line in block.splitlines():
                weight = len(line.translate(None, _ASCII))
                if not weight:
                    continue
                if _decodes(line, "utf-8"):
                    utf8_bytes += weight
                elif _decodes(line, "gb18030"):
                    gb_bytes += weight
    return ("gb18030", utf8_bytes > 0) if gb_bytes > utf8_bytes else ("utf-8", False)


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(text: str) -> bool:
    # One Chinese character of UTF-8 may come about by chance in GB18030, two hardly.
    try:
        return len(_HAN.findall(text.encode("gb18030").decode("utf-8"))) >= 2
    except UnicodeError:
        return False
