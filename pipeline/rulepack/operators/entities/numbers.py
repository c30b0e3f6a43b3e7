"""Numbers that stand for a person or a thing: telephone, identity card, bank card, order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.rulepack.operators.entities.kinds import EntityKind, Mention, Said
from pipeline.text.numbers import DIGITS, in_digits

_D = f"[0-9{DIGITS}]"
_RUN = rf"[a-z]{{0,4}}{_D}(?:[啊哦额欸杠]?{_D}){{3,39}}[a-z]?"
_PHONE = re.compile(
    r"(?:(?:86|0086|0)?(1[3-9][0-9]{9})|((?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}|[48]00[0-9]{7}))"
)
_IDENTITY = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]")
_CARD = re.compile(r"[3-9][0-9]{14,18}")
_THING = "订单|单号|运单|快递|物流|工单|流水|受理|编号|票号|保单|合同|交易"
_ORDER_BEFORE = re.compile(rf"(?:{_THING})(?:号码|号|编号|单号)?(?:是|为|就是|呢|报一下|[这那]个)*\Z")
_CARD_BEFORE = re.compile(r"(?:银行卡|储蓄卡|信用卡|卡号|账号|账户)(?:号码?|是|为|就是|的)*\Z")
_ORDER_ASKED = re.compile(rf"(?:{_THING})(?:号码|号|编号)|单号")
_CARD_ASKED = re.compile(r"卡号|银行卡号|账号")
_UNIT = re.compile(r"[块元万千百亿点号月日年个件次天分秒小度层楼岁折倍%]")
_CONTEXT = 14
_MIN_ORDER, _MIN_UNNAMED_ORDER = 4, 10


@dataclass(frozen=True, slots=True)
class _Run:
    turn: int
    start: int
    end: int
    written: str


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
    for match, (turn, start, end) in said.matches(_RUN):
        digits = "".join(c if c.isascii() else in_digits(c) or "" for c in match.group() if c not in "啊哦额欸杠")
        yield _Run(turn, start, end, digits)


def _is_phone(said: Said, run: _Run) -> tuple[str, bool] | None:
    match = _PHONE.fullmatch(run.written)
    return None if match is None else (match[1] or match[2], True)


def _is_identity(said: Said, run: _Run) -> tuple[str, bool] | None:
    if _IDENTITY.fullmatch(run.written) is None:
        return None
    from stdnum.cn import ric

    return run.written, bool(ric.is_valid(run.written.upper()))


def _is_card(said: Said, run: _Run) -> tuple[str, bool] | None:
    if (
        _CARD.fullmatch(run.written) is None
        or _is_identity(said, run)
        or _called(said, run, _ORDER_BEFORE, _ORDER_ASKED)
    ):
        return None
    from stdnum import luhn

    if luhn.is_valid(run.written):
        return run.written, True
    return (run.written, False) if _called(said, run, _CARD_BEFORE, _CARD_ASKED) else None


def _is_order(said: Said, run: _Run) -> tuple[str, bool] | None:
    digits = sum(c.isdigit() for c in run.written)
    if digits < _MIN_ORDER or _UNIT.match(said.after(run.turn, run.end, 1)):
        return None
    if _called(said, run, _ORDER_BEFORE, _ORDER_ASKED):
        return run.written, True
    other = _is_phone(said, run) or _is_identity(said, run) or _is_card(said, run)
    return None if other or digits < _MIN_UNNAMED_ORDER else (run.written, False)


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
