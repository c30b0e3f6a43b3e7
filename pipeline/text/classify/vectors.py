"""Features to vectors, the same in training and in prediction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pipeline.text.classify.weights import Array


class Vectoriser:
    """Counts known features; each row is (1 + ln count) x idf, scaled to unit length. Unknown features are ignored."""

    def __init__(self, vocabulary: Sequence[str], idf: Array) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._counter: Any = CountVectorizer(
            analyzer=list, vocabulary=dict(zip(vocabulary, range(len(vocabulary)), strict=True))
        )
        self._idf = idf

    def transform(self, rows: Iterable[Sequence[str]]) -> Any:
        """A sparse matrix with one row per list of features; a row without known features is all zero."""
        from sklearn.preprocessing import normalize

        counts = self._counter.transform(rows).astype(np.float64)
        counts.data = (1.0 + np.log(counts.data)) * self._idf[counts.indices]
        return normalize(counts, copy=False)
