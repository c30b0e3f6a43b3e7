"""Lines that the recogniser is known to invent: the file `stock_phrases.txt`, and a user's own beside it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pipeline.text import normalise

LEAST_LETTERS = 4
"""Of a user's own line: shorter ones (谢谢, 再见, bye) are what people say."""

MOST_GAPS = 3
"""Of a user's own line: each further one makes the search twenty times as long at worst."""

_SHARE = 0.5
_GAP = ".{0,20}"
_NOTES = tuple("♩♪♫♬🎵🎶")
_BUILT_IN = Path(__file__).with_name("stock_phrases.txt")


def is_stock(text: str, own: tuple[str, ...] = ()) -> bool:
    """Whether at least half of `text` are such lines, or notes stand before it as before a song in subtitles."""
    if text.strip().startswith(_NOTES):
        return True
    letters = normalise(text).text
    covered = sum(len(match.group()) for match in stock_pattern(own).finditer(letters))
    return bool(letters) and covered >= _SHARE * len(letters)


@cache
def stock_pattern(own: tuple[str, ...]) -> re.Pattern[str]:
    """All lines in normal form, the longest first, so that the one that covers most is the one that counts."""
    written = (line.strip() for line in _BUILT_IN.read_text(encoding="utf-8").splitlines())
    lines = [*(line for line in written if line and not line.startswith("#")), *own]
    patterns = {_GAP.join(re.escape(normalise(part).text) for part in line.split("*")) for line in lines}
    return re.compile("|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern))))


def letters_in(line: str) -> int:
    """How many letters and digits a line asks for, whatever its `*` stand for."""
    return sum(len(normalise(part).text) for part in line.split("*"))
