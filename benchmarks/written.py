"""Numbers and marks in recognised text: `python -m benchmarks.written DATA_DIR`.

Numbers: over `itn/*.txt` (spoken => written, WeTextProcessing), which of the numbers that we write have the value that
the set gives, and how many of the set's numbers are written. Its forms are not ours (2008/08/08, ¥1.25, 3000~5000), so
values are compared in their order, units joined (3380元5角8分 is 3380.58). The set is small and was at hand while the
rules were written: a check, not an accuracy.

Marks: the words of the fixtures' truth, put through `written` with their own times, against the punctuation of their
scripts. The limit for a comma was chosen on these words.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.assets import asset
from pipeline.text.figures import figures
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.written import written

_MONEY = re.compile(r"(\d+)[块元](\d)(?:毛|角|(?!\d))(?:(\d)分)?")
_BIG = re.compile(r"(?:(\d+)亿)?(?:(\d+)万)?(\d*)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[万亿]\d*)*")
_MARKS = "\uff0c\u3002\uff1f\uff01\uff1b\uff1a\u3001,.?!;:"


def main() -> None:
    """Prints two tables, and what we write otherwise than the set."""
    console = Console()
    differing = _print_numbers(console, Path(sys.argv[1]) / "itn")
    _print_marks(console)
    for said, ours, theirs in differing:
        console.print(f"{said} => {ours} ({theirs})", soft_wrap=True)


def _print_numbers(console: Console, folder: Path) -> list[tuple[str, str, str]]:
    table = Table("category", "lines", "numbers written", "with the set's value", "the set's numbers", "written")
    differing: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*.txt")):
        lines = [line.split(" => ") for line in path.read_text(encoding="utf-8").splitlines() if " => " in line]
        ours = theirs = right = 0
        for said, expected in lines:
            text = said
            for figure in reversed(figures(said)):
                text = text[: figure.start] + figure.written + text[figure.end :]
            mine, known = _values(text), _values(expected)
            agreed = _in_order(mine, known)
            ours, theirs, right = ours + len(mine), theirs + len(known), right + agreed
            if agreed < len(mine):
                differing.append((said, text, expected))
        table.add_row(path.stem, str(len(lines)), str(ours), str(right), str(theirs), f"{right / theirs:.0%}")
    console.print(table)
    return differing


def _values(text: str) -> list[float]:
    """The numbers of a text, in order."""
    joined = _MONEY.sub(lambda m: f"{m[1]}.{m[2]}{m[3] or ''}", text)
    return [_value(match.group()) for match in _NUMBER.finditer(joined)]


def _value(number: str) -> float:
    whole = _BIG.fullmatch(number)
    if whole is None:
        return float(re.sub("[万亿]", "", number)) * (1e4 if "万" in number else 1e8 if "亿" in number else 1)
    billions, myriads, rest = (int(part or 0) for part in whole.groups())
    return float(billions * 10**8 + myriads * 10**4 + rest)


def _in_order(mine: Sequence[float], known: Sequence[float]) -> int:
    from rapidfuzz.distance import LCSseq

    return LCSseq.similarity(mine, known)


def _print_marks(console: Console) -> None:
    table = Table("marks within a turn", "in the scripts", "ours", "where the scripts have one")
    scripts = ours = right = 0
    for text, words in _true_turns():
        ends = [0]
        for word in words:
            ends.append(text.index(word.text, ends[-1]) + len(word.text))
        marked = {i for i, end in enumerate(ends[1:-1]) if text[end] in _MARKS}
        made, kept = written(words)
        places = {word.end_ms for word in kept[:-1] if made[word.char_end] in _MARKS}
        found = {i for i, word in enumerate(words[:-1]) if word.end_ms in places}
        scripts, ours, right = scripts + len(marked), ours + len(found), right + len(marked & found)
    table.add_row("", str(scripts), str(ours), f"{right} ({right / ours:.1%} of ours, {right / scripts:.1%} of theirs)")
    console.print(table)


def _true_turns() -> Iterator[tuple[str, list[HeardWord]]]:
    for path in sorted(asset("fixtures/audio").rglob("truth/*.json")):
        for turn in json.loads(path.read_bytes())["turns"]:
            if words := turn.get("words"):
                yield turn["text"], [HeardWord(w["text"], w["start_ms"], w["end_ms"], 1.0) for w in words]


if __name__ == "__main__":
    main()
