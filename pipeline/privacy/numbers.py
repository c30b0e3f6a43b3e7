"""Personal numbers in folded text, written or spoken.

The digits of a text fall into *runs*: digits with at most a pause, dash or filler between them. A run falls into
*groups*, as people write or dictate: `138 0013 8000` has three. A personal number is some whole groups in a row that
together have the shape of one. Each group is tried as the first of a number, and a number of several groups has no
more than 19 digits, so the work is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stdnum import luhn

from pipeline.privacy.personal import DIGITS, SPOKEN, PersonalData, PersonalKind

_D = f"[{''.join(DIGITS)}]"
_GAP = r"(?:[ \-,、·。_()嗯呃啊唔哦额欸]|\.(?=[0-9]{3})){0,4}+"
_RUN = re.compile(rf"{_D}(?:{_GAP}{_D}){{6,}}+")
_GROUP = re.compile(rf"{_D}++")
# Four stars or more between digits: a number that is masked already. Its ends belong to no other number.
_STARS = re.compile(rf"(?<={_D})(?:{_GAP}\*){{4,}}+{_GAP}(?={_D})")
_MASKED_HEAD, _MASKED_TAIL = 7, 4

_MOBILE = re.compile(r"(?P<prefix>(?:0|86|0086)?)1[3-9][0-9]{9}")
_MOBILE_WITHIN = re.compile(r"1[3-9][0-9]{9,12}|[0-9]{1,3}1[3-9][0-9]{9}")
_IDENTITY = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
_LANDLINE = re.compile(r"(?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_AREA = re.compile(r"010|02[0-9]|0[3-9][0-9]{2}")
_FINAL_X = re.compile(r"[ \-]?[Xx](?![A-Za-z0-9])")
_CARD = re.compile(r"[3-9][0-9]{14,18}")
_HOTLINE = re.compile(r"[48]00[0-9]{7}|1010[0-9]{4}")
_NAMED = re.compile(r"(?:电话|手机|座机|传真|联系方式|微信|[Qq]{2}|账号|卡号)号?码?[是为:： ]{0,3}\Z")
_NAME_LENGTH = 10
_SHORT, _LONG, _LONGEST = 7, 15, 19
_DICTATED = 2
"""A written number with one spoken digit at its side is `12345678 两件`; with two it is dictation half transcribed."""
_DATE = re.compile(r"(?:19|20)[0-9]{2}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12][0-9]|3[01])")
_CURRENCY = frozenset("元块万亿%")

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

    `quantity` is part of a date or an amount, `masked` an end of a number already masked.
    """

    digits: str
    places: tuple[int, ...]
    spoken: int
    parts: int = 1
    quantity: bool = False
    masked: bool = False

    @property
    def start(self) -> int:
        return self.places[0]

    @property
    def end(self) -> int:
        return self.places[-1] + 1

    @property
    def loose(self) -> bool:
        """Whether it may be a piece of a dictation: spoken, or a digit on its own."""
        return not self.quantity and (self.spoken > 0 or self.parts > 1 or len(self.digits) == 1)


def find_numbers(folded: str) -> Iterator[PersonalData]:
    """The personal numbers of a text that went through `fold`, in order, not overlapping."""
    stars = list(_STARS.finditer(folded))
    heads, tails = {s.start() for s in stars}, {s.end() for s in stars}
    for run in _RUN.finditer(folded):
        groups = [
            replace(
                g,
                masked=(len(g.digits) <= _MASKED_HEAD and g.end in heads)
                or (len(g.digits) <= _MASKED_TAIL and g.start in tails),
            )
            for g in _joined(_quantities(_groups(folded, run.start(), run.end()), folded))
        ]
        yield from _in_run(groups, folded)


def _groups(folded: str, start: int, end: int) -> list[_Group]:
    return [
        _Group(
            digits="".join(DIGITS[c] for c in match.group()),
            places=tuple(range(match.start(), match.end())),
            spoken=sum(c in SPOKEN for c in match.group()),
        )
        for match in _GROUP.finditer(folded, start, end)
    ]


