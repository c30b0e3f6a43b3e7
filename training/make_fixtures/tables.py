"""What is written beside the recordings: the truth, the manifest, the chats."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.make_fixtures.perform import Performed, file_name
from training.make_fixtures.scene import Meta, Scene
from training.make_fixtures.timing import Span

COLUMNS = ("call_id", "path", *Meta.model_fields, "agent_channel")


def truth_of(performed: Performed) -> dict[str, Any]:
    """What a perfect recogniser and inspector would find: the turns with their words, the faults, and the rules that
    must stay silent.

    A chat's turns have no end and no words.
    """
    scene, header = performed.scene, performed.scene.header

    def times(span: Span) -> dict[str, int]:
        return {"start_ms": span.start_ms} if header.is_chat else {"start_ms": span.start_ms, "end_ms": span.end_ms}

    events: list[dict[str, Any]] = [{"rule_id": rule, "note": note} for rule, note in header.absent.items()]
    for item, span in zip(scene.script, performed.spans, strict=True):
        events += [{"rule_id": f.rule_id, **times(span), "note": f.note} for f in item.faults]
    turns: list[dict[str, Any]] = [{"role": u.role, "text": u.written, **times(s)} for u, s in performed.turns]
    for turn, words in zip(turns, performed.words, strict=not header.is_chat):
        turn["words"] = [{"text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms} for w in words]
    return {
        "call_id": header.call_id,
        "title": header.title,
        "industry": header.industry,
        **({} if header.is_chat else {"quality": header.quality, "mono": header.mono}),
        "clean": header.clean,
        "events": events,
        "must_not": list(header.must_not),
        "may": list(header.may),
        "turns": turns,
    }


def write_tables(performances: Sequence[Performed], folder: Path) -> None:
    """The truth files, `manifest.csv` of the recordings, and `chats.jsonl` of the chats if there are any."""
    truth = folder / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    for performed in performances:
        path = truth / f"{performed.scene.header.call_id}.json"
        path.write_text(_json_by_line(truth_of(performed)), encoding="utf-8")
    ordered = sorted(performances, key=lambda p: p.scene.header.call_id)
    spoken = [_manifest_row(p.scene) for p in ordered if not p.scene.header.is_chat]
    chats = [_chat_line(p) for p in ordered if p.scene.header.is_chat]
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(spoken)
    if chats:
        (folder / "chats.jsonl").write_text("".join(f"{_json(chat)}\n" for chat in chats), encoding="utf-8")


def _manifest_row(scene: Scene) -> dict[str, Any]:
    """The agent's channel is left empty where a recording has only one."""
    header = scene.header
    return {
        "call_id": header.call_id,
        "path": file_name(header),
        **header.meta.model_dump(),
        "started_at": header.meta.started_at.isoformat(),
        "agent_channel": None if header.mono else header.agent_channel,
    }


def _chat_line(performed: Performed) -> dict[str, Any]:
    header = performed.scene.header
    return {
        "call_id": header.call_id,
        "channel": "chat",
        **header.meta.model_dump(exclude_none=True),
        "started_at": header.meta.started_at.isoformat(),
        "turns": [{"role": u.role, "text": u.written, "start_ms": span.start_ms} for u, span in performed.turns],
    }


def _json_by_line(truth: Mapping[str, Any]) -> str:
    """One line per key, event and turn: a thousand timed words are no reading matter, a turn is."""
    return "{\n" + ",\n".join(f" {_json(key)}: {_json_entry(value)}" for key, value in truth.items()) + "\n}\n"


def _json_entry(value: Any) -> str:
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return _json(value)
    return "[\n" + ",\n".join(f"  {_json(entry)}" for entry in value) + "\n ]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
