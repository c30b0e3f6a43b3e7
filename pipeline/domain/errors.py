"""What can go wrong by a user's doing: one tree, each problem saying what, where and what to do, in Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Stable codes: they stand in the `failures` table and in scripts that read it."""

    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    FILE_UNREADABLE = "file_unreadable"
    FILE_UNWRITABLE = "file_unwritable"
    PATH_OUTSIDE = "path_outside"
    NOT_AUDIO = "not_audio"
    AUDIO_TRUNCATED = "audio_truncated"
    AUDIO_NO_SPEECH_TRACK = "audio_no_speech_track"
    BAD_ENCODING = "bad_encoding"
    BAD_FORMAT = "bad_format"
    MISSING_COLUMN = "missing_column"
    MISSING_VALUE = "missing_value"
    BAD_VALUE = "bad_value"
    DUPLICATE_CALL = "duplicate_call"
    NO_CALLS = "no_calls"
    MODEL_UNAVAILABLE = "model_unavailable"
    MODEL_INVALID = "model_invalid"
    RULE_INVALID = "rule_invalid"
    SHEET_INVALID = "sheet_invalid"
    LAKE_INVALID = "lake_invalid"
    LAKE_BUSY = "lake_busy"
    SETTING_INVALID = "setting_invalid"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `row` is the 1-based line a person sees in the file, `column` its header or key."""

    code: ProblemCode
    what: str
    remedy: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    call_id: str | None = None

    @property
    def where(self) -> str:
        """`文件 第 3 行 列“path”`, as much of it as is known."""
        parts = [self.file or ""]
        if self.row is not None:
            parts.append(f"第 {self.row} 行")
        if self.column is not None:
            parts.append(f"列“{self.column}”")
        if self.call_id is not None:
            parts.append(f"通话 {self.call_id}")
        return " ".join(p for p in parts if p)

    def __str__(self) -> str:
        where = self.where
        return f"{where + ': ' if where else ''}{self.what}。{self.remedy}"


class UserError(Exception):
    """The root of everything a user can mend. Carries all problems found, never only the first."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class InputError(UserError):
    """A manifest, folder or transcript that cannot be read."""


class AudioError(UserError):
    """A recording that cannot be decoded."""


class ModelError(UserError):
    """A model that is missing or not what it should be."""


class RuleError(UserError):
    """A rule pack or score sheet that is not valid."""


class LakeError(UserError):
    """A lake that cannot be read or written."""
