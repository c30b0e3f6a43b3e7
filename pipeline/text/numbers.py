"""Spoken Chinese numbers as digits, where it is certain that a number is meant.

Converted: numbers with a unit (十五, 二十四, 三百零五, 两万, 一万二), digit runs of three and more (幺三八零), a single
numeral before a measure of time, money or count (三天, 两小时), decimals (三点五), percentages and 326块五. What is
typed becomes what is said: 20% is 百分之20, 3.5 is 3点5, 3万 is 30000. Left alone: 一下, 一直, 万一, 十分抱歉, 两三天
and the like.
"""

from __future__ import annotations

import re

NUMERALS = "零〇一二两三四五六七八九幺十百千万亿"
DIGITS = "零〇一二三四五六七八九幺"

_DIGIT = {c: d for d, cs in enumerate(("零〇", "一幺", "二两", "三", "四", "五", "六", "七", "八", "九")) for c in cs}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "亿": 10**8}
_MEASURES = "天 小时 个小时 分 分钟 秒 号 点 月 个月 日 年 元 块 次 遍 周 星期 个星期 个工作日 工作日 折 层 楼".split()

_MEASURE = "|".join(sorted(_MEASURES, key=len, reverse=True))
_RUN = rf"(?:(?!百分之)[{NUMERALS}])"
# One alternative for each way to say or write a number; the group is what becomes digits. Typed digits are looked at
# from their first one only, or the time would grow with the square of their number.
_NUMBER = re.compile(
    r"(?P<typed_percent>(?<![0-9])[0-9]+(?:点[0-9]+)?)%"
    rf"|百分之(?P<percent>{_RUN}+(?:点[{DIGITS}]+(?![十百千]))?)"
    rf"|(?P<point>(?:{_RUN}+|(?<![0-9])[0-9]+)(?:点(?!一(?![{DIGITS}万亿]))[{DIGITS}]+(?![十千]|百(?!分之)))+)"
    rf"|(?<![点之0-9])(?P<round>[0-9]+[万亿])(?![点0-9{NUMERALS}])"
    rf"|(?<=[0-9{NUMERALS}][块元])(?P<coins>[一二三四五六七八九]"
    rf"(?:(?=[毛角])|(?<=块.)(?![0-9{NUMERALS}个天年月号日点分秒小])))"
    rf"|(?P<numeral>{_RUN}{{2,}}"
    rf"|(?!(?<![0-9{NUMERALS}]点)十分(?!钟))[一二两三四五六七八九十](?=(?:{_MEASURE})))"
)
# No number is found without this: most turns are known to have none before the long pattern begins.
_MAYBE = re.compile(
    rf"[0-9{NUMERALS}](?:[0-9{NUMERALS}%点{''.join(sorted({m[0] for m in _MEASURES} - {'个'}))}]|个[小月星工])"
)
_WITH_UNITS = re.compile(
    r"(?:[一二两三四五六七八九]?十|[一二两三四五六七八九][百千万亿])[零〇一二两三四五六七八九十百千万亿]*"
)


def may_have_numerals(text: str) -> bool:
    """Whether it is worth looking for them: a short look for what no number is without."""
    return _MAYBE.search(text) is not None


def numerals(text: str) -> list[tuple[int, int, str]]:
    """Every number in `text` as `(start, end, written)`, in order, not overlapping."""
    found: list[tuple[int, int, str]] = []
    if not may_have_numerals(text):
        return found
    for match in _NUMBER.finditer(text):
        kind = match.lastgroup
        assert kind is not None
        said = match.group(kind)
        if kind == "typed_percent":
            found.append((match.start(), match.end(), f"百分之{said}"))
        elif kind == "round":
            found.append((match.start(), match.end(), said[:-1] + str(_BIG[said[-1]])[1:]))
        elif (digits := in_digits(said)) is not None:
            found.append((*match.span(kind), digits))
    return found


def in_digits(said: str) -> str | None:
    """`said` (a numeral, or several with 点 between) in digits; None where it is none, or vague (两三, 千千万万)."""
    whole, *fractions = said.split("点")
    digits = whole if whole.isascii() else _in_digits(whole)
    return None if digits is None else "点".join((digits, *map(_one_by_one, fractions)))


def _in_digits(numeral: str) -> str | None:
    if all(c in _DIGIT for c in numeral):
        exact = len(numeral) != 2 or any(c in numeral for c in "零〇幺")
        return _one_by_one(numeral) if exact else None
    value = _value(numeral) if _WITH_UNITS.fullmatch(numeral) else None
    return None if value is None else str(value)


def _one_by_one(numeral: str) -> str:
    return "".join(str(_DIGIT[c]) for c in numeral)


def _value(numeral: str) -> int | None:
    """The number that a numeral with units says; None where it is not well formed (千千万万)."""
    total = section = 0
    digit: int | None = None
    last_unit = 10**9
    for char in numeral:
        if char in _DIGIT:
            if digit not in (None, 0):
                return None
            digit = _DIGIT[char]
        elif char in _UNIT:
            unit = _UNIT[char]
            if unit >= last_unit:
                return None
            section += (digit or 1) * unit  # 两千零十 is 2010
            digit, last_unit = None, unit
        else:
            section += digit or 0
            if section == 0:
                return None
            total = (total + section) * _BIG[char] if char == "亿" else total + section * _BIG[char]
            section, digit, last_unit = 0, None, 10**9
    if digit:
        # 一百二 is 120, 一万二 is 12000: a bare digit right after a unit counts tenths of it; after 零 it is a unit.
        before = (_UNIT | _BIG).get(numeral[-2], 1)
        section += digit * (before // 10 if before > 10 else 1)
    return total + section
