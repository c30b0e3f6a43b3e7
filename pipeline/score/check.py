"""What must fit together in a score sheet beyond the shape of each line.

The checks read the file's plain values and pass over what has the wrong shape (the models report that), so that a
misspelt key does not hide an unknown rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.rulepack.yamlfile import Document, Location, nearest

FATAL = "fatal"
"""The dimension under which fatal rules are listed; no dimension of a sheet may take its name."""

_CODE = ProblemCode.SHEET_INVALID
_Placed = tuple[Location, str]


def sheet_problems(document: Document, rule_ids: Collection[str] | None) -> Iterator[Problem]:
    """Every problem found, in no particular order; where `rule_ids` is None, whether the rules exist is not asked."""
    sheet = document.value
    yield from _weights(document)
    yield from _bands(document)
    yield from _twice(document, "维度", _named(sheet, "dimensions", "id"))
    priced, watched = list(_priced(sheet)), list(_texts(_part(sheet, "flag"), "rules", ("flag",)))
    for location, rule in (*priced, *watched):
        if rule_ids is not None and rule not in rule_ids:
            near = nearest(rule, rule_ids)
            remedy = f"您是否想写“{near}”？" if near else "请写规则包里有的规则编号"
            yield document.problem(_CODE, location, f"没有规则“{rule}”", remedy)
    yield from _twice(document, "规则", priced)
    yield from _twice(document, "规则", watched)


def _weights(document: Document) -> Iterator[Problem]:
    dimensions = list(_entries(document.value, "dimensions"))
    for location, dimension in dimensions:
        if not dimension.get("items") and not dimension.get("deductions"):
            what = f"维度“{dimension.get('title', '')}”没有评分项"
            yield document.problem(_CODE, location, what, "请写 items 或 deductions，或删去这个维度")
        if dimension.get("id") == FATAL:
            yield document.problem(_CODE, (*location, "id"), f"“{FATAL}”是一票否决项专用的编号", "请换一个编号")
    weights = [dimension.get("weight") for _, dimension in dimensions]
    if not weights or not all(isinstance(w, int | float) and not isinstance(w, bool) for w in weights):
        return
    total = sum(Decimal(str(w)) for w in weights)
    if total != 100:
        what = f"各维度的 weight 之和是 {total}，应为 100"
        yield document.problem(_CODE, ("dimensions",), what, "请调整各维度的 weight")


def _bands(document: Document) -> Iterator[Problem]:
    lows = [(location, band["min"]) for location, band in _entries(document.value, "bands") if "min" in band]
    if lows and not any(low == 0 and not isinstance(low, bool) for _, low in lows):
        yield document.problem(_CODE, ("bands",), "没有从 0 分开始的等级", "请加上一个 min: 0 的等级")
    yield from _twice(document, "等级下限", [((*at, "min"), str(low)) for at, low in lows])
    yield from _twice(document, "等级", _named(document.value, "bands", "grade"))


def _twice(document: Document, noun: str, placed: Collection[_Placed]) -> Iterator[Problem]:
    counts = Counter(name for _, name in placed)
    first: dict[str, int] = {}
    for location, name in placed:
        if counts[name] > 1 and name in first:
            what = f"{noun}“{name}”重复出现（已在第 {first[name]} 行）"
            yield document.problem(_CODE, location, what, "请只保留一处")
        first.setdefault(name, document.line(location))


def _priced(sheet: Any) -> Iterator[_Placed]:
    """Where a rule earns, costs or is fatal."""
    for at, dimension in _entries(sheet, "dimensions"):
        for key in ("items", "deductions"):
            yield from (((*at, *where), name) for where, name in _named(dimension, key, "rule"))
    yield from _texts(sheet, FATAL, ())


def _named(value: Any, key: str, name: str) -> list[_Placed]:
    entries = _entries(value, key)
    return [((*at, name), entry[name]) for at, entry in entries if isinstance(entry.get(name), str)]


def _entries(value: Any, key: str) -> Iterator[tuple[Location, dict[str, Any]]]:
    """The mappings in the list under `key`, each with its place."""
    part = _part(value, key)
    for i, entry in enumerate(part if isinstance(part, list) else ()):
        if isinstance(entry, dict):
            yield (key, i), entry


def _texts(value: Any, key: str, at: Location) -> Iterator[_Placed]:
    part = _part(value, key)
    for i, entry in enumerate(part if isinstance(part, list) else ()):
        if isinstance(entry, str):
            yield (*at, key, i), entry


def _part(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
