"""Half-open spans of time, and the stretches of them in which somebody speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.domain.transcript import Role, Turn, Word

PAUSE_MS = 500
"""Words closer than this are one stretch of speech: stops and breaths between syllables are not pauses."""
BREATH_MS = 200
"""From here on a listener may take a gap for the end: what studies of turn-taking count as one (180 ms and 200 ms in
Heldner & Edlund 2010, Journal of Phonetics 38)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`text` of turn `turn` is spoken without a pause during `[start_ms, end_ms)`, which is never empty.

    `before_ms` is how long the same turn had been speaking before this stretch. `breaths` are the pauses of
    `BREATH_MS` and more in it, too short to part it.
    """

    start_ms: int
    end_ms: int
    turn: int
    role: Role
    text: str
    before_ms: int
    breaths: tuple[tuple[int, int], ...] = ()

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def is_timed(turn: Turn) -> bool:
    """Whether it is known when the turn was spoken."""
    return bool(turn.words) or (turn.start_ms is not None and turn.end_ms is not None)


def stretches(turn: Turn) -> tuple[Stretch, ...]:
    """The stretches of a turn in order.

    They follow the words where the turn has words, so that a pause of `PAUSE_MS` within the turn parts them; else the
    whole turn is one. A turn that lasts no time, or whose time is not known, has none.
    """
    found: list[Stretch] = []
    spoken_ms = 0
    for start_ms, end_ms, text, breaths in _pieces(turn):
        found.append(Stretch(start_ms, end_ms, turn.index, turn.role, text, spoken_ms, breaths))
        spoken_ms += end_ms - start_ms
    return tuple(found)


def covered_ms(found: Iterable[Stretch]) -> int:
    """How long anybody speaks in them; time that several share counts once."""
    covered = 0
    until_ms: int | None = None
    for stretch in sorted(found, key=lambda s: s.start_ms):
        start_ms = stretch.start_ms if until_ms is None else max(stretch.start_ms, until_ms)
        covered += max(0, stretch.end_ms - start_ms)
        until_ms = max(start_ms, stretch.end_ms)
    return covered


_Piece = tuple[int, int, str, tuple[tuple[int, int], ...]]


def _pieces(turn: Turn) -> Iterable[_Piece]:
    words = sorted((w for w in turn.words if w.end_ms > w.start_ms), key=lambda w: (w.start_ms, w.end_ms))
    if words:
        return [_piece(turn, group) for group in _groups(words)]
    if turn.start_ms is None or turn.end_ms is None or turn.end_ms <= turn.start_ms:
        return []
    return [(turn.start_ms, turn.end_ms, turn.text, ())]


def _groups(words: list[Word]) -> Iterable[list[Word]]:
    group: list[Word] = []
    until_ms = 0
    for word in words:
        if group and word.start_ms - until_ms >= PAUSE_MS:
            yield group
            group = []
        until_ms = max(until_ms, word.end_ms) if group else word.end_ms
        group.append(word)
    yield group


def _piece(turn: Turn, words: list[Word]) -> _Piece:
    start, end = min(w.char_start for w in words), max(w.char_end for w in words)
    return words[0].start_ms, max(w.end_ms for w in words), turn.text[start:end], tuple(_breaths(words))


def _breaths(words: list[Word]) -> Iterator[tuple[int, int]]:
    until_ms = words[0].end_ms
    for word in words[1:]:
        if word.start_ms - until_ms >= BREATH_MS:
            yield until_ms, word.start_ms
        until_ms = max(until_ms, word.end_ms)
