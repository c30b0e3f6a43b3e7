"""Announcements among real calls: `python -m benchmarks.announcements DATA_DIR`.

Real hotline calls (FOSAED) and written service dialogues (CrossWOZ), each turn one stretch of speech, first as they
are: what is taken for an announcement there is printed to be read. Then with announcements before them, at their
middle and after them, which were written for `transcribe.voices.announcements` and so are no test of its cues: they
show whether the calls around them stay untouched. Each with a channel for either side, and on one shared channel.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.roles import Turns, crosswoz, fosaed
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.voices.announcements import announcements

_SYLLABLE_MS, _PAUSE_MS = 200, 500
MACHINE = "machine"
BEFORE = (
    ("欢迎致电星河客服中心", "普通话请按1", "粤语请按2", "人工服务请按0", "正在为您转接请稍候"),
    ("您好欢迎致电星河银行", "为保证服务质量您的通话可能会被录音", "信用卡业务请按1储蓄卡业务请按2其他业务请按0"),
    ("坐席忙请稍候", "您前面还有3位客户在等待", "工号0832为您服务"),
    ("感谢您的来电", "当前坐席全忙请您耐心等待"),
)
MIDDLE = (
    ("您通话的客户正在使用呼叫保持服务请不要挂机",),
    ("您拨打的电话已关机请稍后再拨",),
    ("座席忙请继续等待", "您前面还有2位"),
)
AFTER = (
    ("请您对本次服务进行评价", "满意请按1", "一般请按2", "不满意请按3", "感谢您的评价再见"),
    ("请对客服代表的服务做出评价非常满意请按1不满意请按2",),
)


def main() -> None:
    """Prints what is taken for an announcement as the calls are, and a table of what is found among them."""
    folder, console = Path(sys.argv[1]), Console()
    table = Table("set", "channels", "calls", "turns taken", "… around announcements", "announcements' stretches found")
    for name, calls in (("FOSAED", list(fosaed(folder))), ("CrossWOZ", list(crosswoz(folder)))):
        for channels in (2, 1):
            taken = [turn for call in calls for turn in _taken(call, channels)]
            for role, text in taken:
                console.print(f"{name}, {channels}: {role} {text}")
            wrong = found = said = 0
            for number, call in enumerate(calls):
                announced = list(_with_announcements(call, number))
                there = _taken(announced, channels)
                found += sum(role.startswith(MACHINE) for role, _ in there)
                wrong += sum(not role.startswith(MACHINE) for role, _ in there)
                said += sum(role.startswith(MACHINE) for role, _ in announced)
            turns = sum(map(len, calls))
            table.add_row(
                name, str(channels), str(len(calls)), f"{len(taken)} of {turns}", str(wrong), f"{found / said:.1%}"
            )
    console.print(table)


def _with_announcements(call: Turns, number: int) -> Iterator[tuple[str, str]]:
    """The call with one announcement of each kind on the agent's channel, the middle one on the customer's."""
    half = len(call) // 2
    yield from (("machine agent", text) for text in BEFORE[number % len(BEFORE)])
    yield "agent", "您好很高兴为您服务"
    yield from call[:half]
    yield from (("machine customer", text) for text in MIDDLE[number % len(MIDDLE)])
    yield from call[half:]
    yield "agent", "感谢您的来电祝您生活愉快再见"
    yield from (("machine agent", text) for text in AFTER[number % len(AFTER)])


def _taken(call: Turns, channels: int) -> list[tuple[str, str]]:
    words: list[list[HeardWord]] = [[] for _ in range(channels)]
    said_by: list[list[int]] = [[] for _ in range(channels)]
    now_ms = 0
    for number, (role, text) in enumerate(call):
        side = 0 if channels == 1 or role.endswith("agent") else 1
        for char in text:
            words[side].append(HeardWord(char, now_ms, now_ms + _SYLLABLE_MS, 0.9))
            said_by[side].append(number)
            now_ms += _SYLLABLE_MS
        now_ms += _PAUSE_MS
    marks: Sequence[Sequence[bool]] = announcements(words)
    taken = {n for owners, own in zip(said_by, marks, strict=True) for n, mark in zip(owners, own, strict=True) if mark}
    return [call[number] for number in sorted(taken)]


if __name__ == "__main__":
    main()
