"""Order numbers, amounts, dates, time limits, telephone, identity and card numbers and names in what was said.

They are looked for in the normal text, where numbers are digits however they were said (幺三八 and 138), by patterns
that take linear time. `pipeline.privacy` also looks for personal numbers, in text as it is written and to hide them:
there a doubtful one is hidden, here it is doubtful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from pipeline.rulepack.joined import join
from pipeline.rulepack.operators.entities.kinds import EntityKind, Mention, Said, Value
from pipeline.rulepack.operators.entities.money import find_amounts, find_names
from pipeline.rulepack.operators.entities.numbers import find_numbers
from pipeline.rulepack.operators.entities.times import find_dates, find_limits
from pipeline.rulepack.view import CallView
from pipeline.text import normalise

_FIND: Mapping[EntityKind, Callable[[Said, EntityKind], Iterator[Mention]]] = {
    EntityKind.ORDER_NUMBER: find_numbers,
    EntityKind.AMOUNT: find_amounts,
    EntityKind.DATE: find_dates,
    EntityKind.TIME_LIMIT: find_limits,
    EntityKind.PHONE: find_numbers,
    EntityKind.ID_CARD: find_numbers,
    EntityKind.BANK_CARD: find_numbers,
    EntityKind.NAME: find_names,
}


def mentions(view: CallView, kind: EntityKind) -> tuple[Mention, ...]:
    """Every mention of a kind in a call, in order of place; found once for a call."""
    said = Said(view.normal, view.joined, view.day)
    return view.once(("mentions", kind), lambda _: _in_order(_FIND[kind](said, kind)))


def _in_order(found: Iterator[Mention]) -> tuple[Mention, ...]:
    return tuple(sorted(found, key=lambda m: (m.turn, m.start, m.end)))


def value_of(text: str, kind: EntityKind, *, day: date | None) -> Value | None:
    """The value that a field of the call's metadata holds for a kind, None where it holds none."""
    normal = normalise(text)
    if kind is EntityKind.AMOUNT:
        try:
            return float(text.replace(",", "").lstrip("¥￥ "))
        except ValueError:
            pass
    if kind in (EntityKind.ORDER_NUMBER, EntityKind.NAME):
        return normal.text or None
    if not normal.text:
        return None
    found = _in_order(_FIND[kind](Said((normal,), join([normal]), day), kind))
    value = next((m.value for m in found if m.value is not None), None)
    return (
        normal.text if value is None and kind in (EntityKind.PHONE, EntityKind.ID_CARD, EntityKind.BANK_CARD) else value
    )


__all__ = ["EntityKind", "Mention", "Value", "mentions", "value_of"]
