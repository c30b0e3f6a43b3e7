"""How a written line is read aloud: 24小时 → 二十四小时, #12315 → 幺二三幺五, APP → its letters.

Digits are read as a number; after `#`, and for a year of four digits, they are read one by one, with 幺 for 1. A
percentage is read 百分之…; 2 before a measure word is 两. An upper-case run is spelled, other Latin words are read as
English. The written form keeps all but the `#`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pypinyin import Style, lazy_pinyin, load_phrases_dict, pinyin

_PAUSES = {
    **dict.fromkeys("\uff0c\u3001\uff1a\uff1b,:;", ","),
    **dict.fromkeys("\u3002.", "."),
    "\uff1f": "?",
    "?": "?",
    "\uff01": "!",
    "!": "!",
}
"""What espeak-ng makes of Chinese and latin punctuation."""
_TOKEN = re.compile(r"#\d+|\d+(?:\.\d+)?%?|[A-Za-z]+|[\u4e00-\u9fff]|\s|[" + "".join(map(re.escape, _PAUSES)) + "]")
_MEASURES = "个件台张次位天周条家份块万千种分秒套双样颗袋盒箱本辆间楼层户倍遍趟元"
_DIGITS = "零一二三四五六七八九"
_ONE_BY_ONE = "零幺二三四五六七八九"
_UNSPEAKABLE = {"n2": "en5", "m2": "mu3", "o1": "wo1", "yo1": "you1", "eng1": "en1", "lo5": "luo5"}
"""Syllables that espeak-ng spells out (嗯 as pypinyin writes it), and what comes nearest."""

_TO_REPAY = (
    *(
        "还款",
        "还款日",
        "还款额",
        "应还",
        "未还",
        "没还",
        "还了",
        "不还",
        "还不",
        "马上还",
        "慢慢还",
        "想还",
        "在就还",
        "点还",
        "必须还",
    ),
    *(
        "还不了",
        "还上",
        "还多少",
        "先还",
        "要还",
        "按时还",
        "只还",
        "补还",
        "时候还",
        "得还",
        "还本金",
        "还利息",
        "还欠款",
        "还最低",
    ),
)
"""Where 还 is huán; pypinyin takes it for hái."""
load_phrases_dict(
    {phrase: [["huán" if char == "还" else pinyin(char)[0][0]] for char in phrase] for phrase in _TO_REPAY}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A written piece and its sounds: pinyin with tone numbers, or letters and English words where `latin`.

    A pause has no sounds; `pause` then holds the punctuation that espeak-ng heeds.
    """

    text: str
    sounds: tuple[str, ...]
    latin: bool = False
    pause: str = ""


def read_aloud(text: str) -> tuple[Reading, ...]:
    """The pieces of `text` in order, one for each character, number, Latin word, punctuation mark and digit after `#`.

    Raises ValueError, naming it, for a character that has no reading.
    """
    tokens = _tokens(text)
    pieces: list[Reading] = []
    for is_chinese, run in groupby(tokens, key=lambda token: bool(token.said)):
        if is_chinese:
            pieces += _chinese(list(run))
            continue
        for token in run:
            if token.written.isalpha():
                letters = token.written.upper() == token.written
                pieces.append(Reading(token.written, tuple(token.written) if letters else (token.written,), latin=True))
            else:
                pieces.append(Reading(token.written, (), pause=_PAUSES.get(token.written, "")))
    return tuple(pieces)


def written(text: str) -> str:
    """`text` as a person would write it: without the `#` that asks for digits one by one."""
    return text.replace("#", "")


def read_number(digits: str) -> str:
    """`10086` → 一万零八十六, `58.5` → 五十八点五; whole numbers below 10^12."""
    whole, _, decimals = digits.partition(".")
    return _whole(int(whole)) + ("点" + "".join(_DIGITS[int(d)] for d in decimals) if decimals else "")


@dataclass(frozen=True, slots=True)
class _Token:
    """`said` are the Chinese characters spoken for what is written; none for Latin words and punctuation."""

    written: str
    said: str = ""


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            raise ValueError(f"no reading for “{text[end : match.start()]}” in “{text}”")
        end = match.end()
        token = match[0]
        if token[0] == "#":
            tokens += [_Token(digit, _ONE_BY_ONE[int(digit)]) for digit in token[1:]]
        elif token[0].isdigit():
            tokens.append(_Token(token, _say_number(token, text[end : end + 1])))
        else:
            tokens.append(_Token(token, token if _is_chinese(token) else ""))
    if end != len(text):
        raise ValueError(f"no reading for “{text[end:]}” in “{text}”")
    return tokens


def _is_chinese(token: str) -> bool:
    return "\u4e00" <= token <= "\u9fff"


def _say_number(token: str, after: str) -> str:
    if token[-1] == "%":
        return "百分之" + read_number(token[:-1])
    if after == "年" and len(token) == 4:
        return "".join(_DIGITS[int(d)] for d in token)
    if token == "2" and after and after in _MEASURES:  # noqa: S105
        return "两"
    return read_number(token)


def _whole(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    if number < 20:
        return "十" + (_DIGITS[number % 10] if number % 10 else "")
    for value, unit in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= value:
            head, rest = divmod(number, value)
            lead = "两" if head == 2 and value > 100 else _whole_in(head)
            gap = "零" if rest and rest * 10 < value else ""
            return lead + unit + gap + (_whole_in(rest) if rest else "")
    raise AssertionError("every number of two digits has a unit")


def _whole_in(number: int) -> str:
    """Inside a larger number ten is 一十."""
    return ("一" if 10 <= number < 20 else "") + _whole(number)


def _chinese(run: list[_Token]) -> Iterator[Reading]:
    """Read together, because a character's sound depends on its neighbours."""
    syllables = iter(lazy_pinyin("".join(token.said for token in run), style=Style.TONE3, neutral_tone_with_five=True))
    for token in run:
        sounds = tuple(next(syllables) for _ in token.said)
        yield Reading(token.written, tuple(_UNSPEAKABLE.get(sound, sound) for sound in sounds))
