"""A user's judged turns and a model that is there: an adapter that has learnt from the turns.

The model that is there is the prior. Its answers are moved only as far as the turns pay for it: the loss is the turns'
cross-entropy plus a penalty on every coefficient of the adapter. Where the turns say nothing, only the calibration is
new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import block_diag, hstack
from scipy.special import logsumexp, softmax
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.adapter import BLOCKS, LABELS, Adapter, log_shares, logits, mixing, texts_of
from pipeline.emotion.labelled import LabelledCall
from pipeline.emotion.model import EmotionModel
from pipeline.text.classify.features import features, plain
from pipeline.text.classify.fit import vocabulary_of
from pipeline.text.classify.linear import LinearModel
from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights

FOLDS = 5
LEAST_TURNS = 50
LEAST_OF_LABEL = 10
RAREST_CALLS = 3
"""A feature must stand in as many calls to be learnt: rarer ones may be somebody's name or words."""
MOST_FEATURES = 60_000
"""The most frequent ones: with the prior they fit into 10 MB."""
# What a coefficient costs. From 0.02 to 0.5 all do nearly as well, with 100 turns as with 1,700 (STC-3, on a part of
# what benchmarks/emotion_training.py learns from).
PENALTY = 0.1
_SEED = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A judged turn. `text` is plain; turns of one `group` (a call) never stand on both sides of a validation."""

    role: Role
    text: str
    label: EmotionLabel
    group: str


@dataclass(frozen=True, slots=True)
class Retrained:
    """`unseen`: (examples, labels), what adapters that had not seen an example's call say of it, calibrated."""

    adapter: Adapter
    unseen: Array


Progress = Callable[[int, int], None]


def group_of(call: LabelledCall, number: int) -> str:
    """What stands together on one side of a validation: a call; a turn that came without one stands alone."""
    return f"call {call.call_id}" if call.call_id else f"row {number}"


def examples_of(calls: Sequence[LabelledCall]) -> tuple[Example, ...]:
    """The judged turns, in order."""
    return tuple(
        Example(turn.role, plain(turn.text), label, group_of(call, n))
        for n, call in enumerate(calls)
        for turn, label in zip(call.turns, call.labels, strict=True)
        if label is not None
    )


def faults(calls: Sequence[LabelledCall]) -> list[str]:
    """Why nothing can be learnt, in Chinese; empty where it can."""
    examples, found = examples_of(calls), []
    if len(examples) < LEAST_TURNS:
        found.append(f"标了情绪的只有 {len(examples)} 轮,至少要 {LEAST_TURNS} 轮")
    if (groups := len({example.group for example in examples})) < 2 * FOLDS:
        found.append(f"只来自 {groups} 通,至少要 {2 * FOLDS} 通,才能用没见过的通话来检验")
    if sum(sum(e.label is label for e in examples) >= LEAST_OF_LABEL for label in LABELS) < 2:
        found.append(f"至少要有两种情绪,每种至少 {LEAST_OF_LABEL} 轮")
    return found


@dataclass(frozen=True, slots=True)
class _Call:
    """One call's turns with a spoken character: their features, what the prior says, and which are judged."""

    turns: tuple[Turn, ...]
    features: frozenset[str]
    start: Array
    judged: Any
    truth: Any


def retrain(prior: EmotionModel, calls: Sequence[LabelledCall], progress: Progress = lambda *_: None) -> Retrained:
    """The adapter, and what it says of turns of calls that it has not seen. The same calls give the same.

    Its confidence is calibrated to the proportions of the labels among the judged turns. Raises ValueError where there
    are `faults`.
    """
    if wrong := faults(calls):
        raise ValueError(";".join(wrong))
    prepared = [_prepared(call, given) for call, given in zip(calls, _given(prior, calls), strict=True)]
    truth = np.concatenate([call.truth for call in prepared])
    owner = np.repeat(np.arange(len(prepared)), [len(call.truth) for call in prepared])
    unseen_logits = np.zeros((len(truth), len(LABELS)))
    part = np.zeros(len(truth), dtype=int)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED).split(owner, truth, owner)
    for fold, (_, unseen) in enumerate(folds):
        out = set(owner[unseen])
        learnt = _fit([call for n, call in enumerate(prepared) if n not in out])
        unseen_logits[unseen] = _judged_logits(learnt, [prepared[n] for n in sorted(out)])
        part[unseen] = fold
        progress(fold + 1, FOLDS + 1)
    calibrated = np.zeros_like(unseen_logits)
    for fold in range(FOLDS):
        factors, offset = _calibration(unseen_logits[part != fold], truth[part != fold])
        calibrated[part == fold] = softmax(unseen_logits[part == fold] @ factors + offset, axis=1)
    learnt = _fit(prepared)
    factors, offset = _calibration(unseen_logits, truth)
    progress(FOLDS + 1, FOLDS + 1)
    return Retrained(Adapter(learnt.weights, factors, learnt.intercept @ factors + offset), calibrated)


