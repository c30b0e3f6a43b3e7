"""Where somebody speaks in a channel, and the windows in which that is recognised.

Voice detection (Silero's, inside faster-whisper) goes through a recording block by block, so that its length decides
nothing about memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples
from pipeline.transcribe.recogniser.options import MAX_WINDOW_S, WHISPER_S

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MIN_SILENCE_MS = 300  # sentence-like windows: the demo model loses sentences in longer ones
_SPEECH_PAD_MS = 300
_BLOCK = 600 * SAMPLE_RATE_HZ  # longer than any window, so that what is heard again is not all of it
_EDGE = SAMPLE_RATE_HZ // 2
"""Speech that ends nearer to a block's end than this may go on in the next block."""
_FILLED_STEP_S = 2
_FRAME = SAMPLE_RATE_HZ // 100
_VAD_FRAME = 512
_MARGIN_S = 1  # of filling after the last sound, as the demo model met it in training


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, in samples. `voice`: the most that voice detection finds in it when it hears nothing else, 0 to 1."""

    start: int
    end: int
    voice: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What is recognised at once: 16 kHz audio, its start, and the speech in it; both counted in the channel."""

    audio: NDArray[np.float32]
    start: int
    speech: tuple[Span, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.audio)


def speech_fingerprint() -> str:
    """Changes whenever other speech could be found."""
    return f"{_MIN_SILENCE_MS}/{_SPEECH_PAD_MS}/{_BLOCK // SAMPLE_RATE_HZ}/alone"


def find_speech(samples: Samples) -> Iterator[Span]:
    """The stretches of speech of a channel, none longer than a window, in order and apart."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_silence_duration_ms=_MIN_SILENCE_MS, speech_pad_ms=_SPEECH_PAD_MS, max_speech_duration_s=MAX_WINDOW_S
    )
    start = 0
    while start < len(samples):
        block = samples[start : start + _BLOCK]
        edge = start + len(block)
        found = [
            Span(start + first, start + last, _voice(block[first:last]))
            for first, last in ((part["start"], part["end"]) for part in get_speech_timestamps(block, options))
        ]
        if edge == len(samples):
            start = edge
        elif found and found[-1].end > edge - _EDGE:
            start = found.pop().start  # heard again, whole
        else:
            start = edge - _EDGE
        yield from found


def _voice(audio: NDArray[np.float32]) -> float:
    """Voice detection remembers what it heard before: after a voice or a chord it takes the next noise for speech."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    return float(get_vad_model()(np.pad(audio, (0, -len(audio) % _VAD_FRAME))).max(initial=0.0))


def cut_windows(samples: Samples, longest_s: int) -> Iterator[Window]:
    """Neighbouring stretches of speech joined, silence between them included, up to `longest_s`; 0 joins none."""
    joined: list[Span] = []
    for stretch in find_speech(samples):
        if joined and stretch.end - joined[0].start > longest_s * SAMPLE_RATE_HZ:
            yield _window(samples, joined)
            joined = []
        joined.append(stretch)
    if joined:
        yield _window(samples, joined)


def _window(samples: Samples, speech: Iterable[Span]) -> Window:
    stretches = tuple(speech)
    start = stretches[0].start
    return Window(samples[start : stretches[-1].end], start, stretches)


def filled_s(samples: int, pad_s: int) -> int:
    """The seconds up to which so many samples are filled up, at least `pad_s`.

    In steps, so that windows recognised together can have one length whatever their company: the words heard in one do
    not depend on the others.
    """
    frames = samples // _FRAME  # as many as the features of so many samples have
    with_margin = -(-frames * _FRAME // SAMPLE_RATE_HZ) + _MARGIN_S
    return min(WHISPER_S, max(pad_s, -(-with_margin // _FILLED_STEP_S) * _FILLED_STEP_S))
