"""A user's judged turns and a model that is there: a model of the same form that has learnt from both.

The model that is there is the prior. Its coefficients stay where the turns say nothing, and are moved only as far as
the turns pay for it: the loss is the turns' cross-entropy plus a penalty on the difference from the prior. Features
that the prior does not know start from nothing. Nothing else is kept of the turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.emotion.features import features
from pipeline.emotion.labelled import LabelledCall
from pipeline.text.classify.features import plain
from pipeline.text.classify.fit import vocabulary_of
from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights

FOLDS = 5
LEAST_TURNS = 50
LEAST_OF_LABEL = 10
RAREST_CALLS = 3
"""A feature that the prior does not know must stand in as many calls: rarer ones may be somebody's name or words."""
MOST_FEATURES = 120_000
"""New features at most, the most frequent ones: with the prior's they fit into 10 MB."""
# What moving a coefficient away from the prior costs. Of 0.02 to 0.5, chosen on a part of the three quarters of STC-3
# that are learnt from (benchmarks/emotion_training.py): from 100 to 1,700 turns all of them do nearly as well.
PENALTY = 0.1
_LABELS = tuple(EmotionLabel)


@dataclass(frozen=True, slots=True)
class Example:
    """A judged turn. `text` is plain; turns of one `group` (a call) never stand on both sides of a validation."""

    role: Role
    text: str
    label: EmotionLabel
    group: str


@dataclass(frozen=True, slots=True)
class Retrained:
    """`unseen`: (examples, labels), what models that had not seen an example's call said of it, in the examples' order.

    `added` is how many features are new.
    """

    weights: Weights
    unseen: Array
    added: int


Progress = Callable[[int, int], None]


def examples_of(calls: Sequence[LabelledCall]) -> tuple[Example, ...]:
    """The judged turns; each turn that came without a call is a group of its own."""
    return tuple(
        Example(turn.role, plain(turn.text), label, f"call {call.call_id}" if call.call_id else f"row {n}")
        for n, call in enumerate(calls)
        for turn, label in zip(call.turns, call.labels, strict=True)
        if label is not None
    )


def faults(examples: Sequence[Example]) -> list[str]:
    """Why nothing can be learnt, in Chinese; empty where it can."""
    found = []
    if len(examples) < LEAST_TURNS:
        found.append(f"标了情绪的只有 {len(examples)} 轮,至少要 {LEAST_TURNS} 轮")
    if (groups := len({example.group for example in examples})) < 2 * FOLDS:
        found.append(f"只来自 {groups} 通,至少要 {2 * FOLDS} 通,才能用没见过的通话来检验")
    enough = [label for label in _LABELS if sum(e.label is label for e in examples) >= LEAST_OF_LABEL]
    if len(enough) < 2:
        found.append(f"至少要有两种情绪,每种至少 {LEAST_OF_LABEL} 轮")
    return found


def retrain(prior: Weights, examples: Sequence[Example], progress: Progress = lambda *_: None) -> Retrained:
    """The model, and what it says of turns of calls that it has not seen. The same examples give the same.

    Its confidence is calibrated to the proportions of the labels among the examples. Raises ValueError where there are
    `faults`.
    """
    if wrong := faults(examples):
        raise ValueError(";".join(wrong))
    truth = np.array([_LABELS.index(example.label) for example in examples])
    seen = [features(example.role, example.text) for example in examples]
    groups = np.array([example.group for example in examples])
    unseen_logits = np.zeros((len(examples), len(_LABELS)))
    part = np.zeros(len(examples), dtype=int)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(seen, truth, groups)
    for fold, (known, unseen) in enumerate(folds):
        learnt, _ = _fit(prior, [seen[n] for n in known], truth[known], groups[known])
        unseen_logits[unseen] = logits(learnt, [seen[n] for n in unseen])
        part[unseen] = fold
        progress(fold + 1, FOLDS + 1)
    calibrated = np.zeros_like(unseen_logits)
    for fold in range(FOLDS):
        factors, offset = _calibration(unseen_logits[part != fold], truth[part != fold])
        calibrated[part == fold] = softmax(unseen_logits[part == fold] @ factors + offset, axis=1)
    learnt, added = _fit(prior, seen, truth, groups)
    factors, offset = _calibration(unseen_logits, truth)
    progress(FOLDS + 1, FOLDS + 1)
    weights = Weights(
        vocabulary=learnt.vocabulary,
        idf=learnt.idf,
        coefficients=learnt.coefficients @ factors,
        intercept=learnt.intercept @ factors + offset,
    )
    return Retrained(weights, calibrated, added)


