"""How fast calls are judged: `python -m benchmarks.judging DATA_DIR`.

DATA_DIR holds `fosaed_dev_calls.jsonl` (339 real hotline calls, 53 turns and 900 characters on average; not part of
this project). One process, all packs that ship; normalising, finding and judging count, reading the file and the
emotion model do not. Text rules are those that rest on words alone. Each run goes through all calls; the shortest of
`--times` runs counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fosaed import NAME, convert
from flows.options import shipped_packs
from pipeline.domain.call import Call
from pipeline.domain.transcript import Transcript
from pipeline.intake import read
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import Pack, RuleSet, load_rules
from pipeline.rulepack.view import view_call
from pipeline.signals import measure
from pipeline.text import normalise

console = Console()


def main() -> None:
    """Prints calls a second for text rules and for all rules, and what loading takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    source = arguments.data / NAME
    if not source.is_file():
        sys.exit(f"{source} is not there; this benchmark needs the real transcripts")
    calls = _calls(source)
    begun = time.perf_counter()
    rules = load_rules(shipped_packs())
    console.print(f"{len(rules.rules)} rules of {len(rules.packs)} packs load in {time.perf_counter() - begun:.2f} s")
    table = Table("rules", "number", "calls/s", "microseconds a call")
    for name, chosen in (("text rules", _text_rules(rules)), ("all rules", rules)):
        seconds = min(_seconds(chosen, calls) for _ in range(arguments.times))
        each = seconds / len(calls)
        table.add_row(name, str(len(chosen.rules)), f"{1 / each:,.0f}", f"{each * 1e6:.0f}")
    console.print(table)


def _calls(source: Path) -> list[tuple[Call, Transcript, list[None]]]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transcripts.jsonl"
        convert(source, path)
        calls = read([path]).calls
    return [(c, Transcript(turns=c.turns or (), engine="given"), [None] * len(c.turns or ())) for c in calls]


def _text_rules(rules: RuleSet) -> RuleSet:
    return RuleSet(tuple(_only(pack, rules.index.textual) for pack in rules.packs))


def _only(pack: Pack, ids: frozenset[str]) -> Pack:
    return replace(pack, rules=tuple(rule for rule in pack.rules if rule.spec.id in ids))


def _seconds(rules: RuleSet, calls: list[tuple[Call, Transcript, list[None]]]) -> float:
    signals = [measure(transcript, channel=call.channel) for call, transcript, _ in calls]
    normalise.cache_clear()
    begun = time.perf_counter()
    for (call, transcript, emotions), measured in zip(calls, signals, strict=True):
        judge(rules, view_call(call, transcript, measured, emotions, rules.index))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
