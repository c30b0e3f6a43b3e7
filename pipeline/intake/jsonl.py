"""JSON Lines: one object a line, each broken line told with the place where it breaks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.place import Place, RefusedError, quoted
from pipeline.intake.textfile import lines

JsonObject = dict[str, object]


def objects(path: Path, name: str) -> Iterator[tuple[Place, JsonObject] | Problem]:
    """The objects of the file, streamed, each with its line.

    Raises:
        RefusedError: the file is one JSON document rather than one a line.
        OSError: the file cannot be read.
    """
    begun = False
    for line in lines(path):
        text = line.text.rstrip()  # not from the left, for the columns to be those of the file
        if not text:
            continue
        if not begun and (text.lstrip().startswith("[") or text.strip() == "{"):
            raise RefusedError("是一整个 JSON,不是 JSONL", "请改成每行一个对象", code=ProblemCode.BAD_FORMAT)
        begun = True
        place = Place(name, line.number)
        try:
            yield place.problem(line.fault) if line.fault else (place, _parse(text))
        except _BrokenError as broken:
            yield place.problem(broken.refusal, column=broken.column)


class _BrokenError(RefusedError):
    """A line that is no JSON; `column` is the key at fault, or the 1-based character where the line breaks."""

    def __init__(self, what: str, column: str | None = None) -> None:
        super().__init__(what, "请修正这一行的 JSON,每行一个完整的对象", code=ProblemCode.BAD_FORMAT)
        self.column = column


def _parse(text: str) -> JsonObject:
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        rest = quoted(text[error.pos : error.pos + 10])
        raise _BrokenError(f"JSON 在第 {error.colno} 个字符 {rest} 处有错", str(error.colno)) from error
    except (ValueError, RecursionError) as error:
        raise _BrokenError("JSON 的数字过长或嵌套过深") from error
    if not isinstance(value, dict):
        raise _BrokenError(f"应是一个 JSON 对象,得到 {quoted(text)}")
    return value


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _BrokenError(f"键 {quoted(twice)} 出现了两次", twice)
    return value


def _no_constant(name: str) -> NoReturn:
    raise _BrokenError(f"{name} 不是 JSON 的值")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
