"""Dates, and the time within which something is promised."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.rulepack.operators.entities.kinds import EntityKind, Mention, Said

_WEEKDAY = "[一二三四五六日天末1-6]"
_WEEK = rf"(?:下下个?|下个?|上个?|这个?|本)?(?:周|星期|礼拜){_WEEKDAY}"
_RELATIVE = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨晚": -1,
    "今天": 0,
    "今晚": 0,
    "明天": 1,
    "明早": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
}
_RELATIVE_DAY = "|".join(sorted(_RELATIVE, key=len, reverse=True))
_WRITTEN = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")
_CALENDAR = r"(?:(?P<year>[0-9]{4}|[0-9]{2})年)?(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[号日]?"
_DAY = r"(?P<which>本月|这个月|下个?月|上个?月)?(?P<day>[0-9]{1,2})[号日]"
_NO_DAY = re.compile(r"[楼线店机房门院窗桌员柜厅口铺]|客服|坐席|工位")
_PART = "(?:上午|下午|晚上|中午|早上|傍晚|晚些)"
_CLOCK = "(?:[0-9]{1,2}点(?:钟|半|[0-9]{1,2}分?)?)"
_END = "(?:之内|以内|内|之前|以前|前|为止)"
_LENGTH = (
    r"(?P<figure>(?:[0-9一两二三四五六七八九十]{1,3}[到至])?(?:[0-9]{1,3}(?:点[0-9])?|半)|[两三四五六七八九]{2}|(?P<few>[一两二三四五六七八九])个半)(?P<half>个?半)?个?"
    r"(?P<unit>秒钟?|分钟|小时|钟头|工作日|自然日|天|周|星期|礼拜|月|年)(?P<limit>之内|以内|内|之?前|以前|了|以?后|之后|左右)?"
)
_PAST = re.compile(r"(?:等了?|[拖用买过]了|超过|已经?|将近|了|第|前|[0-9年月])\Z")
_DAY_S = 86_400
_SECONDS = dict(
    zip(
        "秒分小钟工自天周星礼月年",
        (1, 60, 3600, 3600, *[_DAY_S] * 3, *[7 * _DAY_S] * 3, 30 * _DAY_S, 365 * _DAY_S),
        strict=True,
    )
)
"""By the first character of the unit."""
_TOLD_ONLY_WITH_MORE = frozenset({"今天", "今晚", "下班"})
_POINT = (
    rf"(?P<day>{_RELATIVE_DAY}|{_WEEK}|(?:本|这个?|下个?)?月底|年底|下班|[0-9]{{1,2}}月[0-9]{{1,2}}[号日]|当天|当日|次日|隔天)"
    rf"(?P<part>{_PART}?{_CLOCK}|{_PART})?(?P<end>{_END})?|(?:{_PART}?{_CLOCK}){_END}"
)


def find_dates(said: Said, kind: EntityKind) -> Iterator[Mention]:
    """Days of the calendar and those counted from the day of the call. 15号 alone is doubtful, and has no value."""
    for turn, normal in enumerate(said.normal):
        for written in _WRITTEN.finditer(normal.original) if normal.text else ():
            start, end = (bisect_left(normal.starts, at) for at in written.span())
            if (value := _valid(*(int(g) for g in written.groups()))) is not None:
                yield Mention(turn, start, end, value)
    calendar: set[tuple[int, int]] = set()
    for match, (turn, start, end) in said.matches(_CALENDAR):
        year = match.group("year")
        full = None if year is None else int(year) if len(year) == 4 else 2000 + int(year)
        if (value := _valid(full, int(match.group("month")), int(match.group("day")))) is not None:
            calendar.update((turn, at) for at in range(start, end))
            yield Mention(turn, start, end, value)
    for match, (turn, start, end) in said.matches(_DAY):
        number, which = int(match.group("day")), match.group("which")
        if (turn, start) in calendar or not 1 <= number <= 31 or _NO_DAY.match(said.after(turn, end, 2)):
            continue
        if not which and said.before(turn, start, 1)[-1:] in ("第", "点", "月"):
            continue
        value = None if which is None or said.day is None else _in_month(said.day, which[0], number)
        yield Mention(turn, start, end, value, which is not None)
    for match, (turn, start, end) in said.matches(f"{_RELATIVE_DAY}|{_WEEK}"):
        if said.before(turn, start, 1) != "每":
            yield Mention(turn, start, end, None if said.day is None else _counted(said.day, match.group()))


def _valid(year: int | None, month: int, day: int) -> tuple[int | None, int, int] | None:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    return year, month, day


def _in_month(today: date, which: str, day: int) -> tuple[int | None, int, int] | None:
    months = today.year * 12 + today.month - 1 + {"下": 1, "上": -1}.get(which, 0)
    return _valid(months // 12, months % 12 + 1, day)


def _counted(today: date, said: str) -> tuple[int, int, int] | None:
    """The day that 明天 or 下周三 is; None where it may be this week's or the next one's."""
    if said in _RELATIVE:
        day = today + timedelta(days=_RELATIVE[said])
        return day.year, day.month, day.day
    weeks = 2 if said.startswith("下下") else {"下": 1, "上": -1, "这": 0, "本": 0}.get(said[0])
    weekday = int(said[-1]) - 1 if said[-1].isdigit() else "一二三四五六日".find(said[-1].replace("天", "日"))
    if weeks is None or said[-1] == "末":
        return None
    day = today + timedelta(days=weekday - today.weekday() + 7 * weeks)
    return day.year, day.month, day.day


def find_limits(said: Said, kind: EntityKind) -> Iterator[Mention]:
    """By when something will be done: 24小时内, 3个工作日, 明天下午, 下班前.

    Without 内 or 前 it is doubtful, for it may be no promise, unless it speaks of working days; so is a day alone
    (明天). What lies in the past (等了3天, 3天前) is none. A month counts 30 days, a working day one; a point in time
    has no length.
    """
    for match, (turn, start, end) in said.matches(_LENGTH):
        limit = match.group("limit") or ""
        unit = match.group("unit")
        if limit.endswith(("前", "了")) or _PAST.search(said.before(turn, start, 2)):
            continue
        if unit == "月" and "个" not in match.group():
            continue
        last = start + len(match.group("figure"))
        figure = said.normal[turn].text[said.last_number(turn, start, last) : last]
        seconds = _seconds(figure, unit, match.group("few"), half=bool(match.group("half")))
        yield Mention(turn, start, end, seconds, limit.endswith("内") or unit == "工作日")
    for match, (turn, start, end) in said.matches(_POINT):
        day, part, stop = (match.group(name) or "" for name in ("day", "part", "end"))
        past = day.startswith(("昨", "前", "上", "大前")) or stop == "以前"
        if past or said.before(turn, start, 1) == "每":
            continue
        telling = not day or bool(part or stop)
        if telling or (day not in _TOLD_ONLY_WITH_MORE and not day.endswith(("号", "日"))):
            yield Mention(turn, start, end, None, telling)


def _seconds(figure: str, unit: str, few: str | None, *, half: bool) -> float | None:
    """The longest time that it says; None for 两三天. `few` is the whole number in 一个半."""
    number = re.split("[到至]", figure)[-1]
    if few:
        count = "零一二三四五六七八九".find(few.replace("两", "二")) + 0.5
    elif number == "半":
        count = 0.5
    elif number[:1].isdigit():
        count = float(number.replace("点", ".")) + (0.5 if half else 0)
    else:
        return None
    return count * _SECONDS[unit[0]]
