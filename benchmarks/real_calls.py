"""The general rules on real calls judged by readers: `python -m benchmarks.real_calls DATA_DIR`.

DATA_DIR holds `*_calls.jsonl` (id, turns[role, text]) and `*_labels.jsonl` (some of the calls as two readers judged
them, `disputed` where they differ; not part of this project). Calls go in as ready voice transcripts without times.
Nothing of the data is stored; `--show RULE` prints the turns that a rule found, `--wrong LABEL` the calls that a label
and its rule judge differently, both to the console only.

A label counts as done when its value is one of `done`; we say so when every rule of `rules` has one of `verdicts`.
Disputed calls are left out first and then counted against us, whatever we say. Labels are shown whole and by halves:
the rules were tuned on the calls of the first half (an even first byte of the id's SHA-256), the second half checks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Verdict, VerdictValue
from pipeline.emotion import load_default
from pipeline.insight.rates import interval_texts
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.score.inspect import verdicts_of

_KEPT = (VerdictValue.PASSED,)
_FIRED = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)
_DISPUTED = "disputed"
_DRAWS = 2000
_NEAR_TURNS = 1
"""Readers and rules may name neighbouring turns for one remark."""


@dataclass(frozen=True, slots=True)
class Stands:
    """Which rules stand for a readers' label: all of them, where `a or b` is one that either may keep."""

    label: str
    done: tuple[str, ...]
    rules: tuple[str, ...]
    verdicts: tuple[VerdictValue, ...] = _KEPT


STANDS = (
    Stands(
        "opening", ("full",), ("general.opening.greeting", "general.opening.self_intro or general.opening.offer_help")
    ),
    Stands("opening", ("full", "partial"), ("general.opening.greeting",)),
    Stands("needs_confirmed", ("yes",), ("general.process.need_confirmed",)),
    Stands("empathy", ("yes",), ("general.empathy.shown",)),
    Stands("empathy_before_solution", ("yes",), ("general.empathy.before_solution",)),
    Stands("hold_notice", ("yes",), ("general.hold.announced",)),
    Stands("hold_thanks", ("yes",), ("general.hold.thanks",)),
    Stands("solution_confirmed", ("yes",), ("general.process.solution_confirmed",)),
    Stands("follow_up_promised", ("yes",), ("general.process.promise",)),
    Stands("further_help", ("yes",), ("general.closing.further_help",)),
    Stands("closing", ("full", "partial"), ("general.closing.farewell",)),
    Stands("closing", ("full",), ("general.closing.thanks",)),
    Stands("satisfaction_invite", ("yes",), ("general.closing.satisfaction",)),
    Stands("threat", ("yes",), ("general.risk.regulator or general.risk.ultimatum or general.risk.menace",), _FIRED),
)
FORBIDDEN = ("general.banned.", "general.wording.rigid")
"""Rules whose hits stand for a forbidden remark."""


@dataclass(frozen=True, slots=True)
class Read:
    """A call with what readers say of it (None where nobody did) and what the rules say."""

    call_id: str
    turns: tuple[Turn, ...]
    labels: dict[str, Any] | None
    verdicts: dict[str, Verdict]

    @property
    def tuned(self) -> bool:
        """Whether the rules were tuned on this call."""
        return hashlib.sha256(self.call_id.encode()).digest()[0] % 2 == 0

    def says(self, stands: Stands) -> bool:
        """Whether the rules take the label for done."""
        return all(
            any(self.verdicts[r].value in stands.verdicts for r in either.split(" or ")) for either in stands.rules
        )

    def hits(self, prefixes: tuple[str, ...]) -> dict[int, str]:
        """The agent's turns in which a rule of these prefixes fired, with the rule."""
        fired = [v for i, v in self.verdicts.items() if i.startswith(prefixes) and v.value in _FIRED]
        found = [(f.turn, f.rule_id) for v in fired for f in v.findings if f.turn is not None]
        return {turn: rule for turn, rule in sorted(found) if self.turns[turn].role is Role.AGENT}


