"""A scene performed: its recording, its truth, its row of the manifest or its line of the chats."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.make_fixtures.recording import Part, mix, write_recording
from training.make_fixtures.scene import Meta, Scene
from training.make_fixtures.script import Utterance
from training.make_fixtures.speech import length_ms, speak
from training.make_fixtures.timing import Span, chat_gaps_ms, schedule, seed, voice_gaps_ms

COLUMNS = (
    "call_id",
    "path",
    *Meta.model_fields,
    "agent_channel",
)


@dataclass(frozen=True, slots=True)
class Performed:
    """A scene and when each item of its script took place."""

    scene: Scene
    spans: tuple[Span, ...]

    @property
    def turns(self) -> tuple[tuple[Utterance, Span], ...]:
        """The utterances with their spans, in the order they begin."""
        return tuple((i, s) for i, s in zip(self.scene.script, self.spans, strict=True) if isinstance(i, Utterance))


def file_name(scene: Scene) -> str:
    """The recording's name within the folder."""
    return f"{scene.header.call_id}.{scene.header.format}"


def perform(scene: Scene, folder: Path) -> Performed:
    """Speak a scene and write its recording into `folder`; a chat is only timed.

    Raises InputError when an overlap reaches beyond the turn that it cuts into.
    """
    utterances, header = scene.utterances, scene.header
    if header.format == "chat":
        gaps_ms = chat_gaps_ms([u.text for u in utterances])
        return Performed(scene, schedule(scene.script, lengths_ms=[0] * len(gaps_ms), gaps_ms=gaps_ms))
    spoken = [speak(u, scene.voice_of(u)) for u in utterances]
    gaps_ms = voice_gaps_ms(header.call_id, len(spoken))
    performed = Performed(scene, schedule(scene.script, lengths_ms=[length_ms(s) for s in spoken], gaps_ms=gaps_ms))
    parts = [
        Part(header.agent_channel if turn.is_agent else 1 - header.agent_channel, span.start_ms, samples)
        for (turn, span), samples in zip(performed.turns, spoken, strict=True)
    ]
    pcm = mix(parts, noise_seed=seed(header.call_id, "noise"))
    write_recording(folder / file_name(scene), pcm, format=header.format)
    return performed


def truth_of(performed: Performed) -> dict[str, Any]:
    """What a perfect inspector would find: the turns, the faults, and the rules that must stay silent.

    A chat's turns have no end.
    """
    scene, header = performed.scene, performed.scene.header
    is_chat = header.format == "chat"

    def times(span: Span) -> dict[str, int]:
        return {"start_ms": span.start_ms} if is_chat else {"start_ms": span.start_ms, "end_ms": span.end_ms}

    events: list[dict[str, Any]] = [{"rule_id": rule, "note": note} for rule, note in header.absent.items()]
    for item, span in zip(scene.script, performed.spans, strict=True):
        events += [{"rule_id": f.rule_id, **times(span), "note": f.note} for f in item.faults]
    return {
        "call_id": header.call_id,
        "title": header.title,
        "clean": header.clean,
        "events": events,
        "must_not": list(header.must_not),
        "may": list(header.may),
        "turns": [{"role": u.role, "text": u.text, **times(span)} for u, span in performed.turns],
    }


def write_tables(performances: Sequence[Performed], folder: Path) -> None:
    """The truth files, `manifest.csv` of the recordings and `chats.jsonl` of the chats, in the calls' order."""
    truth = folder / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    for performed in performances:
        path = truth / f"{performed.scene.header.call_id}.json"
        path.write_text(json.dumps(truth_of(performed), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    ordered = sorted(performances, key=lambda p: p.scene.header.call_id)
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(_manifest_row(p.scene) for p in ordered if p.scene.header.format != "chat")
    chats = (_chat_line(p) for p in ordered if p.scene.header.format == "chat")
    (folder / "chats.jsonl").write_text("".join(_json_lines(chats)), encoding="utf-8")


def _manifest_row(scene: Scene) -> dict[str, Any]:
    header = scene.header
    return {
        "call_id": header.call_id,
        "path": file_name(scene),
        **header.meta.model_dump(),
        "started_at": header.meta.started_at.isoformat(),
        "agent_channel": header.agent_channel,
    }


def _chat_line(performed: Performed) -> dict[str, Any]:
    header = performed.scene.header
    return {
        "call_id": header.call_id,
        "channel": "chat",
        **header.meta.model_dump(exclude_none=True),
        "started_at": header.meta.started_at.isoformat(),
        "turns": [{"role": u.role, "text": u.text, "start_ms": span.start_ms} for u, span in performed.turns],
    }


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
