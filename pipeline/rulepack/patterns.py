"""The regular expressions of all rules, run by RE2, and which of them can match a call, found in one pass."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import SEPARATOR, JoinedText
from pipeline.rulepack.literals import branches, required
from pipeline.text import encode

PatternKey: TypeAlias = tuple[str, MatchKind]
"""A pattern as the rule writes it, and whether it is looked for in the text (PATTERN) or in its sound (SOUND)."""

Span: TypeAlias = tuple[int, int, int]
"""A turn, and the half-open span of characters in its normal text."""

_ROLES = list(Role)
_NEEDS_OF_ROW = 9
"""Of a call's patterns that meet seven needs, hardly one fails an eighth."""
_CODES = 1 << 21
"""More than there are characters."""
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


def matches(pattern: str, kind: MatchKind, joined: JoinedText, turns: Iterable[int]) -> Iterator[Span]:
    """Every match in these turns; by sound, each Chinese character stands for its syllable."""
    expression = pattern if kind is MatchKind.PATTERN else encode(pattern)
    written = joined.turns_of(kind)
    for turn in turns:
        for start, end in _matched(expression, written[turn]):
            yield turn, start, end


class Touched:
    """What the matches of a pattern in a turn touch. They are looked for once, and as far as anybody asks."""

    def __init__(self, pattern: str, kind: MatchKind, joined: JoinedText, turn: int) -> None:
        expression = pattern if kind is MatchKind.PATTERN else encode(pattern)
        self._search = _without_groups(expression).search
        self._encoded = joined.turns_of(kind)[turn]
        self._written = self._encoded.decode()
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
    """Built once for a set of rules. Most patterns cannot match without some texts (`literals`), whose first and last
    two characters are looked up among those of a call. `heard` tells in whose turns each pattern is looked for."""

    def __init__(self, heard: Mapping[PatternKey, Collection[Role]]) -> None:
        self._by_text = _Index({key: (key[0], heard[key]) for key in sorted(heard) if key[1] is MatchKind.PATTERN})
        self._by_sound = _Index(
            {key: (encode(key[0]), heard[key]) for key in sorted(heard) if key[1] is MatchKind.SOUND and sounds(key[0])}
        )

    def candidates(self, joined: JoinedText, roles: Sequence[Role]) -> dict[PatternKey, list[int]]:
        """Every pattern that matches a turn of one of its speakers, and some that do not, with the turns in which it
        may, in order; `roles` are those of the turns."""
        codes = np.array([_ROLES.index(role) for role in roles], dtype=np.intp)
        found = self._by_text.candidates(joined.text, joined, codes)
        return found | self._by_sound.candidates(joined.sound, joined, codes)