def main() -> None:
    """Judges all calls and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--show", metavar="RULE", help="print the turns that this rule (or these, by prefix) found")
    parser.add_argument("--wrong", metavar="LABEL", help="print the first half's calls where label and rule differ")
    parser.add_argument("--only", choices=("tuned", "checked", "unread"), help="only these calls are printed")
    options = parser.parse_args()
    rules = load_rules((asset("rules/general"),))
    calls = list(_judged(options.data, rules))
    console = Console(width=200, highlight=False)
    if options.show:
        _show(console, [c for c in calls if options.only in (None, _part(c))], options.show)
    elif options.wrong:
        _wrong(console, [c for c in calls if c.labels and c.tuned], options.wrong)
    else:
        _report(console, calls, rules)


def _part(call: Read) -> str:
    return "unread" if call.labels is None else "tuned" if call.tuned else "checked"


def _judged(folder: Path, rules: RuleSet) -> Iterator[Read]:
    rows = [json.loads(line) for path in sorted(folder.glob("*_labels.jsonl")) for line in _lines(path)]
    labels = {str(row["id"]): row for row in rows}
    judge = verdicts_of(rules, load_default())
    for path in sorted(folder.glob("*_calls.jsonl")):
        for row in map(json.loads, _lines(path)):
            turns = tuple(Turn(i, Role(t["role"]), t["text"]) for i, t in enumerate(row["turns"]))
            call = Call(
                call_id=str(row["id"]),
                channel=Channel.VOICE,
                source=path.name,
                content_hash=hashlib.sha256(str(row["id"]).encode()).hexdigest(),
                turns=turns,
            )
            verdicts = judge(call, Transcript(turns=turns, engine="given"))
            yield Read(call.call_id, turns, labels.get(call.call_id), {v.rule_id: v for v in verdicts})


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _report(console: Console, calls: Sequence[Read], rules: RuleSet) -> None:
    read = [c for c in calls if c.labels is not None]
    halves = {
        "all": read,
        "tuned on": [c for c in read if c.tuned],
        "checked on": [c for c in read if not c.tuned],
    }
    for name, part in halves.items():
        _labels(console, name, part)
    for name, part in halves.items():
        _forbidden(console, name, part)
    _fired(console, calls, rules)


def _labels(console: Console, name: str, calls: Sequence[Read]) -> None:
    columns = ("label", "done means", "rules", "calls", "F1", "precision", "recall", "F1, disputed against us")
    table = Table(*columns, title=f"{len(calls)} calls: {name}")
    for stands in STANDS:
        pairs = [(c.labels[stands.label], c.says(stands)) for c in calls if c.labels and stands.label in c.labels]
        clear = [(value in stands.done, said) for value, said in pairs if value != _DISPUTED]
        against = clear + [(not said, said) for value, said in pairs if value == _DISPUTED]
        short = " + ".join(stands.rules).replace("general.", "")
        table.add_row(stands.label, "/".join(stands.done), short, str(len(clear)), *_rates(clear), _rates(against)[0])
    console.print(table)


def _rates(pairs: Sequence[tuple[bool, bool]]) -> tuple[str, str, str]:
    """F1 with its bootstrap interval, precision and recall with Wilson's, of `(wanted, said)`."""
    values = np.array(pairs, dtype=bool).reshape(-1, 2)
    low = high = float("nan")
    if len(values):
        draws = np.random.default_rng(0).integers(0, len(values), (_DRAWS, len(values)))
        low, high = np.nanquantile([_f1(values[d]) for d in draws], (0.025, 0.975))
    right = int((values[:, 0] & values[:, 1]).sum())
    return (
        f"{_f1(values):.3f} ({low:.2f}–{high:.2f})",
        _share(right, int(values[:, 1].sum())),
        _share(right, int(values[:, 0].sum())),
    )


def _f1(values: Any) -> float:
    wanted, said = values[:, 0], values[:, 1]
    whole = int(wanted.sum() + said.sum())
    return 2 * int((wanted & said).sum()) / whole if whole else float("nan")


def _share(hits: int, n: int) -> str:
    interval = interval_texts(pd.Series([hits]), pd.Series([n]))[0]
    return f"{hits}/{n} = {hits / n:.1%} ({interval})" if n else "0/0"


