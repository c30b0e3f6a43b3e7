"""Texts to vectors, the same in training and in prediction: one pass over all texts, in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.text.classify.features import BEGIN, BETWEEN, BREAK, END, LONGEST_RUN, SERVICE_WORD, WORD
from pipeline.text.classify.table import Columns, Keys, Table
from pipeline.text.segment import words

if TYPE_CHECKING:
    from pipeline.text.classify.weights import Array

# A run of four characters is one number of 64 bits, of 16 for each character. The last number is for all unknown ones.
_BITS = np.uint64(16)
_UNKNOWN = 0xFFFF
_WORD_BITS = np.uint64(32)


class Entries(NamedTuple):
    """The known features of texts: how often (`counts`) the feature of `columns` stands in the text of `rows`.

    Three arrays of one length, sorted by row, then column, none twice.
    """

    rows: Columns
    columns: Columns
    counts: Columns


class Vectoriser:
    """Counts the `features` of plain texts; a row is (1 + ln count) x idf, scaled to unit length.

    Unknown features are ignored. Raises ValueError (Chinese) where the vocabulary has more than 65,534 characters.
    """

    def __init__(self, vocabulary: Sequence[str], idf: Array) -> None:
        self._size = len(vocabulary)
        self._idf = idf
        self._characters = _numbers_of_characters(vocabulary)
        self._runs = self._table_of_runs(vocabulary)
        self._service = -1
        self._index_words(vocabulary)

    def entries(self, texts: Sequence[str], service: Sequence[bool] | None = None) -> Entries:
        """What is known of plain, not empty texts; `service` says which are of the service side (none where None)."""
        if not texts:
            nothing = np.zeros(0, dtype=np.int64)
            return Entries(nothing, nothing, nothing)
        found = [*self._runs_in(texts), *self._words_in(texts, service)]
        places = np.sort(np.concatenate(found))
        first = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
        rows, columns = np.divmod(places[first], self._size)
        return Entries(rows, columns, np.diff(np.append(first, len(places))))

    def transform(self, texts: Sequence[str], service: Sequence[bool] | None = None) -> Any:
        """A sparse matrix with one row per text; a row without known features is all zero."""
        from scipy.sparse import csr_matrix
        from sklearn.preprocessing import normalize

        rows, columns, counts = self.entries(texts, service)
        values = (1.0 + np.log(counts)) * self._idf[columns]
        return normalize(csr_matrix((values, (rows, columns)), shape=(len(texts), self._size)), copy=False)

    def _runs_in(self, texts: Sequence[str]) -> list[Columns]:
        """Places (row x features + column) of the runs of characters of each length."""
        joined = BEGIN + f"{END}{BREAK}{BEGIN}".join(texts) + END
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        row = np.cumsum(codes == ord(BREAK)) * self._size
        single = self._characters[np.minimum(codes, len(self._characters) - 1)]
        keys = [single]
        for length in range(2, LONGEST_RUN + 1):
            keys.append((keys[-1][:-1] << _BITS) | single[length - 1 :])
        columns = self._runs.find(np.concatenate(keys))
        places = np.concatenate([row[: len(each)] for each in keys]) + columns
        return [places[columns >= 0]]

    def _words_in(self, texts: Sequence[str], service: Sequence[bool] | None) -> list[Columns]:
        numbers = np.array(list(map(self._numbers.get, words(BREAK.join(texts)), repeat(0))), dtype=np.int64)
        row = np.cumsum(numbers < 0)
        spoken = np.flatnonzero(numbers > 0)
        place = row * self._size
        alone = self._word_columns[numbers[spoken]]
        known = alone >= 0
        found = [place[spoken[known]] + alone[known]]
        first = np.flatnonzero((numbers[:-1] > 0) & (numbers[1:] > 0))
        pairs = self._pairs.find(_pair_keys(numbers[first], numbers[first + 1]))
        known = pairs >= 0
        found.append(place[first[known]] + pairs[known])
        if service is not None and any(service):
            ours = np.array(service, dtype=bool)
            if self._service >= 0:
                found.append(np.flatnonzero(ours) * self._size + self._service)
            own = np.where(ours[row[spoken]], self._service_columns[numbers[spoken]], -1)
            known = own >= 0
            found.append(place[spoken[known]] + own[known])
        return found

    def _table_of_runs(self, vocabulary: Sequence[str]) -> Table:
        # Some names can be read two ways: 词投诉 is the word 投诉 and the run 词投诉. Both count, as `features` has it.
        columns = [n for n, name in enumerate(vocabulary) if name and len(name) <= LONGEST_RUN and BETWEEN not in name]
        keys = np.zeros(len(columns), dtype=np.uint64)
        for place, column in enumerate(columns):
            key = 0
            for character in vocabulary[column]:
                key = key << int(_BITS) | int(self._characters[ord(character)])
            keys[place] = key
        return Table(keys, np.array(columns, dtype=np.int64))

    def _index_words(self, vocabulary: Sequence[str]) -> None:
        """Numbers the words that the vocabulary names: a break -1, an unknown word 0, known ones from 1 on."""
        self._numbers = {BREAK: -1}
        alone: list[tuple[int, int]] = []
        service: list[tuple[int, int]] = []
        pairs: list[tuple[int, int, int]] = []
        for column, name in enumerate(vocabulary):
            kind, rest = name[:1], name[1:]
            if kind == SERVICE_WORD and not rest:
                self._service = column
            if not rest or kind not in (WORD, SERVICE_WORD):
                continue
            parts = [self._numbers.setdefault(word, len(self._numbers)) for word in rest.split(BETWEEN)]
            if len(parts) == 1:
                (alone if kind == WORD else service).append((parts[0], column))
            elif len(parts) == 2 and kind == WORD:
                pairs.append((parts[0], parts[1], column))
        self._word_columns = _by_number(alone, len(self._numbers))
        self._service_columns = _by_number(service, len(self._numbers))
        first, second, columns = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
        self._pairs = Table(_pair_keys(first, second), columns)


def _numbers_of_characters(vocabulary: Sequence[str]) -> Keys:
    """Code point to number: those of the vocabulary from 1 on; every other one, and the last entry, unknown."""
    codes = sorted({ord(character) for name in vocabulary for character in name})
    if len(codes) >= _UNKNOWN:
        raise ValueError("词表的字太多")
    numbers = np.full((codes[-1] if codes else 0) + 2, _UNKNOWN, dtype=np.uint64)
    numbers[codes] = np.arange(1, len(codes) + 1, dtype=np.uint64)
    return numbers


def _by_number(pairs: Sequence[tuple[int, int]], size: int) -> Columns:
    columns = np.full(size, -1, dtype=np.int64)
    for number, column in pairs:
        columns[number] = column
    return columns


def _pair_keys(first: Columns, second: Columns) -> Keys:
    keys: Keys = (first.astype(np.uint64) << _WORD_BITS) | second.astype(np.uint64)
    return keys
