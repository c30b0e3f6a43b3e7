"""Words that last as long as they are heard: a recogniser's times are off where a speaker begins and ends.

Alignment gives a word the quiet before it or behind it, a quarter of a second and more, and what is found about pauses,
interruptions and speaking rates rests on just these edges. So next to a pause a word begins and ends where its
channel's level rises out of the line's noise and falls back. A voice that leaks from the other channel is no sound of
this one's, and a word with no other sound in it is set apart.

On conversations put together from the fixtures (`benchmarks.signals`) the F1 of silences and interruptions found
within 200 ms was 0.77 and 0.60 with the recogniser's own times, and speaking rates were 5 % too low. The limits were
chosen on these conversations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.sound.levels import FRAME_MS
from pipeline.transcribe.turns import Heard, Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.transcribe.sound.levels import Levels

    Frames = NDArray[np.bool_]

LEAST_OVER_NOISE_DB = 6.0
OVER_NOISE = 0.2
"""Of the way from the noise to speech: from there on something is heard."""
MOST_UNDER_SPEECH_DB = 35.0
"""So far below speech nothing is, however quiet the line."""
LEAKED_DB = 10.0
"""What the other channel has so much louder, and one's own voice too, is the other speaker's. One who is softer all the
time, under a louder one, is still heard."""
LEAST_QUIET_MS = 120
"""Of a word within fluent speech: shorter quiet is a stop consonant's."""
LEAST_GAP_MS = 100
"""A gap before or behind a word from which on it stands at a pause."""
MOST_MORE_MS = 800
"""So far beyond a word's edge its sound may reach into the pause: the last syllables of one who breaks off are often
not recognised."""
MOST_DIP_MS, MOST_CLOSED_MS = 80, 200
"""Shorter quiet does not end a sound beyond a word, and within a word."""
LEAST_WORD_MS = 40

_AWAY_MS = 400
_LEAST_NOISE_FRAMES = 50
_SMOOTH = 3


def edges_fingerprint() -> str:
    """Changes whenever a word's time could."""
    limits = f"{LEAST_OVER_NOISE_DB}/{OVER_NOISE}/{MOST_UNDER_SPEECH_DB}/{LEAKED_DB}/{LEAST_QUIET_MS}/{LEAST_GAP_MS}"
    return f"{limits}/{MOST_MORE_MS}/{MOST_DIP_MS}/{MOST_CLOSED_MS}/2"


def with_edges(voices: Sequence[Voice], levels: Sequence[Levels]) -> tuple[Voice, ...]:
    """The voices with the times of their words as the `levels` of their channels have them; what is set apart stays.

    No word passes another of its voice, and none becomes shorter than 40 ms. A voice without a channel stays.
    """
    found = []
    heard: dict[int, tuple[Frames, Frames]] = {}
    for voice in voices:
        side = voice.channel
        if side is not None:
            heard[side] = heard.get(side) or _heard(side, voices, levels)
            voice = _edged(_without_leaks(voice, *heard[side]), heard[side][0])
        found.append(voice)
    return tuple(found)


