"""The shape of rule files: what QA staff write, checked by pydantic before anything is judged."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import RuleKind, Severity
from pipeline.rulepack.logic import duration_ms
from pipeline.rulepack.patterns import PatternKey


def _to_ms(value: Any) -> Any:
    return duration_ms(value) if isinstance(value, str) else value


_WRITTEN_MS = {
    "anyOf": [{"type": "string", "pattern": r"^\s*\d+(\.\d+)?(ms|s|min)\s*$"}, {"type": "integer", "minimum": 0}]
}

DurationMs = Annotated[int, BeforeValidator(_to_ms), Field(ge=0), WithJsonSchema(_WRITTEN_MS)]
"""Written `12s`, `800ms` or `2min`; held in milliseconds."""

Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Unknown keys are refused: a misspelt parameter must not silently do nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


ANCHOR_KEYS = frozenset({"after", "before", "around"})
SCOPE_KEYS = frozenset({"label", "role", "within", "in"}) | ANCHOR_KEYS


class Triggers(NamedTuple):
    """What must occur in a call's text for an operator to find anything; `close` where one syllable off will do."""

    phrases: tuple[str, ...] = ()
    patterns: tuple[PatternKey, ...] = ()
    close: bool = False


class Params(Strict):
    """The parameters of an operator. `scope_keys` are the keys of a scope that mean something to it."""

    scope_keys: ClassVar[frozenset[str]] = SCOPE_KEYS - {"in"}

    def scope_problem(self, scope: Scope) -> str | None:  # noqa: ARG002 - for those that override it
        """What is wrong with a scope for these parameters, in Chinese; None when nothing is."""
        return None

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        """The phrases that the operator wants to find in `CallView.hits`."""
        return ()

    @property
    def file_digests(self) -> tuple[str, ...]:
        """What names the content of the files beside the rules that the operator uses."""
        return ()

    @property
    def indexed_patterns(self) -> tuple[PatternKey, ...]:
        """The patterns that the operator looks for."""
        return ()

    @property
    def triggers(self) -> Triggers | None:
        """Given where the operator rests on the text alone: without any of these it is false, whatever the call is."""
        return None


class Extent(Strict):
    """How far: `3 turns`, `30s` or `20%`; exactly one of the fields is set. From a hit, 0 turns are its own turn."""

    turns: int | None = None
    ms: int | None = None
    percent: int | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """As it is written."""
        return {"type": "string", "pattern": r"^\s*(\d+ turns?|\d+(\.\d+)?(ms|s|min)|\d+%)\s*$"}

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("范围应写成 4 turns、30s 或 20%")
        number, _, unit = value.strip().partition(" ")
        if unit in ("turn", "turns") and number.isdigit():
            return {"turns": int(number)}
        if value.strip().endswith("%") and value.strip()[:-1].isdigit() and 0 < int(value.strip()[:-1]) <= 100:
            return {"percent": int(value.strip()[:-1])}
        try:
            return {"ms": duration_ms(value)}
        except ValueError:
            raise ValueError(f"“{value}”不是范围,应写成 4 turns、30s 或 20%") from None


class Within(Strict):
    """The first or the last part of the call."""

    first: Extent | None = None
    last: Extent | None = None

    @model_validator(mode="after")
    def _one(self) -> Within:
        if (self.first is None) == (self.last is None):
            raise ValueError("within 只能写 first 或 last 中的一个")
        if 0 in (extent.turns for extent in (self.first, self.last) if extent is not None):
            raise ValueError("within 至少 1 turns")
        return self


class Anchor(Strict):
    """Next to a hit of another check."""

    check: Text
    hit: Literal["first", "last"] | int = "first"
    within: Extent | None = None


class Scope(Strict):
    """Where in the call a check looks, and how it is called when speaking to people (`label`)."""

    label: Text | None = None
    role: Literal["agent", "customer", "any"] = "any"
    within: Within | None = None
    after: Anchor | None = None
    before: Anchor | None = None
    around: Anchor | None = None
    in_: Literal["turn", "call"] = Field(default="call", alias="in")

    @cached_property
    def speaker(self) -> Role | None:
        """The role looked at, None for any."""
        return None if self.role == "any" else Role(self.role)

    @cached_property
    def place(self) -> tuple[object, ...]:
        """The same for scopes that look at the same part of a call, but for their anchors."""
        within = None if self.within is None else self.within.model_dump_json()
        return self.role, within, self.in_

    @cached_property
    def anchors(self) -> tuple[tuple[str, Anchor], ...]:
        """`(after|before|around, anchor)` for each that is set."""
        named = (("after", self.after), ("before", self.before), ("around", self.around))
        return tuple((name, anchor) for name, anchor in named if anchor is not None)


class RuleSpec(Strict):
    """One rule of a topic file, before its checks and expressions are read."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$")]
    title: Text
    kind: RuleKind
    severity: Severity
    status: Literal["experimental", "test", "stable", "deprecated"]
    version: Annotated[int, Field(ge=1)]
    since: date
    until: date | None = None
    guidance: Text
    references: list[Text] = []
    falsepositives: list[Text] = []
    applies: Text | None = None
    checks: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    expect: Text | None = None
    forbid: Text | None = None

    @model_validator(mode="after")
    def _one_demand(self) -> RuleSpec:
        if (self.expect is None) == (self.forbid is None):
            raise ValueError("expect(必须成立)和 forbid(不得成立)必须且只能写一个")
        if self.until is not None and self.until < self.since:
            raise ValueError("until 早于 since")
        return self


class PackSpec(Strict):
    """`pack.yml`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: Text
    owner: Text
    language: Text
    covers: Text
