"""Examples to weights: a linear model, calibrated on what it says of examples it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.domain.emotion import EmotionLabel
from pipeline.emotion.context import Context
from pipeline.emotion.model import SERVICE_SIDE
from pipeline.emotion.scope import own_feelings
from pipeline.text.classify.features import features
from pipeline.text.classify.fit import vocabulary_of
from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights
from training.emotion.corpora import Example
from training.emotion.neighbours import fit_context
from training.emotion.priors import LABELS, PRIOR

# How much each source says in all; within a source every example weighs the same.
LEARNING_WEIGHTS: Mapping[str, float] = {"own": 1.0, "hard": 0.25, "cped": 0.5, "crosswoz": 0.3, "cold": 0.01}
# What confidence is calibrated to, in the proportions of PRIOR: own lines and service dialogue, with TV drama to keep
# it from being too sure; not lines that mislead, which calls hold few of.
CALIBRATION_WEIGHTS: Mapping[str, float] = {"own": 1.0, "hard": 0.0, "cped": 0.3, "crosswoz": 0.3, "cold": 0.0}
RAREST_FEATURE = 3
FOLDS = 5
_STRENGTH = 20.0
_SCALE = 2000.0


def fit(examples: Sequence[Example]) -> tuple[Weights, Context, Array]:
    """The weights, the context, and the calibrated logits (examples, labels) of turns alone that are out of fold."""
    texts = own_feelings([example.text for example in examples])
    service = [example.role in SERVICE_SIDE for example in examples]
    seen = [features(text, service=ours) for text, ours in zip(texts, service, strict=True)]
    vocabulary, idf = vocabulary_of(seen, rarest=RAREST_FEATURE)
    vectors = Vectoriser(vocabulary, idf).transform(texts, service)
    labels = np.array([LABELS.index(example.label) for example in examples])
    learning = _learning_weights(examples)

    unseen_logits = np.zeros((len(examples), len(LABELS)))
    groups = [f"{example.source}:{example.group}" for example in examples]
    for known, unseen in GroupKFold(FOLDS).split(vectors, labels, groups):
        fold = _linear(vectors[known], labels[known], learning[known])
        unseen_logits[unseen] = fold.decision_function(vectors[unseen])
    base = _linear(vectors, labels, learning)

    calibrating = calibration_weights(examples)
    used = calibrating > 0
    calibration = LogisticRegression(C=1.0, max_iter=1000).fit(
        unseen_logits[used], labels[used], sample_weight=calibrating[used]
    )
    weights = Weights(
        vocabulary=vocabulary,
        idf=idf,
        coefficients=base.coef_.T @ calibration.coef_.T,
        intercept=base.intercept_ @ calibration.coef_.T + calibration.intercept_,
    )
    calibrated = calibration.decision_function(unseen_logits)
    return weights, fit_context(examples, calibrated), calibrated


def calibration_weights(examples: Sequence[Example]) -> Array:
    """A weight per example: sources in the shares of CALIBRATION_WEIGHTS, labels in those of PRIOR.

    They sum to the number of examples.
    """
    per_source = Counter(example.source for example in examples)
    weights = np.array([CALIBRATION_WEIGHTS[example.source] / per_source[example.source] for example in examples])
    per_label: Counter[EmotionLabel] = Counter()
    for example, weight in zip(examples, weights, strict=True):
        per_label[example.label] += weight
    wanted = np.array([PRIOR[example.label] / per_label[example.label] for example in examples])
    balanced: Array = len(examples) * weights * wanted
    return balanced


def _learning_weights(examples: Sequence[Example]) -> Array:
    per_source = Counter(example.source for example in examples)
    return _SCALE * np.array([LEARNING_WEIGHTS[e.source] / per_source[e.source] for e in examples])


def _linear(vectors: Any, labels: Any, weights: Array) -> Any:
    # The loss is a mean over examples, so its gradient is small everywhere: a looser tolerance stops far from the end.
    return LogisticRegression(C=_STRENGTH, max_iter=2000, tol=1e-5).fit(vectors, labels, sample_weight=weights)
