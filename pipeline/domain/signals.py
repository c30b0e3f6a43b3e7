"""What was measured of a call: silences, overlaps, replies, speaking rates, how it was said, and how its line was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.transcript import Line, Role


class SilenceReason(StrEnum):
    """What explains a silence: the agent asked to wait, or music is played."""

    HOLD_PHRASE = "hold_phrase"
    MUSIC = "music"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks in `[start_ms, end_ms)`. The turns are indexes; None at the edge of the call.

    `expected`: whose turn it was to speak, None where nobody can say. `explained_by`: None where nothing explains it.
    """

    start_ms: int
    end_ms: int
    after_turn: int | None
    before_turn: int | None
    expected: Role | None = None
    explained_by: SilenceReason | None = None

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


class OverlapKind(StrEnum):
    """What it is when somebody begins while another is talking (after Beattie 1982, Semiotica 39).

    `interruption`: takes the floor, the other one stops. `attempt`: talks over the other, who goes on and keeps the
    floor. `back_channel`: a listener's 嗯 or 对. `simultaneous`: both begin at once. `turn_change`: begins when the
    other is about to end anyway.
    """

    INTERRUPTION = "interruption"
    ATTEMPT = "attempt"
    BACK_CHANNEL = "back_channel"
    SIMULTANEOUS = "simultaneous"
    TURN_CHANGE = "turn_change"


@dataclass(frozen=True, slots=True)
class Overlap:
    """`by` starts talking in `turn` while the speaker of `over_turn` is talking.

    `held_ms` is how long the speaker of `over_turn` had been talking.
    """

    start_ms: int
    end_ms: int
    by: Role
    turn: int
    over_turn: int
    held_ms: int
    kind: OverlapKind

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Reply:
    """`by` replies in `turn` to `asked_turn` after `wait_ms`.

    On the phone the wait lasts from the end of the other's words, and is negative where they overlap; in a chat from
    the first message not yet answered. `turn` is None where a chat's message is not answered; then `wait_ms` is how
    long it has waited at least. `wait_ms` is None where times are missing. `unheard`: something was said meanwhile that
    could not be recognised, so that the reply may have come sooner.
    """

    by: Role
    asked_turn: int
    turn: int | None
    wait_ms: int | None
    unheard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """The numbers of one call; None where the source allows no measurement (no times, a text channel).

    One entry per turn have: `rates_cpm`, Chinese characters (and latin words) per minute of speech, None for a turn too
    short to tell, and `rates_with_pauses_cpm`, the same with the pauses within the turn; `loudness_db` and
    `pitch_semitones`, how much louder and higher it is than the median of that speaker's turns in this call;
    `shouted`, whether it is shouted; `lengths_chars`, without marks, spaces and 嗯; `gaps_ms`, in a chat the time since
    the message before.

    `*_rate_cpm` is over all speech of that role, `*_talk_ms` its talking time, `*_talk_share` its share, 0 to 1, of
    what both say: of the talking time, in a chat of the characters. `*_loudness_rise_db` and
    `*_pitch_rise_semitones` are the median of the last third of a speaker's turns over that of the first third.
    `lines` are the recording's channels.
    """

    duration_ms: int | None = None
    silences: tuple[Silence, ...] | None = None
    overlaps: tuple[Overlap, ...] | None = None
    replies: tuple[Reply, ...] | None = None
    rates_cpm: tuple[float | None, ...] | None = None
    rates_with_pauses_cpm: tuple[float | None, ...] | None = None
    loudness_db: tuple[float | None, ...] | None = None
    pitch_semitones: tuple[float | None, ...] | None = None
    shouted: tuple[bool | None, ...] | None = None
    lengths_chars: tuple[int, ...] | None = None
    gaps_ms: tuple[int | None, ...] | None = None
    agent_rate_cpm: float | None = None
    customer_rate_cpm: float | None = None
    agent_rate_with_pauses_cpm: float | None = None
    customer_rate_with_pauses_cpm: float | None = None
    agent_talk_ms: int | None = None
    customer_talk_ms: int | None = None
    agent_chars: int | None = None
    customer_chars: int | None = None
    agent_talk_share: float | None = None
    customer_talk_share: float | None = None
    agent_loudness_rise_db: float | None = None
    customer_loudness_rise_db: float | None = None
    agent_pitch_rise_semitones: float | None = None
    customer_pitch_rise_semitones: float | None = None
    silence_ms: int | None = None
    longest_silence_ms: int | None = None
    first_reply_ms: int | None = None
    lines: tuple[Line, ...] | None = None
