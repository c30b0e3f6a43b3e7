"""Numbers that stand for a person or a thing: telephone, identity card, bank card, order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_lowercase

from pipeline.privacy.shapes import CARD, IDENTITY
from pipeline.rulepack.operators.entities.kinds import EntityKind, Mention, Said
from pipeline.text.numbers import DIGITS, in_digits

_D = f"[0-9{DIGITS}]"
_PAUSES = "啊哦额欸杠"
_RUN = rf"[a-z]{{0,4}}{_D}(?:[{_PAUSES}]?{_D}){{3,39}}[a-z]?"
_PHONE = re.compile(
    r"(?:(?:86|0086|0)?(1[3-9][0-9]{9})|((?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}|[48]00[0-9]{7}))"
)
_THING = "订单|单号|运单|快递|物流|工单|流水|受理|编号|票号|保单|合同|交易"
_ORDER_BEFORE = re.compile(rf"(?:{_THING})(?:号码|号|编号|单号)?(?:是|为|就是|呢|报一下|[这那]个)*\Z")
_CARD_BEFORE = re.compile(r"(?:银行卡|储蓄卡|信用卡|卡号|账号|账户)(?:号码?|是|为|就是|的)*\Z")
_ORDER_ASKED = re.compile(rf"(?:{_THING})(?:号码|号|编号)|单号")
_CARD_ASKED = re.compile(r"卡号|银行卡号|账号")
_UNIT = re.compile(r"[块元万千百亿点号月日年个件次天分秒小度层楼岁折倍%]")
_MOMENT = re.compile(r"[0-9][-/:][0-9]")
_NO_X = ascii_lowercase.replace("x", "")
_CONTEXT = 14
_LONG_PIECE = 7
_MIN_ORDER, _MIN_UNNAMED_ORDER = 4, 10


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits in `[start, end)` of a turn, with the letters beside them; `digits` is without these but for an x."""

    turn: int
    start: int
    end: int
    written: str

    @property
    def digits(self) -> str:
        return self.written.lstrip(ascii_lowercase).rstrip(_NO_X)


def find_numbers(said: Said, kind: EntityKind) -> Iterator[Mention]:
    """The numbers of a kind. Last digits only (尾号) are no number, nor is what is dictated over several turns.

    Sure are: a telephone number by its shape; an identity number and a card number (15 to 19 digits) whose check digit
    is right, the card's only where nothing calls it an order; an order number that is called one, in the same turn or
    in the turn before. Doubtful are those whose check digit is wrong, since one digit may be misheard, a card's only
    where it is called one, and ten digits or more that are nothing else as an order number.
    """
    for run in _runs(said):
        verdict = _IS[kind](said, run)
        if verdict is not None:
            value, sure = verdict
            yield Mention(run.turn, run.start, run.end, value, sure)


def _runs(said: Said) -> Iterator[_Run]:
    for _, (turn, start, end) in said.matches(_RUN):
        for begin, stop in _numbers_in(said, turn, start, end):
            text = said.normal[turn].text[begin:stop]
            written = "".join(c if c.isascii() else in_digits(c) or "" for c in text if c not in _PAUSES)
            yield _Run(turn, begin, stop, written)


def _numbers_in(said: Said, turn: int, start: int, end: int) -> list[tuple[int, int]]:
    """The run, or its pieces where what was written between them (a space, a comma) parts two long numbers."""
    normal = said.normal[turn]
    cuts = [at for at in range(start + 1, end) if normal.starts[at] > normal.ends[at - 1]]
    pieces = list(pairwise([start, *cuts, end]))
    return pieces if sum(b - a >= _LONG_PIECE for a, b in pieces) > 1 else [(start, end)]


def _is_phone(said: Said, run: _Run) -> tuple[str, bool] | None:
    match = _PHONE.fullmatch(run.digits.rstrip(ascii_lowercase))
    return None if match is None else (match[1] or match[2], True)


def _is_identity(said: Said, run: _Run) -> tuple[str, bool] | None:
    if IDENTITY.fullmatch(run.digits) is None:
        return None
    from stdnum.cn import ric

    return run.digits, bool(ric.is_valid(run.digits.upper()))


def _is_card(said: Said, run: _Run) -> tuple[str, bool] | None:
    if CARD.fullmatch(run.digits) is None or _is_identity(said, run):
        return None
    if _called(said, run, _ORDER_BEFORE, _ORDER_ASKED):
        return None
    from stdnum import luhn

    if luhn.is_valid(run.digits):
        return run.digits, True
    return (run.digits, False) if _called(said, run, _CARD_BEFORE, _CARD_ASKED) else None


def _is_order(said: Said, run: _Run) -> tuple[str, bool] | None:
    digits = sum(c.isdigit() for c in run.written)
    if digits < _MIN_ORDER or _UNIT.match(said.after(run.turn, run.end, 1)):
        return None
    if _called(said, run, _ORDER_BEFORE, _ORDER_ASKED):
        return run.written, True
    other = _is_phone(said, run) or _is_identity(said, run) or _is_card(said, run)
    if other or digits < _MIN_UNNAMED_ORDER or _MOMENT.search(said.written(run.turn, run.start, run.end)):
        return None
    return run.written, False


def _called(said: Said, run: _Run, before: re.Pattern[str], asked: re.Pattern[str]) -> bool:
    """Whether the number is called so right before it, or a turn that begins with it follows one that asks for such."""
    if before.search(said.before(run.turn, run.start, _CONTEXT)):
        return True
    previous = next((n.text for n in reversed(said.normal[: run.turn]) if n.text), "")
    return run.start <= _CONTEXT // 2 and asked.search(previous) is not None


_IS = {
    EntityKind.PHONE: _is_phone,
    EntityKind.ID_CARD: _is_identity,
    EntityKind.BANK_CARD: _is_card,
    EntityKind.ORDER_NUMBER: _is_order,
}
