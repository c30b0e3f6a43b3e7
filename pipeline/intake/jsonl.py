"""JSON Lines: one object a line, each broken line told with the place where it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.place import Place, Refused, quoted
from pipeline.intake.textfile import lines

JsonObject = dict[str, object]


def objects(path: Path, name: str) -> Iterator[tuple[Place, JsonObject] | Problem]:
    """The objects of the file, streamed, each with its line.

    Raises:
        Refused: the file is one JSON document rather than one a line.
        OSError: the file cannot be read.
    """
    begun = False
    for line in lines(path):
        text = line.text.strip()
        if not text:
            continue
        if not begun and (text.startswith("[") or text == "{"):
            raise Refused("是一整个 JSON,不是 JSONL", "请改成每行一个对象", code=ProblemCode.BAD_FORMAT)
        begun = True
        place = Place(name, line.number)
        try:
            if line.fault:
                raise line.fault
            yield place, _parse(text)
        except _Broken as broken:
            yield place.problem(broken, column=broken.column)
        except Refused as refused:
            yield place.problem(refused)


class _Broken(Refused):
    """A line that is no JSON; `column` is the key at fault, or the 1-based character where the line breaks."""

    def __init__(self, what: str, column: str | None = None) -> None:
        super().__init__(what, "请修正这一行的 JSON,每行一个完整的对象", code=ProblemCode.BAD_FORMAT)
        self.column = column


def _parse(text: str) -> JsonObject:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        rest = quoted(text[error.pos : error.pos + 10])
        raise _Broken(f"JSON 在第 {error.colno} 个字符 {rest} 处有错", str(error.colno)) from error
    except (ValueError, RecursionError) as error:
        raise _Broken("JSON 的数字过长或嵌套过深") from error
    if not isinstance(value, dict):
        raise _Broken(f"应是一个 JSON 对象,得到 {quoted(text)}")
    return value


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Broken(f"键 {quoted(twice)} 出现了两次", twice)
    return value


def _no_constant(name: str) -> NoReturn:
    raise _Broken(f"{name} 不是 JSON 的值")
