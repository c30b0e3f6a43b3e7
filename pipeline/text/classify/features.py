"""What a linear model sees of a text: its words, pairs of words, and runs of one to four characters.

The text is put in a form that a recogniser and a typist agree on: simplified characters, half width, small letters,
no punctuation and no spaces, every number a single 0. (`pipeline.text.normalise` serves another end: it drops 嗯 and
writes numbers out, where here 嗯 is an answer and a number says nothing.)

`features` says what is counted; `Vectoriser` counts the same over many texts in one pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol

from pipeline.text.segment import words

LONGEST_RUN = 4
WORD, SERVICE_WORD, BETWEEN = "词", "席", "+"
BEGIN, END = "<", ">"
# Between joined texts; no plain text holds it, and no word or number reaches across it.
BREAK = "\n"
_NUMBER = re.compile(r"\d+|[〇零幺一二两三四五六七八九十百千万]{3,}")
_NOT_SPOKEN = re.compile(r"(?:[^\w\n]|_)+")


class _Converter(Protocol):
    def convert(self, text: str, /) -> str: ...


@cache
def _to_simplified() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def plain(text: str) -> str:
    """The characters of `text` that were spoken; empty where there are none (only punctuation or masks such as ***)."""
    return plain_all([text])[0]


def plain_all(texts: Sequence[str]) -> list[str]:
    """`plain` of each text, all of them in one pass."""
    joined = BREAK.join(text.replace(BREAK, " ") if BREAK in text else text for text in texts)
    folded = unicodedata.normalize("NFKC", _to_simplified().convert(joined)).lower()
    return _NUMBER.sub("0", _NOT_SPOKEN.sub("", folded)).split(BREAK) if texts else []


def features(text: str, *, service: bool = False) -> list[str]:
    """The features of one plain text: `词投诉` a word, `词不+满意` a pair, `<嗯>` characters.

    The words of a text of the service side count a second time as `席抱歉`: a sorry from an agent is a phrase of
    service, from a customer it is not.
    """
    cut = words(text)
    found = [WORD + word for word in cut]
    found += [f"{WORD}{first}{BETWEEN}{second}" for first, second in pairwise(cut)]
    bounded = f"{BEGIN}{text}{END}"
    for length in range(1, LONGEST_RUN + 1):
        found += [bounded[at : at + length] for at in range(len(bounded) - length + 1)]
    if service:
        found += [SERVICE_WORD, *(SERVICE_WORD + word for word in cut)]
    return found
