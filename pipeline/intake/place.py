"""Where something stands in what the user handed in, what is found there, and why it may be refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, ProblemCode

_QUOTE_CHARS = 60
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # would break a terminal, or its encoding


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not taken and what to do about it; a `Place` adds where it stands."""

    what: str
    remedy: str
    code: ProblemCode = ProblemCode.BAD_VALUE


class RefusedError(Exception):
    """A value, row or file that cannot be taken. Caught within the room, where it becomes a `Problem`."""

    def __init__(self, what: str, remedy: str, *, code: ProblemCode = ProblemCode.BAD_VALUE) -> None:
        super().__init__(what)
        self.refusal = Refusal(what, remedy, code)

    @classmethod
    def of(cls, refusal: Refusal) -> RefusedError:
        return cls(refusal.what, refusal.remedy, code=refusal.code)


@dataclass(frozen=True, slots=True)
class Place:
    """A file, by its name relative to the handed path's parent, and a row of it as a person counts."""

    file: str
    row: int | None = None

    @property
    def source(self) -> str:
        """`manifest.csv:3`, or the bare name where the file is the call."""
        return self.file if self.row is None else f"{self.file}:{self.row}"

    def problem(self, refusal: Refusal, *, column: str | None = None, call_id: str | None = None) -> Problem:
        return Problem(
            code=refusal.code,
            what=_shown(refusal.what),
            remedy=refusal.remedy,
            file=self.file,
            row=self.row,
            column=None if column is None else _shown(column),
            call_id=call_id,
        )

    def error(self, refusal: Refusal, *, column: str | None = None) -> InputError:
        """The refusal of the whole file."""
        return InputError(self.problem(refusal, column=column))


@dataclass(frozen=True, slots=True)
class Found:
    """A call and the place where it stands."""

    place: Place
    call: Call


Items = Iterator[Found | Problem]


def quoted(text: str) -> str:
    """The user's own text inside a message: in 「」, and shortened."""
    return f"「{text if len(text) <= _QUOTE_CHARS else text[:_QUOTE_CHARS] + '…'}」"


def _shown(text: str) -> str:
    return _UNSHOWN.sub("\ufffd", text)
