"""Spoken Chinese numbers as digits, where it is certain that a number is meant.

Converted: numbers with a unit (十五, 二十四, 三百零五, 两万), digit runs of three and more (幺三八零), and a single
numeral before a measure of time, money or count (三天, 两小时). Left alone: 一下, 一直, 万一, 十分抱歉,
两三天 and the like.
"""

from __future__ import annotations

import re

_DIGIT = {c: d for d, cs in enumerate(("零〇", "一幺", "二两", "三", "四", "五", "六", "七", "八", "九")) for c in cs}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10**4, "亿": 10**8}
_MEASURES = "天 小时 个小时 分 分钟 秒 号 点 月 个月 日 年 元 块 次 遍 周 星期 个星期 个工作日 工作日 折 层 楼".split()

_NUMERAL = re.compile(
    r"[零〇一二两三四五六七八九幺十百千万亿]{2,}"
    rf"|(?!十分(?!钟))[一二两三四五六七八九十](?=(?:{'|'.join(sorted(_MEASURES, key=len, reverse=True))}))"
)
_WITH_UNITS = re.compile(
    r"(?:[一二两三四五六七八九]?十|[一二两三四五六七八九][百千万亿])[零〇一二两三四五六七八九十百千万亿]*"
)


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
            section += (1 if digit is None else digit) * unit
            digit, last_unit = None, unit
        else:
            section += digit or 0
            if section == 0:
                return None
            total = (total + section) * _BIG[char] if char == "亿" else total + section * _BIG[char]
            section, digit, last_unit = 0, None, 10**9
    if digit:
        # 一百二 is 120, 三千五 is 3500: a bare digit right after a unit counts tenths of it; after 零 it is a unit.
        tenths = last_unit in (100, 1000) and numeral[-2] in _UNIT
        section += digit * (last_unit // 10 if tenths else 1)
    return total + section


def numerals(text: str) -> list[tuple[int, int, str]]:
    """Every numeral in `text` as `(start, end, digits)`, in order, not overlapping."""
    found: list[tuple[int, int, str]] = []
    for match in _NUMERAL.finditer(text):
        numeral = match.group()
        if all(c in _DIGIT for c in numeral):
            if len(numeral) != 2 or "零" in numeral or "幺" in numeral:
                found.append((match.start(), match.end(), "".join(str(_DIGIT[c]) for c in numeral)))
        elif _WITH_UNITS.fullmatch(numeral) and (value := _value(numeral)) is not None:
            found.append((match.start(), match.end(), str(value)))
    return found
