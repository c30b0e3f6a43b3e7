"""The shipped recordings and chats, and the making of them."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from training.make_fixtures.__main__ import SCENES, SHIPPED, make, read_scenes
from training.make_fixtures.perform import COLUMNS, truth_of, write_tables
from training.make_fixtures.recording import LEAD_OUT_MS, Part, mix, write_recording
from training.make_fixtures.speech import RATE_HZ

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")

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


def manifest() -> list[dict[str, str]]:
    with (SHIPPED / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def chats() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SHIPPED / "chats.jsonl").read_text(encoding="utf-8").splitlines()]


def truth(call_id: str, folder: Path = SHIPPED) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "truth" / f"{call_id}.json").read_text(encoding="utf-8"))
    return loaded


def decode(path: Path) -> NDArray[np.float32]:
    """Shape (2, samples) at 8 kHz."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE_HZ)
    with av.open(str(path)) as container:
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray() for f in frames], axis=1).astype(np.float32)


def loudness_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


RECORDINGS = manifest()


def test_every_file_of_the_folder_belongs_to_a_call_and_every_call_has_its_files() -> None:
    spoken = {row["call_id"] for row in RECORDINGS}
    written = {chat["call_id"] for chat in chats()}
    assert {p.stem for p in (SHIPPED / "truth").iterdir()} == spoken | written
    files = {p.name for p in SHIPPED.iterdir() if p.is_file()}
    assert files == {row["path"] for row in RECORDINGS} | {"manifest.csv", "chats.jsonl", "README.md"}


def test_the_shipped_set_covers_what_the_tests_of_the_other_rooms_need() -> None:
    assert len(RECORDINGS) >= 16
    assert {Path(row["path"]).suffix for row in RECORDINGS} == {".wav", ".mp3", ".opus"}
    assert sum(row["agent_channel"] == "1" for row in RECORDINGS) >= 2
    assert len({row["agent_id"] for row in RECORDINGS}) == 6
    assert len({row["team"] for row in RECORDINGS}) == 3
    assert len({row["started_at"][:10] for row in RECORDINGS}) == 3
    assert {truth(chat["call_id"])["clean"] for chat in chats()} == {True, False}
    assert sum(p.stat().st_size for p in SHIPPED.iterdir()) < 11_000_000


@pytest.mark.parametrize("row", RECORDINGS, ids=lambda row: row["call_id"])
def test_a_recording_holds_its_truth_on_two_channels(row: dict[str, str]) -> None:
    turns = truth(row["call_id"])["turns"]
    path = SHIPPED / row["path"]
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        # Opus always decodes at 48 kHz, whatever went in.
        assert (stream.channels, stream.rate) == (2, 48_000 if path.suffix == ".opus" else RATE_HZ)
    heard = decode(path)
    length_ms = heard.shape[1] * 1000 / RATE_HZ
    assert length_ms == pytest.approx(max(t["end_ms"] for t in turns) + LEAD_OUT_MS, abs=50)
    agent_channel = int(row["agent_channel"])
    for turn in turns:
        alone = all(t is turn or t["end_ms"] <= turn["start_ms"] or turn["end_ms"] <= t["start_ms"] for t in turns)
        if alone:
            said = heard[:, turn["start_ms"] * 8 : turn["end_ms"] * 8]
            speaker = agent_channel if turn["role"] == "agent" else 1 - agent_channel
            assert loudness_db(said[speaker]) > loudness_db(said[1 - speaker]) + 15, turn["text"]


@pytest.mark.parametrize("scene", read_scenes(sorted(SCENES.glob("*.yml"))), ids=lambda scene: scene.header.call_id)
def test_a_shipped_truth_says_what_its_scene_says(scene: Any) -> None:
    shipped = truth(scene.header.call_id)
    said = [(t["role"], t["text"]) for t in shipped["turns"]]
    assert said == [(u.role, u.text) for u in scene.utterances]
    planted = [f.rule_id for item in scene.script for f in item.faults]
    assert [e["rule_id"] for e in shipped["events"]] == [*scene.header.absent, *planted]
    assert shipped["clean"] == (not shipped["events"])
    assert not {e["rule_id"] for e in shipped["events"]} & {*shipped["must_not"], *shipped["may"]}
    for event in shipped["events"]:
        if "end_ms" in event:
            assert event["start_ms"] < event["end_ms"]


@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
def test_a_part_is_heard_at_its_time_on_its_channel_only(tmp_path: Path, format: str) -> None:
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.float32)
    path = tmp_path / f"tone.{format}"
    write_recording(path, mix([Part(0, 1000, tone), Part(1, 3000, tone)], noise_seed=1), format=format)
    heard = decode(path)
    assert heard.shape[1] == pytest.approx(4500 * 8, abs=50 * 8)
    for channel, start_ms in ((0, 1000), (1, 3000)):
        onset = int(np.argmax(np.abs(heard[channel]) > 0.15))
        assert onset / 8 == pytest.approx(start_ms, abs=20)
        span = slice(start_ms * 8 + 400, (start_ms + 1000) * 8 - 400)
        assert loudness_db(heard[channel, span]) > loudness_db(heard[1 - channel, span]) + 20


@needs_espeak
@pytest.mark.parametrize("format", ["wav", "mp3", "opus"])
def test_the_same_scene_gives_the_same_truth_and_sound(tmp_path: Path, format: str) -> None:
    scene = tmp_path / "scene.yml"
    scene.write_text(SPOKEN.format(format=format), encoding="utf-8")
    made: list[dict[str, bytes]] = []
    for name in ("first", "second"):
        folder = tmp_path / name
        assert make([scene], folder) == 1
        made.append({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    assert set(made[0]) == {f"t-001.{format}", "manifest.csv", "chats.jsonl", "truth/t-001.json"}
    first, second = (decode(tmp_path / name / f"t-001.{format}") for name in ("first", "second"))
    # Byte for byte the same but for once, under load, when samples differed in their last bit; the cause is not known.
    assert first.shape == second.shape
    assert float(np.abs(first - second).mean()) < 0.001
    recording = f"t-001.{format}"
    assert {k: v for k, v in made[0].items() if k != recording} == {k: v for k, v in made[1].items() if k != recording}


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


def test_a_chat_needs_no_voice_and_its_turns_have_no_end(tmp_path: Path) -> None:
    from training.make_fixtures.perform import perform

    (scene,) = read_scenes([SCENES / "chat_faults.yml"])
    performed = perform(scene, tmp_path)
    write_tables([performed], tmp_path)
    assert truth_of(performed) == truth(scene.header.call_id)
    assert all(set(t) == {"role", "text", "start_ms"} for t in truth_of(performed)["turns"])
    assert json.loads((tmp_path / "chats.jsonl").read_text(encoding="utf-8")) in chats()


def test_without_espeak_the_command_says_what_to_install(tmp_path: Path) -> None:
    scene = tmp_path / "scene.yml"
    scene.write_text(SPOKEN.format(format="wav"), encoding="utf-8")
    command = [sys.executable, "-m", "training.make_fixtures", str(scene), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command, env={"PATH": str(tmp_path)}, cwd=SHIPPED.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "找不到语音合成程序 espeak-ng" in done.stderr
    assert not (tmp_path / "out").exists()


def test_single_scenes_are_never_made_into_the_shipped_folder() -> None:
    command = [sys.executable, "-m", "training.make_fixtures", "training/scenes/shirk.yml"]
    done = subprocess.run(command, cwd=SHIPPED.parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--out" in done.stderr
