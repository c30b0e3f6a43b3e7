"""Masking whole columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.privacy.mask import mask

if TYPE_CHECKING:
    import pandas as pd


def masked(texts: pd.Series) -> pd.Series:
    """Each text masked, each list of texts as masked lines; a missing value becomes an empty text."""
    known: dict[str, str] = {}

    def one(text: str) -> str:
        if text not in known:
            known[text] = mask(text)
        return known[text]

    def cell(value: object) -> str:
        if isinstance(value, str):
            return one(value)
        return "\n".join(one(str(line)) for line in value) if isinstance(value, Iterable) else ""

    return texts.map(cell).astype(object)


def masked_part(text: str, part: str, start: float, end: float) -> str:
    """`part` as it stands in the masked `text` at `[start, end)`, so that a piece of a number is masked too.

    Where it does not stand there (`start` and `end` may be NaN) it is masked on its own.
    """
    if start == start and end == end and text[int(start) : int(end)] == part:
        return mask(text)[int(start) : int(end)]
    return mask(part)
