"""Courses and customer types on real calls: `python -m benchmarks.customers DATA_DIR [--show TRAIT]`.

DATA_DIR holds `fosaed_dev_calls.jsonl` and `fosaed_dev_labels.jsonl` (339 real hotline calls without times, 60 of them
judged by two readers, `disputed` where they differ; not part of this project). The calls go in as ready voice
transcripts: whatever needs times or sound must stay unmeasured. Nothing of the data is stored; `--show TRAIT` prints
the evidence of up to `--calls` calls that show it, in the order of the SHA-256 of their ids, to the console only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from flows.options import default_packs
from pipeline.domain.call import Call, Channel
from pipeline.domain.course import CallCourse, CurvePoint, Grade, Trait
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.wording import TRAIT_NAMES, grade_name
from pipeline.emotion import load_default
from pipeline.emotion.changes import change_points
from pipeline.emotion.course_of_call import course_of_call
from pipeline.emotion.curve import curve
from pipeline.emotion.customer import traits_of
from pipeline.emotion.seen import CallSeen
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import view_of

CALLS, LABELS = "fosaed_dev_calls.jsonl", "fosaed_dev_labels.jsonl"
SHUFFLES = 5
BAD_ENDS = ("dissatisfied", "angry")

console = Console(width=140)


@dataclass(frozen=True, slots=True)
class Told:
    """A call with what was told of it; `labels` None where no reader judged it."""

    seen: CallSeen
    course: CallCourse
    traits: tuple[Trait, ...]
    labels: dict[str, Any] | None


def main() -> None:
    """Prints the figures, or the evidence of one trait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--show", metavar="TRAIT", help="customer's traits by name, agent:out_of_control")
    parser.add_argument("--calls", type=int, default=15)
    options = parser.parse_args()
    if not (options.data / CALLS).is_file():
        sys.exit(f"{options.data / CALLS} is not there; this benchmark needs the real transcripts")
    told = _told(options.data)
    if options.show:
        _show(told, options.show, options.calls)
    else:
        _order(told)
        _recovery(told)
        _changes(told)
        _shares(told)


def _told(folder: Path) -> list[Told]:
    labels = {str(row["id"]): row for row in map(json.loads, _lines(folder / LABELS))}
    rules, model = load_rules(default_packs()), load_default()
    seen = []
    for row in map(json.loads, _lines(folder / CALLS)):
        turns = tuple(Turn(i, Role(t["role"]), t["text"]) for i, t in enumerate(row["turns"]))
        call = Call(call_id=str(row["id"]), channel=Channel.VOICE, source=CALLS, content_hash="", turns=turns)
        view = view_of(call, Transcript(turns=turns, engine="given"), rules, model)
        verdicts = {v.rule_id: v for v in judge(rules, view)}
        seen.append((call, view, verdicts))
    begun = time.perf_counter()
    told = []
    for call, view, verdicts in seen:
        one = CallSeen(
            call=call, transcript=view.transcript, signals=view.signals, emotions=view.emotions, verdicts=verdicts
        )
        course = course_of_call(one)
        told.append(Told(one, course, traits_of(one, course), labels.get(call.call_id)))
    console.print(f"{len(told)} calls, {(time.perf_counter() - begun) / len(told) * 1000:.1f} ms each")
    return told


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _order(told: Sequence[Told]) -> None:
    table = Table("readers say", "kept", "not kept", "not judged", title="empathy before the solution")
    counts = Counter((t.labels["empathy_before_solution"], t.course.order.kept) for t in told if t.labels)
    for value in ("yes", "no", "disputed"):
        table.add_row(value, *(str(counts[value, kept]) for kept in (True, False, None)))
    console.print(table)
    kept = Counter(t.course.order.kept for t in told)
    console.print(f"all calls: kept {kept[True]}, not kept {kept[False]}, not judged {kept[None]}")


def _recovery(told: Sequence[Told]) -> None:
    """Against how the readers heard the customer at the end, of calls whose customer they heard upset."""
    table = Table("after empathy", "ends calm or satisfied", "ends upset", "disputed", title="recovery")
    read = [(t.course.recovery, t.labels) for t in told if t.labels]
    upset = [(r, x["customer_emotion_end"]) for r, x in read if x["customer_emotion_peak"] in BAD_ENDS]
    for name, of in (("risen", True), ("not risen", False), ("nothing to compare", None)):
        ends = [end for r, end in upset if (None if r is None else r.turns is not None) is of]
        counts = (
            sum(end in ("calm", "satisfied") for end in ends),
            sum(end in BAD_ENDS for end in ends),
            ends.count("disputed"),
        )
        table.add_row(name, *map(str, counts))
    console.print(table)
    found = [t.course.recovery for t in told if t.course.recovery]
    risen = [r for r in found if r.turns is not None]
    console.print(f"all calls: compared {len(found)}, risen {len(risen)}")


def _changes(told: Sequence[Told]) -> None:
    """The share of customers' curves with a change as they are, and where what they say came in random order."""
    draw, model = np.random.default_rng(0), load_default()
    real = shuffled = n = 0
    for one in told:
        if one.course.customer is None:
            continue
        n += 1
        real += _changed(one.course.customer.points)
        turns = one.seen.transcript.turns
        own = [t.index for t in turns if t.role is Role.CUSTOMER]
        for _ in range(SHUFFLES):
            # Before they are judged: neighbouring turns have a say in each.
            drawn = dict(zip(own, draw.permutation(own).tolist(), strict=True))
            mixed = [replace(t, text=turns[drawn.get(t.index, t.index)].text) for t in turns]
            shuffled += _changed(curve(mixed, model.predict(mixed), Role.CUSTOMER))
    console.print(f"a change: {real} of {n} = {real / n:.1%}; shuffled {shuffled / n / SHUFFLES:.1%}")


def _changed(points: Sequence[CurvePoint]) -> bool:
    return bool(points) and bool(
        change_points(np.array([p.valence for p in points]), np.array([p.weight for p in points]))
    )


def _shares(told: Sequence[Told]) -> None:
    table = Table("trait", "side", "none", "signs", "clear", "undetermined", title=f"{len(told)} calls")
    counts = Counter((t.kind, t.role, t.grade) for one in told for t in one.traits)
    for trait in told[0].traits:
        numbers = [counts[trait.kind, trait.role, grade] for grade in Grade]
        table.add_row(TRAIT_NAMES[trait.kind], trait.role, *(f"{n} ({n / len(told):.1%})" for n in numbers))
    console.print(table)


def _show(told: Sequence[Told], name: str, calls: int) -> None:
    role, _, kind = name.rpartition(":")
    shown = [
        (one, t)
        for one in sorted(told, key=lambda one: hashlib.sha256(one.seen.call.call_id.encode()).digest())
        for t in one.traits
        if t.kind == kind and t.role == (role or Role.CUSTOMER) and t.grade in (Grade.SIGNS, Grade.CLEAR)
    ]
    console.print(f"{len(shown)} calls")
    for one, trait in shown[:calls]:
        head = f"\n{one.seen.call.call_id} {grade_name(trait.kind, trait.grade)} {trait.explanation}"
        console.print(head, soft_wrap=True, markup=False)
        for turn in trait.turns:
            said = one.seen.transcript.turns[turn]
            console.print(f"  {turn + 1} {said.role}: {said.text}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    main()
