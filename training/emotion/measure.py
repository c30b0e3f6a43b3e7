"""What the finished model does on what it has not seen. Everything here goes through the product's own code."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import f1_score, roc_auc_score

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.course import WORSE_THAN_CALM, EmotionCourse, course
from pipeline.emotion.model import EmotionModel
from pipeline.text.classify.weights import Array
from training.emotion.corpora import CpedTurn, Example, homophones, rows
from training.emotion.fit import LABELS, PRIOR, calibration_weights
from training.emotion.own import held_out_lines, misheard

BINS = 10
FREQUENT = 5
_EMOTIONTALK_THREE = {"happy": "positive", "neutral": "neutral", "surprised": "neutral"}
_CALL_LABELS = ("satisfied", "calm", "anxious", "dissatisfied", "angry")


def measure(model: EmotionModel, data: Path, *, cped_held_out: Sequence[CpedTurn], seed: int) -> dict[str, Any]:
    """The figures of metrics.json, except those of the cross-validation."""
    return {
        "own_held_out": _own_held_out(model, homophones(data), seed),
        "fosaed_calls": _fosaed(model, data),
        "emotiontalk_val": _emotiontalk(model, data),
        "cped_held_out": _cped(model, cped_held_out),
        "stc3_last_customer_turn": _stc3(model, data),
    }


def cross_validation(examples: Sequence[Example], unseen: Array) -> dict[str, Any]:
    """Figures of the calibrated out-of-fold probabilities; ECE in the proportions calibrated to."""
    truth = np.array([LABELS.index(example.label) for example in examples])
    own = np.array([example.source == "own" for example in examples])
    return {
        "own_macro_f1": _macro(truth[own], unseen[own].argmax(axis=1)),
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
        "macro_f1": _macro(truth, probabilities.argmax(axis=1)),
        "macro_f1_misheard": _macro(truth, heard.argmax(axis=1)),
        "f1": {label.value: round(float(f1), 3) for label, f1 in zip(LABELS, by_label, strict=True)},
        "ece": calibration_error(probabilities, truth, np.ones(len(lines))),
        "ece_at_prior": calibration_error(probabilities, truth, prior),
    }


def _fosaed(model: EmotionModel, data: Path) -> dict[str, Any]:
    calls = {call["id"]: call["turns"] for call in rows(data / "fosaed_dev_calls.jsonl")}
    judged: list[tuple[Mapping[str, str], EmotionCourse]] = []
    for row in rows(data / "fosaed_dev_labels.jsonl"):
        turns = [Turn(n, Role(turn["role"]), turn["text"]) for n, turn in enumerate(calls[row["id"]])]
        found = course(turns, model.predict(turns))
        if found:
            judged.append((row, found))
    peaks = _call_level(judged, "customer_emotion_peak", lambda found: found.peak)
    ends = _call_level(judged, "customer_emotion_end", lambda found: found.end)
    calm = [found for row, found in judged if row["customer_emotion_peak"] == "calm"]
    return {
        "calls": len(judged),
        "peak": peaks,
        "end": ends,
        "calm_calls": len(calm),
        "calm_calls_called_angry": sum(found.peak is EmotionLabel.ANGRY for found in calm),
        "calm_calls_called_worse_than_calm": sum(found.peak in WORSE_THAN_CALM for found in calm),
    }


def _call_level(
    judged: Sequence[tuple[Mapping[str, str], EmotionCourse]],
    field: str,
    answer: Callable[[EmotionCourse], EmotionLabel],
) -> dict[str, Any]:
    """Over the calls on which the readers agree. The baseline answers the most frequent label every time."""
    agreed = [(row[field], answer(found).value) for row, found in judged if row[field] != "disputed"]
    truth = [expected for expected, _ in agreed]
    given = [got for _, got in agreed]
    present = sorted(set(truth), key=_CALL_LABELS.index)
    frequent = [label for label in present if truth.count(label) >= FREQUENT]
    commonest = max(present, key=truth.count)
    return {
        "calls": len(agreed),
        "macro_f1": _macro(truth, given, labels=present),
        "macro_f1_of_frequent_labels": _macro(truth, given, labels=frequent),
        "accuracy": round(sum(e == g for e, g in agreed) / len(agreed), 3),
        "baseline_macro_f1": _macro(truth, [commonest] * len(truth), labels=present),
        "baseline_accuracy": round(truth.count(commonest) / len(truth), 3),
        "confusion": {
            expected: {got: agreed.count((expected, got)) for got in _CALL_LABELS if (expected, got) in agreed}
            for expected in present
        },
    }


def _emotiontalk(model: EmotionModel, data: Path) -> dict[str, Any]:
    turns = list(rows(data / "emotiontalk_val.jsonl"))
    probabilities = _probabilities(model, [(Role.OTHER, turn["text"]) for turn in turns])
    angry = [turn["emotion"] == "angry" for turn in turns]
    return {
        "turns": len(turns),
        "three_classes_macro_f1": _macro(
            [_EMOTIONTALK_THREE.get(turn["emotion"], "negative") for turn in turns], _three(probabilities)
        ),
        "anger_macro_f1": _macro(angry, probabilities.argmax(axis=1) == LABELS.index(EmotionLabel.ANGRY)),
        "anger_auc": round(float(roc_auc_score(angry, probabilities[:, LABELS.index(EmotionLabel.ANGRY)])), 3),
    }


def _cped(model: EmotionModel, turns: Sequence[CpedTurn]) -> dict[str, Any]:
    probabilities = _probabilities(model, [(Role.OTHER, turn.text) for turn in turns])
    return {
        "turns": len(turns),
        "three_classes_macro_f1": _macro([turn.sentiment for turn in turns], _three(probabilities)),
    }


def _stc3(model: EmotionModel, data: Path) -> dict[str, Any]:
    """Does the emotion of a customer's last words rank the dialogues as nineteen readers' satisfaction does?"""
    spoken, satisfaction = [], []
    for row in rows(data / "stc3_cn_dev.jsonl"):
        last = [turn["text"] for turn in row["turns"] if turn["role"] == "customer"][-1]
        spoken.append((Role.CUSTOMER, last))
        satisfaction.append(row["satisfaction"])
    probabilities = _probabilities(model, spoken)
    rank = spearmanr(probabilities[:, 0] - probabilities[:, 2:].sum(axis=1), satisfaction)
    return {"dialogues": len(spoken), "spearman": round(float(rank.statistic), 3)}


def _probabilities(model: EmotionModel, spoken: Sequence[tuple[Role, str]]) -> Array:
    """Of turns that stand alone."""
    emotions = model.predict_calls([[Turn(0, role, text)] for role, text in spoken])
    return np.array([_shares(emotion) for (emotion,) in emotions])


def _shares(emotion: TurnEmotion | None) -> list[float]:
    """The probabilities in the order of the labels; a turn without a spoken character counts as calm."""
    return [emotion.probabilities[label] if emotion else float(label is EmotionLabel.CALM) for label in LABELS]


def _three(probabilities: Array) -> list[str]:
    names = ("positive", "neutral", "negative")
    grouped = np.column_stack([probabilities[:, 0], probabilities[:, 1], probabilities[:, 2:].sum(axis=1)])
    return [names[best] for best in grouped.argmax(axis=1)]


def _macro(truth: Any, given: Any, *, labels: Sequence[str] | None = None) -> float:
    return round(float(f1_score(truth, given, average="macro", labels=labels, zero_division=0)), 3)
