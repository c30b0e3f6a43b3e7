"""What the finished model does on what it has not seen. Everything here goes through the product's own code."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.model import EmotionModel
from pipeline.text.classify.weights import Array
from training.emotion.corpora import CpedTurn, Example, homophones
from training.emotion.fit import calibration_weights
from training.emotion.own import Trap, held_out_lines, misheard, traps
from training.emotion.priors import LABELS, PRIOR
from training.emotion.real_sets import emotiontalk, fosaed, stc3
from training.emotion.scores import (
    in_context,
    macro,
    of_calls,
    of_conversations,
    of_dialogues,
    shares,
    three,
    words_only,
)

BINS = 10


def measure(model: EmotionModel, data: Path, *, cped_held_out: Sequence[CpedTurn], seed: int) -> dict[str, Any]:
    """The figures of metrics.json, except those of the cross-validation."""
    return {
        "own_held_out": _own_held_out(model, homophones(data), seed),
        "traps": _traps(model, traps()),
        "fosaed_calls": of_calls(in_context(model), fosaed(data)),
        "emotiontalk_val": of_conversations(in_context(model), emotiontalk(data)),
        "emotiontalk_val_words": of_conversations(words_only(model), emotiontalk(data)),
        "cped_held_out": _cped(model, cped_held_out),
        "stc3_end": of_dialogues(in_context(model), stc3(data)),
    }


def cross_validation(examples: Sequence[Example], unseen: Array) -> dict[str, Any]:
    """Figures of the calibrated out-of-fold probabilities; ECE in the proportions calibrated to."""
    truth = np.array([LABELS.index(example.label) for example in examples])
    own = np.array([example.source == "own" for example in examples])
    return {
        "own_macro_f1": macro(truth[own], unseen[own].argmax(axis=1)),
        "ece": calibration_error(unseen, truth, calibration_weights(examples)),
    }


def calibration_error(probabilities: Array, truth: Any, weights: Array) -> float:
    """The expected calibration error over ten equal bins of confidence, each example counted by its weight."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs((weights * (right - confidence))[bins == b].sum()) for b in range(BINS)]
    return round(float(sum(gaps) / weights.sum()), 3)


def _own_held_out(model: EmotionModel, sounds: Mapping[str, str], seed: int) -> dict[str, Any]:
    lines = held_out_lines()
    truth = np.array([LABELS.index(label) for _, _, label in lines])
    probabilities = _probabilities(model, [(role, text) for role, text, _ in lines])
    rng = random.Random(seed)  # noqa: S311
    heard = _probabilities(model, [(role, misheard(text, sounds, rng)) for role, text, _ in lines])
    count = np.bincount(truth, minlength=len(LABELS))
    prior = np.array([PRIOR[LABELS[t]] / count[t] for t in truth])
    by_label = f1_score(truth, probabilities.argmax(axis=1), average=None)
    return {
        "lines": len(lines),
        "macro_f1": macro(truth, probabilities.argmax(axis=1)),
        "macro_f1_misheard": macro(truth, heard.argmax(axis=1)),
        "f1": {label.value: round(float(f1), 3) for label, f1 in zip(LABELS, by_label, strict=True)},
        "ece": calibration_error(probabilities, truth, np.ones(len(lines))),
        "ece_at_prior": calibration_error(probabilities, truth, prior),
    }


def _traps(model: EmotionModel, lines: Sequence[Trap]) -> dict[str, Any]:
    """The share of misleading lines that are right: by what misleads, and of those nobody had looked at."""
    found = _probabilities(model, [(line.role, line.text) for line in lines]).argmax(axis=1)
    right = np.array([LABELS[best] is line.label for best, line in zip(found, lines, strict=True)])
    calm = np.array([line.label is EmotionLabel.CALM for line in lines])
    angry = found == LABELS.index(EmotionLabel.ANGRY)
    truth, looked_at = [LABELS.index(line.label) for line in lines], np.array([line.looked_at for line in lines])
    return {
        "lines": len(lines),
        "accuracy": round(float(right.mean()), 3),
        "macro_f1": macro(truth, found),
        "not_looked_at": int((~looked_at).sum()),
        "accuracy_not_looked_at": round(float(right[~looked_at].mean()), 3),
        "calm": int(calm.sum()),
        "calm_called_angry": int((calm & angry).sum()),
        "kinds": {
            kind: round(float(right[[line.kind == kind for line in lines]].mean()), 3)
            for kind in dict.fromkeys(line.kind for line in lines)
        },
    }


def _cped(model: EmotionModel, turns: Sequence[CpedTurn]) -> dict[str, Any]:
    probabilities = _probabilities(model, [(Role.OTHER, turn.text) for turn in turns])
    return {
        "turns": len(turns),
        "three_classes_macro_f1": macro([turn.sentiment for turn in turns], three(probabilities)),
    }


def _probabilities(model: EmotionModel, spoken: Sequence[tuple[Role, str]]) -> Array:
    """Of turns that stand alone."""
    emotions = model.predict_calls([[Turn(0, role, text)] for role, text in spoken])
    return np.array([shares(emotion) for (emotion,) in emotions])
