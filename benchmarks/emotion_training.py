"""What `zhijian train emotion` makes of real satisfaction: `python -m benchmarks.emotion_training DATA_DIR`.

DATA_DIR holds `stc3_cn_dev.jsonl` (2,959 help-desk dialogues, each scored by 19 people; not part of this project).
Three quarters of the dialogues, by the SHA-256 of their id, go through the command as a user's labels: the customer's
last turn is labelled by the dialogue's mean satisfaction, the other turns stand as context. On the last quarter the
predicted end emotion becomes a score, the expected valence of the customer's last turn, and is ranked against
satisfaction. The labels are no emotions (anxious is only the middle fifth), so the command is told to write the model
although it forgets: what is measured is whether the command learns what a file of labels holds.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import block_diag, hstack
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge

from flows.emotion_training import Trained, train_emotion
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel, load_default
from pipeline.emotion.adapter import mixing, texts_of
from pipeline.emotion.retrain import RAREST_CALLS
from pipeline.text.classify.features import features, plain
from pipeline.text.classify.fit import vocabulary_of
from pipeline.text.classify.vectors import Vectoriser

NAME = "stc3_cn_dev.jsonl"
# Close to the fifths of satisfaction, in round numbers. Below the first cut a dialogue counts as angry.
CUTS = (-0.7, -0.3, -0.1, 0.25)
FROM_WORST = tuple(reversed(EmotionLabel))
VALENCE = {label: 2 - n for n, label in enumerate(EmotionLabel)}
SIZES = (100, 300, 1_000)
RESAMPLES = 1_000

Dialogue = dict[str, Any]


def split(path: Path) -> tuple[list[Dialogue], list[Dialogue]]:
    """The three quarters that are learnt from and the one that is measured on."""
    with path.open(encoding="utf-8") as lines:
        dialogues = [json.loads(line) for line in lines]
    kept = [_number(one) % 4 == 0 for one in dialogues]
    return (
        [one for one, apart in zip(dialogues, kept, strict=True) if not apart],
        [one for one, apart in zip(dialogues, kept, strict=True) if apart],
    )


def write_labels(dialogues: Sequence[Dialogue], path: Path) -> None:
    """The dialogues as a user would hand them in: every turn a row, the customer's last one judged."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["通话编号", "轮次", "说话人", "文本", "情绪"])
        for one in dialogues:
            end = _last(one)
            for n, turn in enumerate(one["turns"]):
                label = FROM_WORST[int(np.searchsorted(CUTS, one["satisfaction"], side="right"))] if n == end else ""
                table.writerow([one["id"], n, turn["role"], turn["text"], label])


def scores(model: EmotionModel, dialogues: Sequence[Dialogue]) -> Any:
    """(dialogues,) the expected valence of the customer's last turn, from 2 (satisfied) to -2 (angry)."""
    found = []
    for one, emotions in zip(dialogues, model.predict_calls([_turns(one) for one in dialogues]), strict=True):
        emotion = emotions[_last(one)]
        found.append(sum(VALENCE[label] * share for label, share in emotion.probabilities.items()) if emotion else 0.0)
    return np.array(found)


def ceilings(learn: Sequence[Dialogue], rest: Sequence[Dialogue]) -> dict[str, Any]:
    """(rest,) what a ridge regression on the satisfaction itself reaches: no labels between, and no prior."""
    dialogues = [*learn, *rest]
    calls = [[turn for turn in _turns(one) if plain(turn.text)] for one in dialogues]
    turns = [turn for call in calls for turn in call]
    seen = [features(text, service=ours) for text, ours in zip(*texts_of(turns), strict=True)]
    vocabulary, idf = vocabulary_of(seen[: sum(map(len, calls[: len(learn)]))], rarest=RAREST_CALLS)
    vectors = Vectoriser(vocabulary, idf).transform(*texts_of(turns))
    before, after = (block_diag(parts, "csr") for parts in zip(*map(mixing, calls), strict=True))
    begins = np.cumsum([0, *map(len, calls[:-1])])
    ends = begins + [max(n for n, t in enumerate(call) if t.role is Role.CUSTOMER) for call in calls]
    truth = np.array([one["satisfaction"] for one in learn])
    blocks = {"own words": [vectors], "own words and neighbours": [vectors, before @ vectors, after @ vectors]}
    found = {}
    for name, parts in blocks.items():
        rows = hstack([part[ends] for part in parts]).tocsr()
        found[name] = Ridge(alpha=1.0, solver="sparse_cg").fit(rows[: len(learn)], truth).predict(rows[len(learn) :])
    return found


def rank(found: Any, dialogues: Sequence[Dialogue]) -> str:
    """Spearman's rank correlation with satisfaction, and its bootstrap interval of 95 %."""
    truth = np.array([one["satisfaction"] for one in dialogues])
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(truth), size=(RESAMPLES, len(truth)))
    drawn = [float(spearmanr(found[draw], truth[draw]).statistic) for draw in draws]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return f"{float(spearmanr(found, truth).statistic):.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    """Trains on growing parts of the three quarters, prints what each reaches on the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="dialogues learnt from, beside all")
    options = parser.parse_args()
    source = options.data / NAME
    if not source.is_file():
        sys.exit(f"{source} is not there; this benchmark needs the real dialogues")
    learn, rest = split(source)
    learn.sort(key=_number)
    print(f"learnt from: {len(learn)} dialogues, measured on: {len(rest)}")
    print(f"shipped model: {rank(scores(load_default(), rest), rest)}")
    for name, found in ceilings(learn, rest).items():
        print(f"ridge on satisfaction itself, {name}: {rank(found, rest)}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted({*(n for n in options.sizes if n < len(learn)), len(learn)}):
            labels, out = Path(folder) / f"{size}.csv", Path(folder) / str(size)
            write_labels(learn[:size], labels)
            began = time.perf_counter()
            trained = train_emotion(labels, out, force=True, notify=lambda *_: None)
            took = time.perf_counter() - began
            reached = rank(scores(EmotionModel.load(out), rest), rest)
            print(f"{size}: {reached}, {took:.0f} s, {_told(trained)}", flush=True)


def _told(trained: Trained) -> str:
    return (
        f"macro-F1 {trained.before.macro_f1.value} -> {trained.after.macro_f1.value} cross-validated, "
        f"ECE {trained.before.calibration_error.value} -> {trained.after.calibration_error.value}, held-out lines "
        f"{trained.kept_before.macro_f1.value} -> {trained.kept_after.macro_f1.value}, "
        f"{trained.features} features; {trained.decision.why}"
    )


def _turns(dialogue: Dialogue) -> list[Turn]:
    return [Turn(n, Role(turn["role"]), turn["text"]) for n, turn in enumerate(dialogue["turns"])]


def _last(dialogue: Dialogue) -> int:
    """The customer's last turn in which anything is said."""
    spoken = [n for n, t in enumerate(dialogue["turns"]) if t["role"] == "customer" and plain(t["text"])]
    return spoken[-1]


def _number(dialogue: Dialogue) -> int:
    return int(hashlib.sha256(str(dialogue["id"]).encode()).hexdigest(), 16)


if __name__ == "__main__":
    main()
