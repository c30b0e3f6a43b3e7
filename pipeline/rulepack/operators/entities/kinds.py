"""What can be mentioned, and the text in which it is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pipeline.rulepack.joined import JoinedText
from pipeline.rulepack.patterns import compiled
from pipeline.text import NormalText


class EntityKind(StrEnum):
    """The kinds that `entity` knows."""

    ORDER_NUMBER = "order_number"
    AMOUNT = "amount"
    DATE = "date"
    TIME_LIMIT = "time_limit"
    PHONE = "phone"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    NAME = "name"


Value = str | float | tuple[int | None, int, int]
"""Of numbers and names the text, of amounts yuan, of time limits seconds, of dates year (or None), month, day."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something mentioned in `[start, end)` of a turn's normal text. `value` is None where it was said too vaguely.

    `sure` is False for what has the shape but may be something else.
    """

    turn: int
    start: int
    end: int
    value: Value | None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """The turns of a call, or a single text; `day` is the day on which 明天 is the day after."""

    normal: tuple[NormalText, ...]
    joined: JoinedText
    day: date | None

    def matches(self, pattern: str) -> Iterator[tuple[Any, tuple[int, int, int]]]:
        """Every match of a pattern in the normal texts, with its `(turn, start, end)`."""
        for match in compiled(pattern).finditer(self.joined.text):
            yield match, self.joined.place(*match.span())

    def before(self, turn: int, start: int, length: int) -> str:
        """The `length` characters before a place in its turn."""
        return self.normal[turn].text[max(0, start - length) : start]

    def after(self, turn: int, end: int, length: int) -> str:
        """The `length` characters behind a place in its turn."""
        return self.normal[turn].text[end : end + length]

    def written(self, turn: int, start: int, end: int) -> str:
        """What stands in the original where the normal text has `[start, end)`."""
        first, last = self.normal[turn].span(start, end)
        return self.normal[turn].original[first:last]