def logits(weights: Weights, rows: Sequence[Sequence[str]]) -> Array:
    """(rows, labels) for lists of features."""
    found: Array = Vectoriser(weights.vocabulary, weights.idf).transform(rows) @ weights.coefficients
    return found + weights.intercept


def _fit(prior: Weights, seen: Sequence[list[str]], truth: Any, groups: Any) -> tuple[Weights, int]:
    """The weights before calibration, and how many features are new."""
    added, idf = _new_features(prior, seen, groups)
    wide = Weights(
        vocabulary=prior.vocabulary + added,
        idf=np.concatenate([prior.idf, idf]),
        coefficients=np.vstack([prior.coefficients, np.zeros((len(added), len(_LABELS)))]),
        intercept=prior.intercept,
    )
    vectors = Vectoriser(wide.vocabulary, wide.idf).transform(seen)
    used = np.flatnonzero(np.asarray(vectors.sum(axis=0)).ravel())
    change, intercept = _moved(vectors[:, used], vectors @ wide.coefficients + prior.intercept, truth)
    coefficients = wide.coefficients.copy()
    coefficients[used] += change
    return Weights(wide.vocabulary, wide.idf, coefficients, prior.intercept + intercept), len(added)


def _new_features(prior: Weights, seen: Sequence[list[str]], groups: Any) -> tuple[tuple[str, ...], Array]:
    known = frozenset(prior.vocabulary)
    by_call: dict[str, set[str]] = {}
    for found, group in zip(seen, groups, strict=True):
        by_call.setdefault(str(group), set()).update(found)
    new = [sorted(found - known) for found in by_call.values()]
    if sum(len(found) for found in new) == 0:
        return (), np.zeros(0)
    try:
        return vocabulary_of(new, rarest=RAREST_CALLS, most=MOST_FEATURES)
    except ValueError:  # none stands in enough calls
        return (), np.zeros(0)


def _moved(vectors: Any, start: Array, truth: Any) -> tuple[Array, Array]:
    """What is added to the coefficients (features, labels) and the intercept (labels,) of a model that says `start`."""
    rows, labels = start.shape
    width = vectors.shape[1]
    right = np.zeros((rows, labels))
    right[np.arange(rows), truth] = 1.0
    backwards = vectors.T.tocsr()

    def loss(flat: Array) -> tuple[float, Array]:
        change, offset = flat[: width * labels].reshape(width, labels), flat[width * labels :]
        said = start + vectors @ change + offset
        normal = logsumexp(said, axis=1)
        error = np.exp(said - normal[:, None]) - right
        value = normal.sum() - said[np.arange(rows), truth].sum() + 0.5 * PENALTY * np.square(change).sum()
        value += 0.5 * PENALTY * np.square(offset).sum()
        slope = backwards @ error + PENALTY * change
        return value, np.concatenate([slope.ravel(), error.sum(axis=0) + PENALTY * offset])

    best = minimize(
        loss, np.zeros((width + 1) * labels), jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-7}
    )
    return best.x[: width * labels].reshape(width, labels), best.x[width * labels :]


def _calibration(unseen: Array, truth: Any) -> tuple[Array, Array]:
    """Factors (labels, labels) and offset (labels,) that turn logits of unseen turns into calibrated ones.

    A label that no turn has is left out of the fit and keeps its distance from the mean of the others.
    """
    labels = unseen.shape[1]
    present = np.unique(truth)
    if len(present) < 2:
        return np.eye(labels), np.zeros(labels)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(unseen, truth)
    if len(present) == 2:  # scikit-learn then keeps the second label's only
        found, offsets = np.vstack([-model.coef_ / 2, model.coef_ / 2]), np.array([-0.5, 0.5]) * model.intercept_[0]
    else:
        found, offsets = model.coef_, model.intercept_
    factors, offset = np.eye(labels), np.zeros(labels)
    factors[:, present], offset[present] = found.T, offsets
    return factors, offset
