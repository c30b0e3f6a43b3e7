"""The sets of others: read, cleaned, and their labels mapped to ours.

Only sets whose licence allows it are trained on (CPED, CrossWOZ and COLD, all Apache-2.0); the others are measured on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.transcript import Role
from pipeline.text.classify.features import plain

TRAINED_ON = ("cped_train.jsonl", "crosswoz_val.jsonl", "cold_train.jsonl", "homophones.tsv")
MEASURED_ON = ("fosaed_dev_calls.jsonl", "fosaed_dev_labels.jsonl", "emotiontalk_val.jsonl", "stc3_cn_dev.jsonl")

# None: says too little of the five (astonished may be glad or upset; positive-other ranges from thanks to teasing).
CPED_TO_OURS: Mapping[str, EmotionLabel | None] = {
    "neutral": EmotionLabel.CALM,
    "relaxed": EmotionLabel.CALM,
    "happy": EmotionLabel.SATISFIED,
    "grateful": EmotionLabel.SATISFIED,
    "worried": EmotionLabel.ANXIOUS,
    "fear": EmotionLabel.ANXIOUS,
    "depress": EmotionLabel.DISSATISFIED,
    "sadness": EmotionLabel.DISSATISFIED,
    "disgust": EmotionLabel.DISSATISFIED,
    "negative-other": EmotionLabel.DISSATISFIED,
    "anger": EmotionLabel.ANGRY,
    "astonished": None,
    "positive-other": None,
}
SHORTEST_CPED = 3
HELD_OUT_SHARE = 10
_WARM = re.compile("太好了|太感谢|非常感谢|谢谢[你您]的|太谢谢|真棒|帮了我")
_INSULT = re.compile("滚|傻逼|傻b|脑残|有病|垃圾|骗子|不要脸|恶心|畜生|王八|废物|他妈|妈的|去死|闭嘴|放屁|狗屁|无耻|贱")
_COLD_LENGTH = range(4, 41)


@dataclass(frozen=True, slots=True)
class Example:
    """One turn to learn from. `text` is plain. Examples of one `group` never stand on both sides of a validation.

    Examples that follow one another with the same `dialogue` are turns of it; it is empty for what stands alone.
    """

    role: Role
    text: str
    label: EmotionLabel
    source: str
    group: str
    dialogue: str = ""


@dataclass(frozen=True, slots=True)
class CpedTurn:
    """A turn of CPED's held-out dialogues. `sentiment` is positive, neutral or negative."""

    text: str
    sentiment: str


def check_sets(folder: Path) -> None:
    """Raise InputError naming every set that `folder` lacks."""
    missing = [name for name in (*TRAINED_ON, *MEASURED_ON) if not (folder / name).is_file()]
    if missing:
        raise InputError(
            Problem(
                code=ProblemCode.FILE_MISSING,
                what=f"数据文件夹缺少 {name}",
                remedy="请按 models/emotion-zh/README.md 的数据一节取得它,放进 --data 指的文件夹",
                file=str(folder),
            )
            for name in missing
        )


def rows(path: Path) -> Iterable[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def cped(folder: Path) -> tuple[list[Example], list[CpedTurn]]:
    """CPED's turns to learn from, and those of the held-out tenth of its dialogues."""
    examples: list[Example] = []
    held_out: list[CpedTurn] = []
    for row in rows(folder / "cped_train.jsonl"):
        text, dialogue = plain(row["text"]), row["dialogue"]
        label = CPED_TO_OURS[row["emotion"]]
        if int(hashlib.sha256(dialogue.encode()).hexdigest(), 16) % HELD_OUT_SHARE == 0:
            if text:
                held_out.append(CpedTurn(text, row["sentiment"]))
        elif label and len(text) >= SHORTEST_CPED:
            examples.append(Example(Role.OTHER, text, label, "cped", dialogue, dialogue))
    return examples, held_out


def crosswoz(folder: Path) -> list[Example]:
    """Service turns of CrossWOZ: calm, a customer's warm thanks satisfied, other thanks left out."""
    found: dict[tuple[Role, str], Example] = {}
    for row in rows(folder / "crosswoz_val.jsonl"):
        role, text = Role(row["role"]), plain(row["text"])
        label = EmotionLabel.CALM
        if role is Role.CUSTOMER and re.search("谢|太好了", text):
            if not _WARM.search(text):
                continue
            label = EmotionLabel.SATISFIED
        if text:
            found.setdefault((role, text), Example(role, text, label, "crosswoz", row["dialogue"]))
    return list(found.values())


def cold(folder: Path) -> list[Example]:
    """Insults that address someone, as angry. The rest of COLD offends groups, which is not anger at us."""
    examples: list[Example] = []
    for number, row in enumerate(rows(folder / "cold_train.jsonl")):
        text = plain(row["text"])
        if row["label"] == 1 and len(text) in _COLD_LENGTH and "你" in text and _INSULT.search(text):
            examples.append(Example(Role.OTHER, text, EmotionLabel.ANGRY, "cold", str(number)))
    return examples


def homophones(folder: Path) -> dict[str, str]:
    """For each character those that sound the same, tone included."""
    table: dict[str, str] = {}
    for line in (folder / "homophones.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) > 1 and cells[0] and cells[1]:
            table[cells[0]] = cells[1]
    return table
