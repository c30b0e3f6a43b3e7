"""Personal numbers in folded text, written or spoken.

The digits of a text fall into *runs*: digits with at most a pause, dash or filler between them. A run falls into
*groups*, as people write or dictate: `138 0013 8000` has three. A personal number is some whole groups in a row that
together have the shape of one. Each group is tried as the first of a number, and a number of several groups has no
more than 19 digits, so the work is linear in the length of the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stdnum import luhn

from pipeline.privacy.personal import DIGITS, SPOKEN, PersonalData, PersonalKind
from pipeline.privacy.shapes import CARD, IDENTITY

_D = f"[{''.join(DIGITS)}]"
_GAP = r"(?:[ \-,、·。_()嗯呃啊唔哦额欸]|\.(?=[0-9*]{3})){0,4}+"
_RUN = re.compile(rf"{_D}(?:{_GAP}{_D}){{6,}}+")
_GROUP = re.compile(rf"{_D}++")
# Four stars or more: a number that is masked already. The digits beside them are its ends and belong to no other.
_STARS = re.compile(rf"(?:{_GAP}\*){{4,}}+{_GAP}")
_MASKED_HEAD, _MASKED_TAIL = 7, 4

_MOBILE = re.compile(r"(?P<prefix>(?:0|86|0086)?)1[3-9][0-9]{9}")
_MOBILE_WITHIN = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_AREA = re.compile(r"010|02[0-9]|0[3-9][0-9]{2}")
_FINAL_X = re.compile(r"[ \-]?[Xx](?![A-Za-z0-9*])")
_HOTLINE = re.compile(r"[48]00[0-9]{7}|1010[0-9]{4}")
_NAMED = re.compile(r"(?:电话|手机|座机|传真|联系方式|微信|[Qq]{2}|账号|卡号)号?码?[是为:： ]{0,3}\Z")
_NAME_LENGTH = 10
_SHORT, _LONG, _LONGEST = 7, 15, 19
_DICTATED = 2
"""A written number with one spoken digit at its side is `12345678 两件`; with two it is dictation half transcribed."""
_DATE = re.compile(r"(?:19|20)[0-9]{2}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12][0-9]|3[01])")
_AMOUNT = re.compile(r"(?:\.[0-9]{1,2})? ?[元块万亿%]")

_SHOWN = {
    PersonalKind.MOBILE: (3, 4),
    PersonalKind.IDENTITY: (3, 4),
    PersonalKind.BANK_CARD: (4, 4),
    PersonalKind.NUMBER: (3, 4),
}
"""How many digits stay at either end; of a landline the area code and two, of a number below 11 digits none."""
_LANDLINE_TAIL = 2
_TOO_SHORT_TO_SHOW = 10


@dataclass(frozen=True, slots=True)
class _Group:
    """Digits without a gap, or dictated one by one. `places[i]` is where digit i stands.

    `date` is part of a date, `masked` an end of a number already masked.
    """

    digits: str
    places: tuple[int, ...]
    spoken: int
    parts: int = 1
    date: bool = False
    masked: bool = False

    @property
    def start(self) -> int:
        return self.places[0]

    @property
    def end(self) -> int:
        return self.places[-1] + 1

    @property
    def loose(self) -> bool:
        """Whether it may be a piece of a dictation: spoken through and through, or a digit on its own."""
        return not (self.date or self.masked) and (self.spoken == len(self.digits) or len(self.digits) == 1)


def find_numbers(folded: str) -> Iterator[PersonalData]:
    """The personal numbers of a text that went through `fold`, in order, not overlapping."""
    runs = list(_RUN.finditer(folded))
    stars = list(_STARS.finditer(folded)) if runs else []
    heads, tails = {s.start() for s in stars}, {s.end() for s in stars}
    for run in runs:
        groups = [
            _Group(
                digits="".join(DIGITS[c] for c in match.group()),
                places=tuple(range(match.start(), match.end())),
                spoken=sum(c in SPOKEN for c in match.group()),
                masked=(match.end() in heads and len(match.group()) <= _MASKED_HEAD)
                or (match.start() in tails and len(match.group()) <= _MASKED_TAIL),
            )
            for match in _GROUP.finditer(folded, run.start(), run.end())
        ]
        yield from _in_run(_joined(_dates(groups, folded)), folded)


def _dates(groups: list[_Group], folded: str) -> list[_Group]:
    """Marks dates (2026-03-01), which would else lend their digits to the number beside them."""
    marked = list(groups)
    for at in range(len(groups) - 2):
        if _DATE.fullmatch(folded, groups[at].start, groups[at + 2].end):
            marked[at : at + 3] = [replace(g, date=True) for g in groups[at : at + 3]]
    return marked


def _joined(groups: list[_Group]) -> list[_Group]:
    """Makes one group of what was dictated digit by digit."""
    joined: list[_Group] = []
    for loose, neighbours in itertools.groupby(groups, key=lambda g: g.loose):
        parts = list(neighbours)
        if not loose or len(parts) == 1:
            joined += parts
            continue
        joined.append(
            _Group(
                digits="".join(g.digits for g in parts),
                places=tuple(place for g in parts for place in g.places),
                spoken=sum(g.spoken for g in parts),
                parts=len(parts),
            )
        )
    return joined


def _in_run(groups: Sequence[_Group], folded: str) -> Iterator[PersonalData]:
    named = bool(groups) and bool(_NAMED.search(folded, max(0, groups[0].start - _NAME_LENGTH), groups[0].start))
    at = 0
    while at < len(groups):
        stop, found = _longest_at(groups, at, folded, named=named and at == 0)
        if found is not None:
            yield found
        at = stop


def _longest_at(groups: Sequence[_Group], at: int, folded: str, *, named: bool) -> tuple[int, PersonalData | None]:
    """The longest number that begins with group `at`, and the group after it; a hotline is passed over whole."""
    best: tuple[int, PersonalData | None] = (at + 1, None)
    digits = ""
    masked = False
    for stop in range(at + 1, len(groups) + 1):
        masked = masked or groups[stop - 1].masked
        digits += groups[stop - 1].digits
        if len(digits) > _LONGEST and stop > at + 1:
            break
        number = groups[at:stop]
        if _HOTLINE.fullmatch(digits):
            best = (stop, None)
        elif masked:
            continue
        elif found := _identity(number, digits, folded) or _other(number, digits, folded, named=named):
            best = (stop, found)
    return best


def _identity(number: Sequence[_Group], digits: str, folded: str) -> PersonalData | None:
    """A resident identity number. Its date of birth may stand apart, as dates do, and so may the X."""
    if IDENTITY.fullmatch(digits):
        return _personal(PersonalKind.IDENTITY, number, _SHOWN[PersonalKind.IDENTITY])
    x = _FINAL_X.match(folded, number[-1].end)
    if x is None or not IDENTITY.fullmatch(digits + "X"):
        return None
    head, tail = _SHOWN[PersonalKind.IDENTITY]
    found = _personal(PersonalKind.IDENTITY, number, (head, tail - 1))
    return replace(found, end=x.end())


def _other(number: Sequence[_Group], digits: str, folded: str, *, named: bool) -> PersonalData | None:
    if any(g.date for g in number):
        return None
    alone = len(number) == 1
    if not alone and _AMOUNT.match(folded, number[-1].end):
        return None
    if mobile := _MOBILE.fullmatch(digits):
        return _personal(PersonalKind.MOBILE, number, _SHOWN[PersonalKind.MOBILE], skip=mobile.end("prefix"))
    if _LANDLINE.fullmatch(digits) and (area := _AREA.match(digits)) and (alone or number[0].digits == area.group()):
        return _personal(PersonalKind.LANDLINE, number, (area.end(), _LANDLINE_TAIL))
    if CARD.fullmatch(digits) and (luhn.is_valid(digits) or _in_fours(number)):
        return _personal(PersonalKind.BANK_CARD, number, _SHOWN[PersonalKind.BANK_CARD])
    if (alone and _telling(number[0])) or (named and _SHORT <= len(digits) <= _TOO_SHORT_TO_SHOW):
        shown = (0, 0) if len(digits) <= _TOO_SHORT_TO_SHOW else _SHOWN[PersonalKind.NUMBER]
        return _personal(PersonalKind.NUMBER, number, shown)
    return None


def _in_fours(number: Sequence[_Group]) -> bool:
    """As cards are embossed: 6222 0212 3456 7890 123."""
    return len(number) > 1 and all(len(g.digits) == 4 for g in number[:-1]) and len(number[-1].digits) <= 4


def _telling(group: _Group) -> bool:
    """Digits on their own that are masked although nothing proves whose they are."""
    digits = group.digits
    dictated = group.parts > 1 or group.spoken >= _DICTATED
    return len(digits) >= _LONG or bool(_MOBILE_WITHIN.search(digits)) or (dictated and len(digits) >= _SHORT)


def _personal(kind: PersonalKind, number: Sequence[_Group], shown: tuple[int, int], *, skip: int = 0) -> PersonalData:
    """The number from digit `skip` on. What is shown touches the stars without a gap: see `_STARS`."""
    places = [place for group in number for place in group.places][skip:]
    head = min(shown[0], _unbroken(places))
    tail = min(shown[1], _unbroken([-place for place in reversed(places)]))
    return PersonalData(kind, places[0], places[-1] + 1, places[head], places[len(places) - tail - 1] + 1)


def _unbroken(places: Sequence[int]) -> int:
    """How many of the first places follow each other directly."""
    return next((n for n, (a, b) in enumerate(itertools.pairwise(places), start=1) if b != a + 1), len(places))
