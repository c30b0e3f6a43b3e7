"""Exact look-up of many whole numbers at once."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.uint64]
Columns: TypeAlias = NDArray[np.int64]

# 2^64 over the golden ratio: multiplied by it, keys that differ little spread over all buckets (Knuth, TAOCP 3, 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_BUCKETS_PER_KEY = 4


class Table:
    """Different keys and the column of each. The time to find one hardly grows with how many there are."""

    def __init__(self, keys: Keys, columns: Columns) -> None:
        bits = max(1, int(np.ceil(np.log2(max(1, _BUCKETS_PER_KEY * len(keys))))))
        self._shift = np.uint64(64 - bits)
        buckets = self._bucket(keys)
        order = np.argsort(buckets, kind="stable")
        self._keys, self._columns = keys[order], columns[order]
        self._begins = np.append(0, np.cumsum(np.bincount(buckets, minlength=1 << bits))).astype(np.int32)

    def find(self, keys: Keys) -> Columns:
        """The column of each key, -1 where it is not in the table."""
        found = np.full(len(keys), -1, dtype=np.int64)
        bucket = self._bucket(keys)
        at, ends = self._begins[bucket], self._begins[bucket + 1]
        left = (at < ends).nonzero()[0]
        while len(left):
            places = at[left]
            hit = self._keys[places] == keys[left]
            found[left[hit]] = self._columns[places[hit]]
            left = left[~hit]
            at[left] += 1
            left = left[at[left] < ends[left]]
        return found

    def _bucket(self, keys: Keys) -> Columns:
        spread: Columns = ((keys * _SPREAD) >> self._shift).astype(np.int64)
        return spread
