"""Two speakers on one channel: `python -m benchmarks.speakers [SHARED_AUDIO]`.

Every recording of the fixtures is mixed down to mono, and its voices are told apart again; then the roles are given by
what the truth says in their turns. With the folder of real clips (`.rttm` truth beside each `.wav`) the diarization
error is stated, too, by the conventions of dscore with a collar of 250 ms: overlaps are scored, missed speech counts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.optimize import linear_sum_assignment

from pipeline.assets import asset
from pipeline.domain.errors import AudioError
from pipeline.transcribe.recogniser.windows import find_speech
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.voices.cast import LEAST_CONFIDENCE
from pipeline.transcribe.voices.roles import find_agent
from pipeline.transcribe.voices.speakers import Speakers, separate

COLLAR = 25
"""Frames of 10 ms."""
console = Console()

Spoken = tuple[int, int, str]
"""Start and end in ms, and the speaker."""


def main() -> None:
    """Prints the mixes' table and, with a folder, that of the real clips."""
    _mixes(asset("fixtures/audio"))
    if len(sys.argv) > 1:
        _clips(Path(sys.argv[1]))


def _mixes(folder: Path) -> None:
    turns = right = told = named = 0
    seconds = spent = 0.0
    wrong: list[str] = []
    for truth_path in track(sorted(folder.rglob("truth/*.json")), "mixes", console=console, transient=True):
        truth = json.loads(truth_path.read_text(encoding="utf-8"))
        files = [p for p in truth_path.parents[1].glob(f"{truth['call_id']}.*") if p.suffix != ".json"]
        if not files:
            continue
        channels = read_audio(files[0]).channels
        audio = np.stack([channel[:] for channel in channels]).mean(axis=0, dtype=np.float32)
        spoken = _speech_ms(audio)
        begun = time.perf_counter()
        speakers = separate(audio, spoken)
        spent += time.perf_counter() - begun
        seconds += len(audio) / 16_000
        said = [t for t in truth["turns"] if t["role"] in ("agent", "customer")]
        given = [speakers.of(t["start_ms"], t["end_ms"])[0] for t in said]
        texts = ["".join(t["text"] for t, who in zip(said, given, strict=True) if who == one) for one in (0, 1)]
        found = find_agent(*texts)
        roles = ["agent" if who == found.index else "customer" for who in given]
        good = sum(role == t["role"] for role, t in zip(roles, said, strict=True))
        turns, right, told = turns + len(said), right + good, told + 1
        named += found.confidence >= LEAST_CONFIDENCE
        if good < len(said):
            wrong.append(f"{truth['call_id']} {good}/{len(said)}")
    console.print(f"mono mixes of {told} recordings: {right} of {turns} turns right ({right / turns:.1%})")
    console.print(f"roles sure enough to be judged in {named} of {told}; {spent / seconds:.4f} of the audio's length")
    console.print("not all right:", ", ".join(wrong) or "none")


def _speech_ms(audio: NDArray[np.float32]) -> list[tuple[int, int]]:
    return [(stretch.start // 16, stretch.end // 16) for stretch in find_speech(audio)]


def _clips(folder: Path) -> None:
    table = Table("clip", "speakers", "missed", "false", "confused", "error")
    for truth_path in sorted(folder.rglob("*.rttm")):
        try:
            audio = read_audio(truth_path.with_suffix(".wav")).channels[0][:]
        except AudioError:
            continue
        frames = len(audio) // 160
        truth = _rttm(truth_path, frames * 10)
        found = separate(audio, _speech_ms(audio))
        shares = _errors(found, truth, frames)
        names = str(len({name for _, _, name in truth}))
        table.add_row(truth_path.stem, names, *(f"{share:.1%}" for share in (*shares, sum(shares))))
    console.print(table)


def _rttm(path: Path, end_ms: int) -> list[Spoken]:
    spoken = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if fields and fields[0] == "SPEAKER":
            start = round(float(fields[3]) * 1000)
            spoken.append((start, min(end_ms, start + round(float(fields[4]) * 1000)), fields[7]))
    return [one for one in spoken if one[0] < end_ms]


def _errors(found: Speakers, truth: Sequence[Spoken], frames: int) -> tuple[float, float, float]:
    """Missed, false and confused speech, as shares of the true speech outside the collars."""
    names = sorted({name for _, _, name in truth})
    true = np.zeros((frames, len(names)), bool)
    judged = np.ones(frames, bool)
    for start_ms, end_ms, name in truth:
        start, end = start_ms // 10, end_ms // 10
        true[start:end, names.index(name)] = True
        for edge in (start, end):
            judged[max(0, edge - COLLAR) : edge + COLLAR] = False
    heard = np.stack([found.labels[:frames] == speaker for speaker in (0, 1)], axis=1)
    true, heard = true[judged], heard[judged]
    together = true.T.astype(int) @ heard
    rows, columns = linear_sum_assignment(-together)
    many, few = true.sum(1), heard.sum(1)
    total = max(1, int(many.sum()))
    confused = np.minimum(many, few).sum() - together[rows, columns].sum()
    return (
        float(np.maximum(many - few, 0).sum() / total),
        float(np.maximum(few - many, 0).sum() / total),
        float(confused / total),
    )


if __name__ == "__main__":
    main()
