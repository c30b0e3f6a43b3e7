"""False friends: common words that sound like (part of) a phrase (`false_friends.txt`).

什么是工信部投诉 holds the sound of 不投诉, but 部 belongs to a word there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_LONGEST = 4


@cache
def _words() -> frozenset[str]:
    lines = Path(__file__).with_name("false_friends.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines for word in line.partition("#")[0].split())


@cache
def _characters() -> frozenset[str]:
    return frozenset("".join(_words()))


def is_false_friend(phrase: str, text: str, start: int, end: int) -> bool:
    """Whether a character of `text[start:end]` that is not the phrase's belongs to a false friend around it."""
    words, characters = _words(), _characters()
    for at in range(start, end):
        if text[at] in characters and text[at] not in phrase:
            for begin in range(max(0, at - _LONGEST + 1), at + 1):
                for stop in range(max(at + 1, begin + 2), begin + _LONGEST + 1):
                    if text[begin:stop] in words:
                        return True
    return False
