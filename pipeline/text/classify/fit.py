"""Labelled texts to a classifier, and what it may be trusted with: figures on texts that it had not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from pipeline.text.classify.features import features, plain
from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights

FOLDS = 5
LEAST_TEXTS = 10
"""Different texts that a label must have: two in each fold."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
_RAREST_FEATURE = 2
_MOST_FEATURES = 100_000
_STRENGTH = 20.0
_SEED = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the label that a person gave it."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """How a label does from a probability on. `precision` is None where nothing reaches it."""

    threshold: float
    found: int
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Five-fold cross-validation: every text is judged by a model that did not see it.

    `rows` as handed in; `texts` is how many different ones each label has; `f1` of the label with the highest
    probability. The calibration (two figures a label) did see them, so the probabilities are a little flattered.
    """

    rows: int
    texts: Mapping[str, int]
    macro_f1: float
    f1: Mapping[str, float]
    thresholds: Mapping[str, tuple[AtThreshold, ...]]


def faults(examples: Sequence[Example]) -> list[str]:
    """Why no classifier can be fitted, in Chinese; empty where one can."""
    found: list[str] = []
    labels_of: dict[str, set[str]] = {}
    for example in examples:
        labels_of.setdefault(plain(example.text), set()).add(example.label)
    labels_of.pop("", None)
    torn = [text for text, labels in labels_of.items() if len(labels) > 1]
    if torn:
        found.append(f"有 {len(torn)} 句话标了两种标签,例如“{torn[0][:30]}”")
    texts = Counter(label for labels in labels_of.values() for label in labels)
    if len(texts) < 2:
        found.append("至少要有两种标签(不属于任何一类的话也要有一种,例如“其他”)")
    found += [
        f"标签“{label}”只有 {n} 句不同的话,至少要 {LEAST_TEXTS} 句"
        for label, n in sorted(texts.items())
        if n < LEAST_TEXTS
    ]
    return found


def fit(examples: Sequence[Example]) -> tuple[Weights, tuple[str, ...], Figures]:
    """The weights, the labels in their order, and the figures. The same examples in any order give the same.

    Raises ValueError where there are `faults`.
    """
    if wrong := faults(examples):
        raise ValueError(";".join(wrong))
    pairs = sorted({(text, e.label) for e in examples if (text := plain(e.text))})
    labels = tuple(sorted({label for _, label in pairs}))
    truth = np.array([labels.index(label) for _, label in pairs])
    seen = [features(text) for text, _ in pairs]
    vocabulary, idf = vocabulary_of(seen, rarest=_RAREST_FEATURE, most=_MOST_FEATURES)
    vectors = Vectoriser(vocabulary, idf).transform([text for text, _ in pairs])

    unseen_logits = np.zeros((len(pairs), len(labels)))
    for known, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED).split(vectors, truth):
        coefficients, intercept = _linear(vectors[known], truth[known])
        unseen_logits[unseen] = vectors[unseen] @ coefficients + intercept
    calibration = LogisticRegression(C=1.0, max_iter=1000).fit(unseen_logits, truth)
    calibrating, offset = _columns(calibration)
    coefficients, intercept = _linear(vectors, truth)
    weights = Weights(
        vocabulary=vocabulary,
        idf=idf,
        coefficients=coefficients @ calibrating,
        intercept=intercept @ calibrating + offset,
    )
    counts = Counter(label for _, label in pairs)
    return weights, labels, _figures(len(examples), labels, counts, truth, calibration.predict_proba(unseen_logits))


def vocabulary_of(
    seen: Sequence[Sequence[str]], *, rarest: int, most: int | None = None
) -> tuple[tuple[str, ...], Array]:
    """The features that stand in `rarest` examples at least (the `most` frequent ones), and the idf of each."""
    counter = CountVectorizer(analyzer=list, min_df=rarest, max_features=most)
    counts = counter.fit_transform(seen)
    in_examples = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + len(seen)) / (1 + in_examples)) + 1
    return tuple(counter.get_feature_names_out()), idf


def _linear(vectors: Any, truth: Any) -> tuple[Array, Array]:
    return _columns(LogisticRegression(C=_STRENGTH, max_iter=2000).fit(vectors, truth))


def _columns(model: Any) -> tuple[Array, Array]:
    """Coefficients (features, labels) and intercept (labels,); of two labels scikit-learn keeps the second's only."""
    coefficients, intercept = model.coef_.T, model.intercept_
    if coefficients.shape[1] > 1:
        return coefficients, intercept
    return np.column_stack([np.zeros_like(coefficients), coefficients]), np.array([0.0, intercept[0]])


def _figures(rows: int, labels: Sequence[str], texts: Mapping[str, int], truth: Any, probabilities: Array) -> Figures:
    best = probabilities.argmax(axis=1)
    f1 = f1_score(truth, best, average=None, labels=range(len(labels)), zero_division=0)
    return Figures(
        rows=rows,
        texts={label: texts[label] for label in labels},
        macro_f1=round(float(f1.mean()), 3),
        f1={label: round(float(each), 3) for label, each in zip(labels, f1, strict=True)},
        thresholds={
            label: tuple(_at(t, truth == n, probabilities[:, n]) for t in THRESHOLDS) for n, label in enumerate(labels)
        },
    )


def _at(threshold: float, is_label: Any, shares: Any) -> AtThreshold:
    found = shares >= threshold
    right = int((found & is_label).sum())
    n = int(found.sum())
    return AtThreshold(threshold, n, round(right / n, 3) if n else None, round(right / int(is_label.sum()), 3))
