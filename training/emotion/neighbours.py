"""Fits what neighbouring turns say: the second stage of the model, on dialogues whose every turn is labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from scipy.optimize import minimize

from pipeline.emotion.context import KINDS, Context, neighbourhood
from pipeline.text.classify.linear import softmax
from pipeline.text.classify.weights import Array
from training.emotion.corpora import Example
from training.emotion.priors import LABELS, PRIOR

# Own dialogues know the sides; CPED does not, so that it teaches the weights of the own side alone.
WEIGHTS: Mapping[str, float] = {"own": 0.5, "cped": 0.5}
# Of a few round values, with DECAY, the likeliest on the half of CPED's dialogues that was held out, both ways round.
_RIDGE = 1e-5


def fit_context(examples: Sequence[Example], unseen_logits: Array) -> Context:
    """The context from examples that stand in dialogues, in their order, and their calibrated out-of-fold logits.

    Beside the weights a bias for each source is fitted and thrown away: how often the emotions come in a source must
    not pass for what the neighbours say.
    """
    standing = [n for n, example in enumerate(examples) if example.dialogue]
    spoken = [examples[n] for n in standing]
    logits = unseen_logits[standing]
    usual = np.array([PRIOR[label] for label in LABELS])
    seen = around(spoken, softmax(logits), usual)
    truth = np.array([LABELS.index(example.label) for example in spoken])
    sources = sorted(WEIGHTS)
    source = np.array([sources.index(example.source) for example in spoken])
    weights = _weights(spoken)
    rows, size = np.arange(len(spoken)), len(LABELS)

    def loss(flat: Array) -> tuple[float, Array]:
        wanted = flat.reshape(-1, size)
        context, bias = wanted[: KINDS * size], wanted[KINDS * size :]
        shares = softmax(logits + seen @ context + bias[source])
        value = -float(weights @ np.log(shares[rows, truth] + 1e-300)) + _RIDGE * float(np.square(context).sum())
        wrong = shares.copy()
        wrong[rows, truth] -= 1.0
        wrong *= weights[:, None]
        of_bias = np.array([wrong[source == n].sum(axis=0) for n in range(len(sources))])
        return value, np.vstack([seen.T @ wrong + 2 * _RIDGE * context, of_bias]).ravel()

    start = np.zeros((KINDS * size + len(sources)) * size)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Context(usual, found.x.reshape(-1, size)[: KINDS * size])


def around(spoken: Sequence[Example], shares: Array, usual: Array) -> Array:
    """`neighbourhood` of turns of several dialogues, each within its own."""
    found, begin = [], 0
    for _, dialogue in groupby(spoken, key=lambda example: (example.source, example.dialogue)):
        roles = [example.role for example in dialogue]
        found.append(neighbourhood(shares[begin : begin + len(roles)], roles, usual))
        begin += len(roles)
    return np.vstack(found)


def _weights(spoken: Sequence[Example]) -> Array:
    """Sources in the shares of WEIGHTS, within a source the labels in those of PRIOR. They sum to one."""
    count = Counter((example.source, example.label) for example in spoken)
    raw = np.array([WEIGHTS[e.source] * PRIOR[e.label] / count[e.source, e.label] for e in spoken])
    balanced: Array = raw / raw.sum()
    return balanced
