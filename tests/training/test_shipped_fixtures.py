"""The shipped recordings and chats are whole and say what their scenes say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from training.make_fixtures.__main__ import SCENES, SHIPPED, all_scenes, read_scenes
from training.make_fixtures.recording import LEAD_OUT_MS
from training.voice import RATE_HZ

from .recorded import chats, decode, loudness_db, manifest, truth

SETS = sorted(path.parent for path in SHIPPED.glob("*/manifest.csv"))
RECORDINGS = [(folder, row) for folder in SETS for row in manifest(folder)]


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_every_file_of_a_set_belongs_to_a_call_and_every_call_has_its_files(folder: Path) -> None:
    spoken = {row["call_id"] for row in manifest(folder)}
    written = {chat["call_id"] for chat in chats(folder)}
    assert {p.stem for p in (folder / "truth").iterdir()} == spoken | written
    files = {p.name for p in folder.iterdir() if p.is_file()}
    assert files == {row["path"] for row in manifest(folder)} | {"manifest.csv", "chats.jsonl"}


def test_there_are_enough_recordings_and_chats() -> None:
    assert {path.name for path in SETS} == {path.name for path in SCENES.iterdir()}
    assert len(RECORDINGS) >= 60
    assert sum(len(chats(folder)) for folder in SETS) >= 20


def test_the_shipped_set_stays_small_enough_to_be_cloned() -> None:
    assert sum(p.stat().st_size for p in SHIPPED.rglob("*") if p.is_file()) < 40_000_000


STRAY_DB = {"good": 15, "fair": 12, "poor": 5}
"""How much louder a speaker is on their own channel, by the quality of the line."""


@pytest.mark.parametrize(("folder", "row"), RECORDINGS, ids=[row["call_id"] for _, row in RECORDINGS])
def test_a_recording_holds_its_truth_on_its_channels(folder: Path, row: dict[str, str]) -> None:
    told = truth(row["call_id"], folder)
    turns = told["turns"]
    path = folder / row["path"]
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        # Opus always decodes at 48 kHz, whatever went in.
        assert stream.channels == (1 if told["mono"] else 2)
        assert stream.rate == (48_000 if path.suffix == ".opus" else RATE_HZ)
    heard = decode(path)
    assert heard.shape[1] * 1000 / RATE_HZ == pytest.approx(max(t["end_ms"] for t in turns) + LEAD_OUT_MS, abs=50)
    assert (row["agent_channel"] == "") == told["mono"]
    for turn in turns:
        assert "".join(w["text"] for w in turn["words"]) == "".join(c for c in turn["text"] if c not in " ,。?!、")
        edges = [ms for w in turn["words"] for ms in (w["start_ms"], w["end_ms"])]
        assert edges == sorted(edges)
        assert turn["start_ms"] <= edges[0] < edges[-1] <= turn["end_ms"]
        alone = all(t is turn or t["end_ms"] <= turn["start_ms"] or turn["end_ms"] <= t["start_ms"] for t in turns)
        if alone and not told["mono"]:
            said = heard[:, turn["start_ms"] * 8 : turn["end_ms"] * 8]
            speaker = int(row["agent_channel"]) if turn["role"] == "agent" else 1 - int(row["agent_channel"])
            stray_db = loudness_db(said[1 - speaker]) - loudness_db(said[speaker])
            assert stray_db < -STRAY_DB[told["quality"]], turn["text"]


@pytest.mark.parametrize("scene", read_scenes(all_scenes()), ids=lambda scene: scene.header.call_id)
def test_a_shipped_truth_says_what_its_scene_says(scene: Any) -> None:
    shipped = truth(scene.header.call_id, SHIPPED / scene.header.industry)
    said = [(t["role"], t["text"]) for t in shipped["turns"]]
    assert said == [(u.role, u.written) for u in scene.utterances]
    assert shipped["industry"] == scene.header.industry
    planted = [f.rule_id for item in scene.script for f in item.faults]
    assert [e["rule_id"] for e in shipped["events"]] == [*scene.header.absent, *planted]
    assert shipped["clean"] == (not shipped["events"])
    assert not {e["rule_id"] for e in shipped["events"]} & {*shipped["must_not"], *shipped["may"]}
    for event in shipped["events"]:
        if "end_ms" in event:
            assert event["start_ms"] < event["end_ms"]
