"""What a line carries beside speech: tones of the network, keys that are pressed, and hold music, by their spectra.

A tone is one partial that keeps its pitch to a few hertz (450 Hz in Chinese networks: ringing 1 s on and 4 s off, busy
0.35 s on and off; GB/T 3380), a key is a pair of partials (ITU-T Q.23), and in music notes hold their pitch longer
than any syllable does, so that the fine structure of the spectrum is still there an eighth of a second later. A
person's voice glides. Music with a singer in front is not found, nor is music that is much softer than a voice over
it; with one about as loud it is found, and the words are taken from that voice.

On the 62 recordings of the fixtures none of 18,509 spoken words lies in what is found, and of 164 s of music 128 s are;
of synthetic music 90 % on a good line, 64 % on a fair and 33 % on a poor one (`benchmarks.tones`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.transcript import LineSound, SoundKind
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, HeardWord, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Real = NDArray[np.float32]

# Chosen on the fixtures and on synthetic music over three qualities of line: there 1.5 s of speech reach 0.31, of music
# alone seldom less than 0.55, and of speech 12 dB over music 0.5.
LEAST_SUSTAINED = 0.55
LEAST_PURITY = 0.85
"""The share of a frame's energy that its tone or its pair of tones holds."""

_BAND_HZ = (200, 3_800)
_AT_ONCE = 2_000  # frames
_QUIET_DB = -55.0

_FRAME, _HOP = 1024, 256  # 64 ms, 16 ms
_TONE_HZ = (380, 2_200)
"""Above a hummed 嗯, up to the tone of a fax."""
_TONE_FRAMES, _TONE_DRIFT_HZ = 12, 4.0
_ROWS_HZ, _COLUMNS_HZ = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEY_TOLERANCE, _KEY_FRAMES, _LEAST_SHARE = 0.018, 3, 0.1

_LONG, _LONG_HOP = 2048, 512  # 128 ms, 32 ms
_LATER = _LONG // _LONG_HOP
_ENVELOPE = 31  # bins: 240 Hz, wider than between two partials of a voice
_AROUND = 47  # frames of 32 ms: 1.5 s
_LEAST_MUSIC_MS = 2_000
_SYLLABLE_MS = 100
"""No syllable is shorter."""
_EDGE_MS = 300
"""So near to its edge music may already be somebody's voice."""


def line_sounds(audio: Samples, channel: int = 0) -> tuple[LineSound, ...]:
    """The sounds of one channel (16 kHz) by their start; `channel` is its number."""
    found = (replace(sound, channel=channel) for sound in (*_tones(audio), *_music(audio)))
    return tuple(sorted(found, key=lambda sound: (sound.start_ms, sound.end_ms, sound.kind)))


def in_sounds(words: Sequence[HeardWord], sounds: Sequence[LineSound]) -> list[bool]:
    """Which words lie wholly in a sound, or in several with no room for a syllable between them."""
    joined: list[tuple[int, int]] = []
    for sound in sorted(sounds, key=lambda sound: sound.start_ms):
        if joined and sound.start_ms - joined[-1][1] < _SYLLABLE_MS:
            joined[-1] = joined[-1][0], max(joined[-1][1], sound.end_ms)
        else:
            joined.append((sound.start_ms, sound.end_ms))
    return [any(start_ms <= word.start_ms and word.end_ms <= end_ms for start_ms, end_ms in joined) for word in words]


def tones_fingerprint() -> str:
    """Changes whenever what is found could."""
    return f"{LEAST_SUSTAINED}/{LEAST_PURITY}/2"


def _tones(audio: Samples) -> Iterator[LineSound]:
    import numpy as np

    pitch, tone, key = (np.concatenate(column) for column in zip(*_analysed(audio), strict=True))
    steady = tone & (np.abs(np.diff(pitch, prepend=pitch[:1])) <= _TONE_DRIFT_HZ)
    for kind, found, least in ((SoundKind.TONE, steady, _TONE_FRAMES), (SoundKind.KEY, key, _KEY_FRAMES)):
        for first, last in _runs(found):
            if last - first >= least:
                yield LineSound(kind, _ms(first * _HOP), _ms((last - 1) * _HOP + _FRAME))


def _analysed(audio: Samples) -> Iterator[tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]]:
    """Of each frame the pitch of its strongest partial, whether it is a tone, and whether it is a key."""
    import numpy as np

    low = _BAND_HZ[0] * _FRAME // SAMPLE_RATE_HZ
    for power, loud in _spectra(audio, _FRAME, _HOP):
        total = power.sum(1) + 1e-12
        first_hz, first = _strongest(power, low)
        second_hz, second = _strongest(power, low)  # what is left: the strongest is taken out
        lower, upper = np.minimum(first_hz, second_hz), np.maximum(first_hz, second_hz)
        tone = loud & (first >= LEAST_PURITY * total) & (first_hz >= _TONE_HZ[0]) & (first_hz <= _TONE_HZ[1])
        pair = loud & (first + second >= LEAST_PURITY * total) & (second >= _LEAST_SHARE * total)
        yield first_hz, tone, pair & _near(lower, _ROWS_HZ) & _near(upper, _COLUMNS_HZ)


