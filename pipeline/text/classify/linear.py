"""Features to the probability of each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights


class LinearModel:
    """Weights ready to predict. Safe to use from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._vectoriser = Vectoriser(weights.vocabulary, weights.idf)
        self._coefficients = weights.coefficients
        self._intercept = weights.intercept

    def probabilities(self, rows: Sequence[Sequence[str]]) -> Array:
        """(rows, labels), each row summing to one, for lists of features; one pass for all of them."""
        logits: Array = self._vectoriser.transform(rows) @ self._coefficients + self._intercept
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Array = raised / raised.sum(axis=1, keepdims=True)
        return shares
