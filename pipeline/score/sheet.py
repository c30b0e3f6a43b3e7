"""The score sheet (质检评分表): what each rule earns or costs, when a call scores 0, and when a person must look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from pipeline.domain.errors import ProblemCode, RuleError
from pipeline.domain.verdict import Severity
from pipeline.rulepack.schema import Strict, Text
from pipeline.rulepack.yamlfile import build
from pipeline.score.check import sheet_problems
from pipeline.score.extends import read_sheet


def _number(value: Any, *, least: str, most: str, above: bool = False, places: int = 1) -> Decimal:
    """A plain YAML number within bounds; Decimal, so that 0.1 is a tenth."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"应为数字，不是“{value}”")
    number = Decimal(str(value))
    if not number.is_finite() or number > Decimal(most) or number < Decimal(least) or (above and number == 0):
        raise ValueError(f"{value} 超出范围，应{'大于' if above else '不小于'} {least}，不大于 {most}")
    if number != round(number, places):
        raise ValueError(f"{value} 最多写 {places} 位小数")
    return number


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


_Written = PlainSerializer(_plain, return_type=str)


def _schema(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", **bounds})


Points = Annotated[
    Decimal,
    BeforeValidator(partial(_number, least="0", most="100", above=True)),
    _Written,
    _schema(exclusiveMinimum=0, maximum=100),
]
Mark = Annotated[
    Decimal, BeforeValidator(partial(_number, least="0", most="100")), _Written, _schema(minimum=0, maximum=100)
]
Share = Annotated[
    Decimal,
    BeforeValidator(partial(_number, least="0", most="1", places=4)),
    _Written,
    _schema(minimum=0, maximum=1),
]


class Item(Strict):
    """A scripted thing to earn: its share of the dimension's weight is its points out of all points there."""

    rule: Text
    points: Points


class Deduction(Strict):
    """A thing that costs: `deduct` points of the call's 100, taken off its dimension."""

    rule: Text
    deduct: Points


class Dimension(Strict):
    """One part of the sheet, worth `weight` of the call's 100 points."""

    id: Text
    title: Text
    weight: Points
    items: tuple[Item, ...] = ()
    deductions: tuple[Deduction, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of its lines, in their order."""
        return (*(item.rule for item in self.items), *(deduction.rule for deduction in self.deductions))


class Band(Strict):
    """Calls from `min` points up have this grade, unless a higher band has them."""

    min: Mark
    grade: Text
    title: Text


class Flag(Strict):
    """When a person should look at the call.

    `score_below`: the score is lower. `violated`, `suspected`: a rule of one of these severities came out so, on the
    sheet or not. `rules`: one of these rules was violated (they are about the customer and cost the agent nothing).
    `judged_below`: a smaller share of the weight that applies could be judged. `quarantined_above`: a larger share of
    the text was probably invented by the recogniser.
    """

    score_below: Mark | None = None
    violated: tuple[Severity, ...] = ()
    suspected: tuple[Severity, ...] = ()
    rules: tuple[Text, ...] = ()
    judged_below: Share = Decimal("0.5")
    quarantined_above: Share = Decimal("0.2")


class ScoreSheet(Strict):
    """A score sheet; `load_sheet` sees that weights sum to 100, each rule has one place and a band starts at 0."""

    id: Text
    version: Annotated[int, Field(ge=1, strict=True)]
    title: Text
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1)]
    fatal: tuple[Text, ...] = ()
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    flag: Flag = Flag()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the content, the same however the file is laid out or commented."""
        canonical = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule whose verdict the sheet needs, in its order."""
        scored = (rule for dimension in self.dimensions for rule in dimension.rules)
        return tuple(dict.fromkeys((*scored, *self.fatal, *self.flag.rules)))

    def grade(self, score: Decimal) -> str:
        """The grade of the highest band that `score` reaches."""
        return max((band for band in self.bands if band.min <= score), key=lambda band: band.min).grade


def load_sheet(path: Path, *, rule_ids: Collection[str] | None) -> ScoreSheet:
    """Reads a score sheet whose rules are all in `rule_ids` (None: any); one that extends another with its lines.

    Raises RuleError (`SHEET_INVALID`) with every problem found, each with its line.
    """
    document = read_sheet(path)
    problems = list(sheet_problems(document, rule_ids))
    try:
        sheet = build(ScoreSheet, document, document.value, (), code=ProblemCode.SHEET_INVALID)
    except RuleError as error:
        problems += error.problems
    if problems:
        raise RuleError(sorted(problems, key=lambda p: p.row or 0))
    return sheet
