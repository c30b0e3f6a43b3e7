"""A small lake made by a real run over chats, and two versions of a pack to try on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from flows.options import RunOptions
from flows.work import RunWork

PACK = {"id": "t", "version": "1.0.0", "title": "试验包", "owner": "质检组", "language": "zh", "covers": "试验"}
SHIRK, THANKS = "t.banned.shirk", "t.closing.thanks"

SHIRKS = {
    "shirk-1": ["客户: 发票开错了", "客服: 这个不归我管"],
    "shirk-2": ["客户: 我的电话是13800138000", "客服: 不归我管,您打13800138000问"],
    "denies": ["客户: 你们不管吗", "客服: 不是不归我管,我帮您转过去"],
    "pushes": ["客户: 发票开错了", "客服: 您找财务吧"],
    "clean": ["客户: 几点关门", "客服: 晚上九点,谢谢您的来电"],
}
"""Chats by call id."""


def rule(rule_id: str = SHIRK, **changes: Any) -> dict[str, Any]:
    """A rule about what agents must not say."""
    return {
        "id": rule_id,
        "title": "推诿",
        "kind": "banned",
        "severity": "major",
        "status": "test",
        "version": 1,
        "since": "2026-01-01",
        "guidance": "请说我来帮您处理",
        "checks": {"said": {"phrase": ["不归我管"], "role": "agent"}},
        "forbid": "said",
    } | changes


def words(*phrases: str, **more: Any) -> dict[str, Any]:
    """The checks of a rule that looks for these."""
    return {"said": {"phrase": list(phrases), "role": "agent", **more}}


def write_pack(folder: Path, *rules: Mapping[str, Any], **changes: Any) -> Path:
    """A pack of these rules; its cases are not needed to judge."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yml").write_text(yaml.safe_dump(PACK | changes, allow_unicode=True), encoding="utf-8")
    (folder / "a.yml").write_text(yaml.safe_dump(list(rules), allow_unicode=True), encoding="utf-8")
    return folder


def write_sheet(path: Path, **rules: Sequence[str]) -> Path:
    """A sheet that deducts 20 for each of `deduct`."""
    sheet = {
        "id": "t",
        "version": 1,
        "title": "试验评分表",
        "dimensions": [
            {
                "id": "d",
                "title": "态度",
                "weight": 100,
                "deductions": [{"rule": r, "deduct": 20} for r in rules["deduct"]],
            }
        ],
        "bands": [{"min": 90, "grade": "A", "title": "优"}, {"min": 0, "grade": "B", "title": "良"}],
        "flag": {"score_below": 90},
    }
    path.write_text(yaml.safe_dump(sheet, allow_unicode=True), encoding="utf-8")
    return path


def run_lake(folder: Path, *packs: Path, sheet: Path, chats: Mapping[str, Sequence[str]] = SHIRKS) -> Path:
    """The lake of a run over the chats."""
    said = {"客户": "customer", "客服": "agent"}
    lines = [
        json.dumps(
            {
                "call_id": call_id,
                "turns": [{"role": said[line[:2]], "text": line[4:]} for line in dialogue],
            },
            ensure_ascii=False,
        )
        for call_id, dialogue in chats.items()
    ]
    source = folder / "chats.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    source.write_text("\n".join(lines), encoding="utf-8")
    options = RunOptions(sources=(source,), lake=folder / "lake", packs=packs, sheet=sheet)
    work = RunWork(options, "run-1", lambda *_: None)
    with work.lake.writing():
        work.open()
        for batch in range(work.discover()):
            work.transcribe(batch, last_try=True)
            work.inspect(batch)
        work.publish()
    return options.lake
