"""What personal data is, and the folded text in which it is looked for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    """`number` is a long number that is none of the others for sure, such as a card number misheard by a digit."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    IDENTITY = "identity"
    BANK_CARD = "bank_card"
    NUMBER = "number"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data in `text[start:end]`; of it `text[hidden_start:hidden_end]` is what must not be seen."""

    kind: PersonalKind
    start: int
    end: int
    hidden_start: int
    hidden_end: int


SPOKEN = {
    c: str(value)
    for value, chars in enumerate(
        ("零〇○洞", "一幺壹", "二两兩贰貳", "三叁", "四肆", "五伍", "六陆陸", "七柒拐", "八捌", "九玖勾")
    )
    for c in chars
}
"""Digits as they are said, with 洞, 拐 and 勾 as soldiers and dispatchers say them."""

DIGITS = SPOKEN | {c: c for c in "0123456789"}


class _Fold(dict[int, str]):
    """What one character counts as, always one: plain digits and letters, one kind of dash, one kind of space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        decimal = unicodedata.decimal(char, None)
        if decimal is not None:
            folded = str(decimal)
        elif category == "Pd" or char == "−":
            folded = "-"
        elif category in ("Zs", "Cf", "Mn", "Me") or char == "\t":
            folded = " "
        else:
            plain = unicodedata.normalize("NFKC", char)
            folded = plain if len(plain) == 1 else char
        self[code] = folded
        return folded


_FOLD = _Fold()


def fold(text: str) -> str:
    """`text` in plain digits, letters, dashes and spaces, character for character; spoken digits stay."""
    return text.translate(_FOLD)
