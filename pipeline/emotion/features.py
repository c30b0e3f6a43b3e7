"""What the emotion model sees of a turn: its words and its runs of one to four characters.

The text is put in a form that a recogniser and a typist agree on: simplified characters, half width, small letters,
no punctuation and no spaces, every number a single 0. (`pipeline.text.normalise` serves another end: it drops 嗯 and
writes numbers out, where here 嗯 is an answer and a number says nothing.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Protocol

from pipeline.domain.transcript import Role

LONGEST_RUN = 4
_NUMBER = re.compile(r"\d+|[〇零幺一二两三四五六七八九十百千万]{3,}")
_NOT_SPOKEN = re.compile(r"[\W_]+")


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


@cache
def _to_simplified() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def plain(text: str) -> str:
    """The characters of `text` that were spoken; empty where there are none (only punctuation or masks such as ***)."""
    folded = unicodedata.normalize("NFKC", _to_simplified().convert(text)).lower()
    return _NUMBER.sub("0", _NOT_SPOKEN.sub("", folded))


def features(role: Role, text: str) -> Iterator[str]:
    """The features of one plain text: `投诉` words, `不+满意` word pairs, `<嗯>` characters, `坐席:抱歉` an agent's words.

    A sorry from an agent is a phrase of service, from a customer it is not, so agents' words count a second time
    under their own name.
    """
    import rjieba

    words: list[str] = rjieba.cut(text)
    for word in words:
        yield "w" + word
    for first, second in zip(words, words[1:], strict=False):
        yield f"w{first}+{second}"
    if role in (Role.AGENT, Role.SYSTEM):
        yield "a"
        for word in words:
            yield "a" + word
    bounded = f"<{text}>"
    for length in range(1, LONGEST_RUN + 1):
        for at in range(len(bounded) - length + 1):
            yield bounded[at : at + length]
