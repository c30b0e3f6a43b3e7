"""The vote of the voice: whether a turn sounds raised against how its speaker otherwise sounds in the call.

A raised voice is louder, higher and a little faster. It is not yet anger: joy and a noisy street raise it too. Whoever
raises it in more than three turns of four makes that their usual voice, and is not found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.domain.emotion import VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE, Role, Turn
from pipeline.signals.delivery import LEAST_TURNS

RAISED_SHARE = 0.1
"""How many turns are raised before anything is measured. Chosen: no labelled recordings of real calls were at hand."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a measure says: normal about 0 in usual turns and about `shift` in raised ones, with one `spread`."""

    spread: float
    shift: float

    def evidence(self, value: float) -> float:
        """How much likelier `value` is in a raised turn: a natural logarithm, bounded, rising with `value`."""
        evidence = self.shift / self.spread**2 * (value - self.shift / 2)
        return min(max(evidence, _BOUNDS[0]), _BOUNDS[1])


LOUDNESS_DB = Cue(spread=2.0, shift=5.0)
"""Spread: usual turns differ by 1.2 dB in the fixtures, phrases of people who read by 1.1, stretches of real talk by
2.7 (few: 32 and 13). Shift: the fixtures' loud turns, performed 7 dB louder, lie 5.7 dB (median) above their speaker's
usual turn, which they themselves raise. All measured by `benchmarks/emotion_voice.py`."""

SOFTER_HALF_DB = 0.67 * LOUDNESS_DB.spread
"""So far below the median of all turns lies, where none is raised, the median of their softer half (a quartile of a
normal distribution). Where it lies lower, many turns are raised, and the median with them."""

PITCH_SEMITONES = Cue(spread=2.0, shift=2.0)
"""Spread, measured likewise: 0.6 in the fixtures, 1.1 of readers, 2.1 in talk. Shift: 0.4 for a decibel. From talking
to calling far away the level rises by 30 dB and the pitch by an octave (Andersson, Eriksson, Traunmüller 1996, TMH-QPSR
2/1996, 127 to 130)."""

PACE_OCTAVES = Cue(spread=0.3, shift=0.15)
"""Chosen so that it says little: raised speech is often faster, but calling out lengthens vowels (as above). The spread
in the fixtures, whose synthetic voices are steady, is 0.11."""

_BOUNDS = (-2.0, 4.0)
"""One measure alone proves nothing: a line may even out levels, and a slammed door is loud."""


def voice_votes(turns: Sequence[Turn], signals: Signals) -> tuple[VoiceVote | None, ...]:
    """One vote per turn, from the loudness, pitch and rate in `signals`, which are those of `turns`.

    None where neither loudness nor pitch was measured (a rate is also known of written transcripts with times), and
    where it is doubtful who speaks, so that the turn may have been compared with somebody else.
    """
    none = (None,) * len(turns)
    higher = signals.pitch_semitones or none
    louder = _above_usual_db(turns, signals.loudness_db or none, higher)
    faster = _rate_ratios(turns, signals.rates_cpm or none)
    return tuple(map(_vote, turns, louder, higher, faster))


def raised_probability(
    *, loudness_db: float | None = None, pitch_semitones: float | None = None, rate_ratio: float | None = None
) -> float:
    """How probable it is, 0 to 1, that a turn is raised; each measure is relative to its speaker's usual turn.

    It rises with each of them. The measures' evidence is added up, as if they were independent; one that is None adds
    none.
    """
    log_odds = math.log(RAISED_SHARE / (1 - RAISED_SHARE))
    octaves = None if rate_ratio is None else math.log2(rate_ratio)
    for cue, value in ((LOUDNESS_DB, loudness_db), (PITCH_SEMITONES, pitch_semitones), (PACE_OCTAVES, octaves)):
        if value is not None:
            log_odds += cue.evidence(value)
    return 1 / (1 + math.exp(-log_odds))


def _vote(
    turn: Turn, loudness_db: float | None, pitch_semitones: float | None, rate_ratio: float | None
) -> VoiceVote | None:
    if loudness_db is None and pitch_semitones is None:
        return None
    if turn.quarantined or turn.role_confidence < MIN_ROLE_CONFIDENCE:
        return None
    return VoiceVote(
        raised=raised_probability(loudness_db=loudness_db, pitch_semitones=pitch_semitones, rate_ratio=rate_ratio),
        loudness_db=loudness_db,
        pitch_semitones=pitch_semitones,
        rate_ratio=rate_ratio,
    )


def _above_usual_db(
    turns: Sequence[Turn], louder_db: Sequence[float | None], higher: Sequence[float | None]
) -> list[float | None]:
    """What stands above the speaker's median, against a usual level that is lower where half the turns are raised.

    That level is sought among turns with a pitch: what has none is too often a breath or the other side's voice. It is
    at most `LOUDNESS_DB.shift` below the median.
    """
    voiced_db = [db if pitch is not None else None for db, pitch in zip(louder_db, higher, strict=True)]
    usual_db = {
        role: min(0.0, max(median(_softer_half(own)) + SOFTER_HALF_DB, -LOUDNESS_DB.shift))
        for role in (Role.AGENT, Role.CUSTOMER)
        if len(own := _of(role, turns, voiced_db)) >= LEAST_TURNS
    }
    return [
        None if db is None else db - usual_db.get(turn.role, 0.0) for turn, db in zip(turns, louder_db, strict=True)
    ]


def _softer_half(levels: Sequence[float]) -> list[float]:
    return sorted(levels)[: (len(levels) + 1) // 2]


def _rate_ratios(turns: Sequence[Turn], rates_cpm: Sequence[float | None]) -> list[float | None]:
    """Of each turn, its rate over the median of its speaker's turns; None where one of the two is not known."""
    usual_cpm = {
        role: median(own)
        for role in (Role.AGENT, Role.CUSTOMER)
        if len(own := _of(role, turns, rates_cpm)) >= LEAST_TURNS
    }
    return [
        None if rate is None or turn.role not in usual_cpm else rate / usual_cpm[turn.role]
        for turn, rate in zip(turns, rates_cpm, strict=True)
    ]


def _of(role: Role, turns: Sequence[Turn], values: Sequence[float | None]) -> list[float]:
    return [value for turn, value in zip(turns, values, strict=True) if turn.role is role and value is not None]
