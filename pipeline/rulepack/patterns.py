"""The regular expressions of all rules, run by RE2, and which of them can match a call, found in one pass."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import add
from typing import Any, TypeAlias

import numpy as np

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.rulepack.literals import branches, required
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


def touches(pattern: str, kind: MatchKind, joined: JoinedText, span: Span) -> bool:
    """Whether a match in the span's turn shares a character with it, be it that another match begins before."""
    turn, start, end = span
    expression, written = _of_turn(pattern, kind, joined, turn)
    encoded, at = written.encode(), 0
    # A match that begins behind the span does not count, nor could one that begins in it be hidden by that.
    while match := _without_groups(expression).search(encoded, at):
        first_byte, last_byte = match.span()
        first = len(encoded[:first_byte].decode())
        if first >= end:
            return False
        if first + len(encoded[first_byte:last_byte].decode()) > start:
            return True
        at = first_byte + len(written[first].encode())
    return False


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
    """Built once for a set of rules. Most patterns cannot match without some texts (`literals`), whose first and last two
    characters are looked up among those of a call."""

    def __init__(self, keys: Iterable[PatternKey]) -> None:
        ordered = sorted(set(keys))
        self._by_text = _Index((key, key[0]) for key in ordered if key[1] is MatchKind.PATTERN)
        self._by_sound = _Index(
            (key, encode(key[0])) for key in ordered if key[1] is MatchKind.SOUND and sounds(key[0])
        )

    def candidates(self, joined: JoinedText) -> frozenset[PatternKey]:
        """Every pattern that matches the call, and some that do not."""
        return frozenset((*self._by_text.candidates(joined.text), *self._by_sound.candidates(joined.sound)))


class _Index:
    """Which patterns may match a text.

    A *need* is a set of pieces of one or two characters, of which one must be there. `_needs_of[piece]` are the numbers
    of the needs that it meets; `_needed[:, i]` are those that pattern `_keys[i]` has, filled up with a need that is
    always met. A pattern whose first choice is between branches is there once for each.
    """

    def __init__(self, patterns: Iterable[tuple[PatternKey, str]]) -> None:
        numbers: dict[frozenset[str], int] = {}
        rows: list[list[int]] = []
        self._keys: list[PatternKey] = []
        for key, pattern in patterns:
            for branch in branches(pattern):
                needs = {need for texts in required(branch) for need in _pieces(texts)}
                rows.append(sorted(numbers.setdefault(need, len(numbers) + 1) for need in needs))
                self._keys.append(key)
        self._needed = np.zeros((max(map(len, rows), default=0), len(rows)), dtype=np.int32)
        for column, needed in enumerate(rows):
            self._needed[: len(needed), column] = needed
        self._number = len(numbers) + 1
        needs_of: dict[str, list[int]] = defaultdict(list)
        for need, number in numbers.items():
            for piece in need:
                needs_of[piece].append(number)
        self._needs_of = {piece: np.array(found, dtype=np.int32) for piece, found in needs_of.items()}

    def candidates(self, text: str) -> Iterable[PatternKey]:
        there = self._needs_of.keys() & {*map(add, text, text[1:]), *text}
        met = np.zeros(self._number, dtype=np.bool_)
        met[0] = True
        if there:
            met[np.concatenate([self._needs_of[piece] for piece in there])] = True
        left = np.arange(len(self._keys))
        for needed in self._needed:
            left = left[met[needed[left]]]
        return (self._keys[i] for i in left.tolist())


def _pieces(texts: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Of one of the texts the first and the last two characters must be there."""
    return frozenset(text[:2] for text in texts), frozenset(text[-2:] for text in texts)
