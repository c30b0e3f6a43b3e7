"""The sets that are only measured on, as calls of turns with what people said of them. Nothing is trained on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.domain.transcript import Role, Turn
from training.emotion.corpora import rows

EMOTIONTALK_THREE = {"happy": "positive", "neutral": "neutral", "surprised": "neutral"}


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """A hotline call of FOSAED: `labels` holds `peak` and `end`, `disputed` where the two readers differ.

    `tuned` says that limits were chosen on it: the first byte of the SHA-256 of its id is even.
    """

    turns: tuple[Turn, ...]
    labels: Mapping[str, str]
    tuned: bool


def fosaed(data: Path) -> list[JudgedCall]:
    """The judged calls."""
    calls = {call["id"]: call["turns"] for call in rows(data / "fosaed_dev_calls.jsonl")}
    return [
        JudgedCall(
            _turns(calls[row["id"]]),
            {field: row[f"customer_emotion_{field}"] for field in ("peak", "end")},
            hashlib.sha256(str(row["id"]).encode()).digest()[0] % 2 == 0,
        )
        for row in rows(data / "fosaed_dev_labels.jsonl")
    ]


def emotiontalk(data: Path, part: str = "val") -> list[tuple[tuple[Turn, ...], tuple[str, ...]]]:
    """The conversations of the validation set, or of `train`, each with the emotions of its turns.

    An id such as G00012_45_13_004 is group, conversation, speaker and number of the turn; a turn whose id has another
    form stands alone. The first speaker stands as the customer, the other as of unknown role.
    """
    found = sorted(rows(data / f"emotiontalk_{part}.jsonl"), key=_place)
    return [_conversation(list(turns)) for _, turns in groupby(found, key=lambda row: _place(row)[:2])]


def stc3(data: Path) -> list[tuple[tuple[Turn, ...], float]]:
    """The help-desk dialogues, each with the mean satisfaction that nineteen readers gave it."""
    return [(_turns(row["turns"]), row["satisfaction"]) for row in rows(data / "stc3_cn_dev.jsonl")]


def _turns(spoken: list[dict[str, str]]) -> tuple[Turn, ...]:
    return tuple(Turn(n, Role(turn["role"]), turn["text"]) for n, turn in enumerate(spoken))


def _place(row: Mapping[str, Any]) -> tuple[str, str, int]:
    parts = str(row["id"]).split("_")
    return (parts[0], parts[1], int(parts[3])) if len(parts) == 4 else (str(row["id"]), "", 0)


def _conversation(found: list[dict[str, Any]]) -> tuple[tuple[Turn, ...], tuple[str, ...]]:
    speakers = [str(row["id"]).rpartition("_")[0] for row in found]
    turns = tuple(
        Turn(n, Role.CUSTOMER if speaker == speakers[0] else Role.OTHER, row["text"])
        for n, (row, speaker) in enumerate(zip(found, speakers, strict=True))
    )
    return turns, tuple(row["emotion"] for row in found)
