"""What a linear model sees of a text: its words, pairs of words, and runs of one to four characters.

The text is put in a form that a recogniser and a typist agree on: simplified characters, half width, small letters,
no punctuation and no spaces, every number a single 0. (`pipeline.text.normalise` serves another end: it drops 嗯 and
writes numbers out, where here 嗯 is an answer and a number says nothing.)
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import Protocol

from pipeline.text.segment import words

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


def features(text: str) -> list[str]:
    """The features of one plain text: `词投诉` a word, `词不+满意` a pair, `<嗯>` characters."""
    cut = words(text)
    found = ["词" + word for word in cut]
    found += [f"词{first}+{second}" for first, second in pairwise(cut)]
    bounded = f"<{text}>"
    for length in range(1, LONGEST_RUN + 1):
        found += [bounded[at : at + length] for at in range(len(bounded) - length + 1)]
    return found
