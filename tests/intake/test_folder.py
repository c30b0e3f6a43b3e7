from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import InputError, ProblemCode
from pipeline.intake import read
from tests.intake.build import GREETING, jsonl, manifest, only, problem, recording, refused


def test_every_recording_below_a_folder_becomes_a_call_named_by_its_content(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    recording(folder / "b.wav", b"b")
    recording(folder / "a" / "深.MP3", b"a")
    intake = read([folder])
    assert [call.source for call in intake.calls] == ["rec/a/深.MP3", "rec/b.wav"]
    first = intake.calls[0]
    assert first.content_hash == hashlib.sha256(b"a").hexdigest()
    assert first.call_id == "c-" + first.content_hash[:12]
    assert first.channel is Channel.VOICE
    assert first.audio_path == (folder / "a" / "深.MP3").resolve()
    assert intake.sources == ("rec/a/深.MP3", "rec/b.wav")
    assert intake.failures == ()


@pytest.mark.parametrize("suffix", "wav mp3 m4a aac flac ogg opus amr gsm wma mp4 webm mkv 3gp aiff WAV".split())
def test_a_recording_is_known_by_its_suffix(tmp_path: Path, suffix: str) -> None:
    recording(tmp_path / "rec" / f"x.{suffix}")
    assert only(read([tmp_path / "rec"])).source == f"rec/x.{suffix}"


@pytest.mark.parametrize("name", [".x.wav", "._x.wav", ".trash/x.wav", "x.txt", "x.wav.part", "x.docx", "wav"])
def test_hidden_files_and_other_files_are_no_recordings(tmp_path: Path, name: str) -> None:
    recording(tmp_path / "rec" / "kept.wav")
    recording(tmp_path / "rec" / name, b"other")
    assert only(read([tmp_path / "rec"])).source == "rec/kept.wav"


def test_the_order_does_not_depend_on_the_order_of_creation(tmp_path: Path) -> None:
    names = ["b/1.wav", "a.wav", "b.wav", "a/2.wav", "甲.wav"]
    for at, order in enumerate([names, names[::-1]]):
        for name in order:
            recording(tmp_path / str(at) / "rec" / name, name.encode())
    first, second = (read([tmp_path / str(at) / "rec"]) for at in (0, 1))
    assert first.sources == second.sources == ("rec/a/2.wav", "rec/a.wav", "rec/b/1.wav", "rec/b.wav", "rec/甲.wav")
    assert [c.call_id for c in first.calls] == [c.call_id for c in second.calls]


def test_a_manifest_in_the_folder_says_which_recordings_are_meant(tmp_path: Path) -> None:
    recording(tmp_path / "rec" / "named.wav")
    recording(tmp_path / "rec" / "other.wav", b"other")
    manifest(tmp_path / "rec", "call_id,path\nA,named.wav\n", name="Manifest.CSV")
    call = only(read([tmp_path / "rec"]))
    assert (call.call_id, call.source) == ("A", "rec/Manifest.CSV:2")


def test_two_manifests_in_one_folder_are_an_error_that_names_them(tmp_path: Path) -> None:
    manifest(tmp_path, "path\nx.wav\n")
    jsonl(tmp_path / "manifest.jsonl", {"path": "x.wav"})
    found = refused(tmp_path)
    assert found.code is ProblemCode.BAD_FORMAT
    assert "manifest.csv、manifest.jsonl" in found.what


def test_chats_and_transcripts_beside_recordings_are_read_too(tmp_path: Path) -> None:
    recording(tmp_path / "rec" / "a.wav")
    for name in ("chats.jsonl", "Chats-0105.jsonl", "transcripts_old.jsonl", "other.jsonl"):
        jsonl(tmp_path / "rec" / name, {"call_id": name, "turns": [GREETING]})
    jsonl(recording(tmp_path / "rec" / "below" / "chats.jsonl"), {"call_id": "below", "turns": [GREETING]})
    intake = read([tmp_path / "rec"])
    assert intake.sources == ("rec/a.wav", "rec/Chats-0105.jsonl", "rec/chats.jsonl", "rec/transcripts_old.jsonl")
    assert len(intake.calls) == 4


def test_chats_are_read_although_the_manifest_beside_them_is_unusable(tmp_path: Path) -> None:
    manifest(tmp_path, "pth\nx.wav\n")
    jsonl(tmp_path / "chats.jsonl", {"call_id": "A", "turns": [GREETING]})
    intake = read([tmp_path])
    assert [c.call_id for c in intake.calls] == ["A"]
    assert [p.code for p in intake.failures] == [ProblemCode.MISSING_COLUMN]


def test_an_empty_recording_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    recording(tmp_path / "rec" / "empty.wav", b"")
    recording(tmp_path / "rec" / "good.wav")
    intake = read([tmp_path / "rec"])
    assert [c.source for c in intake.calls] == ["rec/good.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [(ProblemCode.FILE_EMPTY, "rec/empty.wav")]


def test_the_same_recording_twice_is_one_call_and_the_second_says_where_the_first_stands(tmp_path: Path) -> None:
    recording(tmp_path / "rec" / "a.wav")
    recording(tmp_path / "rec" / "b.wav")
    intake = read([tmp_path / "rec"])
    assert [c.source for c in intake.calls] == ["rec/a.wav"]
    (failure,) = intake.failures
    assert (failure.code, failure.file) == (ProblemCode.DUPLICATE_CALL, "rec/b.wav")
    assert "rec/a.wav" in failure.what


def test_a_text_named_wav_passes_for_transcribing_to_judge(tmp_path: Path) -> None:
    assert only(read([recording(tmp_path / "note.wav", b"hello")])).source == "note.wav"


@pytest.mark.parametrize("inside", [[], [".hidden.wav"], ["readme.txt"], ["sub/readme.txt"]])
def test_a_folder_without_anything_usable_is_refused(tmp_path: Path, inside: list[str]) -> None:
    (tmp_path / "rec").mkdir()
    for name in inside:
        recording(tmp_path / "rec" / name)
    found = refused(tmp_path / "rec")
    assert (found.code, found.file) == (ProblemCode.NO_CALLS, "rec")


def test_links_out_of_the_folder_are_told_and_not_read(tmp_path: Path) -> None:
    outside = recording(tmp_path / "secret" / "x.wav", b"secret")
    recording(tmp_path / "rec" / "a.wav")
    (tmp_path / "rec" / "link.wav").symlink_to(outside)
    (tmp_path / "rec" / "folder").symlink_to(outside.parent)
    (tmp_path / "rec" / "inner.wav").symlink_to(recording(tmp_path / "rec" / ".store" / "inner.wav", b"inner"))
    intake = read([tmp_path / "rec"])
    assert [c.source for c in intake.calls] == ["rec/a.wav", "rec/inner.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [
        (ProblemCode.PATH_OUTSIDE, "rec/folder"),
        (ProblemCode.PATH_OUTSIDE, "rec/link.wav"),
    ]


def test_a_link_into_the_recordings_root_is_read(tmp_path: Path) -> None:
    stored = recording(tmp_path / "root" / "x.wav")
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "x.wav").symlink_to(stored)
    assert only(read([tmp_path / "rec"], root=tmp_path / "root")).audio_path == stored.resolve()


@pytest.mark.parametrize("target", ["loop.wav", "nowhere.wav"])
def test_links_that_lead_nowhere_are_unreadable(tmp_path: Path, target: str) -> None:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec" / "loop.wav").symlink_to(target)
    assert problem(read([tmp_path / "rec"])).code is ProblemCode.FILE_UNREADABLE


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording(tmp_path / "rec" / "a.wav")
    locked = recording(tmp_path / "rec" / "locked" / "b.wav").parent
    scandir = os.scandir

    def no_entry(path: str) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", no_entry)
    intake = read([tmp_path / "rec"])
    assert [c.source for c in intake.calls] == ["rec/a.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [(ProblemCode.FILE_UNREADABLE, "rec/locked")]


@pytest.mark.skipif(os.name == "nt", reason="names are bytes only on POSIX")
def test_a_name_in_gbk_bytes_is_shown_readably(tmp_path: Path) -> None:
    name = os.fsdecode("录音".encode("gb18030")) + ".wav"
    recording(tmp_path / "rec" / name)
    call = only(read([tmp_path / "rec"]))
    assert call.source == "rec/录音.wav"
    assert call.audio_path is not None
    assert call.audio_path.read_bytes() == b"RIFF sound"


def test_the_current_folder_can_be_handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording(tmp_path / "rec" / "a.wav")
    monkeypatch.chdir(tmp_path / "rec")
    assert only(read([Path()])).source == "rec/a.wav"


def test_a_missing_path_among_good_ones_is_a_failure(tmp_path: Path) -> None:
    good = recording(tmp_path / "a.wav")
    intake = read([tmp_path / "none", good])
    assert [c.source for c in intake.calls] == ["a.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [(ProblemCode.FILE_MISSING, "none")]


def test_everything_wrong_is_told_when_nothing_is_usable(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        read([tmp_path / "none", tmp_path / "empty", recording(tmp_path / "x.docx")])
    assert [p.code for p in caught.value.problems] == [
        ProblemCode.FILE_MISSING,
        ProblemCode.NO_CALLS,
        ProblemCode.BAD_FORMAT,
    ]
