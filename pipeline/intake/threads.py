"""JSON Lines: a line with `turns` is a ready transcript (of a chat, mail or call), one with `path` a recording, and one
with `transcript_path` a transcript in a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.columns import MANIFEST, NAMES_A_CALL, THREAD, TURN, lay_out, missing, plain
from pipeline.intake.fields import Cell, read_fields
from pipeline.intake.jsonl import objects
from pipeline.intake.manifest import read_row
from pipeline.intake.place import Items, Place, Refusal, RefusedError
from pipeline.intake.said import Said, finish, read_said
from pipeline.intake.values import Parser


def read_jsonl(
    path: Path, name: str, *, bases: Sequence[Path], parsers: Mapping[str, Parser], agent_channel: int | None
) -> Items:
    """The calls of the file, line by line, and every problem of the lines that fail.

    Raises:
        RefusedError, OSError: the file as a whole cannot be read.
    """
    for entry in objects(path, name):
        if isinstance(entry, Problem):
            yield entry
            continue
        place, value = entry
        headers = tuple(value)
        meant = {plain(header) for header in headers}
        has_turns = any(THREAD.meaning.get(header) == "turns" for header in meant)
        try:
            if not has_turns and all(MANIFEST.meaning.get(header) not in NAMES_A_CALL for header in meant):
                raise RefusedError.of(_neither(headers))
            layout = lay_out(headers, THREAD if has_turns else MANIFEST)
        except RefusedError as refused:
            yield place.problem(refused.refusal)
            continue
        known = {column: Cell(headers[at], value[headers[at]]) for column, at in layout.known.items()}
        extra = {header: value[headers[at]] for header, at in layout.extra.items()}
        if has_turns:
            yield from _thread(place, known, extra, parsers)
        else:
            yield from read_row(place, known, extra, bases=bases, parsers=parsers, agent_channel=agent_channel)


def _neither(headers: Sequence[str]) -> Refusal:
    lack = missing(["path"], headers, MANIFEST)
    what = f"既没有 path(录音)、transcript_path(转写文件)也没有 turns(对话);{lack.what}"
    return Refusal(what, "请补上其中一个", code=ProblemCode.MISSING_VALUE)


def _thread(
    place: Place, known: Mapping[str, Cell], extra: Mapping[str, object], parsers: Mapping[str, Parser]
) -> Items:
    fields = read_fields(place, known, extra, parsers)
    cell = known["turns"]
    said: list[Said] = []
    if not isinstance(cell.value, list):
        fields.refuse(Refusal("不是一组对话", "请写成 JSON 数组", code=ProblemCode.BAD_FORMAT), column=cell.header)
    elif not cell.value:
        fields.refuse(
            Refusal("对话是空的", "请补上对话内容,或去掉这一通", code=ProblemCode.MISSING_VALUE), column=cell.header
        )
    else:
        for index, raw in enumerate(cell.value):
            turn = _turn(place, raw, f"{cell.header}[{index}]", fields.call_id)
            if isinstance(turn, Said):
                said.append(turn)
            else:
                fields.problems += turn
    yield from finish(fields, said)


def _turn(place: Place, raw: object, where: str, owner: str | None) -> Said | list[Problem]:
    try:
        if not isinstance(raw, dict):
            raise RefusedError("这一句不是 JSON 对象", '请写成 {"role": …, "text": …}', code=ProblemCode.BAD_FORMAT)
        headers = tuple(raw)
        layout = lay_out(headers, TURN)
        if layout.extra:
            raise RefusedError(
                f"有不认识的键 {'、'.join(layout.extra)}",
                "每句只用 role、text、start_ms、end_ms;其他信息请放到这一通的键里",
                code=ProblemCode.BAD_FORMAT,
            )
    except RefusedError as refused:
        return [place.problem(refused.refusal, column=where, call_id=owner)]
    cells = {column: Cell(f"{where}.{headers[at]}", raw[headers[at]]) for column, at in layout.known.items()}
    return read_said(place, cells, call_id=owner, prefix=f"{where}.")
