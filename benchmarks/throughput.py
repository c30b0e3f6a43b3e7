"""How long the stereo fixtures take, against faster-whisper's own ways: `python -m benchmarks.throughput [--calls N]`.

All with the same model, the same number of threads and beam, words with times; decoding the files is not counted.
The ways are run in turn, `--times` over, and the shortest time of each counts: these machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipeline.domain.call import Call
from pipeline.domain.transcript import Role
from pipeline.intake import read
from pipeline.text import normalise
from pipeline.transcribe import Engine, EngineOptions, Segment, load_engine, transcribe_call
from pipeline.transcribe.recogniser.windows import cut_windows
from pipeline.transcribe.sound.audio import read_audio

FIXTURES = Path(__file__).parents[1] / "fixtures" / "audio" / "general"
RATE_HZ = 16_000
FULL_WINDOW_S = 28
console = Console()

Channels = Sequence[NDArray[np.float32]]
Texts = list[list[str]]
"""What was written in each channel of each call."""


def main() -> None:
    """Measures and prints three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    recorded, calls, truths = zip(*list(_stereo())[: arguments.calls], strict=True)
    seconds = sum(len(call[0]) for call in calls) / RATE_HZ
    console.print(f"{len(calls)} stereo calls, {seconds:.0f} s")
    _against_others(calls, truths, seconds, arguments.threads, arguments.times)
    error = jiwer.cer(_normal(truths), _normal(_counted(recorded)))
    console.print(f"character error of zhijian without what is set apart: {error:.1%}")
    _workers(calls, seconds, arguments.threads, arguments.times)
    _company(calls)


def _stereo() -> Iterator[tuple[Call, Channels, list[str]]]:
    """Each stereo recording, its channels, the agent's first, and what is said in them."""
    truth = _truth()
    for call in read([FIXTURES / "manifest.csv"]).calls:
        if call.audio_path is None or call.call_id not in truth:
            continue
        channels = [channel[:] for channel in read_audio(call.audio_path).channels]
        if len(channels) == 2:
            yield call, channels[:: -1 if call.agent_channel else 1], truth[call.call_id]


def _truth() -> dict[str, list[str]]:
    said = {}
    for path in sorted((FIXTURES / "truth").glob("*.json")):
        turns = json.loads(path.read_text(encoding="utf-8"))["turns"]
        said[path.stem] = ["".join(t["text"] for t in turns if t["role"] == role) for role in ("agent", "customer")]
    return said


def _against_others(
    calls: Sequence[Channels], truths: Sequence[list[str]], seconds: float, threads: int, times: int
) -> None:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    shipped = load_engine(EngineOptions(threads=threads))
    full = load_engine(EngineOptions(threads=threads, window_s=FULL_WINDOW_S, pad_s=30))
    plain = WhisperModel(str(shipped.folder), device="cpu", cpu_threads=threads)
    asked = {"language": "zh", "beam_size": 5, "word_timestamps": True}

    def default(channel: NDArray[np.float32]) -> Any:
        return plain.transcribe(channel, **asked)[0]

    def naive(channel: NDArray[np.float32]) -> Any:
        return BatchedInferencePipeline(plain).transcribe(channel, batch_size=16, **asked)[0]

    def windows(longest_s: int) -> Callable[[NDArray[np.float32]], Any]:
        def batched(channel: NDArray[np.float32]) -> Any:
            cut = [{"start": w.start / RATE_HZ, "end": w.end / RATE_HZ} for w in cut_windows(channel, longest_s)]
            if not cut:
                return ()
            return BatchedInferencePipeline(plain).transcribe(channel, batch_size=16, clip_timestamps=cut, **asked)[0]

        return batched

    ways: dict[str, Callable[[], Texts]] = {
        "zhijian, as the demo model is used": lambda: _heard(shipped, calls),
        f"zhijian, full windows of {FULL_WINDOW_S} s filled to 30 s": lambda: _heard(full, calls),
        "faster-whisper, transcribe, each channel": lambda: _one_by_one(calls, default),
        "faster-whisper, batched, each channel, its own windows": lambda: _one_by_one(calls, naive),
        "faster-whisper, batched, the demo model's windows": lambda: _one_by_one(calls, windows(0)),
        f"faster-whisper, batched, windows of {FULL_WINDOW_S} s": lambda: _one_by_one(calls, windows(FULL_WINDOW_S)),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    texts: dict[str, Texts] = {}
    for _ in track(range(times), "ways", console=console, transient=True):
        for name, way in ways.items():
            begun = time.perf_counter()
            texts[name] = way()
            taken[name].append(time.perf_counter() - begun)
    table = Table("way", "seconds", "of real time", "against the demo's use", "character error")
    own = min(taken["zhijian, as the demo model is used"])
    for name in ways:
        least = min(taken[name])
        error = jiwer.cer(_normal(truths), _normal(texts[name]))
        table.add_row(name, f"{least:.1f}", f"{least / seconds:.4f}", f"{least / own:.2f}", f"{error:.1%}")
    console.print(table)


def _heard(engine: Engine, calls: Sequence[Channels]) -> Texts:
    results = list(engine.transcribe(calls))
    return [["".join(s.text for s in channel) for channel in result] for result in results if isinstance(result, list)]


def _counted(calls: Iterable[Call]) -> Texts:
    """The words of the agent and of the customer that count: what was probably invented or leaked is left out."""
    engine = load_engine(EngineOptions())
    transcripts = [transcribe_call(call, engine) for call in calls]
    return [
        [
            "".join(t.text for t in one.turns if t.role is role and not t.quarantined)
            for role in (Role.AGENT, Role.CUSTOMER)
        ]
        for one in transcripts
    ]


def _one_by_one(calls: Sequence[Channels], way: Callable[[NDArray[np.float32]], Any]) -> Texts:
    return [["".join(segment.text for segment in way(channel)) for channel in call] for call in calls]


def _normal(texts: Sequence[list[str]]) -> list[str]:
    return [normalise(text).text for call in texts for text in call]


def _workers(calls: Sequence[Channels], seconds: float, threads: int, times: int) -> None:
    """The same threads in one worker or spread over several."""
    table = Table("workers", "threads of each", "seconds", "of real time")
    for workers in (n for n in (1, 2, 4, 8) if n <= threads):
        engine = load_engine(EngineOptions(threads=threads, workers=workers))
        least = min(_seconds(lambda engine=engine: _heard(engine, calls)) for _ in range(times))  # type: ignore[misc]
        table.add_row(str(workers), str(threads // workers), f"{least:.1f}", f"{least / seconds:.4f}")
    console.print(table)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _company(calls: Sequence[Channels]) -> None:
    """Whether what is heard in a call depends on the calls that share its batches."""
    engine = load_engine(EngineOptions())
    together = list(engine.transcribe(calls))
    alone = [next(iter(engine.transcribe([call]))) for call in calls]
    pairs = [
        pair
        for one, other in zip(together, alone, strict=True)
        if isinstance(one, list) and isinstance(other, list)
        for channels in zip(one, other, strict=True)
        for pair in zip(*channels, strict=True)
    ]
    texts = sum(one.text != other.text for one, other in pairs)
    times = sum(_times(one) != _times(other) for one, other in pairs)
    console.print(f"alone and together: of {len(pairs)} windows {texts} have other words, {times} other times of words")


def _times(segment: Segment) -> list[tuple[int, int]]:
    return [(word.start_ms, word.end_ms) for word in segment.words]


if __name__ == "__main__":
    main()
