"""Call-centre lines drawn from the patterns of `lines/*.yml`, numbers and names filled in as people speak them."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from pipeline.domain.errors import InputError, Problem, ProblemCode

FOLDER = Path(__file__).parent / "lines"
_SLOT = re.compile(r"\{(.+?)\}")
_HELD_OUT_OF = 20
"""One distinct sentence in twenty is never trained on."""
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田任姜范方石姚谭邹熊金陆郝孔白"
    "崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_DAY_PARTS = ("", "早上", "上午", "中午", "下午", "晚上")
_LENGTHS = ("{}小时", "{}分钟", "{}个工作日", "{}天", "{}个小时", "{}秒", "{}个月")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Lines:
    """One file: its patterns and its own word lists."""

    name: str
    patterns: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]

    @property
    def characters(self) -> frozenset[str]:
        """All that its lines are written with, but for what built-in slots bring."""
        fixed = "".join(_SLOT.sub("", pattern) for pattern in self.patterns)
        return frozenset(fixed).union(*(word for words in self.slots.values() for word in words))

    def draw(self, pattern: str, generator: random.Random) -> str:
        """`pattern` with each slot filled, each time anew."""

        def fill(match: re.Match[str]) -> str:
            own = self.slots.get(match[1])
            return generator.choice(own) if own else BUILT_IN[match[1]](generator)

        return _SLOT.sub(fill, pattern)


def read_lines(folder: Path = FOLDER) -> tuple[Lines, ...]:
    """All files of `folder`, in the order of their names.

    Raises InputError naming each slot that is neither the file's own nor built in.
    """
    files = []
    problems = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        slots = {name: tuple(map(str, words)) for name, words in (content.get("slots") or {}).items()}
        lines = Lines(path.stem, tuple(map(str, content["patterns"])), slots)
        problems += [
            Problem(
                code=ProblemCode.BAD_FORMAT,
                what=f"“{pattern}”用到没有定义的“{slot}”",
                remedy="请在 slots 中定义它,或改用内置的:" + "、".join(BUILT_IN),
                file=path.name,
            )
            for pattern in lines.patterns
            for slot in _SLOT.findall(pattern)
            if slot not in slots and slot not in BUILT_IN
        ]
        files.append(lines)
    if problems:
        raise InputError(problems)
    return tuple(files)


@cache
def held_out(text: str) -> bool:
    """Whether a sentence is kept for measuring. Depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % _HELD_OUT_OF == 0


def draw_line(files: tuple[Lines, ...], generator: random.Random, *, for_measuring: bool = False) -> str:
    """A line from a file drawn evenly, which is held out if and only if it is `for_measuring`.

    Lines shorter than four characters (嗯, 好的) belong to both, as in life.
    """
    while True:
        lines = generator.choice(files)
        text = lines.draw(generator.choice(lines.patterns), generator)
        if held_out(text) == for_measuring or (len(text) < 4 and not for_measuring):
            return text


def _digits(generator: random.Random, count: int) -> str:
    return "".join(generator.choice("0123456789") for _ in range(count))


def _mobile(generator: random.Random) -> str:
    return "#1" + generator.choice("3456789") + _digits(generator, 9)


def _landline(generator: random.Random) -> str:
    area = generator.choice(("010", "021", "020", "0755", "0571", "028", "025", ""))
    number = generator.choice("23568") + _digits(generator, 7)
    return "#" + generator.choice((area + number, "400" + _digits(generator, 7)))


def _amount(generator: random.Random) -> str:
    below = generator.choice((100, 1000, 30_000))
    whole = generator.choice((generator.randint(1, below), generator.randint(1, 99) * 10 ** generator.randint(1, 3)))
    unit = generator.choice("元块")
    kind = generator.random()
    if kind < 0.15:
        return f"{whole}.{generator.randint(1, 99)}元"
    if kind < 0.25:
        return f"{generator.randint(1, 300)}块{generator.randint(1, 9)}"
    return f"{whole}{unit}{'钱' if unit == '块' and generator.random() < 0.5 else ''}"


def _date(generator: random.Random) -> str:
    month = generator.randint(1, 12)
    return f"{month}月{generator.randint(1, _MONTH_DAYS[month - 1])}{generator.choice('号日')}"


def _time(generator: random.Random) -> str:
    hour = f"{generator.choice(_DAY_PARTS)}{generator.randint(1, 12)}点"
    return hour + generator.choice(("", "", "半", f"{generator.randint(1, 11) * 5}分", "钟"))


def _length(generator: random.Random) -> str:
    low = generator.choice((1, 2, 3, 5, 7, 10, 15, 24, 30, 48, 72))
    count = f"{low}到{low + generator.randint(1, 4)}" if generator.random() < 0.3 else str(low)
    return generator.choice(_LENGTHS).format(count)


BUILT_IN: Mapping[str, Callable[[random.Random], str]] = {
    "手机号": _mobile,
    "座机": _landline,
    "订单号": lambda r: "#" + _digits(r, r.randint(6, 12)),
    "工号": lambda r: "#" + _digits(r, r.randint(3, 5)),
    "金额": _amount,
    "日期": _date,
    "时间": _time,
    "时长": _length,
    "天数": lambda r: f"{r.randint(1, 60)}天",
    "百分比": lambda r: f"{r.randint(1, 100)}%",
    "卡尾号": lambda r: "#" + _digits(r, 4),
    "身份证后四位": lambda r: "#" + _digits(r, 4),
    "验证码": lambda r: "#" + _digits(r, r.choice((4, 6))),
    "数量": lambda r: str(r.randint(1, 50)),
    "年份": lambda r: f"{r.randint(2015, 2030)}年",
    "月份": lambda r: f"{r.randint(1, 12)}月份",
    "姓": lambda r: r.choice(_SURNAMES),
    "称呼": lambda r: r.choice(_SURNAMES) + r.choice(("先生", "女士", "小姐", "老师", "总")),
}
"""Slots that every file may use, drawn as they are written in a line (see `training.voice.reading`)."""

BUILT_IN_CHARACTERS = frozenset(
    _SURNAMES + "".join(_DAY_PARTS) + "".join(_LENGTHS) + "年月号日点半分钟元块钱份先生女士小姐老师总天到"
)
"""What they bring beside digits."""
