"""What the tests read out of a Markdown file: fenced blocks with their marks, and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.assets import asset

ROOT = asset(".").resolve()

_FENCE = re.compile(
    r"^(?:<!-- *(?P<mark>\S+) *-->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_CODE_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `mark` is the HTML comment on the line above it; `line` is where it begins, from 1."""

    mark: str | None
    language: str
    text: str
    line: int


def blocks(path: Path) -> tuple[Block, ...]:
    """Every fenced block of the file, in order."""
    written = path.read_text(encoding="utf-8")
    return tuple(
        Block(m["mark"], m["language"], m["text"], written.count("\n", 0, m.start("text")) + 1)
        for m in _FENCE.finditer(written)
    )


def shell_commands(path: Path) -> Iterator[tuple[str, ...]]:
    """The words of each command line in the `sh` blocks, without comments."""
    for block in blocks(path):
        if block.language == "sh":
            yield from (tuple(words) for line in block.text.splitlines() if (words := shlex.split(line, comments=True)))


def links(path: Path) -> Iterator[str]:
    """The targets of the links in the prose, code left out."""
    prose = _CODE_SPAN.sub("", _FENCE.sub("", path.read_text(encoding="utf-8")))
    yield from _LINK.findall(prose)
