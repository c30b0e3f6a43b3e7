"""What is known to be true of a fixture: what was said, and which faults were planted in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.transcript import Role

_Ms = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TrueWord(_Strict):
    """A character, number or Latin word and when it was said."""

    text: str
    start_ms: _Ms
    end_ms: _Ms


class TrueTurn(_Strict):
    """What was really said. A chat's turns have no end and no words."""

    role: Role
    text: str
    start_ms: _Ms
    end_ms: _Ms | None = None
    words: tuple[TrueWord, ...] = ()


class PlantedEvent(_Strict):
    """A fault that a perfect inspector finds; without times it is something that never happens in the call."""

    rule_id: str
    note: str
    start_ms: _Ms | None = None
    end_ms: _Ms | None = None


class Truth(_Strict):
    """One truth file. `clean` calls have no fault; `may` are rules on which the truth takes no stand.

    `quality` (good, fair, poor) and `mono` tell how a recording sounds; a chat has neither.
    """

    call_id: str
    title: str
    industry: str = "general"
    quality: str | None = None
    mono: bool = False
    clean: bool
    turns: tuple[TrueTurn, ...]
    events: tuple[PlantedEvent, ...] = ()
    must_not: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def planted(self) -> frozenset[str]:
        """The rules that must be violated."""
        return frozenset(event.rule_id for event in self.events)


_TRUTH = TypeAdapter(Truth)


def read_truths(folder: Path) -> tuple[Truth, ...]:
    """The truth files (`truth/*.json`) of a folder and those within it, by call.

    Raises InputError with the problems of all of them."""
    truths: dict[str, Truth] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("truth/*.json")):
        try:
            truth = _TRUTH.validate_python(json.loads(path.read_bytes()), strict=False)
        except (ValueError, OSError) as error:
            problems.append(_problem(path, ProblemCode.BAD_FORMAT, f"不是可用的标准答案：{_said(error)}"))
            continue
        if truth.call_id in truths:
            problems.append(_problem(path, ProblemCode.DUPLICATE_CALL, f"通话 {truth.call_id} 已有一份标准答案"))
        truths[truth.call_id] = truth
    if problems:
        raise InputError(problems)
    if not truths:
        raise InputError(_problem(folder, ProblemCode.NO_CALLS, "文件夹里没有标准答案（truth/*.json）"))
    return tuple(truths[call_id] for call_id in sorted(truths))


def _problem(path: Path, code: ProblemCode, what: str) -> Problem:
    return Problem(code=code, what=what, remedy="请用 python -m training.make_fixtures 重新生成", file=str(path))


def _said(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "；".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors(include_url=False))
