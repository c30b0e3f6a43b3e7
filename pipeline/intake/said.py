"""Turns of a ready transcript: read one by one, put in order, and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.transcript import Role, Turn, Word
from pipeline.intake.fields import Cell, Fields
from pipeline.intake.place import Found, Items, Place, Refusal
from pipeline.intake.values import as_text, clean, role, turn_time_ms


class Said(NamedTuple):
    """One turn, before its place in the call is known."""

    role: Role
    text: str
    start_ms: int | None
    end_ms: int | None
    words: tuple[Word, ...] = ()


_NO_ROLE = Refusal("没有填说话人角色", "请填 客服、客户、系统 或 其他", code=ProblemCode.MISSING_VALUE)
_NO_TEXT = Refusal("没有文字", "请填这一句的文字;没有文字的消息填空字符串", code=ProblemCode.MISSING_VALUE)


def read_said(
    place: Place, cells: Mapping[str, Cell], *, call_id: str | None, prefix: str = ""
) -> Said | list[Problem]:
    """The turn in the cells `role`, `text`, `start_ms`, `end_ms`, or all that is wrong with it.

    The text may be empty (a picture was sent) but must be given. `prefix` leads to keys that are not there.
    """
    fields = Fields(place, {"call_id": call_id})
    for column, parse in (("role", role), ("start_ms", turn_time_ms), ("end_ms", turn_time_ms)):
        if column in cells:
            fields.take(column, cells[column], parse)
    values = fields.values
    start, end = values.get("start_ms"), values.get("end_ms")
    if "role" not in cells or as_text(cells["role"].value) is None:
        fields.refuse(_NO_ROLE, column=cells["role"].header if "role" in cells else f"{prefix}role")
    if "text" not in cells:
        fields.refuse(_NO_TEXT, column=f"{prefix}text")
    elif isinstance(cells["text"].value, dict | list):
        fields.refuse(Refusal("text 不是文字", "请只填这一句的文字"), column=cells["text"].header)
    if end is not None and not fields.problems and (start is None or start > end):
        what = "有结束时间而没有开始时间" if start is None else f"开始 {start} 毫秒晚于结束 {end} 毫秒"
        fields.refuse(Refusal(what, "请核对这一句的起止时间"), column=cells["end_ms"].header)
    if fields.problems:
        return fields.problems
    text = cells["text"].value
    return Said(values["role"], clean(text if isinstance(text, str) else as_text(text) or ""), start, end)


def finish(fields: Fields, said: Sequence[Said]) -> Items:
    """The call of these fields and turns, or all that is wrong with it."""
    if fields.problems:
        yield from fields.problems
    else:
        turns = _in_order(said)
        yield Found(fields.place, fields.call(_turns_hash(turns), turns=turns))


def _in_order(said: Iterable[Said]) -> tuple[Turn, ...]:
    """The turns by their starts where all have one, else as they came; numbered from 0."""
    turns = list(said)
    if all(one.start_ms is not None for one in turns):
        turns.sort(key=lambda one: one.start_ms or 0)
    return tuple(Turn(index, *one) for index, one in enumerate(turns))


def _turns_hash(turns: Sequence[Turn]) -> str:
    """The SHA-256 (hex) of the turns as canonical JSON: role, text, start_ms, end_ms, and the words where there are."""
    plain = [
        [turn.role.value, turn.text, turn.start_ms, turn.end_ms, *([_plain(turn.words)] if turn.words else ())]
        for turn in turns
    ]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _plain(words: Sequence[Word]) -> list[list[float]]:
    return [[w.start_ms, w.end_ms, w.char_start, w.char_end, w.probability] for w in words]
