"""Real runs: the flow with a temporary Prefect server, the demo model, real recordings."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.options import RunOptions
from flows.run import run_inspection
from flows.work import RunSummary
from pipeline.assets import asset

FIXTURES = asset("fixtures/audio/general")

RunFlow = Callable[..., RunSummary]


@pytest.fixture(scope="session", autouse=True)
def _prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect home, and so one temporary server, for all runs of the session."""
    os.environ["PREFECT_HOME"] = str(tmp_path_factory.mktemp("prefect"))
    yield
    del os.environ["PREFECT_HOME"]


@pytest.fixture(scope="session")
def shortest() -> tuple[dict[str, str], ...]:
    """The manifest rows of the three shortest recordings."""
    with (FIXTURES / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(sorted(rows, key=_length_ms)[:3])


def _length_ms(row: dict[str, str]) -> int:
    truth = json.loads((FIXTURES / "truth" / f"{row['call_id']}.json").read_text(encoding="utf-8"))
    return int(truth["turns"][-1]["end_ms"])


@pytest.fixture
def recordings(tmp_path: Path, shortest: tuple[dict[str, str], ...]) -> Path:
    """A folder with three recordings, their manifest, and the chats."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for row in shortest:
        shutil.copy(FIXTURES / row["path"], folder / row["path"])
    write_manifest(folder, list(shortest))
    shutil.copy(FIXTURES / "chats.jsonl", folder / "chats.jsonl")
    return folder


def write_manifest(folder: Path, rows: list[dict[str, str]]) -> None:
    """`manifest.csv` with these rows."""
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def run_flow(tmp_path: Path) -> RunFlow:
    def run(*sources: Path, lake: str = "lake", **options: object) -> RunSummary:
        wanted = RunOptions(sources=sources, lake=tmp_path / lake, **options)  # type: ignore[arg-type]
        return run_inspection(wanted, lambda *_: None)

    return run
