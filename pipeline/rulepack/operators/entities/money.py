"""Amounts of money, and names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from pipeline.rulepack.operators.entities.kinds import EntityKind, Mention, Said
from pipeline.text.numbers import in_digits

_FIGURE = r"[0-9]+(?:点[0-9]+)?"
_AMOUNT = (
    rf"(?P<figure>{_FIGURE})(?P<vague>[多来几]?)(?P<big>[万千百亿]*)(?P<thousands>(?:[0-9]千)?)"
    r"(?P<unit>元|块钱?|人民币|美元|美金|欧元|港币|日元)(?:(?P<jiao>[0-9])(?:[毛角](?:(?P<fen>[0-9])分)?)?)?"
)
_SMALL = r"(?P<figure>[0-9一二两三四五六七八九])[毛角]钱?"
_BIG = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_SIGN = re.compile(r"[¥￥]\s{0,2}(?P<figure>[0-9][0-9,，]{0,15}(?:\.[0-9]{1,2})?)")
_NOT_MONEY = re.compile(r"[儿去来吃办走旦宵素]|屏|电池|表|板|砖|糖|布|地方|区域")
_PIECE_BELOW = 10
"""Up to nine 块 may be pieces of something."""

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤欧"
)
_TITLED = rf"(?P<name>[{_SURNAMES}])(?:先生|女士|小姐|太太|师傅|经理|老师)"
_SURNAME_TOLD = rf"(?:我姓|免贵姓|您姓|贵姓)(?P<name>[{_SURNAMES}])"
_CALLED = rf"(?:我叫|姓名是|名字是|名字叫|名叫)(?P<name>[{_SURNAMES}][\x{{4e00}}-\x{{9fff}}]{{0,2}})"
_NOT_NAME = re.compile(r"[的了吗啊呢吧是在先请很您有为来帮]")
_OTHER_WORD = re.compile(r"[感多谢]谢|[赔支应交垫预]付|[最提很更]高")
"""Words that end in a surname: 太感谢女士, 为您赔付先生."""


def find_amounts(said: Said, kind: EntityKind) -> Iterator[Mention]:
    """Amounts in yuan; of a foreign currency, or 一百多块, there is no value. Vague ones (几十块) are none.

    A few 块 without 钱 or 毛 may be pieces: doubtful. Under the sign ¥ an amount needs no unit.
    """
    for match, (turn, start, end) in said.matches(_AMOUNT):
        unit, figure = match.group("unit"), match.group("figure")
        last = start + len(figure)
        start = said.last_number(turn, start, last)
        figure = said.normal[turn].text[start:last]
        if said.before(turn, start, 1) in ("几", "数", "第") or _NOT_MONEY.match(said.after(turn, end, 2)):
            continue
        foreign = unit in ("美元", "美金", "欧元", "港币", "日元")
        value = None if foreign or match.group("vague") else _yuan({**match.groupdict(), "figure": figure})
        piece = unit == "块" and not match.group("jiao") and "点" not in figure and not match.group("big")
        yield Mention(turn, start, end, value, not (piece and float(figure) < _PIECE_BELOW))
    for match, (turn, start, end) in said.matches(_SMALL):
        if said.before(turn, start, 1) not in ("块", "元", "几"):
            digit = match.group("figure")
            yield Mention(turn, start, end, round(int(in_digits(digit) or _digit(digit)) / 10, 2))
    for turn, normal in enumerate(said.normal):
        if normal.text and ("¥" in normal.original or "￥" in normal.original):
            for sign in _SIGN.finditer(normal.original):
                start, end = (bisect_left(normal.starts, at) for at in sign.span())
                if said.after(turn, end, 1) not in ("元", "块"):
                    yield Mention(turn, start, end, float(re.sub("[,，]", "", sign["figure"])))


def _digit(numeral: str) -> str:
    return str("零一二三四五六七八九".find("二" if numeral == "两" else numeral))


def _yuan(parts: dict[str, str | None]) -> float:
    value = float((parts["figure"] or "0").replace("点", "."))
    for big in parts["big"] or "":
        value *= _BIG[big]
    if thousands := parts["thousands"]:
        value += int(thousands[0]) * 1000
    return round(value + int(parts["jiao"] or 0) / 10 + int(parts["fen"] or 0) / 100, 2)


def find_names(said: Said, kind: EntityKind) -> Iterator[Mention]:
    """A surname with a title (王女士), or after 我姓, 我叫 and the like; a common surname, or it is not found."""
    for match, (turn, start, end) in said.matches(_TITLED):
        if not _OTHER_WORD.match(said.before(turn, start, 1) + match.group("name")):
            yield Mention(turn, start, end, match.group("name"))
    for match, (turn, _, end) in said.matches(_SURNAME_TOLD):
        yield Mention(turn, end - 1, end, match.group("name"))
    for match, (turn, _, end) in said.matches(_CALLED):
        name = _NOT_NAME.split(match.group("name"))[0]
        if name:
            yield Mention(turn, end - len(match.group("name")), end - len(match.group("name")) + len(name), name)
