"""Memory beside the model for a recording of hours: `python -m benchmarks.memory [--hours 4] [--mono]`.

A stereo call of the fixtures said over and over, 8 kHz; each measurement in a process of
its own, since a process never forgets its peak.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
import wave
from pathlib import Path

import numpy as np
from rich.console import Console

from pipeline.domain.call import Call, Channel
from pipeline.transcribe import EngineOptions, load_engine, transcribe_call
from pipeline.transcribe.sound.audio import read_audio

SAID = Path(__file__).parents[1] / "fixtures" / "audio" / "general" / "20260302-007.wav"
RATE_HZ = 8000
console = Console()


def main() -> None:
    """Measures and prints one line for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[0.25, 4.0])
    parser.add_argument("--mono", action="store_true", help="both speakers on one channel")
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for hours in arguments.hours:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.wav"
            _write(path, hours, mono=arguments.mono)
            with context.Pool(1) as pool:
                before, peak, seconds, turns = pool.apply(_transcribed, (path,))
        console.print(
            f"{hours:g} h {'mono' if arguments.mono else 'stereo'}: {peak - before:.2f} GiB beside the model "
            f"({before:.2f} GiB), {seconds:.0f} s, {turns} turns"
        )


def _write(path: Path, hours: float, *, mono: bool) -> None:
    channels = np.stack([channel[:][::2] for channel in read_audio(SAID).channels])  # of 8 kHz before
    frames = (channels.mean(0, keepdims=True) if mono else channels).T
    samples = (frames.clip(-1, 1) * 32767).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(frames.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for _ in range(round(hours * 3600 * RATE_HZ / len(frames))):
            file.writeframes(samples)


def _transcribed(path: Path) -> tuple[float, float, float, int]:
    """GiB with the model loaded and warm, at the peak; the seconds and turns of the transcript."""
    engine = load_engine(EngineOptions())
    transcribe_call(_call(SAID), engine)
    before = _peak_gib()
    begun = time.perf_counter()
    transcript = transcribe_call(_call(path), engine)
    return before, _peak_gib(), time.perf_counter() - begun, len(transcript.turns)


def _call(path: Path) -> Call:
    return Call(call_id="long", channel=Channel.VOICE, source=str(path), content_hash="0" * 64, audio_path=path)


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