def _given(prior: EmotionModel, calls: Sequence[LabelledCall]) -> Any:
    return prior.predict_calls([call.turns for call in calls])


def _prepared(call: LabelledCall, given: Sequence[Any]) -> _Call:
    spoken = [n for n, emotion in enumerate(given) if emotion is not None]
    turns = tuple(call.turns[n] for n in spoken)
    labels = [call.labels[n] for n in spoken]
    found = [features(text, service=ours) for text, ours in zip(*texts_of(turns), strict=True)]
    return _Call(
        turns=turns,
        features=frozenset(feature for each in found for feature in each),
        start=log_shares([given[n].probabilities for n in spoken]),
        judged=np.array([n for n, label in enumerate(labels) if label is not None], dtype=int),
        truth=np.array([LABELS.index(label) for label in labels if label is not None], dtype=int),
    )


def _fit(calls: Sequence[_Call]) -> Adapter:
    """The adapter before calibration."""
    vocabulary, idf = _vocabulary(calls)
    vectors = Vectoriser(vocabulary, idf).transform(*texts_of([turn for call in calls for turn in call.turns]))
    before, after = _mixing(calls)
    judged = _judged(calls)
    blocks = hstack([vectors[judged], before[judged] @ vectors, after[judged] @ vectors]).tocsr()
    start = np.vstack([call.start for call in calls])[judged]
    change, offset = _moved(blocks, start, np.concatenate([call.truth for call in calls]))
    coefficients = np.hstack(np.split(change, len(BLOCKS)))
    weights = Weights(vocabulary, idf, coefficients, np.zeros(coefficients.shape[1]))
    return Adapter(weights, np.eye(len(LABELS)), offset)


def _judged_logits(adapter: Adapter, calls: Sequence[_Call]) -> Array:
    """(judged turns, labels) of these calls, in their order."""
    says = LinearModel(adapter.weights).logits(*texts_of([turn for call in calls for turn in call.turns]))
    start = np.vstack([call.start for call in calls])
    found: Array = logits(adapter, start, says, *_mixing(calls))[_judged(calls)]
    return found


def _mixing(calls: Sequence[_Call]) -> tuple[Any, Any]:
    pairs = [mixing(call.turns) for call in calls]
    return block_diag([pair[0] for pair in pairs], "csr"), block_diag([pair[1] for pair in pairs], "csr")


def _judged(calls: Sequence[_Call]) -> Any:
    begins = np.cumsum([0, *(len(call.turns) for call in calls)])
    return np.concatenate([call.judged + begin for call, begin in zip(calls, begins[:-1], strict=True)])


def _vocabulary(calls: Sequence[_Call]) -> tuple[tuple[str, ...], Array]:
    """The features that stand in enough calls; without any, a single one that stands nowhere."""
    try:
        return vocabulary_of([sorted(call.features) for call in calls], rarest=RAREST_CALLS, most=MOST_FEATURES)
    except ValueError:  # no feature stands in enough calls
        return ("<>",), np.ones(1)


def _moved(blocks: Any, start: Array, truth: Any) -> tuple[Array, Array]:
    """Coefficients (features, labels) and offset (labels,) to add to what the prior says of the turns (`start`)."""
    rows, labels = start.shape
    width = blocks.shape[1]
    right = np.zeros((rows, labels))
    right[np.arange(rows), truth] = 1.0
    backwards = blocks.T.tocsr()

    def loss(flat: Array) -> tuple[float, Array]:
        change, offset = flat[: width * labels].reshape(width, labels), flat[width * labels :]
        said = start + blocks @ change + offset
        normal = logsumexp(said, axis=1)
        wrong = np.exp(said - normal[:, None]) - right
        value = normal.sum() - said[np.arange(rows), truth].sum()
        # The offset is held too: that of a label which no turn has would run off.
        value += 0.5 * PENALTY * (np.square(change).sum() + np.square(offset).sum())
        slope = backwards @ wrong + PENALTY * change
        return value, np.concatenate([slope.ravel(), wrong.sum(axis=0) + PENALTY * offset])

    begin = np.zeros((width + 1) * labels)
    best = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 100, "ftol": 1e-5})
    return best.x[: width * labels].reshape(width, labels), best.x[width * labels :]


def _calibration(unseen: Array, truth: Any) -> tuple[Array, Array]:
    """Factors (labels, labels) and offset (labels,) that turn logits of unseen turns into calibrated ones.

    One temperature for all labels and an offset for each: a full matrix would read one label for another wherever the
    turns are few or unlike the prior's, and forget what they do not speak of.
    """
    rows, labels = np.arange(len(truth)), unseen.shape[1]

    def loss(flat: Array) -> float:
        said = unseen * flat[0] + flat[1:]
        value = (logsumexp(said, axis=1) - said[rows, truth]).sum()
        return float(value + 0.5 * np.square(flat - start).sum())

    start = np.concatenate([[1.0], np.zeros(labels)])
    best = minimize(loss, start, method="L-BFGS-B").x
    return np.eye(labels) * best[0], best[1:]
