"""The logic of rules: and, or, not, `n of`, then; three-valued, with the reason kept for what is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Truth(IntEnum):
    """FALSE and TRUE, and three kinds of unknown; the larger unknown decides which one a mixture is.

    ABSENT: there is nothing to judge (no timing in a chat). UNJUDGED: there is, but it could not be judged.
    DOUBTFUL: a match too weak to rest a decision on; a person can settle it.
    """

    FALSE = 0
    TRUE = 1
    ABSENT = 2
    UNJUDGED = 3
    DOUBTFUL = 4

    @property
    def known(self) -> bool:
        return self in (Truth.FALSE, Truth.TRUE)


def truth_not(a: Truth) -> Truth:
    """Kleene's negation: the unknown stays unknown."""
    return {Truth.FALSE: Truth.TRUE, Truth.TRUE: Truth.FALSE}.get(a, a)


def truth_at_least(n: int, values: Sequence[Truth]) -> Truth:
    """True when at least `n` are true whatever the unknown ones are, false when that cannot be."""
    sure = sum(v is Truth.TRUE for v in values)
    unknown = [v for v in values if not v.known]
    if sure >= n:
        return Truth.TRUE
    return max(unknown) if sure + len(unknown) >= n else Truth.FALSE


def truth_and(values: Sequence[Truth]) -> Truth:
    """Kleene's conjunction."""
    return truth_at_least(len(values), values)


def truth_or(values: Sequence[Truth]) -> Truth:
    """Kleene's disjunction."""
    return truth_at_least(1, values)


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`n of (…)`; `and` is all of them, `or` one of them."""

    n: int
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Then:
    """`second` starts after `first` ends; `within_ms` bounds the time from that end to that start."""

    first: Expression
    second: Expression
    within_ms: int | None = None


Expression = Check | Not | AtLeast | Then


class ExpressionError(ValueError):
    """The text is no expression; the message is Chinese and names the place."""


_TOKEN = re.compile(r"\s*(?:(?P<word>[\w.-]+)|(?P<mark>[(),]))")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min)")
_UNIT_MS = {"ms": 1, "s": 1000, "min": 60_000}
_RESERVED = frozenset({"and", "or", "not", "then", "of", "within"})


def duration_ms(text: str) -> int:
    """`12s`, `800ms`, `2min` as milliseconds. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text}”不是时长,应写成 12s、800ms 或 2min")
    return round(float(match[1]) * _UNIT_MS[match[2]])


def parse(text: str) -> Expression:
    """The expression that `text` writes. Binding, loosest first: or, and, then, not. Raises ExpressionError."""
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"表达式“{text}”第 {at + 1} 个字符起无法识别")
        tokens.append(match.group().strip())
        at = match.end()
    if len(tokens) > 500 or tokens.count("(") > 40:
        raise ExpressionError("表达式太长(超过 500 个词或 40 层括号),请拆成几条规则")
    parser = _Parser(text, tokens)
    expression = parser.parse_or()
    if parser.peek() is not None:
        raise ExpressionError(f"表达式“{text}”中“{parser.peek()}”的位置不对")
    return expression


class _Parser:
    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text, self._tokens, self._at = text, tokens, 0

    def peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if token is None or (wanted is not None and token != wanted):
            what = f"“{wanted}”" if wanted else "检查项的名字"
            raise ExpressionError(f"表达式“{self._text}”中缺少{what}")
        self._at += 1
        return token

    def parse_or(self) -> Expression:
        parts = [self._parse_and()]
        while self.peek() == "or":
            self._take()
            parts.append(self._parse_and())
        return parts[0] if len(parts) == 1 else AtLeast(1, tuple(parts))

    def _parse_and(self) -> Expression:
        parts = [self._parse_then()]
        while self.peek() == "and":
            self._take()
            parts.append(self._parse_then())
        return parts[0] if len(parts) == 1 else AtLeast(len(parts), tuple(parts))

    def _parse_then(self) -> Expression:
        left = self._parse_not()
        while self.peek() == "then":
            self._take()
            right = self._parse_not()
            within: int | None = None
            if self.peek() == "within":
                self._take()
                try:
                    within = duration_ms(self._take())
                except ValueError as error:
                    raise ExpressionError(str(error)) from None
            left = Then(left, right, within)
        return left

    def _parse_not(self) -> Expression:
        negations = 0
        while self.peek() == "not":
            self._take()
            negations += 1
        inner = self._parse_atom()
        for _ in range(negations % 2):
            inner = Not(inner)
        return inner

    def _parse_atom(self) -> Expression:
        if self.peek() == "(":
            self._take()
            inner = self.parse_or()
            self._take(")")
            return inner
        token = self._take()
        if token.isdigit() and self.peek() == "of":
            return self._parse_at_least(int(token))
        if token in _RESERVED or token in {")", ","}:
            raise ExpressionError(f"表达式“{self._text}”中“{token}”前缺少检查项")
        return Check(token)

    def _parse_at_least(self, n: int) -> Expression:
        self._take("of")
        self._take("(")
        parts = [self.parse_or()]
        while self.peek() == ",":
            self._take()
            parts.append(self.parse_or())
        self._take(")")
        if not 1 <= n <= len(parts):
            raise ExpressionError(f"表达式“{self._text}”:{len(parts)} 项中不能要求 {n} 项")
        return AtLeast(n, tuple(parts))


def leaves(expression: Expression, *, positive: bool = True) -> Iterator[tuple[str, bool]]:
    """Every check named, with False where a `not` stands over it."""
    if isinstance(expression, Check):
        yield expression.name, positive
    elif isinstance(expression, Not):
        yield from leaves(expression.inner, positive=not positive)
    else:
        parts = expression.parts if isinstance(expression, AtLeast) else (expression.first, expression.second)
        for part in parts:
            yield from leaves(part, positive=positive)
