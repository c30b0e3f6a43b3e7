"""Who starts talking while another is talking, and whether that takes the floor."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.signals import Overlap, OverlapKind
from pipeline.domain.transcript import Role
from pipeline.signals.pace import count_syllables
from pipeline.signals.spans import Stretch
from pipeline.text.back_channel import only_acknowledges

BACKCHANNEL_MS = 600
"""Shorter speech does not take the floor: a 嗯 lasts 200 to 500 ms."""

BACKCHANNEL_SYLLABLES = 2

TOGETHER_MS = 250
"""Nobody can hear that the other has begun and hold back in less: a simple reaction to a sound takes about 160 ms, and
a recogniser's word times are off by as much again."""

RESUMED_MS = 100
"""So soon after a breath nobody can tell that the other has gone on."""

TURN_CHANGE_MS = 500
"""About a third of the changes of speaker in telephone talk overlap, most of them by less (Levinson & Torreira 2015,
Frontiers in Psychology 6:731): the next speaker foresees the end, and nobody is interrupted."""


def overlaps(found: Iterable[Stretch]) -> tuple[Overlap, ...]:
    """The overlaps between speakers of different roles, by start.

    A speaker who starts, or starts again after a pause, while the other is talking makes one overlap, which lasts
    until one of the two pauses. Two turns make one overlap, however often their speakers breathe; only a back-channel
    may be followed by another start of the same turn. Where both start at once, the later turn counts as the second.
    """
    talking: dict[Role, Stretch] = {}
    last_by: dict[tuple[int, int], int | None] = {}
    result: list[Overlap] = []
    for second in sorted(found, key=lambda s: (s.start_ms, s.turn)):
        for first in talking.values():
            pair = (min(first.turn, second.turn), max(first.turn, second.turn))
            over = first.role is not second.role and first.end_ms > second.start_ms
            if not over or last_by.get(pair, second.turn) != second.turn:
                continue
            overlap = _overlap(first, second)
            last_by[pair] = second.turn if overlap.kind is OverlapKind.BACK_CHANNEL else None
            result.append(overlap)
        current = talking.get(second.role)
        if current is None or current.end_ms < second.end_ms:
            talking[second.role] = second
    return tuple(sorted(result, key=lambda o: (o.start_ms, o.turn, o.over_turn)))


def _overlap(first: Stretch, second: Stretch) -> Overlap:
    return Overlap(
        start_ms=second.start_ms,
        end_ms=min(first.end_ms, second.end_ms),
        by=second.role,
        turn=second.turn,
        over_turn=first.turn,
        held_ms=first.before_ms + second.start_ms - first.start_ms,
        kind=_kind(first, second),
    )


def _kind(first: Stretch, second: Stretch) -> OverlapKind:
    if _is_backchannel(first, second):
        return OverlapKind.BACK_CHANNEL
    if _together(first, second):
        return OverlapKind.SIMULTANEOUS
    if first.end_ms > second.end_ms:
        return OverlapKind.ATTEMPT
    if first.end_ms - second.start_ms < TURN_CHANGE_MS:
        return OverlapKind.TURN_CHANGE
    return OverlapKind.INTERRUPTION


def _together(first: Stretch, second: Stretch) -> bool:
    """Both begin at once, be it that the one goes on after a breath into which the other began."""
    if second.start_ms - first.start_ms <= TOGETHER_MS:
        return True
    return any(start_ms <= second.start_ms <= end_ms + RESUMED_MS for start_ms, end_ms in first.breaths)


def _is_backchannel(first: Stretch, second: Stretch) -> bool:
    """Too short, only 嗯 or 对, or two characters after which the other one just went on."""
    if second.length_ms < BACKCHANNEL_MS or only_acknowledges(second.text):
        return True
    return second.end_ms < first.end_ms and count_syllables(second.text) <= BACKCHANNEL_SYLLABLES
