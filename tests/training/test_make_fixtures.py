"""The making of recordings and chats from scenes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from training.make_fixtures.__main__ import SCENES, SHIPPED, main, make, read_scenes
from training.make_fixtures.perform import perform
from training.make_fixtures.recording import Part, mix, write_recording
from training.make_fixtures.tables import COLUMNS, truth_of, write_tables

from .recorded import chats, decode, loudness_db, truth

needs_espeak = pytest.mark.skipif(find_library("espeak-ng") is None, reason="espeak-ng is not installed")

SPOKEN = "\n".join(
    [
        "call_id: t-001",
        "title: 试音",
        "format: {format}",
        "agent_channel: 1",
        "agent: {{voice: f2, wpm: 165, pitch: 50}}",
        "customer: {{voice: m3, wpm: 170, pitch: 40}}",
        'meta: {{agent_id: A1, agent_name: 李静, team: 订单组, started_at: "2026-03-02T09:15:00+08:00", csat: 4}}',
        "lines: |",
        "  客服: 您好,请问有什么可以帮您?",
        "  客户: 我的快递怎么还没有到?",
        "  客服: (抢话 700ms) 请您稍等。 (违规 general.behaviour.interrupt 打断客户)",
        "  (停顿 2s)",
        "  客服: (大声) 感谢您的耐心等待。",
    ]
)


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
def test_a_part_is_heard_at_its_time_on_its_channel_only(tmp_path: Path, format: str) -> None:
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.float32)
    path = tmp_path / f"tone.{format}"
    write_recording(path, mix([Part(0, 1000, tone), Part(1, 3000, tone)]), format=format)
    heard = decode(path)
    assert heard.shape == (2, pytest.approx(4500 * 8, abs=50 * 8))
    for channel, start_ms in ((0, 1000), (1, 3000)):
        onset = int(np.argmax(np.abs(heard[channel]) > 0.15))
        assert onset / 8 == pytest.approx(start_ms, abs=20)
        span = slice(start_ms * 8 + 400, (start_ms + 1000) * 8 - 400)
        assert loudness_db(heard[channel, span]) > loudness_db(heard[1 - channel, span]) + 20


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
def test_in_a_mono_recording_both_sides_are_heard_on_one_channel(tmp_path: Path, format: str) -> None:
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.float32)
    path = tmp_path / f"tone.{format}"
    write_recording(path, mix([Part(0, 1000, tone), Part(1, 3000, tone)], mono=True), format=format)
    (heard,) = decode(path)
    loud = [loudness_db(heard[ms * 8 : (ms + 900) * 8]) for ms in (50, 1050, 2050, 3050)]
    assert loud[1] == pytest.approx(loud[3], abs=1)
    assert max(loud[0], loud[2]) < loud[1] - 20


@needs_espeak
def test_the_same_scene_gives_the_same_truth_and_sound_alone_or_with_others(tmp_path: Path) -> None:
    scenes = []
    for format in ("wav", "mp3", "opus"):
        scenes.append(tmp_path / f"{format}.yml")
        scenes[-1].write_text(SPOKEN.format(format=format).replace("t-001", f"t-{format}"), encoding="utf-8")
    assert make(scenes, tmp_path / "all") == 3
    assert make(scenes[2:], tmp_path / "one") == 1
    made = {str(p.relative_to(tmp_path / "all")) for p in (tmp_path / "all").rglob("*") if p.is_file()}
    names = {"t-wav.wav", "t-mp3.mp3", "t-opus.opus"}
    assert made == names | {"manifest.csv"} | {f"truth/{Path(name).stem}.json" for name in names}
    for name in ("t-opus.opus", "truth/t-opus.json"):
        assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    spoken = [truth(Path(name).stem, tmp_path / "all")["turns"] for name in sorted(names)]
    # Only the gaps between turns are a call's own.
    lengths = [[turn["end_ms"] - turn["start_ms"] for turn in turns] for turns in spoken]
    assert lengths[0] == lengths[1] == lengths[2]


@needs_espeak
def test_a_scene_is_performed_as_it_is_marked(tmp_path: Path) -> None:
    scene = tmp_path / "scene.yml"
    scene.write_text(SPOKEN.format(format="wav"), encoding="utf-8")
    make([scene], tmp_path)
    made = truth("t-001", tmp_path)
    greeting, question, cut, thanks = made["turns"]
    assert question["start_ms"] - greeting["end_ms"] in range(300, 901)
    assert question["end_ms"] - cut["start_ms"] == 700
    assert thanks["start_ms"] - max(cut["end_ms"], question["end_ms"]) == 2000
    assert made["events"] == [
        {
            "rule_id": "general.behaviour.interrupt",
            "start_ms": cut["start_ms"],
            "end_ms": cut["end_ms"],
            "note": "打断客户",
        }
    ]
    heard = decode(tmp_path / "t-001.wav")
    normal, loud = (heard[1, t["start_ms"] * 8 : t["end_ms"] * 8] for t in (greeting, thanks))
    assert np.abs(loud).max() / np.abs(normal).max() == pytest.approx(10 ** (7 / 20), rel=0.1)
    with (tmp_path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == list(COLUMNS)
    assert (row["path"], row["agent_channel"], row["csat"], row["queue"]) == ("t-001.wav", "1", "4", "")
    assert row["started_at"] == "2026-03-02T09:15:00+08:00"


MARKED = (
    SPOKEN.replace("lines: |", "lines: |\n  (铃声 2s)").replace("停顿 2s", "音乐 3s").replace("我的快递", "#12315的单")
)


@needs_espeak
@pytest.mark.parametrize(("direction", "ring", "music"), [("inbound", 1, 1), ("outbound", 0, 1)])
def test_ring_and_music_are_heard_where_they_come_from(tmp_path: Path, direction: str, ring: int, music: int) -> None:
    """The agent is on the second channel."""
    scene = tmp_path / "scene.yml"
    text = MARKED.format(format="wav").replace("csat: 4", f"csat: 4, direction: {direction}")
    scene.write_text(text, encoding="utf-8")
    make([scene], tmp_path)
    turns = truth("t-001", tmp_path)["turns"]
    assert turns[0]["start_ms"] == 2000
    assert turns[1]["text"] == "12315的单怎么还没有到?"
    assert "".join(word["text"] for word in turns[1]["words"]).startswith("12315的单")
    heard = decode(tmp_path / "t-001.wav")
    assert loudness_db(heard[ring, :8000]) > loudness_db(heard[1 - ring, :8000]) + 20
    quiet = slice((turns[3]["start_ms"] - 2900) * 8, (turns[3]["start_ms"] - 100) * 8)
    assert loudness_db(heard[music, quiet]) > loudness_db(heard[1 - music, quiet]) + 20


@needs_espeak
def test_a_noise_is_heard_from_the_customers_side(tmp_path: Path) -> None:
    scene = tmp_path / "scene.yml"
    scene.write_text(SPOKEN.format(format="wav").replace("停顿 2s", "嘈杂 2s"), encoding="utf-8")
    make([scene], tmp_path)
    end_ms = truth("t-001", tmp_path)["turns"][3]["start_ms"]
    heard = decode(tmp_path / "t-001.wav")[:, (end_ms - 1900) * 8 : (end_ms - 100) * 8]
    assert loudness_db(heard[0]) > loudness_db(heard[1]) + 15


@needs_espeak
def test_a_mono_scene_gives_one_channel_and_names_none_for_the_agent(tmp_path: Path) -> None:
    scene = tmp_path / "scene.yml"
    mono = SPOKEN.replace("agent_channel: 1", "mono: true\nquality: poor\nindustry: telecom")
    scene.write_text(mono.format(format="opus"), encoding="utf-8")
    make([scene], tmp_path)
    assert len(decode(tmp_path / "t-001.opus")) == 1
    told = truth("t-001", tmp_path)
    assert (told["mono"], told["quality"], told["industry"]) == (True, "poor", "telecom")
    with (tmp_path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["agent_channel"] == ""


@needs_espeak
def test_a_worse_line_is_noisier(tmp_path: Path) -> None:
    scenes, noise_db = [], []
    for quality in ("good", "fair", "poor"):
        scenes.append(tmp_path / f"{quality}.yml")
        text = SPOKEN.format(format="wav").replace("agent_channel", f"quality: {quality}\nagent_channel")
        scenes[-1].write_text(text.replace("t-001", quality), encoding="utf-8")
    make(scenes, tmp_path)
    for scene in scenes:
        end_ms = truth(scene.stem, tmp_path)["turns"][3]["start_ms"]
        heard = decode(tmp_path / f"{scene.stem}.wav")
        noise_db.append(loudness_db(heard[:, (end_ms - 1900) * 8 : (end_ms - 100) * 8]))
    assert noise_db[0] < noise_db[1] < noise_db[2]


def test_a_chat_needs_no_voice_and_its_turns_have_no_end(tmp_path: Path) -> None:
    (scene,) = read_scenes([SCENES / "general" / "chat_faults.yml"])
    performed = perform(scene, tmp_path)
    write_tables([performed], tmp_path)
    assert truth_of(performed) == truth(scene.header.call_id, tmp_path)
    assert all(set(t) == {"role", "text", "start_ms"} for t in truth_of(performed)["turns"])
    assert not {"quality", "mono"} & set(truth_of(performed))
    assert json.loads((tmp_path / "chats.jsonl").read_text(encoding="utf-8")) in chats(SHIPPED / "general")


def test_without_espeak_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = tmp_path / "scene.yml"
    scene.write_text(SPOKEN.format(format="wav"), encoding="utf-8")
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)  # noqa: ARG005
    monkeypatch.setattr(sys, "argv", ["make_fixtures", str(scene), "--out", str(tmp_path / "out")])
    assert main() == 1
    assert "找不到语音合成程序 espeak-ng" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_single_scenes_are_never_made_into_the_shipped_folder() -> None:
    command = [sys.executable, "-m", "training.make_fixtures", "training/scenes/general/shirk.yml"]
    done = subprocess.run(command, cwd=SHIPPED.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--out" in done.stderr
