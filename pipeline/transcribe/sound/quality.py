"""How each channel of a recording was: its level of speech and of noise, and how much of the speech is clipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.domain.transcript import Line, LineSound, Role, Turn
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples
from pipeline.transcribe.sound.levels import FRAME_MS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.transcribe.sound.levels import Levels

LEAST_MS = 1_000
"""Of less speech, or of less quiet, no level is told."""
AWAY_MS = 300
"""So near to a word or a sound on the line what is heard may still belong to it."""
NEAR_CEILING = 0.89
"""1 dB: of speech that is not clipped hardly a sample in a thousand lies so near to the highest."""
CEILING_PERCENTILE = 99.8
"""Of the peaks of 10 ms of speech: above it may be a click."""

_FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1000
_BLOCK_FRAMES = 6_000
Span = tuple[int, int]


def quality_fingerprint() -> str:
    """Changes whenever a figure could."""
    return f"{LEAST_MS}/{AWAY_MS}/{NEAR_CEILING}/{CEILING_PERCENTILE}/1"


def line_quality(
    turns: Sequence[Turn],
    channels: Sequence[Samples],
    levels: Sequence[Levels],
    sounds: Iterable[LineSound],
    sides: Mapping[Role, int],
) -> tuple[Line, ...]:
    """One for each channel (16 kHz).

    `levels` are the channels' own, `sounds` those on the line, and `sides` says on which channel a role is heard; a
    channel on which two are has no role. Noise is what is heard while nobody on any channel speaks and nothing sounds.
    """
    spoken = [(word.start_ms, word.end_ms) for turn in turns for word in turn.words]
    quiet = [*spoken, *((sound.start_ms, sound.end_ms) for sound in sounds)]
    found = []
    for channel, (audio, own) in enumerate(zip(channels, levels, strict=True)):
        roles = [role for role, side in sides.items() if side == channel]
        said = spoken if len(channels) == 1 else _said(turns, roles)
        found.append(_line(channel, roles[0] if len(roles) == 1 else None, audio, own, said, quiet))
    return tuple(found)


def _said(turns: Sequence[Turn], roles: Sequence[Role]) -> list[Span]:
    own = (turn for turn in turns if turn.role in roles and not turn.quarantined)
    return [(word.start_ms, word.end_ms) for turn in own for word in turn.words]


def _line(
    channel: int, role: Role | None, audio: Samples, levels: Levels, said: Iterable[Span], heard: Iterable[Span]
) -> Line:
    import numpy as np

    speech, silent = _within(said, len(levels)), ~_within(heard, len(levels), AWAY_MS)
    least = LEAST_MS // FRAME_MS
    speech_dbfs = noise_dbfs = clipped = None
    if speech.sum() >= least:
        speech_dbfs = round(float(10 * np.log10(np.mean(10 ** (levels[speech] / 10)))), 2)
        clipped = _clipped_share(audio, speech)
    if silent.sum() >= least:
        noise_dbfs = round(float(np.median(levels[silent])), 2)
    return Line(channel, role, speech_dbfs, noise_dbfs, clipped)


def _within(spans: Iterable[Span], frames: int, margin_ms: int = 0) -> NDArray[np.bool_]:
    import numpy as np

    inside = np.zeros(frames, bool)
    for start_ms, end_ms in spans:
        inside[max(0, start_ms - margin_ms) // FRAME_MS : max(0, -(-(end_ms + margin_ms) // FRAME_MS))] = True
    return inside


def _clipped_share(audio: Samples, speech: NDArray[np.bool_]) -> float | None:
    """The share of samples of speech that lie within 1 dB of the ceiling; None where all is silent."""
    import numpy as np

    peaks = np.concatenate([frames.max(1) for frames in _frames(audio, speech)])
    ceiling = float(np.percentile(peaks, CEILING_PERCENTILE))
    if not ceiling:
        return None
    loud = sum(int((frames >= NEAR_CEILING * ceiling).sum()) for frames in _frames(audio, speech))
    return round(loud / (int(speech.sum()) * _FRAME), 5)


def _frames(audio: Samples, speech: NDArray[np.bool_]) -> Iterator[NDArray[np.float32]]:
    """The magnitudes of the frames of speech, some at a time."""
    import numpy as np

    for first in range(0, len(speech), _BLOCK_FRAMES):
        chosen = speech[first : first + _BLOCK_FRAMES]
        if chosen.any():
            block = audio[first * _FRAME : (first + len(chosen)) * _FRAME].reshape(-1, _FRAME)
            yield np.abs(block[chosen])
