"""What a speech recogniser hands over, and what it and a teller of voices must be able to do. Tests bring their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Quarantine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.transcribe.voices.speakers import Speakers

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the recogniser wrote it; a leading space in `text` sets a latin word off from the one before.

    `start_ms`, `end_ms`: half-open span from the start of the recording, inside its segment's span and never before
    the end of the word in front. `probability`: 0 to 1. `voice`: how surely somebody speaks there, 0 to 1.
    `certainty`: how likely it is that this voice says it, where two share a channel. `quarantine`: why it is set apart.
    """

    text: str
    start_ms: int
    end_ms: int
    probability: float
    voice: float = 1.0
    certainty: float = 1.0
    quarantine: Quarantine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What was heard in one stretch of speech, with the recogniser's own doubts about it.

    `mean_log_probability` is over the tokens (natural logarithm); `no_speech_probability` is the recogniser's belief
    that nobody speaks; `compression_ratio` is the text's length over its length after zlib, high when it repeats.
    """

    start_ms: int
    end_ms: int
    words: tuple[HeardWord, ...]
    mean_log_probability: float
    no_speech_probability: float
    compression_ratio: float

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)


class Samples(Protocol):
    """A channel of 16 kHz mono float32 within about -1 to 1: an array, or parts read when asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> NDArray[np.float32]: ...


Result: TypeAlias = "list[list[Segment]] | ModelError"
"""The segments of each channel of a recording in time order, or why there are none."""


class Engine(Protocol):
    """Turns voices into words. Deterministic: the same arrays and the same fingerprint give the same segments."""

    @property
    def fingerprint(self) -> str:
        """Model, versions and options; changes whenever the output could."""
        ...

    def transcribe(self, recordings: Iterable[Sequence[Samples]], /) -> Iterator[Result]:
        """The result for each recording (its channels), in their order.

        Recordings may be taken ahead, in another thread, and recognised together; what taking them raises is raised.
        A recogniser that breaks down (such as a graphics card without memory left) costs the recordings that it was at.
        """
        ...


class Separator(Protocol):
    """Tells two voices on one channel apart in its own way, such as pyannote with a user's weights."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever an answer could."""
        ...

    def separate(self, audio: Samples, spoken: Iterable[tuple[int, int]], /) -> Speakers:
        """As `speakers.separate`. Raises ModelError when it broke down."""
        ...
