"""Windows kept as log-mel frames, so that several passes over them cost no synthesis: one `.npz` per shard."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.asr_demo.windows import Said, Window, make_window

WINDOWS_PER_SHARD = 500


@dataclass(frozen=True, slots=True)
class Example:
    """`frames`: float16 log-mel, frames x 80, 100 frames a second."""

    frames: NDArray[np.float16]
    said: tuple[Said, ...]


def log_mel(audio: NDArray[np.float32]) -> NDArray[np.float16]:
    """Frames x 80 of 16 kHz mono audio, as faster-whisper computes them."""
    return np.ascontiguousarray(_extractor()(audio)[:, :-1].T, dtype=np.float16)


@cache
def _extractor() -> Any:
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor()


def make_shard(
    path: Path,
    seed: int,
    draw_text: Callable[[random.Random], str],
    variants: Sequence[str],
    *,
    windows: int = WINDOWS_PER_SHARD,
    lines: int | None = None,
    spacious: bool = False,
) -> None:
    """Write a shard, whose content depends on nothing else than the seed and what is drawn from.

    `lines` and `spacious` as for `make_window`.
    """
    generator = random.Random(seed)  # noqa: S311 - a performance, not a secret
    made = [make_window(draw_text, variants, generator, lines=lines, spacious=spacious) for _ in range(windows)]
    frames = [log_mel(window.audio) for window in made]
    whole = path.with_suffix(".part")
    with whole.open("wb") as file:
        np.savez(
            file,
            frames=np.concatenate(frames),
            lengths=np.array([len(f) for f in frames]),
            said=np.frombuffer(json.dumps([_plain(w) for w in made], ensure_ascii=False).encode(), np.uint8),
        )
    whole.replace(path)


def read_shard(path: Path) -> list[Example]:
    """The examples of a shard; nothing in it is unpickled."""
    with np.load(path, allow_pickle=False) as stored:
        frames, lengths = stored["frames"], stored["lengths"]
        said = json.loads(stored["said"].tobytes())
    ends = np.cumsum(lengths)
    return [
        Example(
            frames[end - length : end],
            tuple(Said(_timed(line["characters"]), _timed(line["sounds"])) for line in lines),
        )
        for end, length, lines in zip(ends, lengths, said, strict=True)
    ]


def _timed(stored: list[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    return tuple((text, start, end) for text, start, end in stored)


def _plain(window: Window) -> list[dict[str, Any]]:
    return [{"characters": line.characters, "sounds": line.sounds} for line in window.said]
