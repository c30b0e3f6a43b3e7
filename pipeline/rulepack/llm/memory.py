"""Answers that were given before, so that the same question is never paid for twice and a re-run gives the same."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from pipeline.rulepack.llm.question import Answer

MOST_IN_MEMORY = 10_000


@dataclass(frozen=True, slots=True)
class AnswerMemory:
    """Answers by the digest of what was asked: in memory, and where `folder` is given one JSON file each as well.

    Quotes in the files are of masked text. Several writers may share a folder: a file appears whole or not at all. A
    damaged file counts as none, and a folder that cannot be written costs the memory of a later run, no answer.
    """

    folder: Path | None = None
    _known: dict[str, Answer] = field(default_factory=dict, repr=False)

    def get(self, digest: str) -> Answer | None:
        """The answer to what has this digest."""
        if digest not in self._known and self.folder is not None:
            with suppress(OSError, ValidationError):
                self._keep(digest, Answer.model_validate_json(self._path(self.folder, digest).read_bytes()))
        return self._known.get(digest)

    def put(self, digest: str, answer: Answer) -> None:
        """Remembers an answer."""
        self._keep(digest, answer)
        if self.folder is not None:
            with suppress(OSError):
                _write(self._path(self.folder, digest), answer.model_dump_json().encode())

    def _keep(self, digest: str, answer: Answer) -> None:
        if len(self._known) >= MOST_IN_MEMORY:
            del self._known[next(iter(self._known))]
        self._known[digest] = answer

    @staticmethod
    def _path(folder: Path, digest: str) -> Path:
        return folder / digest[:2] / f"{digest}.json"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
