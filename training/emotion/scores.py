"""The figures of calls and turns that the model and its benchmark share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import f1_score, roc_auc_score

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.course import EmotionCourse, course
from pipeline.emotion.model import EmotionModel
from pipeline.text.classify.weights import Array
from training.emotion.priors import LABELS
from training.emotion.real_sets import EMOTIONTALK_THREE, JudgedCall

Judge: TypeAlias = Callable[[Sequence[Sequence[Turn]]], list[tuple[TurnEmotion | None, ...]]]

CALL_LABELS = ("satisfied", "calm", "anxious", "dissatisfied", "angry")
FREQUENT = 5
DRAWS = 1000
# Satisfied, calm, anxious, dissatisfied, angry: as far apart as the labels are in their order, calm in the middle.
_VALENCE = np.array([1.0, 0.0, -1 / 3, -2 / 3, -1.0])
_ANGRY = LABELS.index(EmotionLabel.ANGRY)


def in_context(model: EmotionModel) -> Judge:
    """As the product judges: words, and the neighbouring turns."""
    return model.predict_calls


def words_only(model: EmotionModel) -> Judge:
    """Each turn as if it stood alone."""

    def judge(calls: Sequence[Sequence[Turn]]) -> list[tuple[TurnEmotion | None, ...]]:
        alone = iter(model.predict_calls([[turn] for call in calls for turn in call]))
        return [tuple(next(alone)[0] for _ in call) for call in calls]

    return judge


def shares(emotion: TurnEmotion | None) -> list[float]:
    """The probabilities in the order of the labels; a turn without a spoken character counts as calm."""
    return [emotion.probabilities[label] if emotion else float(label is EmotionLabel.CALM) for label in LABELS]


def of_calls(judge: Judge, calls: Sequence[JudgedCall]) -> dict[str, Any]:
    """Peak and end of the customer against the readers', on all calls, on those tuned on, and on the others."""
    found = [course(call.turns, felt) for call, felt in zip(calls, judge([c.turns for c in calls]), strict=True)]
    judged = [(call, each) for call, each in zip(calls, found, strict=True) if each]
    calm = [each for call, each in judged if call.labels["peak"] == "calm"]
    return {
        "calls": len(judged),
        **{field: _of_field(judged, field) for field in ("peak", "end")},
        "calm_calls": len(calm),
        "calm_calls_called_angry": sum(each.peak is EmotionLabel.ANGRY for each in calm),
        "calm_calls_called_worse_than_calm": sum(each.peak in CALL_LABELS[2:] for each in calm),
    }


def of_conversations(judge: Judge, conversations: Sequence[tuple[Sequence[Turn], Sequence[str]]]) -> dict[str, Any]:
    """EmotionTalk: three classes, and angry or not; the likeliest label at the proportions of a contact centre."""
    felt = judge([turns for turns, _ in conversations])
    found = np.array([shares(emotion) for each in felt for emotion in each])
    truth = [emotion for _, emotions in conversations for emotion in emotions]
    angry = [emotion == "angry" for emotion in truth]
    return {
        "turns": len(truth),
        "conversations": len(conversations),
        "three_classes_macro_f1": macro([EMOTIONTALK_THREE.get(each, "negative") for each in truth], three(found)),
        "anger_macro_f1": macro(angry, found.argmax(axis=1) == _ANGRY),
        "anger_auc": round(float(roc_auc_score(angry, found[:, _ANGRY])), 3),
    }


def of_dialogues(judge: Judge, dialogues: Sequence[tuple[Sequence[Turn], float]]) -> dict[str, Any]:
    """STC-3: does how the customer's last turn feels rank the dialogues as the readers' satisfaction does?"""
    ends = []
    for (turns, _), felt in zip(dialogues, judge([turns for turns, _ in dialogues]), strict=True):
        last = [emotion for turn, emotion in zip(turns, felt, strict=True) if turn.role is Role.CUSTOMER][-1]
        ends.append(float(np.array(shares(last)) @ _VALENCE))
    satisfaction = [given for _, given in dialogues]
    low, high = _interval(len(ends), lambda drawn: _rank([ends[n] for n in drawn], [satisfaction[n] for n in drawn]))
    return {"dialogues": len(ends), "spearman": round(_rank(ends, satisfaction), 3), "low": low, "high": high}


