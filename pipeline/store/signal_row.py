"""The row of the table `signals`: the numbers of one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from pipeline.domain.signals import OverlapKind, Signals, Silence, SilenceReason
from pipeline.domain.transcript import Role
from pipeline.store.inspected import InspectedCall
from pipeline.store.schemas import Row

LONG_SILENCE_MS = 3_000
"""What `signals.silences_over_3s` counts: longer than this, whoever should have spoken."""

_SIDES = (Role.AGENT, Role.CUSTOMER)
_OVERLAP_COLUMNS = {
    "interruptions": OverlapKind.INTERRUPTION,
    "interruption_attempts": OverlapKind.ATTEMPT,
    "backchannels": OverlapKind.BACK_CHANNEL,
    "simultaneous_starts": OverlapKind.SIMULTANEOUS,
    "early_starts": OverlapKind.TURN_CHANGE,
}
"""What is counted of overlaps, under which name."""


def signal_row(one: InspectedCall) -> Row:
    """The numbers of the call; a count is None, not 0, where nothing could be measured.

    Overlaps are counted by who begins and by their kind, silences by whose turn it was and whether something explains
    them.
    """
    signals = one.signals
    raised = [None if emotion is None else emotion.raised for emotion in one.emotions]
    return {
        "call_id": one.call.call_id,
        "duration_ms": signals.duration_ms,
        **_silence_cells(signals, roles_known=one.transcript.roles_known),
        **_overlap_cells(signals),
        "agent_talk_ms": signals.agent_talk_ms,
        "customer_talk_ms": signals.customer_talk_ms,
        "agent_chars": signals.agent_chars,
        "customer_chars": signals.customer_chars,
        "agent_talk_share": signals.agent_talk_share,
        "customer_talk_share": signals.customer_talk_share,
        "agent_rate_cpm": signals.agent_rate_cpm,
        "customer_rate_cpm": signals.customer_rate_cpm,
        "agent_rate_with_pauses_cpm": signals.agent_rate_with_pauses_cpm,
        "customer_rate_with_pauses_cpm": signals.customer_rate_with_pauses_cpm,
        **{f"{role}_median_reply_ms": _median_reply_ms(signals, role) for role in _SIDES},
        "agent_loudness_rise_db": signals.agent_loudness_rise_db,
        "customer_loudness_rise_db": signals.customer_loudness_rise_db,
        "agent_pitch_rise_semitones": signals.agent_pitch_rise_semitones,
        "customer_pitch_rise_semitones": signals.customer_pitch_rise_semitones,
        **{f"{role}_raised_turns": _turns_of(one, role, raised) for role in _SIDES},
        **{f"{role}_shouted_turns": _turns_of(one, role, signals.shouted) for role in _SIDES},
        **_line_cells(signals),
        "first_reply_ms": signals.first_reply_ms,
        "longest_gap_ms": max((gap for gap in signals.gaps_ms or () if gap is not None), default=None),
        "engine": one.transcript.engine,
        "run_id": one.provenance.run_id,
    }


def _silence_cells(signals: Signals, *, roles_known: bool) -> Row:
    silences = signals.silences
    long = None if silences is None else [s for s in silences if s.length_ms > LONG_SILENCE_MS]
    told = long if roles_known else None
    return {
        "silence_ms": signals.silence_ms,
        "longest_silence_ms": signals.longest_silence_ms,
        "silences_over_3s": None if long is None else len(long),
        "silences_over_3s_agent_expected": _count(told, lambda s: s.expected is Role.AGENT),
        "silences_over_3s_customer_expected": _count(told, lambda s: s.expected is Role.CUSTOMER),
        "silences_over_3s_hold_phrase": _count(long, lambda s: s.explained_by is SilenceReason.HOLD_PHRASE),
        "silences_over_3s_music": _count(long, lambda s: s.explained_by is SilenceReason.MUSIC),
    }


def _overlap_cells(signals: Signals) -> Row:
    overlaps = signals.overlaps
    by_kind = None if overlaps is None else Counter((overlap.by, overlap.kind) for overlap in overlaps)
    counted = {
        f"{role}_{name}": None if by_kind is None else by_kind[role, kind]
        for name, kind in _OVERLAP_COLUMNS.items()
        for role in _SIDES
    }
    return counted | {"overlap_ms": None if overlaps is None else sum(overlap.length_ms for overlap in overlaps)}


def _line_cells(signals: Signals) -> Row:
    """Of the channel that is the role's own; both share one where there is only one."""
    lines = signals.lines or ()
    cells: dict[str, Any] = {}
    for role in _SIDES:
        line = next((x for x in lines if x.role is role or (len(lines) == 1 and x.role is None)), None)
        cells[f"{role}_noise_dbfs"] = line and line.noise_dbfs
        cells[f"{role}_snr_db"] = line and line.snr_db
        cells[f"{role}_clipped_share"] = line and line.clipped_share
    return cells


def _median_reply_ms(signals: Signals, role: Role) -> float | None:
    waits = [r.wait_ms for r in signals.replies or () if r.by is role and r.turn is not None and r.wait_ms is not None]
    return float(median(waits)) if waits else None


def _turns_of(one: InspectedCall, role: Role, marks: Sequence[bool | None] | None) -> int | None:
    """How many turns of a role are marked; None where of none is known whether it is."""
    own = [mark for turn, mark in zip(one.transcript.turns, marks or (), strict=False) if turn.role is role]
    known = [mark for mark in own if mark is not None]
    return sum(known) if known else None


def _count(silences: Sequence[Silence] | None, wanted: Callable[[Silence], bool]) -> int | None:
    return None if silences is None else sum(map(wanted, silences))
