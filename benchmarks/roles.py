"""Who is the agent, by what is said: `python -m benchmarks.roles DATA_DIR`.

Over real hotline calls (FOSAED) and written service dialogues (CrossWOZ), with the roles that the sets give: all that
each side says, and its share of the first ten turns. The cues were written before this was run; `LEAST_CONFIDENCE`
was chosen after.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.transcribe.voices.cast import LEAST_CONFIDENCE
from pipeline.transcribe.voices.roles import AgentVoice, find_agent

FIRST_TURNS = 10

Turns = Sequence[tuple[str, str]]
"""Role and text."""


def main() -> None:
    """Prints a table with a row for each set and length."""
    folder = Path(sys.argv[1])
    table = Table("set", "dialogues", "agent named rightly", f"confidence from {LEAST_CONFIDENCE}", "of them wrong")
    for name, dialogues in (("FOSAED", fosaed(folder)), ("CrossWOZ", crosswoz(folder))):
        whole = list(dialogues)
        for label, few in ((name, None), (f"{name}, first {FIRST_TURNS} turns", FIRST_TURNS)):
            found = [_find(turns[:few]) for turns in whole]
            sure = [one for one in found if one.confidence >= LEAST_CONFIDENCE]
            right = sum(one.index == 0 for one in found)
            wrong = sum(one.index == 1 for one in sure)
            table.add_row(label, str(len(found)), f"{right} ({right / len(found):.1%})", str(len(sure)), str(wrong))
    Console().print(table)


def _find(turns: Turns) -> AgentVoice:
    return find_agent(*("\n".join(text for role, text in turns if role == side) for side in ("agent", "customer")))


def fosaed(folder: Path) -> Iterable[Turns]:
    """The real hotline calls of `fosaed_dev_calls.jsonl`."""
    with (folder / "fosaed_dev_calls.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield [(turn["role"], turn["text"]) for turn in json.loads(line)["turns"]]


def crosswoz(folder: Path) -> Iterable[Turns]:
    """The written dialogues of `crosswoz_val.jsonl`."""
    dialogues: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with (folder / "crosswoz_val.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            dialogues[row["dialogue"]].append((row["role"], row["text"]))
    return dialogues.values()


if __name__ == "__main__":
    main()
