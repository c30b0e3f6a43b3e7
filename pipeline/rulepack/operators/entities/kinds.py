"""What can be mentioned, and the text in which it is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pipeline.rulepack.joined import JoinedText
from pipeline.rulepack.patterns import compiled
from pipeline.text import NormalText

_THOUSANDS = re.compile(r"[0-9０-９]{3}(?![0-9０-９])")
_PARTING = re.compile(r"[^\w\s]")


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

    def last_number(self, turn: int, start: int, end: int) -> int:
        """Where the last number in the digits `[start, end)` begins: 3-5天 has two, 1,000元 one."""
        normal = self.normal[turn]
        for at in range(end - 1, start, -1):
            if normal.starts[at] > normal.ends[at - 1]:
                between = normal.original[normal.ends[at - 1] : normal.starts[at]].strip()
                thousands = between in (",", "，") and _THOUSANDS.match(normal.original, normal.starts[at])
                if not thousands and _PARTING.search(between):
                    return at
        return start

    def written(self, turn: int, start: int, end: int) -> str:
        """What stands in the original where the normal text has `[start, end)`."""
        first, last = self.normal[turn].span(start, end)
        return self.normal[turn].original[first:last]
