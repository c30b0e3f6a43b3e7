"""How a turn is said against how its speaker otherwise speaks in the call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from pipeline.domain.transcript import Role, Turn

LEAST_TURNS = 4
"""Of fewer turns of a speaker none is the usual one."""

_Relative = tuple[float | None, ...]


def loudness_db(turns: Sequence[Turn]) -> _Relative | None:
    """Of each turn, in dB above the median of its speaker's turns; None where nothing was measured."""
    return _relative(turns, lambda turn: turn.level_dbfs)


def pitch_semitones(turns: Sequence[Turn]) -> _Relative | None:
    """Of each turn, in semitones above the median of its speaker's turns; None where nothing was measured."""
    return _relative(turns, lambda turn: None if turn.pitch_hz is None else 12 * math.log2(turn.pitch_hz))


def _relative(turns: Sequence[Turn], measured: Callable[[Turn], float | None]) -> _Relative | None:
    values = [measured(turn) for turn in turns]
    usual: dict[Role, float] = {}
    for role in (Role.AGENT, Role.CUSTOMER):
        own = [v for turn, v in zip(turns, values, strict=True) if turn.role is role and v is not None]
        if len(own) >= LEAST_TURNS:
            usual[role] = median(own)
    if not usual:
        return None
    return tuple(
        None if v is None or turn.role not in usual else round(v - usual[turn.role], 2)
        for turn, v in zip(turns, values, strict=True)
    )
