"""What a listener says to show that he listens (嗯, 对, 好的, 明白了), and what asks for an answer."""

from __future__ import annotations

import re

_SAID = re.compile(r"(?:[嗯唔呃哦噢喔啊哎诶欸哈对對好是行嘞的呀吧]|ok|okay|明白了?|知道了?|没错|这样|没问题)+")
_ASKS = re.compile(r"(?:[吗呢吧么嘛?\uff1f]|没有|不(?:是|对|好|行|可以))[\W_]*$")
_NOT_SAID = re.compile(r"[\W_]+")


def only_acknowledges(text: str) -> bool:
    """Whether nothing but such words is said; whether they take the floor, the times tell."""
    return _SAID.fullmatch(_NOT_SAID.sub("", text.lower())) is not None


def asks(text: str) -> bool:
    """Whether the text ends like a question: then 对 or 好的 answers it."""
    return _ASKS.search(text) is not None
