"""Reads what the making of fixtures wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from training.voice import RATE_HZ


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def chats(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "chats.jsonl").read_text(encoding="utf-8").splitlines()]


def truth(call_id: str, folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "truth" / f"{call_id}.json").read_text(encoding="utf-8"))
    return loaded


def decode(path: Path) -> NDArray[np.float32]:
    """Shape (channels, samples) at 8 kHz."""
    resampler = av.AudioResampler(format="fltp", rate=RATE_HZ)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray() for f in frames], axis=1).astype(np.float32)


def loudness_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))