def three(probabilities: Array) -> list[str]:
    """Positive, neutral or negative, whichever is likeliest of the five labels summed."""
    names = ("positive", "neutral", "negative")
    grouped = np.column_stack([probabilities[:, 0], probabilities[:, 1], probabilities[:, 2:].sum(axis=1)])
    return [names[best] for best in grouped.argmax(axis=1)]


def macro(truth: Any, given: Any, *, labels: Sequence[str] | None = None) -> float:
    """Macro-F1."""
    return round(float(f1_score(truth, given, average="macro", labels=labels, zero_division=0)), 3)


def _of_field(judged: Sequence[tuple[JudgedCall, EmotionCourse]], field: str) -> dict[str, Any]:
    """Over the calls on which the readers agree. The baseline answers the most frequent label every time."""
    agreed = [(c.labels[field], getattr(found, field).value) for c, found in judged if c.labels[field] != "disputed"]
    tuned = [call.tuned for call, _ in judged if call.labels[field] != "disputed"]
    commonest = max(CALL_LABELS, key=[truth for truth, _ in agreed].count)
    present = sorted({truth for truth, _ in agreed}, key=CALL_LABELS.index)
    low, high = _interval(len(agreed), lambda drawn: _macro_f1([agreed[n] for n in drawn], present))
    return _figures(agreed) | {
        "low": low,
        "high": high,
        "tuned_half": _figures([pair for pair, yes in zip(agreed, tuned, strict=True) if yes]),
        "unseen_half": _figures([pair for pair, yes in zip(agreed, tuned, strict=True) if not yes]),
        "baseline_macro_f1": _figures([(truth, commonest) for truth, _ in agreed])["macro_f1"],
        "baseline_accuracy": _figures([(truth, commonest) for truth, _ in agreed])["accuracy"],
        "confusion": {
            truth: {got: agreed.count((truth, got)) for got in CALL_LABELS if (truth, got) in agreed}
            for truth in present
        },
    }


def _figures(agreed: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Macro-F1 is over the labels that the readers gave. Empty halves, as in small sets, have figures of 0."""
    truth = [each for each, _ in agreed]
    present = sorted(set(truth), key=CALL_LABELS.index)
    frequent = [label for label in present if truth.count(label) >= FREQUENT]
    angry = [got == "angry" for each, got in agreed if each == "angry"]
    return {
        "calls": len(agreed),
        "macro_f1": _macro_f1(agreed, present),
        "macro_f1_of_frequent_labels": _macro_f1(agreed, frequent),
        "accuracy": round(sum(each == got for each, got in agreed) / len(agreed), 3) if agreed else 0.0,
        "angry_calls": len(angry),
        "angry_found": sum(angry),
        "angry_recall": round(sum(angry) / len(angry), 3) if angry else 0.0,
    }


def _macro_f1(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> float:
    """As scikit-learn's, without its time for a few calls; a label that does not occur at all has none."""
    count = Counter(pairs)
    truth, given = Counter(each for each, _ in pairs), Counter(got for _, got in pairs)
    f1 = [2 * count[name, name] / sums for name in labels if (sums := truth[name] + given[name])]
    return round(sum(f1) / len(f1), 3) if f1 else 0.0


def _rank(one: Sequence[float], other: Sequence[float]) -> float:
    """The rank correlation; not a number where all of one side are the same, as in a draw of a few."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return float("nan")
    return float(spearmanr(one, other).statistic)


def _interval(size: int, figure: Callable[[Sequence[int]], float]) -> tuple[float, float]:
    """The 95 % interval by bootstrap: whole calls are drawn again."""
    draws = np.random.default_rng(0).integers(size, size=(DRAWS if size < DRAWS else DRAWS // 5, size))
    low, high = np.nanquantile([figure(drawn.tolist()) for drawn in draws], [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)
