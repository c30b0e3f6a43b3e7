"""Windows of many recordings recognised in full batches, while the next recordings are decoded and cut.

The work goes in rounds of a fixed amount of audio: one is recognised, one is being prepared in another thread, and what
was too little for a full batch waits one round. So memory is bounded however long a recording is, and which windows
share a batch depends on nothing but the recordings and their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.domain.errors import ModelError
from pipeline.transcribe.engine import Result, Samples, Segment
from pipeline.transcribe.recogniser.windows import Window


@dataclass(frozen=True, slots=True)
class Plan:
    """`batch_size` windows at once that `filled` fills up to one length, in any unit; `workers` batches side by side.

    `round_samples` of audio are prepared while as many are recognised.
    """

    batch_size: int
    workers: int
    round_samples: int
    filled: Callable[[Window], int]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    recording: int
    channel: int
    window: Window


@dataclass(slots=True)
class _Round:
    """`ended`: recordings whose last window was cut, with their number of channels. After the `last` nothing comes."""

    pieces: list[_Piece] = field(default_factory=list)
    ended: dict[int, int] = field(default_factory=dict)
    samples: int = 0
    last: bool = False


def recognise_together(
    recordings: Iterable[Sequence[Samples]],
    cut: Callable[[Samples], Iterator[Window]],
    recognise: Callable[[Sequence[Window]], Sequence[Segment | ModelError]],
    plan: Plan,
) -> Iterator[Result]:
    """The result for each recording, in their order. Whatever `recordings` raises is raised.

    `recordings` is taken from in another thread, about two rounds ahead of what is handed out.
    """
    rounds = _rounds(recordings, cut, plan.round_samples)
    results = _Results()
    waiting: list[_Piece] = []
    # One more than the model works at: its features are computed, or its words put in order, meanwhile.
    with ThreadPoolExecutor(1) as preparing, ThreadPoolExecutor(plan.workers + 1) as recognising:
        coming = preparing.submit(next, rounds)
        now = _Round()
        while not now.last:
            now = coming.result()
            if not now.last:
                coming = preparing.submit(next, rounds)
            results.expect(now)
            batches, waiting = _batches(waiting, now, plan)
            heard = recognising.map(recognise, [[piece.window for piece in batch] for batch in batches])
            for batch, segments in zip(batches, heard, strict=True):
                results.add(batch, segments)
            yield from results.complete()


def _rounds(
    recordings: Iterable[Sequence[Samples]], cut: Callable[[Samples], Iterator[Window]], samples: int
) -> Iterator[_Round]:
    filling = _Round()
    for number, channels in enumerate(recordings):
        for channel, audio in enumerate(channels):
            for window in cut(audio):
                filling.pieces.append(_Piece(number, channel, window))
                filling.samples += len(window.audio)
                if filling.samples >= samples:
                    yield filling
                    filling = _Round()
        filling.ended[number] = len(channels)
    filling.last = True
    yield filling


def _batches(waiting: Sequence[_Piece], now: _Round, plan: Plan) -> tuple[list[list[_Piece]], list[_Piece]]:
    """Full batches of like length, and what waits for the next round; nothing waits twice."""
    alike: defaultdict[int, list[_Piece]] = defaultdict(list)
    for piece in (*waiting, *now.pieces):
        alike[plan.filled(piece.window)].append(piece)
    overdue = {plan.filled(piece.window) for piece in waiting}
    batches: list[list[_Piece]] = []
    later: list[_Piece] = []
    for filled, pieces in sorted(alike.items()):
        pieces.sort(
            key=lambda piece: len(piece.window.audio)
        )  # what is about as long is written in about as many steps
        parts = [pieces[i : i + plan.batch_size] for i in range(0, len(pieces), plan.batch_size)]
        if len(parts[-1]) < plan.batch_size and not now.last and filled not in overdue:
            later += parts.pop()
        batches += parts
    return batches, later


class _Results:
    """What was recognised so far, handed out recording by recording."""

    def __init__(self) -> None:
        self._expected: Counter[int] = Counter()
        self._ended: dict[int, int] = {}
        self._heard: defaultdict[int, list[tuple[int, Segment]]] = defaultdict(list)
        self._broken: dict[int, ModelError] = {}
        self._next = 0

    def expect(self, round_: _Round) -> None:
        self._expected.update(piece.recording for piece in round_.pieces)
        self._ended |= round_.ended

    def add(self, batch: Sequence[_Piece], segments: Sequence[Segment | ModelError]) -> None:
        for piece, segment in zip(batch, segments, strict=True):
            self._expected[piece.recording] -= 1
            if isinstance(segment, ModelError):
                self._broken[piece.recording] = segment
            else:
                self._heard[piece.recording].append((piece.channel, segment))

    def complete(self) -> Iterator[Result]:
        while self._next in self._ended and not self._expected[self._next]:
            number, self._next = self._next, self._next + 1
            heard = self._heard.pop(number, [])
            del self._expected[number]
            channels = range(self._ended.pop(number))
            if number in self._broken:
                yield self._broken.pop(number)
            else:
                in_order = sorted(heard, key=lambda of: of[1].start_ms)
                yield [[segment for of, segment in in_order if of == channel] for channel in channels]
