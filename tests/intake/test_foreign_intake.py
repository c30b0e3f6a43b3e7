"""Where transcripts of other systems are looked for, and what becomes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from pipeline.transcribe.call import transcribe_call
from tests.intake.build import (
    GREETING,
    document,
    jsonl,
    manifest,
    only,
    plain,
    problem,
    recording,
    spots,
    turns_of,
    workbook,
)

TEXT = "客服: 您好\n客户: 喂\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\n客服: 您好\n"
STEREO = {
    "Result": {
        "Sentences": [
            {"ChannelId": 0, "BeginTime": 0, "EndTime": 900, "Text": "您好"},
            {"ChannelId": 1, "BeginTime": 1000, "EndTime": 1900, "Text": "喂"},
        ]
    }
}


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_transcripts_in_a_folder_become_calls_beside_its_recordings(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    recording(folder / "a.wav")
    text(folder / "b.SRT", SRT)
    text(folder / "c.txt", TEXT)
    document(folder / "d.json", STEREO)
    jsonl(folder / "chats.jsonl", {"call_id": "chat", "turns": [GREETING]})
    intake = read([folder])
    assert intake.sources == ("rec/a.wav", "rec/b.SRT", "rec/c.txt", "rec/d.json", "rec/chats.jsonl")
    assert [call.channel for call in intake.calls] == [*[Channel.VOICE] * 4, Channel.CHAT]
    assert intake.failures == ()


@pytest.mark.parametrize("beside", ["a.json", "A.srt", "a.vtt", "a.txt", "a.wav.json", "a.WAV.srt"])
def test_a_transcript_beside_its_recording_is_left_to_the_recording(tmp_path: Path, beside: str) -> None:
    recording(tmp_path / "rec" / "a.wav")
    text(tmp_path / "rec" / beside, "broken")
    assert only(read([tmp_path / "rec"])).source == "rec/a.wav"


def test_of_one_call_in_several_formats_the_one_that_says_most_is_taken(tmp_path: Path) -> None:
    for name, content in (("a.txt", TEXT), ("a.srt", SRT), ("a.vtt", "WEBVTT\n\n" + SRT), ("b.txt", TEXT)):
        text(tmp_path / "rec" / name, content)
    document(tmp_path / "rec" / "a.json", STEREO)
    assert read([tmp_path / "rec"]).sources == ("rec/a.json", "rec/b.txt")
    (tmp_path / "rec" / "a.json").unlink()
    assert read([tmp_path / "rec"]).sources == ("rec/a.vtt", "rec/b.txt")


def test_transcripts_below_the_folder_and_hidden_ones_are_not_looked_for(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    recording(folder / "a.wav")
    document(recording(folder / "truth" / "b.json"), {"call_id": "b", "turns": []})
    text(folder / "below" / "c.srt", SRT)
    text(folder / ".d.srt", SRT)
    assert only(read([folder])).source == "rec/a.wav"


def test_an_unknown_json_in_a_folder_is_told_and_a_text_in_which_nobody_speaks_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "rec"
    text(folder / "x.json", '{"settings": 1}')
    text(folder / "readme.txt", "三月的录音\n都在这里\n")
    text(folder / "names.txt", "张三: 您好\n")
    recording(folder / "a.wav")
    intake = read([folder])
    assert [call.source for call in intake.calls] == ["rec/a.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [
        (ProblemCode.BAD_FORMAT, "rec/names.txt"),
        (ProblemCode.BAD_FORMAT, "rec/x.json"),
    ]


def test_a_folder_of_transcripts_alone_is_enough(tmp_path: Path) -> None:
    text(tmp_path / "rec" / "a.txt", TEXT)
    assert only(read([tmp_path / "rec"])).source == "rec/a.txt"


def test_a_manifest_says_which_transcripts_are_meant(tmp_path: Path) -> None:
    text(tmp_path / "a.srt", SRT)
    text(tmp_path / "b.txt", TEXT)
    manifest(tmp_path, "通话编号,转写文件,班组\nA,b.txt,一组\n")
    call = only(read([tmp_path]))
    assert (call.call_id, call.team, call.channel, call.audio_path) == ("A", "一组", Channel.VOICE, None)
    assert call.turns is not None
    assert plain(call.turns) == [("agent", "您好", None, None), ("customer", "喂", None, None)]


@pytest.mark.parametrize(
    "header", ["transcript_path", "转写文件", "文本文件", "Transcript File", "字幕文件", "转写路径"]
)
def test_the_column_has_many_names(tmp_path: Path, header: str) -> None:
    text(tmp_path / "a.txt", TEXT)
    assert only(read([manifest(tmp_path, f"{header}\na.txt\n")])).turns is not None


def test_a_row_may_name_a_recording_or_a_transcript_or_both(tmp_path: Path) -> None:
    text(tmp_path / "sub" / "b.txt", TEXT)
    recording(tmp_path / "a.wav")
    rows = "call_id,录音路径,转写文件\nA,a.wav,\nB,gone.wav,sub\\b.txt\nC,,\n"
    intake = read([manifest(tmp_path, rows)])
    assert [(call.call_id, call.audio_path is None) for call in intake.calls] == [("A", False), ("B", True)]
    assert intake.calls[1].metadata == {"录音路径": "gone.wav"}
    assert spots(intake) == [(ProblemCode.MISSING_VALUE, 4, "录音路径")]


def test_a_row_that_names_nothing_is_told_in_a_manifest_of_transcripts(tmp_path: Path) -> None:
    found = problem(read([manifest(tmp_path, "call_id,转写文件\nA,\n")]))
    assert (found.code, found.row, found.column) == (ProblemCode.MISSING_VALUE, 2, "转写文件")


def test_workbooks_and_json_lines_name_transcripts_too(tmp_path: Path) -> None:
    document(tmp_path / "a.json", STEREO)
    text(tmp_path / "b.txt", TEXT)
    workbook(tmp_path / "m.xlsx", ["通话编号", "转写文件", "坐席声道"], ["A", "a.json", "右"])
    jsonl(tmp_path / "m.jsonl", {"call_id": "B", "transcript_path": "b.txt"})
    first, second = read([tmp_path / "m.xlsx", tmp_path / "m.jsonl"]).calls
    assert first.turns is not None
    assert [turn.role.value for turn in first.turns] == ["customer", "agent"]
    assert second.turns is not None


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside.txt", ProblemCode.PATH_OUTSIDE),
        ("/etc/passwd", ProblemCode.PATH_OUTSIDE),
        ("C:\\a.txt", ProblemCode.PATH_OUTSIDE),
        ("link.txt", ProblemCode.PATH_OUTSIDE),
        ("none.txt", ProblemCode.FILE_MISSING),
        ("folder.txt", ProblemCode.FILE_UNREADABLE),
        ("empty.srt", ProblemCode.FILE_EMPTY),
        ("a.wav", ProblemCode.BAD_FORMAT),
        ("m.csv", ProblemCode.BAD_FORMAT),
    ],
)
def test_a_transcript_lies_in_the_manifests_folder_or_fails_its_row(
    tmp_path: Path, path: str, code: ProblemCode
) -> None:
    text(tmp_path / "outside.txt", TEXT)
    folder = tmp_path / "in"
    recording(folder / "a.wav")
    (folder / "folder.txt").mkdir()
    (folder / "empty.srt").touch()
    (folder / "link.txt").symlink_to("../outside.txt")
    found = problem(read([manifest(folder, f"call_id,转写文件\nA,{path}\n", name="m.csv")]))
    assert (found.code, found.row, found.column, found.call_id) == (code, 2, "转写文件", "A")
    assert "录音" not in found.what


def test_a_transcript_may_lie_below_the_root(tmp_path: Path) -> None:
    text(tmp_path / "root" / "a.txt", TEXT)
    (tmp_path / "in").mkdir()
    rows = manifest(tmp_path / "in", "转写文件\na.txt\n")
    assert len(turns_of(read([rows], root=tmp_path / "root"))) == 2


def test_a_link_out_of_the_folder_is_told_and_not_read(tmp_path: Path) -> None:
    outside = text(tmp_path / "secret" / "x.txt", TEXT)
    recording(tmp_path / "rec" / "a.wav")
    (tmp_path / "rec" / "link.txt").symlink_to(outside)
    intake = read([tmp_path / "rec"])
    assert [call.source for call in intake.calls] == ["rec/a.wav"]
    assert [(p.code, p.file) for p in intake.failures] == [(ProblemCode.PATH_OUTSIDE, "rec/link.txt")]


@pytest.mark.parametrize(
    ("agent_channel", "column", "roles"),
    [
        (None, "", ["agent", "customer"]),
        (1, "", ["customer", "agent"]),
        (1, "左", ["agent", "customer"]),
        (0, "1", ["customer", "agent"]),
    ],
)
def test_the_manifest_says_before_the_option_where_the_agent_is(
    tmp_path: Path, agent_channel: int | None, column: str, roles: list[str]
) -> None:
    document(tmp_path / "a.json", STEREO)
    rows = manifest(tmp_path, f"转写文件,坐席声道\na.json,{column}\n")
    assert [turn.role.value for turn in turns_of(read([rows], agent_channel=agent_channel))] == roles


@pytest.mark.parametrize(("speakers", "known"), [(("客服", "客户"), True), (("1", "2"), False), (("客服", "2"), False)])
def test_roles_are_known_downstream_only_where_both_sides_are_named(
    tmp_path: Path, speakers: tuple[str, str], known: bool
) -> None:
    segments = [{"text": "好", "start": at, "end": at + 1, "speaker": who} for at, who in enumerate(speakers)]
    call = only(read([document(tmp_path / "a.json", {"segments": segments})]))
    assert transcribe_call(call, None).roles_known is known


def test_the_hash_covers_the_times_of_words_and_is_that_of_the_turns_where_there_are_none(tmp_path: Path) -> None:
    def hashed(**word: Any) -> str:
        words = [{"word": "好", "start": 0.1, "end": 0.2, "probability": 0.5, **word}]
        segment = {"text": "好", "start": 0, "end": 1, "words": words if word else []}
        return only(read([document(tmp_path / "a.json", {"segments": [segment]})])).content_hash

    bare = jsonl(
        tmp_path / "b.jsonl",
        {"call_id": "B", "turns": [{"role": "other", "text": "好", "start_ms": 0, "end_ms": 1000}]},
    )
    assert hashed() == only(read([bare])).content_hash
    assert len({hashed(), hashed(word="好"), hashed(start=0.15), hashed(end=0.3), hashed(probability=0.6)}) == 5


def test_the_same_transcript_twice_is_one_call(tmp_path: Path) -> None:
    text(tmp_path / "rec" / "a.txt", TEXT)
    text(tmp_path / "rec" / "b.txt", TEXT)
    intake = read([tmp_path / "rec"])
    assert [call.source for call in intake.calls] == ["rec/a.txt"]
    assert [p.code for p in intake.failures] == [ProblemCode.DUPLICATE_CALL]


def test_an_unknown_file_names_what_can_be_read(tmp_path: Path) -> None:
    found = problem(read([document(tmp_path / "a.json", {"hello": "world"})]))
    assert found.code is ProblemCode.BAD_FORMAT
    for known in ("阿里云", "腾讯云", "讯飞", "Amazon", "Azure", "Google", "Whisper", "SRT"):
        assert known in found.remedy
