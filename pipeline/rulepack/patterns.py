"""The regular expressions of all rules, run by RE2, and which of them can match a call, found in one pass."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.text import encode

PatternKey: TypeAlias = tuple[str, MatchKind]
"""A pattern as the rule writes it, and whether it is looked for in the text (PATTERN) or in its sound (SOUND)."""

Span: TypeAlias = tuple[int, int, int]
"""A turn, and the half-open span of characters in its normal text."""

_HAN_RANGE = re.compile(r"\[[^\]]*[^\x00-\x7f]-[^\]]*\]|\\[pP]")


def _options() -> Any:
    import re2

    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    options.never_nl = True
    return options


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """For a call's joined text: `.` and classes never reach over a turn, `^` and `$` are a turn's ends.

    Raises ValueError (Chinese) for what RE2 refuses.
    """
    import re2

    try:
        return re2.compile(f"(?m){pattern}", _options())
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"正则“{pattern}”不能使用:{why}(不支持回溯引用和前后断言)") from None


@lru_cache(maxsize=16384)
def _without_groups(pattern: str) -> Any:
    """The same for UTF-8, several times as fast because it does not remember what its groups matched."""
    import re2

    options = _options()
    options.never_capture = True
    return re2.compile(f"(?m){pattern}".encode(), options)


def sounds(pattern: str) -> bool:
    """Whether a pattern can be looked for by sound: one that speaks of ranges of characters has none."""
    return not _HAN_RANGE.search(pattern)


def matches(pattern: str, kind: MatchKind, joined: JoinedText) -> Iterator[Span]:
    """Every match in the call, in order of place; by sound, each Chinese character stands for its syllable."""
    by_text = kind is MatchKind.PATTERN
    expression, written = (pattern, joined.text_bytes) if by_text else (encode(pattern), joined.sound_bytes)
    for start, end in _matched(expression, written):
        yield joined.place(start, end)


def matches_in(pattern: str, kind: MatchKind, joined: JoinedText, turn: int) -> Iterator[Span]:
    """Every match in one turn."""
    expression, written = _of_turn(pattern, kind, joined, turn)
    for start, end in _matched(expression, written.encode()):
        yield turn, start, end


class Touched:
    """What the matches of a pattern in a turn touch. They are looked for once, and as far as anybody asks."""

    def __init__(self, pattern: str, kind: MatchKind, joined: JoinedText, turn: int) -> None:
        expression, self._written = _of_turn(pattern, kind, joined, turn)
        self._search = _without_groups(expression).search
        self._encoded = self._written.encode()
        self._at_byte = self._at = 0
        self._starts: list[int] = []
        self._reach: list[int] = []

    def touches(self, start: int, end: int) -> bool:
        """Whether a match shares a character with `[start, end)`, be it that another match begins before."""
        while True:
            # A match that begins behind the span does not count, nor could one that begins in it be hidden by that.
            before = bisect_left(self._starts, end)
            if before and self._reach[before - 1] > start:
                return True
            if before < len(self._starts) or not self._looked_further():
                return False

    def _looked_further(self) -> bool:
        match = self._search(self._encoded, self._at_byte)
        if match is None or match.start() >= len(self._encoded):
            return False
        first_byte, last_byte = match.span()
        first = self._at + len(self._encoded[self._at_byte : first_byte].decode())
        self._starts.append(first)
        last = first + len(self._encoded[first_byte:last_byte].decode())
        self._reach.append(max(last, self._reach[-1] if self._reach else 0))
        self._at, self._at_byte = first + 1, first_byte + len(self._written[first].encode())
        return True


def _of_turn(pattern: str, kind: MatchKind, joined: JoinedText, turn: int) -> tuple[str, str]:
    """The expression, and the turn's text or sound that it is looked for in."""
    by_text = kind is MatchKind.PATTERN
    expression, written = (pattern, joined.text) if by_text else (encode(pattern), joined.sound)
    first = joined.begins[turn]
    last = joined.begins[turn + 1] - len(SEPARATOR) if turn + 1 < len(joined.begins) else len(written)
    return expression, written[first:last]


def _matched(expression: str, written: bytes) -> Iterator[tuple[int, int]]:
    """The spans in characters that are not empty."""
    end = end_byte = 0
    for match in _without_groups(expression).finditer(written):
        first_byte, last_byte = match.span()
        start = end + len(written[end_byte:first_byte].decode())
        end, end_byte = start + len(written[first_byte:last_byte].decode()), last_byte
        if end > start:
            yield start, end


class PatternIndex:
    """Built once for a set of rules. RE2 knows of each pattern which literal texts it cannot match without, and looks
    for those of all patterns at once, so that most patterns are never run on a call."""

    def __init__(self, keys: Iterable[PatternKey]) -> None:
        ordered = sorted(set(keys))
        self._by_text = [key for key in ordered if key[1] is MatchKind.PATTERN]
        self._by_sound = [key for key in ordered if key[1] is MatchKind.SOUND and sounds(key[0])]

    @cached_property
    def _text_filter(self) -> Any:
        return _filter([pattern for pattern, _ in self._by_text])

    @cached_property
    def _sound_filter(self) -> Any:
        return _filter([encode(pattern) for pattern, _ in self._by_sound])

    def candidates(self, joined: JoinedText) -> frozenset[PatternKey]:
        """Every pattern that matches the call, and some that do not."""
        found: list[PatternKey] = []
        if self._by_text:
            found += [self._by_text[i] for i in self._text_filter.Match(joined.text_bytes, potential=True) or ()]
        if self._by_sound:
            found += [self._by_sound[i] for i in self._sound_filter.Match(joined.sound_bytes, potential=True) or ()]
        return frozenset(found)


def _filter(patterns: list[str]) -> Any:
    import re2

    made = re2.Filter()
    for pattern in patterns:
        made.Add(f"(?m){pattern}", _options())
    made.Compile()
    return made