def _forbidden(console: Console, name: str, calls: Sequence[Read]) -> None:
    """Forbidden remarks by turn (a neighbouring turn is the same remark) and by call, and which kinds were found."""
    table = Table("forbidden", "precision", "recall", title=f"{len(calls)} calls: {name}")
    for disputed in (False, True):
        found = right = wanted = 0
        kinds: Counter[str] = Counter()
        missed: Counter[str] = Counter()
        by_call: list[tuple[bool, bool]] = []
        for call in calls:
            labels = call.labels or {}
            bad = {int(x["turn"]): str(x["kind"]) for x in labels["forbidden"]}
            open_turns = {int(t) for t in labels.get("forbidden_disputed", ())}
            if disputed:
                bad |= {t: _DISPUTED for t in open_turns if t not in bad}
            hits = [t for t in call.hits(FORBIDDEN) if disputed or not _near(t, open_turns) or _near(t, bad)]
            found, right = found + len(hits), right + sum(_near(t, bad) for t in hits)
            for turn, kind in bad.items():
                wanted += 1
                (kinds if _near(turn, hits) else missed)[kind] += 1
            by_call.append((bool(bad), bool(hits)))
        suffix = " (disputed ones too)" if disputed else ""
        table.add_row(f"turns ±{_NEAR_TURNS}{suffix}", _share(right, found), _share(sum(kinds.values()), wanted))
        table.add_row(f"calls{suffix}", *_rates(by_call)[1:])
        console.print(f"{name}{suffix}: kinds found {dict(kinds)}, missed {dict(missed)}")
    console.print(table)


def _near(turn: int, others: Collection[int]) -> bool:
    return any(abs(turn - other) <= _NEAR_TURNS for other in others)


def _fired(console: Console, calls: Sequence[Read], rules: RuleSet) -> None:
    unread = [c for c in calls if c.labels is None]
    spoken = sum(t.role is Role.AGENT for c in unread for t in c.turns)
    table = Table(
        "rule", "fires on calls", "passed", "undetermined", "turns hit", title=f"{len(unread)} calls not read"
    )
    for rule in rules.rules:
        values = Counter(c.verdicts[rule.spec.id].value for c in unread)
        fired = sum(values[v] for v in _FIRED)
        hits = sum(len(c.hits((rule.spec.id,))) for c in unread)
        counts = (values[VerdictValue.PASSED], values[VerdictValue.UNDETERMINED], hits)
        table.add_row(rule.spec.id, _share(fired, len(unread)), *map(str, counts))
    console.print(table)
    hits = sum(len(c.hits(FORBIDDEN)) for c in unread)
    console.print(f"banned rules hit {_share(hits, spoken)} of the agent's turns")


def _show(console: Console, calls: Sequence[Read], prefix: str) -> None:
    for call in calls:
        for rule, verdict in call.verdicts.items():
            if not rule.startswith(prefix) or verdict.value not in _FIRED:
                continue
            console.print(f"\n{call.call_id} {rule} {verdict.value}: {verdict.reason}", soft_wrap=True)
            shown = sorted({f.turn + d for f in verdict.findings if f.turn is not None for d in (-1, 0, 1)})
            _print_turns(console, call, shown)


def _wrong(console: Console, calls: Sequence[Read], label: str) -> None:
    for stands in (s for s in STANDS if s.label == label):
        for call in calls:
            value = (call.labels or {})[label]
            if value == _DISPUTED or (value in stands.done) is call.says(stands):
                continue
            named = [r for either in stands.rules for r in either.split(" or ")]
            verdicts = [f"{r} {call.verdicts[r].value}: {call.verdicts[r].reason}" for r in named]
            console.print(f"\n{call.call_id} {label}={value}", *verdicts, sep="\n", soft_wrap=True)


def _print_turns(console: Console, call: Read, indexes: Sequence[int]) -> None:
    for i in indexes:
        if 0 <= i < len(call.turns):
            console.print(f"  {i} {call.turns[i].role}: {call.turns[i].text}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    main()
