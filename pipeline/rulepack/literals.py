"""Texts without which a regular expression cannot match: one of them must be there, so that most are never run.

After R. Cox, Regular Expression Matching with a Trigram Index (2012). Only what is understood for certain counts: an
expression with anything else in it has no such texts, and is always run.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

MOST = 64
"""Texts that are kept apart for one expression; more are given up for shorter ones."""
MOST_SETS = 5
_MOST_OF_CLASS = 24
_EMPTY = frozenset({""})
_NOTHING_WIDE = frozenset("bBAz")


Texts: TypeAlias = frozenset[str]


class _UnknownError(Exception):
    """The expression has something in it that this does not understand."""


@dataclass(frozen=True, slots=True)
class _Found:
    """`exact`: all that the part can match, if it is known. `needed`: of each set one is in whatever it matches."""

    exact: Texts | None
    needed: tuple[Texts, ...] = ()

    @property
    def requirement(self) -> tuple[Texts, ...]:
        """The sets of which one text each must be there, the most telling first; empty where nothing must."""
        if self.exact is None:
            return self.needed
        return () if "" in self.exact else (self.exact,)


_ANYTHING = _Found(None)


def required(pattern: str) -> tuple[Texts, ...]:
    """Of each set at least one text is in every match, the most telling set first; empty where nothing is known."""
    reader = _Reader(pattern)
    try:
        found = reader.alternatives()
    except (_UnknownError, IndexError, RecursionError):
        return ()
    return found.requirement if reader.at == len(pattern) else ()


def branches(pattern: str) -> list[str]:
    """The alternatives of the whole expression; the expression itself where it is not understood."""
    reader = _Reader(pattern)
    found, start = [], 0
    try:
        while True:
            reader.sequence()
            found.append(pattern[start : reader.at])
            if reader.at == len(pattern):
                return found
            if pattern[reader.at] != "|":
                return [pattern]
            reader.at += 1
            start = reader.at
    except (_UnknownError, IndexError, RecursionError):
        return [pattern]


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def alternatives(self) -> _Found:
        branches = [self.sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        if all(branch.exact is not None for branch in branches):
            exact: Texts = frozenset().union(*(branch.exact or () for branch in branches))
            if len(exact) <= MOST:
                return _Found(exact)
        needs = [branch.requirement for branch in branches]
        if not all(needs):
            return _ANYTHING
        # The branches need different things: of each the most telling, together.
        together: Texts = frozenset().union(*(need[0] for need in needs))
        return _Found(None, (together,))

    def sequence(self) -> _Found:
        run, needed, whole = _EMPTY, list[Texts](), True
        while (char := self._peek()) is not None and char not in "|)":
            part = self._repeated()
            if part.exact is not None and len(run) * len(part.exact) <= MOST:
                run = frozenset(a + b for a, b in product(run, part.exact))
                continue
            whole = False
            needed.append(run)
            if part.exact is None:
                needed += part.needed
                run = _EMPTY
            else:
                run = part.exact
        return _Found(run) if whole else _Found(None, _most_telling([*needed, run]))

    def _repeated(self) -> _Found:
        found = self._atom()
        while (sign := self._peek()) is not None and sign in "?*+{":
            least, most = self._count()
            if self._peek() == "?":
                self.at += 1
            if (least, most) == (1, 1):
                continue
            if least == 0:
                found = _Found(found.exact | _EMPTY) if most == 1 and found.exact is not None else _ANYTHING
            else:
                found = _Found(None, found.requirement)
        return found

    def _count(self) -> tuple[int, int | None]:
        sign = self._next()
        if sign != "{":
            return {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        end = self._pattern.index("}", self.at) if "}" in self._pattern[self.at :] else -1
        least, comma, most = self._pattern[self.at : end].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            raise _UnknownError
        self.at = end + 1
        return int(least), int(most) if most else (None if comma else int(least))

    def _atom(self) -> _Found:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char == ".":
            return _ANYTHING
        if char in "?*+{":
            raise _UnknownError
        return _Found(_EMPTY if char in "^$" else frozenset({char}))

    def _group(self) -> _Found:
        if self._peek() == "?":
            if self._pattern.startswith("?:", self.at):
                self.at += 2
            elif self._pattern.startswith("?P<", self.at):
                self.at = (
                    self._pattern.index(">", self.at) + 1 if ">" in self._pattern[self.at :] else len(self._pattern)
                )
            else:
                raise _UnknownError
        found = self.alternatives()
        if self._next() != ")":
            raise _UnknownError
        return found

    def _class(self) -> _Found:
        chars: set[str] = set()
        known = self._peek() != "^"
        self.at += not known
        first = True
        while (char := self._next()) != "]" or first:
            first = False
            if char == "[" and self._peek() == ":":
                raise _UnknownError
            if char == "\\":
                char = self._next()
                known = known and not char.isalnum()
            if self._peek() == "-" and self._pattern[self.at + 1] != "]":
                self.at += 1
                last = self._next()
                if last == "\\" or ord(last) - ord(char) > _MOST_OF_CLASS:
                    known = False
                else:
                    chars.update(map(chr, range(ord(char), ord(last) + 1)))
            else:
                chars.add(char)
        return _Found(frozenset(chars)) if known and len(chars) <= _MOST_OF_CLASS else _ANYTHING

    def _escape(self) -> _Found:
        char = self._next()
        if char in _NOTHING_WIDE:
            return _Found(_EMPTY)
        if char in "dDwWsS":
            return _ANYTHING
        if char.isalnum():
            raise _UnknownError
        return _Found(frozenset({char}))

    def _peek(self) -> str | None:
        return self._pattern[self.at] if self.at < len(self._pattern) else None

    def _next(self) -> str:
        char = self._pattern[self.at]
        self.at += 1
        return char


def _most_telling(needed: list[Texts]) -> tuple[Texts, ...]:
    """Those that rule out most in front: whose shortest text is longer, then which have fewer."""
    known = {texts for texts in needed if texts and "" not in texts}
    return tuple(sorted(known, key=lambda texts: (-min(map(len, texts)), len(texts), sorted(texts)))[:MOST_SETS])
