"""What was measured from times: silences, overlaps, speaking rates."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.transcript import Role


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks in `[start_ms, end_ms)`. The turns are indexes; None at the edge of the call."""

    start_ms: int
    end_ms: int
    after_turn: int | None
    before_turn: int | None

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Overlap:
    """`by` starts talking in `turn` while the speaker of `over_turn` is talking.

    `held_ms` is how long the speaker of `over_turn` had been talking. `backchannel` is a short 嗯 or 对
    that does not take the floor.
    """

    start_ms: int
    end_ms: int
    by: Role
    turn: int
    over_turn: int
    held_ms: int
    backchannel: bool

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """The numbers of one call; None where the source allows no measurement (no times, a text channel).

    `rates_cpm` has one entry per turn: Chinese characters (and latin words) per minute of speech, None for a turn
    too short to tell; `loudness_db` and `pitch_semitones` how much louder and higher it is than the median of that
    speaker's turns in this call. `*_rate_cpm` is over all speech of that role; `*_talk_ms` its talking time.
    """

    duration_ms: int | None = None
    silences: tuple[Silence, ...] | None = None
    overlaps: tuple[Overlap, ...] | None = None
    rates_cpm: tuple[float | None, ...] | None = None
    loudness_db: tuple[float | None, ...] | None = None
    pitch_semitones: tuple[float | None, ...] | None = None
    agent_rate_cpm: float | None = None
    customer_rate_cpm: float | None = None
    agent_talk_ms: int | None = None
    customer_talk_ms: int | None = None
    silence_ms: int | None = None
    longest_silence_ms: int | None = None
    first_reply_ms: int | None = None


__all__ = ["Overlap", "Role", "Signals", "Silence"]
