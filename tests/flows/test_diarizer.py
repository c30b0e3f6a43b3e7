"""`--diarizer`: pyannote's weights of a user's own, for recordings of one channel."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from flows.options import RunOptions
from flows.work import RunWork
from pipeline.domain.errors import ModelError


def work(folder: Path, *, diarizer: Path | None) -> RunWork:
    recording = folder / "call.wav"
    if not recording.exists():
        recording.write_bytes(b"RIFF")
    return RunWork(RunOptions(sources=(recording,), lake=folder / "lake", diarizer=diarizer), "run-1", lambda *_: None)


def digest(run: RunWork) -> str:
    with run.lake.writing():
        run.open()
        run.discover()
    (one,) = run._digests.values()
    return one


def test_the_same_calls_are_done_again_with_another_diarizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, str]] = []

    def load(folder: Path, *, device: str) -> SimpleNamespace:
        asked.append((folder, device))
        return SimpleNamespace(fingerprint=f"pyannote {folder.name}")

    monkeypatch.setattr("flows.work.load_engine", lambda _: SimpleNamespace(fingerprint="engine 1"))
    monkeypatch.setattr("flows.work.load_diarizer", load)
    digests = [digest(work(tmp_path, diarizer=f)) for f in (None, None, tmp_path / "one", tmp_path / "two")]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert asked == [(tmp_path / "one", "auto"), (tmp_path / "two", "auto")]


def test_a_folder_that_is_no_model_stops_the_run_before_anything_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.work.load_engine", lambda _: SimpleNamespace(fingerprint="engine 1"))
    run = work(tmp_path, diarizer=tmp_path / "nowhere")
    with run.lake.writing():
        run.open()
        with pytest.raises(ModelError, match="nowhere"):
            run.discover()
