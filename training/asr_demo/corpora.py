"""General sentences from the sets that a shipped model may learn from; needed for training only, never copied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

SETS = {"cped_train.jsonl": "text", "cold_train.jsonl": "text", "crosswoz_val.jsonl": "text"}
"""All Apache-2.0: scutcyr/CPED, thu-coai/COLDataset, thu-coai/CrossWOZ."""
_STOPS = re.compile(r"[^\u4e00-\u9fff]+")
_NUMBER = re.compile(r"[十百千万亿]|[零一二三四五六七八九两幺]{2,}")
"""Numbers in characters; a line's are in digits, and a recogniser should write one way."""
_LENGTHS = range(3, 17)


def general_sentences(folder: Path) -> tuple[str, ...]:
    """Distinct clauses of 3 to 16 Chinese characters without numbers, sorted. `folder` holds the sets.

    Raises FileNotFoundError where a set is missing.
    """
    return tuple(sorted(set(_clauses(folder))))


def _clauses(folder: Path) -> Iterator[str]:
    for name, field in SETS.items():
        with (folder / name).open(encoding="utf-8") as file:
            for row in file:
                for clause in _STOPS.split(json.loads(row)[field]):
                    if len(clause) in _LENGTHS and not _NUMBER.search(clause):
                        yield clause
