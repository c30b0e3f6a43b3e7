"""How a turn is said against how its speaker otherwise speaks in the call."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from pipeline.domain.transcript import Role, Turn

LEAST_TURNS = 4
"""Of fewer turns of a speaker none is the usual one."""
LEAST_IN_THIRD = 2
"""Turns that the first and the last third of a call need each for a rise to be told."""

LOUD_DB = 4.5
"""Over the softer half of the speaker's turns, so that one who is loud for half the call is still found. People who
raise their voice speak some 6 dB louder than usual, loudly some 12 dB, shouting some 20 dB (ANSI S3.5-1997); a
telephone's level control takes part of that away. Chosen: no recording of people who shout was at hand."""
SHOUTED_SEMITONES = 2.0
"""Who shouts is loud and high at once; who moved nearer to the microphone is only loud."""
SHOUTED_DB = 12.0
"""So loud nobody is but who shouts, however high."""

Relative = tuple[float | None, ...]
"""Of each turn, against the median of its speaker's turns; None where nothing was measured."""


def loudness_db(turns: Sequence[Turn]) -> Relative | None:
    """Of each turn, in dB above the median of its speaker's turns; None where nothing was measured."""
    return _relative(turns, _level_dbfs)


def pitch_semitones(turns: Sequence[Turn]) -> Relative | None:
    """Of each turn, in semitones above the median of its speaker's turns; None where nothing was measured."""
    return _relative(turns, _semitones)


def shouted(turns: Sequence[Turn]) -> tuple[bool | None, ...] | None:
    """Which turns are shouted; None where the loudness is not known, or is high and the pitch is not known."""
    louder = _relative(turns, _level_dbfs, _of_softer_half)
    if louder is None:
        return None
    return tuple(map(_is_shouted, louder, pitch_semitones(turns) or (None,) * len(louder)))


def loudness_rise_db(turns: Sequence[Turn], role: Role) -> float | None:
    """The median level of the last third of a speaker's turns over that of the first third."""
    return _rise(turns, role, _level_dbfs)


def pitch_rise_semitones(turns: Sequence[Turn], role: Role) -> float | None:
    """The median pitch of the last third of a speaker's turns over that of the first third."""
    return _rise(turns, role, _semitones)


def _level_dbfs(turn: Turn) -> float | None:
    return turn.level_dbfs


def _semitones(turn: Turn) -> float | None:
    return None if turn.pitch_hz is None else 12 * math.log2(turn.pitch_hz)


def _is_shouted(louder_db: float | None, higher: float | None) -> bool | None:
    if louder_db is None:
        return None
    if not LOUD_DB <= louder_db < SHOUTED_DB:
        return louder_db >= SHOUTED_DB
    return None if higher is None else higher >= SHOUTED_SEMITONES


def _of_softer_half(levels: Sequence[float]) -> float:
    return median(sorted(levels)[: (len(levels) + 1) // 2])


def _measured(turns: Sequence[Turn], role: Role, figure: Callable[[Turn], float | None]) -> list[float]:
    return [v for turn in turns if turn.role is role and (v := figure(turn)) is not None]


def _rise(turns: Sequence[Turn], role: Role, figure: Callable[[Turn], float | None]) -> float | None:
    values = _measured(turns, role, figure)
    third = len(values) // 3
    return round(median(values[-third:]) - median(values[:third]), 2) if third >= LEAST_IN_THIRD else None


def _relative(
    turns: Sequence[Turn],
    figure: Callable[[Turn], float | None],
    of: Callable[[Sequence[float]], float] = median,
) -> Relative | None:
    """Each turn's figure over what `of` makes of those of its speaker."""
    usual: dict[Role, float] = {}
    for role in (Role.AGENT, Role.CUSTOMER):
        own = _measured(turns, role, figure)
        if len(own) >= LEAST_TURNS:
            usual[role] = of(own)
    if not usual:
        return None
    values = ((turn.role, figure(turn)) for turn in turns)
    return tuple(None if v is None or role not in usual else round(v - usual[role], 2) for role, v in values)
