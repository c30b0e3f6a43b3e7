"""What was said: words with times and probabilities, turns, and the whole transcript."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIN_ROLE_CONFIDENCE = 0.8
"""Under it a turn may be the other side's, so what is found in it is not sure."""


class Role(StrEnum):
    """Who speaks. `system` is an announcement or bot; `other` is a voice that is neither side."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    OTHER = "other"


class Quarantine(StrEnum):
    """Why text is set apart: it is kept with its times and never judged.

    All but the last were probably said by nobody. `no_voice`: no voice was detected there; `silence`: the recogniser
    believes that nobody speaks; `unsure`: it finds its own words improbable; `repeated`: it went round in circles;
    `too_fast`: nobody can speak so fast; `stock`: a line that it is known to invent; `line_sound`: written over a
    tone, a dialled key or music. `crosstalk`: the other speaker's voice on this one's channel, judged where it is said.
    """

    NO_VOICE = "no_voice"
    SILENCE = "silence"
    UNSURE = "unsure"
    REPEATED = "repeated"
    TOO_FAST = "too_fast"
    STOCK = "stock"
    LINE_SOUND = "line_sound"
    CROSSTALK = "crosstalk"


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word, for Chinese usually one character.

    `start_ms`, `end_ms`: half-open span from the start of the recording. `probability`: the recogniser's, 0 to 1.
    `char_start`, `char_end`: half-open span of the word in its turn's `text`. `spoken`: what was recognised where it is
    written otherwise (三百二十六 for 326), else empty.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float
    char_start: int
    char_end: int
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says until the other one does.

    `index` counts from 0 in time order. Times are None where the source gives none (chats may give only starts).
    `words` is empty for text channels; then every character counts as certain.
    `quarantine`: why the text is set apart and never judged, None where it is not. `back_channel` marks a listener's
    嗯 or 对 that takes no turn.
    `role_confidence`: how likely it is that this role said it, 0 to 1; 1 where nobody had to guess.
    `level_dbfs`: how loud the recording has it, in dB of full scale; `pitch_hz`: the voice's median pitch; None where
    they were not measured.
    """

    index: int
    role: Role
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    words: tuple[Word, ...] = ()
    quarantine: Quarantine | None = None
    role_confidence: float = 1.0
    back_channel: bool = False
    level_dbfs: float | None = None
    pitch_hz: float | None = None

    @property
    def quarantined(self) -> bool:
        """True for text that must not be judged."""
        return self.quarantine is not None


class SoundKind(StrEnum):
    """What is heard: a tone of the network, a pressed key, or music."""

    TONE = "tone"
    KEY = "key"
    MUSIC = "music"


@dataclass(frozen=True, slots=True)
class LineSound:
    """Something that nobody says, on `channel`, during the half-open `[start_ms, end_ms)`."""

    kind: SoundKind
    start_ms: int
    end_ms: int
    channel: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """How one channel of a recording was.

    `role` is who speaks on it, None where nobody knows or both do. `speech_dbfs` and `noise_dbfs` are the levels while
    somebody talks there and while nobody does, in dB of full scale; `snr_db` is how far speech stands above the noise.
    `clipped_share` is the share of its loud moments, 0 to 1, whose peaks were cut off. None where it could not be
    measured.
    """

    channel: int
    role: Role | None
    speech_dbfs: float | None = None
    noise_dbfs: float | None = None
    clipped_share: float | None = None

    @property
    def snr_db(self) -> float | None:
        if self.speech_dbfs is None or self.noise_dbfs is None:
            return None
        return round(self.speech_dbfs - self.noise_dbfs, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The turns of a call in time order.

    `engine` is the fingerprint of what wrote it: model, version and options, or `given` for a ready transcript.
    `duration_ms` is the recording's length. `roles_known` is False where the speakers could not be told apart or it
    is doubtful who is who: then no rule about a role may be judged, and `roles_note` says why, in Chinese.
    `one_channel`: both speakers share a channel, so nobody can tell when they speak at once. `sounds` are the tones,
    keys and music on the line by their start, and `lines` how each channel was; None where no recording was heard.
    """

    turns: tuple[Turn, ...]
    engine: str
    duration_ms: int | None = None
    roles_known: bool = True
    roles_note: str = ""
    one_channel: bool = False
    sounds: tuple[LineSound, ...] | None = None
    lines: tuple[Line, ...] | None = None

    @property
    def quarantined_share(self) -> float:
        """The share of what was written, in characters, that was probably said by nobody; a leaked voice counts not."""
        written = [
            (sum(map(str.isalnum, t.text)), t.quarantined)
            for t in self.turns
            if t.quarantine is not Quarantine.CROSSTALK
        ]
        return sum(n for n, apart in written if apart) / max(1, sum(n for n, _ in written))

    @property
    def has_times(self) -> bool:
        """True when every turn has a start and an end."""
        return bool(self.turns) and all(t.start_ms is not None and t.end_ms is not None for t in self.turns)
