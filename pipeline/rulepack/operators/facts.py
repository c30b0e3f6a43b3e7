"""Operators on the call as a whole: `metadata`, `turns`, `duration`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import DurationMs, Params, Text
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, NotJudgedError, Outcome, Stance

_FIELDS = "call_id channel agent_id agent_name team customer_id direction queue answered_after_s csat ticket_id".split()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}

_ASKED = {"eq": "为", "ne": "不为", "lt": "小于", "le": "不大于", "gt": "大于", "ge": "不小于", "contains": "含有"}


class MetadataParams(Params):
    """`field` of the call (or any further column of the manifest, or when it began) compared with `value`.

    Numbers compare as numbers where both sides are numbers, else as text; lt/le/gt/ge need numbers. `in` takes a
    list. `missing` says what a call without the field answers: not judged (the default), or plainly true or false.
    """

    scope_keys = frozenset({"label"})

    field: Text
    op: Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "exists"] = "eq"
    value: str | float | bool | list[str | float] | None = None
    missing: Literal["unknown"] | bool = "unknown"

    @model_validator(mode="after")
    def _has_value(self) -> MetadataParams:
        if (self.op == "exists") != (self.value is None):
            raise ValueError("除 exists 外都需要 value,exists 不写 value")
        if (self.op == "in") != isinstance(self.value, list):
            raise ValueError("in 的 value 应为列表,其他比较应为单个值")
        if self.op in ("lt", "le", "gt", "ge") and _number(self.value) is None:
            raise ValueError(f"{self.op} 的 value 应为数字")
        return self


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


_CLOCK: dict[str, Callable[[datetime], int]] = {
    "local_hour": lambda started: started.hour,
    "local_weekday": lambda started: started.isoweekday(),
}
"""What a call's start tells where the manifest has no column of that name: the hour (0 to 23), the weekday (1 to 7)."""


def field_of(view: CallView, name: str) -> Any:
    """The call's field or further column of that name, None where it has none."""
    if name in _FIELDS:
        value = getattr(view.call, name)
        return value.value if name == "channel" else value
    if name in _CLOCK and not view.call.metadata.get(name) and view.started is not None:
        return _CLOCK[name](view.started)
    return view.call.metadata.get(name) or None


def metadata(params: MetadataParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the comparison holds."""
    actual = field_of(view, params.field)
    if params.op == "exists":
        return Outcome(truth=Truth(int(actual is not None)), note=f"有“{params.field}”")
    note = f"“{params.field}”{_sought(params)}(实际为“{actual}”)"
    if actual is None:
        if params.missing == "unknown":
            raise NotJudgedError(Truth.UNJUDGED, f"通话资料里没有“{params.field}”")
        return Outcome(truth=Truth(int(params.missing)), note=f"通话资料里没有“{params.field}”")
    if isinstance(params.value, list):
        return Outcome(truth=Truth(int(any(_equal(actual, v) for v in params.value))), note=note)
    if params.op == "contains":
        return Outcome(truth=Truth(int(str(params.value) in str(actual))), note=note)
    if params.op in ("eq", "ne"):
        return Outcome(truth=Truth(int(_equal(actual, params.value) == (params.op == "eq"))), note=note)
    number = _number(actual)
    if number is None:
        raise NotJudgedError(Truth.UNJUDGED, f"“{params.field}”的值“{actual}”不是数字")
    return Outcome(truth=Truth(int(_COMPARE[params.op](number, _number(params.value)))), note=note)


def _sought(params: MetadataParams) -> str:
    """What is asked of the field."""
    if isinstance(params.value, list):
        values = [str(v) for v in params.value]
        return f"为“{values[0]}”" if len(values) == 1 else f"为{'、'.join(values)}之一"
    return f"{_ASKED[params.op]}“{params.value}”"


def _equal(a: Any, b: Any) -> bool:
    numbers = _number(a), _number(b)
    return numbers[0] == numbers[1] if None not in numbers else str(a).strip() == str(b).strip()


class _Range(Params):
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _bounded(self) -> _Range:
        if self.min is None and self.max is None:
            raise ValueError("需要 min 或 max")
        return self


class TurnsParams(_Range):
    """The number of turns in scope that say something lies within `[min, max]`."""


def _range(least: int | None, most: int | None, unit: int = 1) -> str:
    """What lies in a range, for people."""
    low = None if least is None else f"不少于 {least / unit:g}"
    return "、".join(filter(None, (low, None if most is None else f"不多于 {most / unit:g}")))


def turns(params: TurnsParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the number of turns lies in the range."""
    n = sum(1 for i in region.turn_indexes if view.normal[i].text)
    inside = (params.min is None or n >= params.min) and (params.max is None or n <= params.max)
    return Outcome(
        truth=Truth(int(inside)),
        note=f"{SPEAKER_NAMES[region.speaker]}讲话{_range(params.min, params.max)} 轮(实际 {n} 轮)",
    )


class DurationParams(Params):
    """The recording's length lies within `[min, max]`."""

    scope_keys = frozenset({"label"})

    min: DurationMs | None = None
    max: DurationMs | None = None

    @model_validator(mode="after")
    def _bounded(self) -> DurationParams:
        if self.min is None and self.max is None:
            raise ValueError("duration 需要 min 或 max")
        return self


def duration(params: DurationParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the length lies in the range; a chat has no length."""
    length = view.signals.duration_ms
    if length is None:
        raise NotJudgedError(Truth.UNJUDGED if view.is_voice else Truth.ABSENT, "没有通话时长")
    inside = (params.min is None or length >= params.min) and (params.max is None or length <= params.max)
    return Outcome(
        truth=Truth(int(inside)), note=f"通话时长{_range(params.min, params.max, 1000)} 秒(实际 {length / 1000:.0f} 秒)"
    )
