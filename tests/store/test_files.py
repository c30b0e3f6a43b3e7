from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pipeline.store.files import replacing, sweep


def test_a_file_is_replaced_only_when_the_writing_ended_well(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), replacing(path) as handle:
        handle.writelines([b"half", None])  # type: ignore[list-item]
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("data", b"old")]
    with replacing(path) as handle:
        handle.write(b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("data", b"new")]


def test_folders_are_made_on_the_way(tmp_path: Path) -> None:
    with replacing(tmp_path / "a" / "b" / "data") as handle:
        handle.write(b"x")
    assert (tmp_path / "a/b/data").read_bytes() == b"x"


def test_the_file_is_on_disk_before_it_gets_its_name_and_its_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    replace = os.replace

    def synced(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")

    def replaced(*names: Path) -> None:
        steps.append("name")
        replace(*names)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with replacing(tmp_path / "data") as handle:
        handle.write(b"x")
    assert steps == ["file", "name", "folder"]


def test_what_is_half_written_is_hidden_from_readers_and_swept_up(tmp_path: Path) -> None:
    with replacing(tmp_path / "data") as handle:
        handle.write(b"x")
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
        (leftover,) = tmp_path.iterdir()
        copy = leftover.with_name(leftover.name.replace("data", "killed"))
        copy.write_bytes(b"")
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
