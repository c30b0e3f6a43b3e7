"""The rule JSON as rules, conditions and operators, whichever of the documented spellings it uses.

What is uploaded has `check_range` and `param.keywords`, what the interface gives back `CheckRange` and
`OperKeyWords.OperKeyWord`; both, and the older `operKeyWords`, mean the same. Names are compared without case and
underscores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.errors import Problem, ProblemCode, RuleError

MAX_BYTES = 20_000_000
_CODE = ProblemCode.RULE_INVALID
_ROLES = {"客服": "agent", "坐席": "agent", "客户": "customer", "用户": "customer"}


class Fields:
    """A JSON object whose keys may be spelt `hit_time`, `hitTime` or `HitTime`."""

    def __init__(self, value: Any) -> None:
        found = value if isinstance(value, Mapping) else {}
        self._values = {_plain(str(key)): entry for key, entry in found.items()}

    def get(self, *names: str) -> Any:
        """The value under the first of the names that is there and not null."""
        found = (self._values.get(_plain(name)) for name in names)
        return next((value for value in found if value is not None), None)

    def number(self, *names: str) -> float | None:
        """The same as a number, None where it is none."""
        value = self.get(*names)
        try:
            return None if value is None or isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            return None

    def texts(self, *names: str) -> tuple[str, ...]:
        """The same as a list of texts; a list may be wrapped in an object of one entry, or be one text."""
        value = self.get(*names)
        while isinstance(value, Mapping) and len(value) == 1:
            value = next(iter(value.values()))
        entries = value if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(str(entry).strip() for entry in entries if entry is not None and str(entry).strip()))


@dataclass(frozen=True, slots=True)
class ScaOperator:
    """One test of a condition. `kind` is the type as written, such as HIT_ANY_KEYWORDS."""

    oid: str
    kind: str
    name: str
    param: Fields


@dataclass(frozen=True, slots=True)
class ScaAnchor:
    """Where a condition looks from: the `hit`-th hit of another one, 0 for each, -1 for any."""

    cid: str
    location: str
    hit: int


@dataclass(frozen=True, slots=True)
class ScaCondition:
    """Operators and how they are combined, for a role (None for both) in a range of its sentences."""

    cid: str
    role: str | None
    anchor: ScaAnchor | None
    sentences: tuple[int, int] | None
    operators: tuple[ScaOperator, ...]
    logic: str


@dataclass(frozen=True, slots=True)
class ScaRule:
    """Conditions and how they are combined; `comments` is what people wrote about it."""

    rid: str
    name: str
    comments: str
    logic: str


@dataclass(frozen=True, slots=True)
class ScaRules:
    """One file: its rules, and the conditions that they are made of."""

    rules: tuple[ScaRule, ...]
    conditions: Mapping[str, ScaCondition]


def read_sca(path: Path) -> ScaRules:
    """Reads one exported file. Raises RuleError where it is no such file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _error(path, f"文件超过 {MAX_BYTES // 1_000_000} MB", "请分几次导出")
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise _error(path, "找不到文件", "请检查路径") from None
    except UnicodeDecodeError:
        raise _error(path, "不是 UTF-8 编码", "请用 UTF-8 保存文件") from None
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise _error(path, "不是有效的 JSON", "请重新导出规则", line) from None
    found = list(_parts(value))
    rules = tuple(rule for part in found for rule in _rules(part))
    conditions = {condition.cid: condition for part in found for condition in _conditions(part)}
    if not rules:
        what = "没有找到规则(应有 conditions 和 rules 两项)"
        raise _error(path, what, "请导出整份规则的 JSON(UploadRule 的 JsonStr 或 GetRuleDetail 的结果)")
    return ScaRules(rules, conditions)


def _parts(value: Any, depth: int = 0) -> Iterator[Fields]:
    """The objects that hold rules: the file itself, or inside `data`, `jsonStr` (JSON in a text) or a list."""
    if depth > 6:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _parts(entry, depth + 1)
        return
    fields = Fields(value)
    if fields.get("rules") is not None:
        yield fields
        return
    for name in ("data", "jsonStr", "jsonStrForRule"):
        inner = fields.get(name)
        if isinstance(inner, str):
            try:
                inner = json.loads(inner)
            except ValueError:
                continue
        if inner is not None:
            yield from _parts(inner, depth + 1)


def _rules(part: Fields) -> Iterator[ScaRule]:
    for number, entry in enumerate(_list(part.get("rules")), start=1):
        rid = str(entry.get("rid", "id") or number)
        logic = entry.get("lambda", "ruleLambda") or "&&".join(entry.texts("triggers"))
        name = str(entry.get("name", "ruleName") or f"规则 {rid}").strip()
        yield ScaRule(rid, name, str(entry.get("comments", "comment") or "").strip(), str(logic or ""))


def _conditions(part: Fields) -> Iterator[ScaCondition]:
    for entry in _list(part.get("conditions")):
        reach = Fields(entry.get("check_range"))
        operators = tuple(_operators(entry))
        yield ScaCondition(
            cid=str(entry.get("cid", "conditionInfoCid", "id") or ""),
            role=_ROLES.get(str(reach.get("role") or "")),
            anchor=_anchor(Fields(reach.get("anchor"))),
            sentences=_range(reach.get("range")),
            operators=operators,
            logic=str(entry.get("lambda", "operLambda") or "&&".join(o.oid for o in operators)),
        )


def _operators(condition: Fields) -> Iterator[ScaOperator]:
    for number, entry in enumerate(_list(condition.get("operators")), start=1):
        kind, name = str(entry.get("type") or ""), str(entry.get("name", "operName") or "")
        yield ScaOperator(str(entry.get("oid", "id") or number), kind.upper(), name, Fields(entry.get("param")))


def _anchor(fields: Fields) -> ScaAnchor | None:
    cid = fields.get("cid", "anchor_cid")
    if cid in (None, "", 0, "0", -1, "-1"):
        return None
    hit = fields.number("hit_time")
    return ScaAnchor(str(cid), str(fields.get("location") or "CURRENT").upper(), -1 if hit is None else int(hit))


def _range(value: Any) -> tuple[int, int] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    fields = Fields(value)
    first, last = fields.number("from"), fields.number("to")
    return None if first is None or last is None else (int(first), int(last))


def _list(value: Any) -> list[Fields]:
    while isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    return [Fields(entry) for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _error(path: Path, what: str, remedy: str, line: int | None = None) -> RuleError:
    return RuleError(Problem(code=_CODE, what=what, remedy=remedy, file=path.name, row=line))
