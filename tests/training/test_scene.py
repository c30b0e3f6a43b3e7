"""The file of a scene."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.errors import InputError
from training.make_fixtures.__main__ import read_scenes
from training.make_fixtures.scene import read_scene
from training.make_fixtures.timing import voice_gaps_ms

GOOD = """\
call_id: t-001
title: 试音
format: wav
agent: {voice: f2, wpm: 165, pitch: 50}
customer: {voice: '', wpm: 170, pitch: 40}
meta: {agent_id: A1, agent_name: 李静, team: 订单组, started_at: "2026-03-02T09:15:00+08:00"}
lines: |
  客服: 您好。
  客户: 你好。
"""


def write(folder: Path, text: str, name: str = "scene.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scene_gives_each_speaker_a_voice(tmp_path: Path) -> None:
    scene = read_scene(write(tmp_path, GOOD))
    agent, customer = scene.utterances
    assert scene.speaker_of(agent).voice == "f2"
    assert scene.speaker_of(customer).wpm == 170
    header = scene.header
    assert (header.industry, header.agent_channel, header.mono, header.quality) == ("general", 0, False, "good")


def test_a_scene_says_what_trade_it_is_of_and_how_it_sounds(tmp_path: Path) -> None:
    text = GOOD.replace("format: wav", "format: wav\nindustry: telecom\nmono: true\nquality: poor")
    header = read_scene(write(tmp_path, text.replace("voice: f2", "voice: Mike"))).header
    assert (header.industry, header.mono, header.quality) == ("telecom", True, "poor")
    assert header.agent is not None
    assert header.agent.voice == "Mike"


@pytest.mark.parametrize(
    ("old", "new", "row", "what"),
    [
        ("title: 试音\n", "", 1, "title: 缺少这个键"),
        ("title: 试音", "titel: 试音", 2, "titel: 不认识这个键"),
        ("format: wav", "format: flac", 3, "format: 值不在允许的范围内"),
        ("format: wav", "format: wav\nformat: mp3", 4, "键“format”重复"),
        ("voice: f2,", "voice: f2, voice: f3,", 4, "键“voice”重复"),
        ("wpm: 165", "wpm: 900", 4, "agent.wpm"),
        ("voice: f2", "voice: f9", 4, "没有声音“f9”"),
        ("format: wav", "format: wav\nindustry: 保险", 4, "industry: 值不在允许的范围内"),
        ("format: wav", "format: wav\nquality: bad", 4, "quality: 值不在允许的范围内"),
        ("format: wav", "format: wav\nmono: true\nagent_channel: 1", 1, "请去掉 agent_channel"),
        ("customer: {voice: '', wpm: 170, pitch: 40}\n", "", 1, "录音要写 agent 和 customer 的声音"),
        ("客户: 你好。", "客户: 你好。 (违规 general.banned.shirk 推)\nmay: [general.banned.shirk]", 10, "may 中的"),
        (
            "title: 试音",
            "title: 试音\nmust_not: [general.closing.thanks]\nabsent: {general.closing.thanks: 没有道别}",
            3,
            "must_not 中的 general.closing.thanks 在别处另有说法",
        ),
        ("team: 订单组", "region: 上海", 6, "meta.region: 不认识这个键"),
        ("09:15:00+08:00", "09:15:00", 6, "meta.started_at"),
        ("call_id: t-001", "call_id: ../t", 1, "call_id"),
        ("title: 试音", "title: 试音\nabsent: {shirk: 推卸}", 3, "absent.shirk"),
        (
            "title: 试音",
            "title: 试音\nclean: true\nabsent: {general.closing.thanks: 没有道别}",
            3,
            "clean 的场景不能有违规",
        ),
        ("format: wav", "format: chat", 1, "chat 没有声音,请去掉 agent、customer"),
        ("format: wav", "format: chat\nquality: poor", 1, "请去掉 agent、customer、quality"),
        ("客户: 你好。", "客户: (唱) 你好。", 9, "不认识标记(唱)"),
        ("title: 试音", "title: [试音", 3, "不是合格的 YAML"),
    ],
)
def test_a_fault_in_the_file_is_refused_with_its_row(tmp_path: Path, old: str, new: str, row: int, what: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        read_scene(write(tmp_path, GOOD.replace(old, new)))
    assert any(p.row == row and what in p.what and p.file == "scene.yml" for p in caught.value.problems), caught.value


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="场景应为一组键值"):
        read_scene(write(tmp_path, "- 您好\n"))


CHAT = GOOD.replace("format: wav", "format: chat").replace("agent: {", "# ").replace("customer: {", "# ")


def test_a_chat_may_pause_but_not_sound(tmp_path: Path) -> None:
    text = CHAT.replace("  客户:", "  (停顿 40s)\n  客户:")
    assert len(read_scene(write(tmp_path, text)).script) == 3
    with pytest.raises(InputError, match="chat 里听不到音乐、铃声和嘈杂"):
        read_scene(write(tmp_path, text.replace("停顿", "音乐")))


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("title: 试音\n", "").replace("客服: 您好。", "客服: a@b")
    with pytest.raises(InputError) as caught:
        read_scene(write(tmp_path, text))
    assert len(caught.value.problems) == 2


def test_two_scenes_may_not_share_a_call_id(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="t-001 已被另一个场景使用"):
        read_scenes([write(tmp_path, GOOD, "a.yml"), write(tmp_path, GOOD, "b.yml")])


def test_the_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_scenes([write(tmp_path, "[]", "a.yml"), write(tmp_path, "[]", "b.yml")])
    assert [p.file for p in caught.value.problems] == ["a.yml", "b.yml"]


def test_the_gaps_of_a_call_are_its_own_and_always_the_same() -> None:
    assert voice_gaps_ms("t-001", 8) == voice_gaps_ms("t-001", 8)
    assert voice_gaps_ms("t-001", 8) != voice_gaps_ms("t-002", 8)
