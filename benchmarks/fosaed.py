"""Real hotline transcripts through the whole system: `python -m benchmarks.fosaed DATA_DIR`.

DATA_DIR holds `fosaed_dev_calls.jsonl` (machine transcripts of real calls without punctuation or times, roles sometimes
wrong; not part of this project). The calls go in as ready voice transcripts without audio, so every rule on timing must
answer `undetermined`, and none may be passed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from flows.options import RunOptions
from flows.run import run_inspection
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

NAME = "fosaed_dev_calls.jsonl"


def convert(source: Path, target: Path) -> int:
    """Writes the calls as ready transcripts, one JSON object a line; returns how many."""
    n = 0
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for line in lines:
            call = json.loads(line)
            ready = {"call_id": str(call["id"]), "channel": "voice", "turns": call["turns"]}
            out.write(json.dumps(ready, ensure_ascii=False) + "\n")
            n += 1
    return n


def main() -> None:
    """Converts, runs twice, prints time and counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    source = parser.parse_args().data / NAME
    if not source.is_file():
        sys.exit(f"{source} is not there; this benchmark needs the real transcripts")
    folder = Path(tempfile.mkdtemp())
    try:
        n = convert(source, folder / "transcripts.jsonl")
        _measure(folder, n)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, n: int) -> None:
    options = RunOptions(sources=(folder / "transcripts.jsonl",), lake=folder / "lake")
    stages: dict[str, float] = {}

    def notify(stage: str, _done: int, _total: int) -> None:
        stages.setdefault(f"{stage} begun", time.perf_counter())
        stages[f"{stage} ended"] = time.perf_counter()

    began = time.perf_counter()
    summary = run_inspection(options, notify)
    first = time.perf_counter() - began
    began = time.perf_counter()
    again = run_inspection(options, notify)
    second = time.perf_counter() - began
    inspecting = stages["inspect ended"] - stages["transcribe begun"]
    print(f"calls: {n}, scored: {summary.inspected}, failed: {summary.failed}, again: {again.inspected}")
    print(f"whole run: {first:.1f} s")
    print(f"of it judging, scoring and staging: {inspecting:.1f} s ({n / inspecting:.0f} calls/s)")
    print(f"second run, nothing to do: {second:.1f} s")
    lake = Lake(folder / "lake")
    verdicts = lake.read(Table.VERDICTS)
    counts = pd.crosstab(verdicts["rule_id"], verdicts["verdict"])
    print(counts.to_string())
    print(counts.sum().to_string())
    print(lake.read(Table.SCORES)["score"].describe().round(1).to_string())


if __name__ == "__main__":
    main()
