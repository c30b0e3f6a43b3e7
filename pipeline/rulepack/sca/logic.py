"""Logic as 智能对话分析 writes it: ids with `&&`, `||`, `!` and parentheses."""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(r"\s*(&&|\|\||[!()&|]|[\w.-]+)")
_WORDS = {"&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
MAX_LENGTH = 5_000


class LogicError(ValueError):
    """The text is no expression; the message is Chinese."""


def translated(text: str, name: Callable[[str], str]) -> str:
    """The expression in our language; `name` gives for each id an expression of ours. Raises LogicError."""
    if len(text) > MAX_LENGTH:
        raise LogicError(f"逻辑表达式超过 {MAX_LENGTH} 字")
    words: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise LogicError(f"逻辑表达式“{text}”第 {at + 1} 个字符起无法识别")
        written = match[1]
        words.append(_WORDS.get(written) or (written if written in "()" else name(written)))
        at = match.end()
    if not words:
        raise LogicError("没有写逻辑表达式")
    return " ".join(words).replace("( ", "(").replace(" )", ")")