def _without_leaks(voice: Voice, audible: Frames, leaking: Frames) -> Voice:
    kept: list[HeardWord] = []
    apart = [*voice.heard.apart]
    for word in voice.heard.words:
        within = slice(word.start_ms // FRAME_MS, -(-word.end_ms // FRAME_MS))
        if not audible[within].any() and leaking[within].any():
            apart.append(replace(word, quarantine=Quarantine.CROSSTALK))
        else:
            kept.append(word)
    return replace(voice, heard=Heard(tuple(kept), tuple(sorted(apart, key=lambda word: word.start_ms))))


def _edged(voice: Voice, audible: Frames) -> Voice:
    words = voice.heard.words
    edged: list[HeardWord] = []
    for index, word in enumerate(words):
        from_ms = edged[-1].end_ms if edged else 0
        until_ms = words[index + 1].start_ms if index + 1 < len(words) else len(audible) * FRAME_MS
        edged.append(_fitted(word, audible, max(from_ms, 0), max(until_ms, word.end_ms)))
    return replace(voice, heard=replace(voice.heard, words=tuple(edged)))


def _fitted(word: HeardWord, audible: Frames, from_ms: int, until_ms: int) -> HeardWord:
    """The word between its neighbours, in the longest stretch of frames in which it is heard without a pause."""
    offset, last = word.start_ms // FRAME_MS, -(-word.end_ms // FRAME_MS)
    heard = max(_sounds(audible[offset:last], MOST_CLOSED_MS), key=lambda sound: sound[1] - sound[0], default=None)
    if heard is None:
        return word
    first, last = offset + heard[0], offset + heard[1]
    start_ms, end_ms = first * FRAME_MS, last * FRAME_MS
    if word.start_ms - from_ms >= LEAST_GAP_MS:
        start_ms = max(from_ms, start_ms - _more_ms(audible[:first][::-1], start_ms - from_ms))
    elif start_ms - word.start_ms < LEAST_QUIET_MS:
        start_ms = word.start_ms
    if until_ms - word.end_ms >= LEAST_GAP_MS:
        end_ms = min(until_ms, end_ms + _more_ms(audible[last:], until_ms - end_ms))
    elif word.end_ms - end_ms < LEAST_QUIET_MS:
        end_ms = word.end_ms
    return replace(word, start_ms=start_ms, end_ms=end_ms) if end_ms - start_ms >= LEAST_WORD_MS else word


def _more_ms(beyond: Frames, room_ms: int) -> int:
    """How long the sound goes on beyond an edge, where the next word is `room_ms` away.

    0 where it goes on for longer than `MOST_MORE_MS` without reaching the next word: then it is somebody else's.
    """
    most = min(room_ms, MOST_MORE_MS) // FRAME_MS
    dip = MOST_DIP_MS // FRAME_MS
    first, last = next(_sounds(beyond[: most + dip + 1], MOST_DIP_MS), (0, 0))
    if first >= dip or (last > most and room_ms > MOST_MORE_MS):
        return 0
    return last * FRAME_MS


def _sounds(audible: Frames, dip_ms: int) -> Iterator[tuple[int, int]]:
    """Half-open runs of audible frames; shorter quiet than `dip_ms` does not part them."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], audible, [False]]).astype(np.int8)))
    start: int | None = None
    end = 0
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if start is not None and (first - end) * FRAME_MS >= dip_ms:
            yield start, end
            start = None
        start, end = first if start is None else start, last
    if start is not None:
        yield start, end


def _heard(side: int, voices: Sequence[Voice], levels: Sequence[Levels]) -> tuple[Frames, Frames]:
    """In which frames of a channel its own speakers are heard, be it in words or not, and in which the other's may."""
    import numpy as np

    own = levels[side]
    said = np.zeros(len(own), bool)
    away = np.ones(len(own), bool)
    for voice in voices:
        for word in (*voice.heard.words, *voice.heard.apart):
            away[max(0, word.start_ms - _AWAY_MS) // FRAME_MS : (word.end_ms + _AWAY_MS) // FRAME_MS] = False
            if voice.channel == side:
                said[word.start_ms // FRAME_MS : word.end_ms // FRAME_MS] = True
    leaking = np.zeros(len(own), bool)
    if not said.any():
        return said, leaking
    noise = float(np.percentile(own, 10))
    if away.sum() >= _LEAST_NOISE_FRAMES:
        noise = min(noise, float(np.percentile(own[away], 20)))  # hold music is no noise
    speech = float(np.percentile(own[said], 70))
    limit = max(noise + max(LEAST_OVER_NOISE_DB, OVER_NOISE * (speech - noise)), speech - MOST_UNDER_SPEECH_DB)
    smooth = _smooth(own)
    for other in (levels[i] for i in range(len(levels)) if i != side):
        leaking |= (_smooth(other) - smooth >= LEAKED_DB) & (speech - smooth >= LEAKED_DB)
    return np.asarray((smooth >= limit) & ~leaking), leaking


def _smooth(levels: Levels) -> Levels:
    """The median of three frames: neither a click nor a dropped packet is an edge."""
    from scipy.ndimage import median_filter

    filtered: Levels = median_filter(levels, _SMOOTH)
    return filtered
