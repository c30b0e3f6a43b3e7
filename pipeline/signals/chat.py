"""What a chat's times tell: first reply, and gaps between messages. Of either only starts are known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.domain.transcript import Role, Turn


def first_reply_ms(turns: Sequence[Turn]) -> int | None:
    """From the customer's first message to the agent's next one; None where either is missing or has no time."""
    asked = next((i for i, t in enumerate(turns) if t.role is Role.CUSTOMER), None)
    if asked is None:
        return None
    replied = next((t for t in turns[asked + 1 :] if t.role is Role.AGENT), None)
    return None if replied is None else _gap_ms(turns[asked], replied)


def gaps_ms(turns: Sequence[Turn]) -> tuple[int | None, ...] | None:
    """Before each message the time since the one before; None for the first, and where times are missing or run back.

    None where no message has a time.
    """
    if all(turn.start_ms is None for turn in turns):
        return None
    return (None, *(_gap_ms(before, turn) for before, turn in pairwise(turns)))


def _gap_ms(before: Turn, turn: Turn) -> int | None:
    if before.start_ms is None or turn.start_ms is None or turn.start_ms < before.start_ms:
        return None
    return turn.start_ms - before.start_ms
