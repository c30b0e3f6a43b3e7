from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import jsonl, only, problem, recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A manifest's folder with a recording, and others outside of it."""
    recording(tmp_path / "outside.wav")
    recording(tmp_path / "root" / "deep" / "stored.wav", b"stored")
    recording(tmp_path / "in" / "sub" / "录 音.wav")
    recording(tmp_path / "in" / "a.wav", b"a")
    return tmp_path / "in"


def named(folder: Path, path: object) -> Path:
    return jsonl(folder / "m.jsonl", {"path": path})


@pytest.mark.parametrize(
    "path", ["sub/录 音.wav", "./sub/录 音.wav", "sub\\录 音.wav", "sub/../sub/录 音.wav", " sub/录 音.wav "]
)
def test_a_relative_path_is_sought_in_the_folder_of_the_manifest(folder: Path, path: str) -> None:
    assert only(read([named(folder, path)])).audio_path == (folder / "sub" / "录 音.wav").resolve()


def test_an_absolute_path_below_the_manifest_is_allowed(folder: Path) -> None:
    assert only(read([named(folder, str(folder / "a.wav"))])).audio_path == (folder / "a.wav").resolve()


@pytest.mark.parametrize(
    "path",
    [
        "../outside.wav",
        "sub/../../outside.wav",
        "..",
        "/elsewhere/a.wav",
        "..\\outside.wav",
        "C:\\录音\\a.wav",
        "d:/录音/a.wav",
        "\\\\server\\share\\a.wav",
        "../none.wav",
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(folder: Path, path: str) -> None:
    found = problem(read([named(folder, path)]))
    assert (found.code, found.row, found.column) == (ProblemCode.PATH_OUTSIDE, 1, "path")


def test_an_absolute_path_elsewhere_is_refused_unless_it_is_below_the_root(folder: Path) -> None:
    stored = folder.parent / "root" / "deep" / "stored.wav"
    assert problem(read([named(folder, str(stored))])).code is ProblemCode.PATH_OUTSIDE
    assert only(read([named(folder, str(stored))], root=folder.parent / "root")).audio_path == stored.resolve()
    outside = str(folder.parent / "outside.wav")
    assert problem(read([named(folder, outside)], root=folder.parent / "root")).code is ProblemCode.PATH_OUTSIDE


@pytest.mark.parametrize("path", ["deep/stored.wav", "../root/deep/stored.wav"])
def test_a_relative_path_is_sought_below_the_root_too(folder: Path, path: str) -> None:
    root = folder.parent / "root"
    assert only(read([named(folder, path)], root=root)).audio_path == (root / "deep" / "stored.wav").resolve()


def test_the_folder_of_the_manifest_comes_before_the_root(folder: Path) -> None:
    recording(folder.parent / "root" / "a.wav", b"other")
    assert only(read([named(folder, "a.wav")], root=folder.parent / "root")).audio_path == (folder / "a.wav").resolve()


@pytest.mark.parametrize(("link", "target"), [("link.wav", "../outside.wav"), ("up", "..")])
def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, link: str, target: str) -> None:
    (folder / link).symlink_to(target)
    path = link if link.endswith(".wav") else f"{link}/outside.wav"
    assert problem(read([named(folder, path)])).code is ProblemCode.PATH_OUTSIDE


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "link.wav").symlink_to("a.wav")
    assert only(read([named(folder, "link.wav")])).audio_path == (folder / "a.wav").resolve()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("none.wav", ProblemCode.FILE_MISSING),
        ("sub", ProblemCode.FILE_UNREADABLE),
        (".", ProblemCode.FILE_UNREADABLE),
        ("a.wav/x", ProblemCode.FILE_MISSING),
        ("x" * 5000, ProblemCode.FILE_UNREADABLE),
        ("a\0.wav", ProblemCode.BAD_VALUE),
        ("a\n.wav", ProblemCode.BAD_VALUE),
        ("\ud83d.wav", ProblemCode.BAD_VALUE),
        ("", ProblemCode.MISSING_VALUE),
        (None, ProblemCode.MISSING_VALUE),
        (12, ProblemCode.FILE_MISSING),
    ],
)
def test_a_path_to_no_recording_fails_its_row(folder: Path, path: object, code: ProblemCode) -> None:
    found = problem(read([named(folder, path)]))
    assert (found.code, found.column) == (code, "path")


def test_links_in_a_circle_fail_their_row(folder: Path) -> None:
    (folder / "loop.wav").symlink_to("loop.wav")
    assert problem(read([named(folder, "loop.wav")])).code in (ProblemCode.FILE_UNREADABLE, ProblemCode.FILE_MISSING)
