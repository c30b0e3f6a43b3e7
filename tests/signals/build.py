"""Short ways to write turns with times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.call import Channel
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Transcript, Turn, Word
from pipeline.signals import measure

ROLES = {"客服": Role.AGENT, "客户": Role.CUSTOMER, "系统": Role.SYSTEM, "其他": Role.OTHER}
SWAPPED = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}

Line = tuple[str, str, int | None, int | None]


def turns_of(*lines: Line) -> tuple[Turn, ...]:
    """Turns without words, from `(speaker, text, start_ms, end_ms)`."""
    return tuple(Turn(i, ROLES[who], text, start, end) for i, (who, text, start, end) in enumerate(lines))


def spoken(index: int, who: str, *pieces: tuple[str, int, int]) -> Turn:
    """A turn with words: each piece's characters share its time evenly."""
    text = "".join(p[0] for p in pieces)
    words: list[Word] = []
    for piece, start_ms, end_ms in pieces:
        for i, char in enumerate(piece):
            step = (end_ms - start_ms) // len(piece)
            end = end_ms if i == len(piece) - 1 else start_ms + (i + 1) * step
            words.append(Word(char, start_ms + i * step, end, 0.9, len(words), len(words) + 1))
    return Turn(index, ROLES[who], text, pieces[0][1], pieces[-1][2], tuple(words))


def voice(turns: Sequence[Turn], *, duration_ms: int | None = None, roles_known: bool = True) -> Signals:
    """What is measured on a recording of these turns."""
    transcript = Transcript(turns=tuple(turns), engine="test", duration_ms=duration_ms, roles_known=roles_known)
    return measure(transcript, channel=Channel.VOICE)


def swapped(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The same call with agent and customer in each other's place."""
    return tuple(replace(t, role=SWAPPED.get(t.role, t.role)) for t in turns)


def quiet(signals: Signals) -> list[tuple[int, int, int | None, int | None]]:
    """When nobody speaks, and between which turns."""
    assert signals.silences is not None
    return [(s.start_ms, s.end_ms, s.after_turn, s.before_turn) for s in signals.silences]


def timed(signals: Signals) -> Signals:
    """Without what needs no times, or only starts."""
    return replace(
        signals,
        replies=None,
        lengths_chars=None,
        gaps_ms=None,
        agent_chars=None,
        customer_chars=None,
        agent_talk_share=None,
        customer_talk_share=None,
    )