class _Index:
    """Which patterns may match which turns of a text.

    A *need* is a set of pieces of one or two characters, of which one must be there. `_first[p] : _first[p + 1]` of
    `_needs` are the numbers of the needs that the piece of `_codes[p]` meets. A row is a pattern, or a branch of one
    whose first choice is between branches: row r is of `_keys[_pattern[r]]`, and `_needed[:, r]` are its needs, the
    most telling first, filled up with need 0, which is always met. Rows are in order of their first need, which is less
    than `_firsts`: those from `_begin[n]` to `_begin[n + 1]` have need n first. `_heard[role, p]` tells whether pattern
    p is looked for in a role's turns.
    """

    def __init__(self, patterns: Mapping[PatternKey, tuple[str, Collection[Role]]]) -> None:
        numbers: dict[frozenset[str], int] = {}
        rows: list[tuple[list[frozenset[str]], int]] = []
        self._keys = list(patterns)
        for place, (pattern, _) in enumerate(patterns.values()):
            for branch in branches(pattern):
                needs = dict.fromkeys(need for texts in required(branch) for need in _pieces(texts))
                told = sorted(needs, key=lambda need: (-min(map(len, need)), len(need)))
                rows.append((told[:_NEEDS_OF_ROW], place))
        rows.sort(key=lambda row: [sorted(need) for need in row[0][:1]])
        for at in range(_NEEDS_OF_ROW):
            for needed, _ in rows:
                if len(needed) > at:
                    numbers.setdefault(needed[at], len(numbers) + 1)
            if at == 0:
                self._firsts = len(numbers) + 1
        self._needed = np.zeros((_NEEDS_OF_ROW, len(rows)), dtype=np.int32)
        for column, (needed, _) in enumerate(rows):
            self._needed[: len(needed), column] = [numbers[need] for need in needed]
        self._number = len(numbers) + 1
        self._begin = np.searchsorted(self._needed[0], np.arange(self._firsts + 1))
        self._pattern = np.array([place for _, place in rows], dtype=np.intp)
        self._heard = np.array([[role in roles for _, roles in patterns.values()] for role in _ROLES], dtype=np.bool_)
        needs_of: dict[str, list[int]] = defaultdict(list)
        for need, number in numbers.items():
            for piece in need:
                needs_of[piece].append(number)
        # A character alone is a piece that ends in nothing.
        chars = sorted({char for piece in needs_of for char in piece})
        self._char = np.zeros(sys.maxunicode + 1, dtype=np.int32)
        self._char[[ord(char) for char in chars]] = np.arange(1, len(chars) + 1)
        pieces = sorted((self._code(piece), met) for piece, met in needs_of.items())
        self._codes = np.array([code for code, _ in pieces] + [np.iinfo(np.int64).max], dtype=np.int64)
        self._first = np.cumsum([0, *(len(met) for _, met in pieces)])
        self._needs = np.array([number for _, met in pieces for number in met], dtype=np.int32)

    def _code(self, piece: str) -> int:
        first, *last = (int(self._char[ord(char)]) for char in piece)
        return first * _CODES + (last[0] if last else 0)

    def candidates(self, text: str, joined: JoinedText, roles: NDArray[np.intp]) -> dict[PatternKey, list[int]]:
        if not self._keys:
            return {}
        met = self._met(text, joined)
        turns, needs = np.divmod(np.flatnonzero(np.ascontiguousarray(met[:, : self._firsts])), self._firsts)
        rows, each = _ranges(self._begin[needs], self._begin[needs + 1])
        turns = turns[each]
        patterns = self._pattern[rows]
        kept = self._heard[roles[turns], patterns]
        for needed in self._needed[1:]:
            rows, turns, patterns = rows[kept], turns[kept], patterns[kept]
            kept = met[turns, needed[rows]]
        places = np.unique(patterns[kept] * len(met) + turns[kept])
        found, turns = np.divmod(places, len(met))
        which, first = np.unique(found, return_index=True)
        ordered, bounds, keys = turns.tolist(), [*first.tolist(), len(turns)], self._keys
        return {keys[p]: ordered[a:b] for p, (a, b) in zip(which.tolist(), pairwise(bounds), strict=True)}

    def _met(self, text: str, joined: JoinedText) -> NDArray[np.bool_]:
        """Turns x needs."""
        chars = self._char[np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)].astype(np.int64)
        lengths = np.diff([*joined.begins, len(text) + len(SEPARATOR)])
        turn_of = np.repeat(np.arange(len(joined.begins)), lengths)[: len(text)]
        codes = np.concatenate((chars * _CODES, chars[:-1] * _CODES + chars[1:]))
        known = np.searchsorted(self._codes, codes)
        there = np.flatnonzero(self._codes[known] == codes)
        known, at = known[there], np.concatenate((turn_of, turn_of[:-1]))[there]
        places, each = _ranges(self._first[known], self._first[known + 1])
        met = np.zeros(len(joined.begins) * self._number, dtype=np.bool_)
        met[:: self._number] = True
        met[(at * self._number)[each] + self._needs[places]] = True
        return met.reshape(-1, self._number)


def _ranges(begin: NDArray[np.intp], end: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All numbers of the half-open ranges, one range after the other, and which range each is of."""
    counts = end - begin
    each = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(each)) + (begin - np.cumsum(counts) + counts)[each], each


def _pieces(texts: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Of one of the texts the first and the last two characters must be there."""
    return frozenset(text[:2] for text in texts), frozenset(text[-2:] for text in texts)
