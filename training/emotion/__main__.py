"""`python -m training.emotion --data DIR [--out models/emotion-zh]`: train, measure, and write model, figures and card.

The same sets give the same bytes on the same machine and library versions.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipeline.domain.errors import UserError
from pipeline.emotion.files import write_weights
from pipeline.emotion.model import EmotionModel
from pipeline.text.classify.linear import softmax
from training.emotion import corpora
from training.emotion.card import render
from training.emotion.fit import fit
from training.emotion.measure import cross_validation, measure
from training.emotion.own import dialogues, own_lines, with_variants

SEED = 0
METRICS, CARD = "metrics.json", "README.md"


def train(data: Path, out: Path) -> None:
    """Write the model, its figures and its card into `out`. Raises InputError when `data` lacks a set."""
    corpora.check_sets(data)
    lines, spoken = own_lines(), dialogues()
    cped, cped_held_out = corpora.cped(data)
    examples = [
        *with_variants([*lines, *spoken], corpora.homophones(data), seed=SEED),
        *spoken,
        *cped,
        *corpora.crosswoz(data),
        *corpora.cold(data),
    ]
    weights, context, unseen_logits = fit(examples)
    write_weights(out, weights, context)

    metrics = measure(EmotionModel.load(out), data, cped_held_out=cped_held_out, seed=SEED)
    metrics["cross_validation"] = cross_validation(examples, softmax(unseen_logits))
    metrics["training"] = {
        "own_lines": sum(line.source == "own" for line in lines),
        "hard_lines": sum(line.source == "hard" for line in lines),
        "own_dialogues": len({turn.dialogue for turn in spoken}),
        "own_dialogue_turns": len(spoken),
        "features": len(weights.vocabulary),
        "examples": {
            source: sum(e.source == source for e in examples) for source in ("own", "hard", "cped", "crosswoz", "cold")
        },
    }
    (out / METRICS).write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (out / CARD).write_text(render(metrics), encoding="utf-8")


def main() -> int:
    """Run the command line; 1 when a set is missing."""
    parser = argparse.ArgumentParser(prog="python -m training.emotion", description="训练 models/emotion-zh")
    parser.add_argument("--data", type=Path, required=True, help="放数据集的文件夹")
    parser.add_argument("--out", type=Path, default=Path("models/emotion-zh"), help="写到哪个文件夹")
    options = parser.parse_args()
    try:
        train(options.data, options.out)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
