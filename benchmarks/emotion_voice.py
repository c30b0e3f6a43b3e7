"""The voice's vote, and what it adds to the words': `python -m benchmarks.emotion_voice [SHARED_AUDIO]`.

How many raised turns the voice's vote finds (see `benchmarks.raised_voices`; espeak-ng is needed), how much the turns
of people who speak as usual differ, and what the votes say of the turns in which the scenes plant anger: words alone,
with their neighbouring turns, and with the voice. With the folder of real clips also the spread of real voices.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from benchmarks.raised_voices import Judged, Shipped, performed, reading, recognised, scenes, shipped, talking
from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.emotion import load_default
from pipeline.emotion.votes import joined

UPSET = 0.6
ANGRY_RULES = ("general.risk.customer_emotion", "general.behaviour.agent_emotion", "general.banned.abuse")
console = Console(width=120)


def main() -> None:
    """Prints all tables."""
    played = scenes()
    recordings = list(shipped(played))
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in recordings:
        for line, judged in one.judged.items():
            groups[line] += judged
    _print("The shipped recordings, true times and speakers", groups)
    as_they_are = [judged for one in recordings for judged in _first(one)]
    _spreads("usual turns of the fixtures", [j for j in as_they_are if not j.raised])
    _spreads("raised turns of the fixtures", [j for j in as_they_are if j.raised])
    _ablation(recordings)
    if len(sys.argv) > 1:
        people = {"talking": talking(Path(sys.argv[1])), "reading": reading(Path(sys.argv[1]))}
        for name, judged in people.items():
            _spreads(f"people {name}", judged)
        _print("Real people, of whom nobody is known to raise the voice", people)
    _print("The shipped recordings as the demo model hears them", recognised(played))
    _print("Performed anew, one turn in eight raised", performed(played.values()))


def _first(one: Shipped) -> Sequence[Judged]:
    """The recording as it is."""
    return next(iter(one.judged.values()))


def _print(title: str, groups: Mapping[str, Sequence[Judged]]) -> None:
    table = Table(title=title)
    for name in ("line", "raised turns", "found", "usual turns", "false alarms", "no vote"):
        table.add_column(name)
    for name, judged in sorted(groups.items()):
        up, usual = ([j.vote for j in judged if j.vote and j.raised is raised] for raised in (True, False))
        silent = sum(j.vote is None for j in judged)
        cells = len(up), _found(up), len(usual), _found(usual), silent
        table.add_row(name, *map(str, cells))
    console.print(table)


def _found(votes: Iterable[VoiceVote]) -> int:
    return sum(vote.is_raised for vote in votes)


def _spreads(title: str, judged: Iterable[Judged]) -> None:
    votes = [j.vote for j in judged if j.vote is not None]
    measured = {
        "dB": [v.loudness_db for v in votes if v.loudness_db is not None],
        "semitones": [v.pitch_semitones for v in votes if v.pitch_semitones is not None],
        "octaves of rate": [float(np.log2(v.rate_ratio)) for v in votes if v.rate_ratio is not None],
    }
    told = [f"{np.median(v):.2f} ± {np.std(v):.2f} {unit} ({len(v)})" for unit, v in measured.items() if v]
    console.print(f"{title}, median ± standard deviation: {', '.join(told)}")


def _ablation(recordings: Iterable[Shipped]) -> None:
    """Turns in which the scenes plant anger, against all turns of calls without a fault."""
    model = load_default()
    says: dict[str, list[float]] = defaultdict(list)
    angry: list[bool] = []
    notes: Counter[str] = Counter()
    for one in recordings:
        planted = {(e.get("start_ms"), e.get("end_ms")) for e in one.truth["events"] if e["rule_id"] in ANGRY_RULES}
        turns = [judged.turn for judged in _first(one)]
        for judged, words, context in zip(
            _first(one), map(model.predict, ([t] for t in turns)), model.predict(turns), strict=True
        ):
            is_angry = (judged.turn.start_ms, judged.turn.end_ms) in planted
            if words[0] is None or context is None or not (is_angry or one.truth["clean"]):
                continue
            both = context if judged.vote is None else joined(context, judged.vote)
            angry.append(is_angry)
            notes[both.note or "no note"] += 1
            for name, emotion in (("words", words[0]), ("+ neighbouring turns", context), ("+ voice", both)):
                says[name].append(_upset(emotion))
    table = Table(
        title=f"Anger planted in {sum(angry)} turns, {len(angry) - sum(angry)} turns of calls without a fault"
    )
    for name in (
        "",
        "area under ROC",
        f"angry ≥ {UPSET:.0%} upset",
        f"others ≥ {UPSET:.0%}",
        "mean of angry",
        "of others",
    ):
        table.add_column(name)
    is_angry_turn = np.array(angry)
    for name, shares in says.items():
        up, other = np.array(shares)[is_angry_turn], np.array(shares)[~is_angry_turn]
        counts = str((up >= UPSET).sum()), str((other >= UPSET).sum())
        table.add_row(name, f"{roc_auc_score(angry, shares):.4f}", *counts, f"{up.mean():.3f}", f"{other.mean():.4f}")
    console.print(table, dict(notes))


def _upset(emotion: TurnEmotion) -> float:
    return emotion.probabilities[EmotionLabel.DISSATISFIED] + emotion.probabilities[EmotionLabel.ANGRY]


if __name__ == "__main__":
    main()
