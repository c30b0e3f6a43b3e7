"""A score sheet that adds to another one: `extends: standard.yml`, and what comes beside it.

The lines of a dimension come after those of the dimension of the same id; fatal rules and rules that flag a call are
added; every other key replaces the one of the sheet that is extended.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from pipeline.domain.errors import ProblemCode, RuleError
from pipeline.rulepack.yamlfile import Document, Location, nearest, read_yaml

KEY = "extends"
_CODE = ProblemCode.SHEET_INVALID


def read_sheet(path: Path) -> Document:
    """The sheet's values, with those of the sheet that it extends. Raises RuleError with file and line."""
    added = read_yaml(path, code=_CODE)
    if not isinstance(added.value, dict) or KEY not in added.value:
        return added
    name = added.value[KEY]
    if not isinstance(name, str) or Path(name).name != name or "\\" in name:
        what = f"{KEY} 应写同一文件夹里的评分表文件名,不是“{name}”"
        raise RuleError(added.problem(_CODE, (KEY,), what, "例如 extends: standard.yml"))
    base = read_yaml(path.parent / name, code=_CODE)
    if not _complete(base.value):
        what = f"“{name}”不是完整的评分表"
        raise RuleError(added.problem(_CODE, (KEY,), what, "请扩展一份有 dimensions、本身不扩展别的评分表的评分表"))
    return _merged(base, added)


def _complete(value: Any) -> bool:
    if not isinstance(value, dict) or KEY in value or not isinstance(value.get("dimensions"), list):
        return False
    return all(isinstance(dimension, dict) and "id" in dimension for dimension in value["dimensions"])


def _merged(base: Document, added: Document) -> Document:
    """Both as one; its lines are those of `added`."""
    value: dict[str, Any] = deepcopy({k: v for k, v in (base.value | added.value).items() if k != KEY})
    value["dimensions"] = deepcopy(base.value["dimensions"])
    lines = {at: line for at, line in added.lines.items() if at[:1] not in (("dimensions",), ("fatal",))}
    flag = base.value.get("flag", {})
    if "flag" in added.value and isinstance(added.value["flag"], dict):
        lines = {at: line for at, line in lines.items() if at[:2] != ("flag", "rules")}
        value["flag"] = {**flag, **added.value["flag"], "rules": list(flag.get("rules", ()))}
        _append(value["flag"]["rules"], added, ("flag", "rules"), ("flag", "rules"), lines)
    value["fatal"] = list(base.value.get("fatal", ()))
    _append(value["fatal"], added, ("fatal",), ("fatal",), lines)
    for at, place in _dimensions(base, added):
        dimension, extra = value["dimensions"][place], _under(added.value, at)
        for key in extra:
            to: Location = ("dimensions", place, key)
            lines[to] = added.line((*at, key))
            if key in ("items", "deductions"):
                dimension[key] = list(dimension.get(key, ()))
                _append(dimension[key], added, (*at, key), to, lines)
            else:
                dimension[key] = extra[key]
    return Document(added.file, value, lines)


def _dimensions(base: Document, added: Document) -> Iterator[tuple[Location, int]]:
    """Where each dimension that is added to stands in `added`, and its number in `base`."""
    places = {dimension["id"]: i for i, dimension in enumerate(base.value["dimensions"])}
    for i, dimension in enumerate(_list(added, ("dimensions",))):
        at: Location = ("dimensions", i)
        name = dimension.get("id") if isinstance(dimension, dict) else dimension
        if name not in places:
            near = nearest(str(name), places)
            remedy = f"您是否想写“{near}”?" if near else f"可用:{'、'.join(places)}"
            raise RuleError(added.problem(_CODE, at, f"被扩展的评分表里没有维度“{name}”", remedy))
        yield at, places[name]


def _append(into: list[Any], added: Document, at: Location, to: Location, lines: dict[Location, int]) -> None:
    """Appends the list at `at`; the lines of its entries move along to below `to`."""
    for i, entry in enumerate(_list(added, at)):
        below = {place: line for place, line in added.lines.items() if place[: len(at) + 1] == (*at, i)}
        lines |= {(*to, len(into), *place[len(at) + 1 :]): line for place, line in below.items()}
        into.append(entry)


def _list(document: Document, at: Location) -> list[Any]:
    found = _under(document.value, at[:-1]).get(at[-1], [])
    if not isinstance(found, list):
        raise RuleError(document.problem(_CODE, at, f"“{at[-1]}”应为列表", "每一项以“- ”开头"))
    return found


def _under(value: Any, at: Location) -> dict[Any, Any]:
    for step in at:
        value = value[step]
    return value if isinstance(value, dict) else {}
