"""The text and the JSON of a transcript file, within bounds that a hostile one cannot pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from pipeline.domain.errors import ProblemCode
from pipeline.intake.foreign.settle import Fault, TranscriptError
from pipeline.intake.foreign.spoken import Spot
from pipeline.intake.place import Refusal, RefusedError, quoted
from pipeline.intake.textfile import TOO_LONG, Line, lines

MAX_BYTES = 64 * 2**20  # a day of speech with the times of every word has a quarter of it
_MAX_VALUES = 2_000_000  # objects and arrays: three times what word times of that size have; each costs memory
_MAX_LINES = 2_000_000  # an indented JSON of that size has a few more; no call has
_NUL_HEAD = 4096

Json = dict[str, Any]


def text_lines(path: Path) -> list[Line]:
    """All lines of the file, in whatever encoding (see `textfile`).

    Raises:
        TranscriptError: a line cannot be decoded, or there is too much of it.
        RefusedError: the file is too large, empty, no text, or no plain file.
        OSError: it cannot be read.
    """
    if not path.is_file():
        raise RefusedError("不是普通文件", "请填转写文件本身的路径", code=ProblemCode.FILE_UNREADABLE)
    size = path.stat().st_size
    if not size:
        raise RefusedError("文件是空的(0 字节)", "请重新导出转写结果", code=ProblemCode.FILE_EMPTY)
    if size > MAX_BYTES:
        what = f"文件有 {size / 2**20:.0f} MiB,最大 {MAX_BYTES // 2**20} MiB"
        raise RefusedError(what, "一个文件只放一通电话的转写;多通请分开", code=ProblemCode.BAD_FORMAT)
    found: list[Line] = []
    for line in lines(path):
        fault = _TOO_MUCH if line.number > _MAX_LINES or line.fault is TOO_LONG else line.fault
        if fault:
            raise TranscriptError([Fault(fault, Spot(row=line.number))])
        found.append(line)
    if "\0" in "".join(line.text for line in found[:100])[:_NUL_HEAD]:
        raise RefusedError("含有空字符,不是文本文件", "请另存为 UTF-8 编码的文本", code=ProblemCode.BAD_ENCODING)
    return found


_TOO_MUCH = Refusal(
    "行数过多或这一行过长,没有读完", "请确认是一通电话的转写文件,或重新导出", code=ProblemCode.BAD_FORMAT
)


def read_json(path: Path) -> object:
    """The JSON document in the file.

    Raises:
        TranscriptError, RefusedError, OSError: as `text_lines`; or it is no JSON, or nested or filled beyond measure.
    """
    return decode("".join(line.text for line in text_lines(path)))


def decode(text: str, key: str | None = None) -> object:
    """The value of a JSON text; `key` is where it stands, when it is a string within another one."""
    if text.count("{") + text.count("[") > _MAX_VALUES:
        raise _broken("JSON 里的对象和数组过多", Spot(key=key))
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        rest = quoted(text[error.pos : error.pos + 10])
        spot = Spot(row=error.lineno) if key is None else Spot(key=key)
        raise _broken(f"JSON 在第 {error.colno} 个字符 {rest} 处有错", spot) from error
    except (ValueError, RecursionError) as error:
        raise _broken("JSON 的数字过长或嵌套过深", Spot(key=key)) from error


def _broken(what: str, spot: Spot = Spot()) -> TranscriptError:  # noqa: B008 - frozen
    return TranscriptError([Fault(Refusal(what, _REMEDY, code=ProblemCode.BAD_FORMAT), spot)])


_REMEDY = "请重新导出转写结果;若文件每行一个对象,请把后缀改成 .jsonl"


def _unique(pairs: list[tuple[str, object]]) -> Json:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _broken(f"JSON 的键 {quoted(twice)} 在一个对象里出现了两次")
    return value


def _no_constant(name: str) -> NoReturn:
    raise _broken(f"{name} 不是 JSON 的值")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def dig(value: object, *keys: str) -> Any:
    """The value under the keys, each within the one before; None where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def pick(value: Json, *keys: str) -> Any:
    """The value of the first of the keys that is there and not null: versions of one service spell them differently."""
    return next((value[key] for key in keys if value.get(key) is not None), None)


def objects(value: object, key: str) -> Iterator[tuple[str, Json]]:
    """The objects of an array, each with its key; none where there is no array.

    Raises:
        TranscriptError: the array holds anything else.
    """
    for at, each in enumerate(value if isinstance(value, list) else ()):
        where = f"{key}[{at}]"
        if not isinstance(each, dict):
            raise _broken("应是一个 JSON 对象", Spot(key=where))
        yield where, each


def has_objects(value: object, *keys: str) -> bool:
    """Whether it is an array of objects of which one has one of the keys; an empty array passes for one."""
    if not isinstance(value, list):
        return False
    return not value or any(isinstance(each, dict) and any(key in each for key in keys) for each in value)
