"""What words and neighbouring turns say of emotion, on real calls and talk: `python -m benchmarks.emotion DATA_DIR`.

DATA_DIR holds sets that are not part of this project: FOSAED's calls with two readers' labels, EmotionTalk's validation
set, STC-3's help-desk dialogues. Each is judged by words alone and in context; then what a call takes. With `--own`,
also what a linear model learns from EmotionTalk's own training set, to see what its words can say at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from scipy.sparse import block_diag, hstack
from sklearn.linear_model import LogisticRegression

from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel, load_default
from pipeline.emotion.adapter import mixing
from pipeline.text.classify.features import features, plain
from pipeline.text.classify.fit import vocabulary_of
from pipeline.text.classify.vectors import Vectoriser
from training.emotion.corpora import rows
from training.emotion.real_sets import EMOTIONTALK_THREE, emotiontalk, fosaed, stc3
from training.emotion.scores import Judge, in_context, macro, of_calls, of_conversations, of_dialogues, words_only

NEEDED = ("fosaed_dev_calls.jsonl", "fosaed_dev_labels.jsonl", "emotiontalk_val.jsonl", "stc3_cn_dev.jsonl")
TIMES = 5


def main() -> None:
    """Judges, counts, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, help="另一个情绪模型的文件夹")
    parser.add_argument("--own", action="store_true", help="also fit a model on emotiontalk_train.jsonl")
    options = parser.parse_args()
    if missing := [name for name in NEEDED if not (options.data / name).is_file()]:
        sys.exit(f"{options.data} lacks {', '.join(missing)}; this benchmark needs the real sets")
    model = EmotionModel.load(options.model) if options.model else load_default()
    console = Console(width=150)
    console.print(_table(words_only(model), in_context(model), options.data))
    _timing(console, model, options.data)
    if options.own:
        for name, three_classes, anger in _own(options.data):
            console.print(f"EmotionTalk, {name}, fitted on its training set: {three_classes:.3f}, anger {anger:.3f}")


def _table(words: Judge, context: Judge, data: Path) -> Table:
    calls, talk, desk = fosaed(data), emotiontalk(data), stc3(data)
    table = Table("figure", "words", "words and neighbours")
    both = [of_calls(judge, calls) for judge in (words, context)]
    for field in ("peak", "end"):
        found = [each[field] for each in both]
        _row(table, f"FOSAED {field}, macro-F1 (95 %)", [f"{f['macro_f1']:.3f} {f['low']}–{f['high']}" for f in found])
        for half in ("tuned_half", "unseen_half"):
            _row(table, f"… {half}, {found[0][half]['calls']} calls", [f"{f[half]['macro_f1']:.3f}" for f in found])
        for name in ("macro_f1_of_frequent_labels", "accuracy", "baseline_accuracy"):
            _row(table, f"… {name}", [f"{f[name]:.3f}" for f in found])
        for name, where in (("all", None), ("unseen half", "unseen_half")):
            parts = [f[where] if where else f for f in found]
            _row(table, f"… angry found, {name}", [f"{p['angry_found']} of {p['angry_calls']}" for p in parts])
    for name in ("calm_calls_called_angry", "calm_calls_called_worse_than_calm"):
        _row(table, f"FOSAED {name} of {both[0]['calm_calls']}", [str(each[name]) for each in both])
    spoken = [of_conversations(judge, talk) for judge in (words, context)]
    for name in ("three_classes_macro_f1", "anger_macro_f1", "anger_auc"):
        _row(table, f"EmotionTalk {name}", [f"{each[name]:.3f}" for each in spoken])
    ends = [of_dialogues(judge, desk) for judge in (words, context)]
    _row(table, "STC-3 rank correlation (95 %)", [f"{e['spearman']:.3f} {e['low']}–{e['high']}" for e in ends])
    return table


def _row(table: Table, name: str, cells: list[str]) -> None:
    table.add_row(name, *cells)


def _timing(console: Console, model: EmotionModel, data: Path) -> None:
    """The shortest of a few times, on this process's own clock: other work on the machine does not count."""
    calls = [
        [Turn(n, Role(turn["role"]), turn["text"]) for n, turn in enumerate(call["turns"])]
        for call in rows(data / NEEDED[0])
    ]
    one, many = [], []
    for _ in range(TIMES):
        began = time.process_time()
        for call in calls:
            model.predict(call)
        one.append(time.process_time() - began)
        began = time.process_time()
        model.predict_calls(calls)
        many.append(time.process_time() - began)
    turns = sum(map(len, calls)) / len(calls)
    console.print(
        f"{len(calls)} calls of {turns:.0f} turns, one core: {len(calls) / min(one):.0f} calls/s one by one, "
        f"{len(calls) / min(many):.0f} calls/s all at once"
    )


def _own(data: Path) -> Iterator[tuple[str, float, float]]:
    """Three classes and anger of the validation set, by our features fitted on the training set, classes balanced."""
    parts = [emotiontalk(data, part) for part in ("train", "val")]
    texts = [[plain(turn.text) or "嗯" for turns, _ in part for turn in turns] for part in parts]
    emotions = [[emotion for _, each in part for emotion in each] for part in parts]
    vocabulary, idf = vocabulary_of([features(text) for text in texts[0]], rarest=2)
    vectoriser = Vectoriser(vocabulary, idf)
    words = [vectoriser.transform(part) for part in texts]
    beside = [_beside(own, [turns for turns, _ in part]) for own, part in zip(words, parts, strict=True)]
    for name, (known, unknown) in (("words", words), ("words and neighbours", beside)):

        def score(classes: Any, known: Any = known, unknown: Any = unknown) -> float:
            learnt, truth = ([classes(emotion) for emotion in part] for part in emotions)
            model = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced").fit(known, learnt)
            return macro(truth, model.predict(unknown))

        three = score(lambda emotion: EMOTIONTALK_THREE.get(emotion, "negative"))
        yield name, three, score(lambda emotion: emotion == "angry")


def _beside(own: Any, conversations: Sequence[Sequence[Turn]]) -> Any:
    """The turns' vectors with those of their neighbours, of either side, the nearer the more."""
    before, after = (block_diag(each, "csr") for each in zip(*map(mixing, conversations), strict=True))
    return hstack([own, before @ own, after @ own]).tocsr()


if __name__ == "__main__":
    main()
