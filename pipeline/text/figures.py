"""Spoken numbers in the form in which people write them, where nobody would write them otherwise.

326块5毛, 3月15号, 下午3点半, 20%, 3.5, 100万, 工号0132. What may be vague (两三天, 三五个, 二十多), part of a name
or a saying (双十一, 五一, 万一, 第一次, 三天两头), a count of one (一个月), or a number that might be meant otherwise
(一百二, 八八八) stays as it was said. Eight dictated digits too, unless they are called an order or the like: in
figures nothing would tell that they are somebody's number. `normalise` gives both forms the same normal form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.text.normal import Folded, fold
from pipeline.text.numbers import DIGITS, NUMERALS, in_digits

_PERCENT = "百分之"
_DIGIT_LIKE = frozenset("0123456789洞拐勾" + NUMERALS)
_ONE = "一二三四五六七八九"
_FEW = "二三四五六七八九"
# No number has as many as 40 characters; without a bound, the time would grow with the square of a run of 十.
_CARDINAL = rf"(?:[{_ONE}两]?十[{NUMERALS}]{{1,40}}|[{_ONE}两]十|[{_ONE}两][百千万亿][{NUMERALS}]{{0,40}})"
_DECIMAL = (
    rf"(?:(?:(?:[{_ONE}两]?十|[{_ONE}两][百千])[{DIGITS}十百]{{0,40}}|[零〇两十{_FEW}])"
    rf"点(?!(?:零[{DIGITS}]|一)(?![{DIGITS}万亿]))[{DIGITS}]+[万亿]?"
    rf"|一点(?:[{_ONE}][{DIGITS}]+[万亿]?|[{_FEW}](?:[万亿]|(?=倍|个百分点))))"
)
_NEVER_BEFORE = "几数好多点之双初"
_VAGUE_AFTER = "几多来余"
_HOUR = rf"(?:二?十[{_ONE}]?|[两{_ONE}])"
_DAY_PART = "(?:上午|下午|早上|晚上|中午|凌晨|傍晚|夜里)"
_MEASURE = (
    "(?:个|位|名|人|件|单|笔|张|条|台|次|遍|天|年|月|周|小时|分钟|秒|块|元|折|楼|层|号|日|期|岁|米|公里|千米|千克|公斤|斤|克|吨"
    "|度|级|兆|户|套|份|本|瓶|箱|盒|辆|栋|室|页|字|倍|美元|欧元|港币|人民币|日元)"
)
_FEW_OF = "(?:小时|个小时|分钟|秒|个月|个工作日|工作日|号|元|楼|层)"
_NUMBER_OF = "(?:工号|尾号|后四位|验证码|编号|订单|单号|工单|流水|邮编|分机)(?:号码?|是|为|就是)*"

# The groups of a match are the numbers in it; the first pattern that finds a number has it.
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # 百分之二十, 百分之三点五
        rf"(?<!点)(百分之(?:{_CARDINAL}|[{DIGITS}])(?:点[{DIGITS}]+)?)(?![{_VAGUE_AFTER}到至点分块])",
        # 三点五, 一点二五, 一点五万; not 三点五分, which is a time
        rf"(?<!上午|下午|早上|晚上|中午|凌晨)(?<![{_NEVER_BEFORE}])({_DECIMAL})(?![{_VAGUE_AFTER}分刻点])",
        # 三百二十六块五, 五块五毛三分
        rf"(?<![{_NEVER_BEFORE}])({_CARDINAL}|[{_FEW}])"
        rf"(?:[块元]([{_ONE}])[毛角](?:([{_ONE}])分(?!钟))?|块([{_ONE}])(?=的|了|吧|啊|呢|吗|钱|左右|$))",
        # 三点十五分, 三点零五分二十秒
        rf"(?<!点)({_HOUR})点({_CARDINAL}|零?[{_ONE}]|十)分(?![钟之])(?:({_CARDINAL}|[十{_ONE}])秒)?",
        # 下午三点二十, 三点半, 十点整
        rf"{_DAY_PART}(?!一)({_HOUR})点(?:({_CARDINAL}|零[{_ONE}])(?!{_MEASURE}|[{_VAGUE_AFTER}]))?"
        rf"(?!{_MEASURE}|[几多{NUMERALS}])",
        rf"(?<!点)({_HOUR})点(?:钟|整|半(?!小时|个|天|年))",
        # 三月十五号, 三月; not 八月十五, a feast
        rf"(?<![{_NEVER_BEFORE}])(十[一二]|[十{_ONE}])月(?:({_CARDINAL}|[十{_ONE}])[号日]|(?![{NUMERALS}]))",
        # 二零二六年
        rf"((?:一九|二[零〇])[{DIGITS}]{{2}})年",
        # 工号零一三二
        rf"{_NUMBER_OF}([{DIGITS}]{{3,20}})(?!点)",
        # 幺三八零零一三八零零零, 幺零零八六; of 7 to 14 digits only those whose shape tells what they are
        rf"(?<!点)([一幺][三四五六七八九][{DIGITS}]{{9}}|零[{DIGITS}]{{9,11}}|[四八]零零[{DIGITS}]{{7}}|[{DIGITS}]{{15,}}"
        rf"|(?=[{DIGITS}]*[零〇幺])[{DIGITS}]{{3,6}}|(?!一二三四五)[{DIGITS}]{{5,6}})(?!点)",
        # 三十到四十个
        rf"(?<![{_NEVER_BEFORE}])({_CARDINAL})[到至]({_CARDINAL})(?={_MEASURE})",
        # 二十四小时, 第十二条
        rf"(?<![{_NEVER_BEFORE}周期拜到至])({_CARDINAL})(?={_MEASURE})",
        # 三天, 两小时, 十分钟; not 第三天, 周二十点, 三五天, 三到五天, 这两天, 十年如一日, 三天两头
        rf"(?<![{_NEVER_BEFORE}第周期拜老小余来番{NUMERALS}])(?<![{NUMERALS}][到至])"
        rf"(?:([两十](?={_FEW_OF})|[{_FEW}](?={_FEW_OF}|块|天|日|年|折))(?!天两|天打|天天|年年|日两|年五))",
        # 三百二十六, 一百万, 二十五; not 三十六计
        rf"(?<![{_NEVER_BEFORE}周期拜到至])((?=[{NUMERALS}]{{3}}){_CARDINAL})(?![{_VAGUE_AFTER}点计孝行夜里到至]|分之|节气)",
    )
)


@dataclass(frozen=True, slots=True)
class Figure:
    """`text[start:end]` said a number, which is written as `written`. `dictated`: digit by digit, without units."""

    start: int
    end: int
    written: str
    dictated: bool


def figures(text: str) -> tuple[Figure, ...]:
    """The numbers in `text` to be written as figures, in order, not overlapping."""
    plain = fold(text)
    found: list[Figure] = []
    taken: set[int] = set()
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain.text):
            said = [_in(plain, begin, stop) for begin, stop in match.regs[1:] if begin >= 0]
            if all(one is not None and taken.isdisjoint(range(one.start, one.end)) for one in said):
                found += [one for one in said if one is not None]
                taken.update(at for one in said if one is not None for at in range(one.start, one.end))
    return tuple(sorted(found, key=lambda figure: figure.start))


def _in(plain: Folded, begin: int, stop: int) -> Figure | None:
    """None where this is no whole numeral, a filler or punctuation breaks it, or it is no certain number."""
    start, end = plain.starts[begin], plain.ends[stop - 1]
    beside = plain.text[begin - 1 : begin] + plain.text[stop : stop + 1]
    marks = plain.original[start - 1 : start] + plain.original[end : end + 1]
    if end - start > stop - begin or any(c in _DIGIT_LIKE for c in beside) or any(c in ".%" for c in marks):
        return None
    said = plain.text[begin:stop]
    written = _written(said)
    return None if written is None else Figure(start, end, written, all(c in DIGITS for c in said))


def _written(said: str) -> str | None:
    """None for what is no certain number after all."""
    if said.startswith(_PERCENT):
        number = _written(said.removeprefix(_PERCENT))
        return None if number is None or number[-1] in "万亿" else f"{number}%"
    if "点" in said:
        number = said.rstrip("万亿")
        digits = in_digits(number)
        return None if digits is None else digits.replace("点", ".") + said[len(number) :]
    digits = in_digits(said)
    if digits is None or all(c in DIGITS for c in said):
        return digits
    if said[-1] == "零" or (said[-1] in DIGITS and said[-2] in "百千万亿"):
        return None  # 一百二 may be 120 or, before a measure, 102
    if "亿" in said[:-1]:
        return None  # nobody reads 120000000
    zeros = {"万": 4, "亿": 8}.get(said[-1])
    return digits if zeros is None else digits[:-zeros] + said[-1]
