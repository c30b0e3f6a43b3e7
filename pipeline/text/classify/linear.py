"""Texts to the probability of each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Array, Weights


class LinearModel:
    """Weights ready to predict. Safe to use from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._vectoriser = Vectoriser(weights.vocabulary, weights.idf)
        # By feature: what one of it adds to each label before the row is scaled, and to the row's squared length.
        # Single precision, for files hold half: what is read of it for a call is half as much.
        squared = np.square(weights.idf)[:, None]
        self._adds = np.hstack([weights.coefficients * weights.idf[:, None], squared]).astype(np.float32)
        self._intercept = weights.intercept

    def logits(self, texts: Sequence[str], service: Sequence[bool] | None = None) -> Array:
        """(texts, labels) for plain, not empty texts, in one pass for all of them; `service` as for `Vectoriser`."""
        rows, columns, counts = self._vectoriser.entries(texts, service)
        sums = np.zeros((len(texts), self._adds.shape[1]))
        if len(rows):
            weight = 1.0 + np.log(counts)
            adds = np.take(self._adds, columns, axis=0)
            adds *= weight[:, None]
            adds[:, -1] *= weight
            first = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
            sums[rows[first]] = np.add.reduceat(adds, first, axis=0)
        length = np.sqrt(sums[:, -1:])
        logits: Array = sums[:, :-1] / np.where(length > 0, length, 1.0) + self._intercept
        return logits

    def probabilities(self, texts: Sequence[str], service: Sequence[bool] | None = None) -> Array:
        """(texts, labels), each row summing to one, for plain, not empty texts."""
        return softmax(self.logits(texts, service))


def softmax(logits: Array) -> Array:
    """Rows of logits to rows of probabilities."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = raised / raised.sum(axis=1, keepdims=True)
    return shares
