"""All turns of a call as one text, so that an automaton or a pattern passes over a call once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pipeline.domain.verdict import MatchKind
from pipeline.text import NormalText, encode

SEPARATOR = "\n"


@dataclass(frozen=True)
class JoinedText:
    """`text` is the turns' normal texts with a separator between them; `begins[i]` is where turn i begins in it."""

    text: str
    begins: tuple[int, ...]

    @cached_property
    def sound(self) -> str:
        """`text` encoded by sound, as long as it."""
        return encode(self.text)

    def turns_of(self, kind: MatchKind) -> tuple[bytes, ...]:
        """Each turn in UTF-8: its text for PATTERN, its sound for SOUND."""
        return self._texts if kind is MatchKind.PATTERN else self._sounds

    @cached_property
    def _texts(self) -> tuple[bytes, ...]:
        return tuple(turn.encode() for turn in self.text.split(SEPARATOR))

    @cached_property
    def _sounds(self) -> tuple[bytes, ...]:
        return tuple(turn.encode() for turn in self.sound.split(SEPARATOR))

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """`(turn, start, end)` in the turn's normal text of a span that lies within one turn."""
        turn = bisect_right(self.begins, start) - 1
        return turn, start - self.begins[turn], end - self.begins[turn]


def join(turns: Iterable[NormalText]) -> JoinedText:
    """The turns in one text."""
    begins: list[int] = []
    at = 0
    texts = [t.text for t in turns]
    for text in texts:
        begins.append(at)
        at += len(text) + len(SEPARATOR)
    return JoinedText(SEPARATOR.join(texts), tuple(begins))