def _quantities(groups: list[_Group], folded: str) -> list[_Group]:
    """Marks dates (2026-03-01) and amounts (1,234,567)."""
    between = [folded[a.end : b.start] for a, b in zip(groups, groups[1:], strict=False)] + [""]
    marked = list(groups)
    at = 0
    while at < len(groups):
        stop = at + 1
        if between[at : at + 2] == ["-", "-"] and _is_date(*(g.digits for g in groups[at : at + 3])):
            stop = at + 3
        elif between[at] == "," and len(groups[at].digits) <= 3:
            while between[stop - 1] == ",":
                stop += 1
            if any(len(g.digits) != 3 for g in groups[at + 1 : stop]):
                at = stop
                continue
        if stop > at + 1:
            marked[at:stop] = [replace(g, quantity=True) for g in groups[at:stop]]
        at = stop
    return marked


def _is_date(year: str, month: str, day: str) -> bool:
    return bool(_DATE.fullmatch(f"{year}-{month}-{day}"))


def _joined(groups: list[_Group]) -> list[_Group]:
    """Makes one group of what was dictated digit by digit."""
    joined: list[_Group] = []
    for group in groups:
        if joined and joined[-1].loose and group.loose:
            last = joined.pop()
            group = _Group(
                last.digits + group.digits, last.places + group.places, last.spoken + group.spoken, last.parts + 1
            )
        joined.append(group)
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
    for stop in range(at + 1, len(groups) + 1):
        if groups[stop - 1].masked:
            break
        digits += groups[stop - 1].digits
        if len(digits) > _LONGEST and stop > at + 1:
            break
        number = groups[at:stop]
        if _HOTLINE.fullmatch(digits):
            best = (stop, None)
        elif found := _identity(number, digits, folded) or _other(number, digits, folded, named=named):
            best = (stop, found)
    return best


def _identity(number: Sequence[_Group], digits: str, folded: str) -> PersonalData | None:
    """A resident identity number. Its date of birth may stand apart, as dates do, and so may the X."""
    if _IDENTITY.fullmatch(digits):
        return _personal(PersonalKind.IDENTITY, number, _SHOWN[PersonalKind.IDENTITY])
    x = _FINAL_X.match(folded, number[-1].end)
    if x is None or not _IDENTITY.fullmatch(digits + "X"):
        return None
    head, tail = _SHOWN[PersonalKind.IDENTITY]
    found = _personal(PersonalKind.IDENTITY, number, (head, tail - 1))
    return replace(found, end=x.end())


def _other(number: Sequence[_Group], digits: str, folded: str, *, named: bool) -> PersonalData | None:
    if any(g.quantity for g in number):
        return None
    alone = len(number) == 1
    if not alone and folded[number[-1].end : number[-1].end + 1] in _CURRENCY:
        return None
    if mobile := _MOBILE.fullmatch(digits):
        return _personal(PersonalKind.MOBILE, number, _SHOWN[PersonalKind.MOBILE], skip=mobile.end("prefix"))
    if _LANDLINE.fullmatch(digits) and (area := _AREA.match(digits)) and (alone or number[0].digits == area.group()):
        return _personal(PersonalKind.LANDLINE, number, (area.end(), _LANDLINE_TAIL))
    if _CARD.fullmatch(digits) and (luhn.is_valid(digits) or _in_fours(number)):
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
    return len(digits) >= _LONG or bool(_MOBILE_WITHIN.fullmatch(digits)) or (dictated and len(digits) >= _SHORT)


def _personal(kind: PersonalKind, number: Sequence[_Group], shown: tuple[int, int], *, skip: int = 0) -> PersonalData:
    """The number from digit `skip` on. What is shown stays within its first and last group: see `_STARS`."""
    ends = [(g, i) for g in number for i in range(len(g.digits))][skip:]
    first, last = ends[0][0], ends[-1][0]
    head = min(shown[0], sum(g is first for g, _ in ends))
    tail = min(shown[1], len(last.digits))
    places = [g.places[i] for g, i in ends]
    return PersonalData(kind, places[0], places[-1] + 1, places[head], places[len(places) - tail - 1] + 1)