def _strongest(power: Real, low: int) -> tuple[NDArray[np.float64], Real]:
    """The pitch and energy of each frame's strongest partial, which is taken out of `power`; bin 0 is bin `low`."""
    import numpy as np

    at = power.argmax(1).clip(2, power.shape[1] - 3)
    rows = np.arange(len(power))
    around = at[:, None] + np.arange(-2, 3)
    left, middle, right = (np.log(power[rows, at + shift] + 1e-12) for shift in (-1, 0, 1))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-6)
    energy = power[rows[:, None], around].sum(1)
    power[rows[:, None], around] = 0
    return (at + low + shift.clip(-1, 1)) * SAMPLE_RATE_HZ / _FRAME, energy


def _near(pitch_hz: NDArray[np.float64], wanted_hz: tuple[int, ...]) -> NDArray[np.bool_]:
    import numpy as np

    nearest = np.abs(pitch_hz[:, None] / np.array(wanted_hz) - 1).min(1)
    return np.asarray(nearest <= _KEY_TOLERANCE)


def _music(audio: Samples) -> Iterator[LineSound]:
    import numpy as np

    alike = np.concatenate([np.zeros(_LATER, np.float32), *_sustained(audio)])
    if len(alike) < _AROUND:
        return
    padded = np.pad(np.cumsum(alike, dtype=np.float64), (1, 0))
    mean = (padded[_AROUND:] - padded[:-_AROUND]) / _AROUND
    for first, last in _runs(mean >= LEAST_SUSTAINED):
        start_ms = _ms((first + _AROUND // 2) * _LONG_HOP) + _EDGE_MS
        end_ms = _ms((last + _AROUND // 2) * _LONG_HOP) - _EDGE_MS
        if end_ms - start_ms >= _LEAST_MUSIC_MS:
            yield LineSound(SoundKind.MUSIC, start_ms, end_ms)


def _sustained(audio: Samples) -> Iterator[Real]:
    """How alike the fine structure of each spectrum is to that of an eighth of a second before; 0 where it is quiet."""
    import numpy as np

    before: tuple[Real, NDArray[np.bool_]] | None = None
    for power, loud in _spectra(audio, _LONG, _LONG_HOP):
        shape = np.sqrt(np.sqrt(power))
        padded = np.pad(shape, ((0, 0), (_ENVELOPE // 2 + 1, _ENVELOPE // 2)), mode="edge")
        sums = np.cumsum(padded, axis=1)
        fine = shape / ((sums[:, _ENVELOPE:] - sums[:, :-_ENVELOPE]) / _ENVELOPE + 1e-6) - 1
        fine /= np.linalg.norm(fine, axis=1, keepdims=True) + 1e-9
        if before is not None:
            fine, loud = np.concatenate([before[0], fine]), np.concatenate([before[1], loud])
        alike = np.einsum("ij,ij->i", fine[_LATER:], fine[:-_LATER])
        yield np.where(loud[_LATER:] & loud[:-_LATER], alike, 0)
        before = fine[-_LATER:], loud[-_LATER:]


def _spectra(audio: Samples, size: int, hop: int) -> Iterator[tuple[Real, NDArray[np.bool_]]]:
    """Power in the telephone's band, frames x bins, some frames at a time, and which frames are loud."""
    import numpy as np

    low, high = (hz * size // SAMPLE_RATE_HZ for hz in _BAND_HZ)
    frames = len(audio) // hop + 1
    shape = np.hanning(size).astype(np.float32)
    for first in range(0, frames, _AT_ONCE):
        length = (min(_AT_ONCE, frames - first) - 1) * hop + size
        block = audio[first * hop : first * hop + length]
        part = np.lib.stride_tricks.sliding_window_view(np.pad(block, (0, length - len(block))), size)[::hop]
        spectrum = np.fft.rfft(part * shape)[:, low:high]
        level = np.einsum("ij,ij->i", part, part) / size
        yield (spectrum.real**2 + spectrum.imag**2).astype(np.float32), level > 10 ** (_QUIET_DB / 10)


def _runs(found: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open runs of frames in which something is found."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], found, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _ms(sample: int) -> int:
    return sample * 1000 // SAMPLE_RATE_HZ
