"""The counting of features in one pass gives what `features` says of each text by itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.classify.features import features, plain, plain_all
from pipeline.text.classify.linear import LinearModel
from pipeline.text.classify.table import Table
from pipeline.text.classify.vectors import Vectoriser
from pipeline.text.classify.weights import Weights

# Characters that the vocabulary knows, that it does not know, that stand for its own marks, and that are not spoken.
CHARACTERS = "你们好不满意投诉词席嗯氣氣骗子退款一二三百0158aB么𠮷é,。? <>+_\n\r\u2028*"
TEXTS = st.lists(st.text(CHARACTERS, max_size=14) | st.text(max_size=6), max_size=6)
KNOWN = ["你们好不满意", "词投诉席嗯", "我要投诉你们", "骗子退款", "满意满意不满意", "词你们", "席你们"]
VOCABULARY = tuple(sorted({name for text in KNOWN for ours in (True, False) for name in features(text, service=ours)}))
IDF = np.linspace(1, 3, len(VOCABULARY))


@given(TEXTS)
def test_texts_are_made_plain_together_as_each_by_itself(texts: list[str]) -> None:
    assert plain_all(texts) == [plain(text) for text in texts]


@given(TEXTS, st.lists(st.booleans(), min_size=6, max_size=6))
def test_many_texts_in_one_pass_count_as_each_by_itself(texts: list[str], marks: list[bool]) -> None:
    spoken = [text for text in plain_all(texts) if text]
    service = marks[: len(spoken)]
    entries = Vectoriser(VOCABULARY, IDF).entries(spoken, service)
    counted: list[Counter[str]] = [Counter() for _ in spoken]
    for row, column, count in zip(*entries, strict=True):
        counted[row][VOCABULARY[column]] = int(count)
    known = set(VOCABULARY)
    assert counted == [
        Counter(name for name in features(text, service=ours) if name in known)
        for text, ours in zip(spoken, service, strict=True)
    ]


@given(TEXTS, st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_text_says_the_same_alone_and_among_others_and_as_its_vector_does(
    texts: list[str], marks: list[bool]
) -> None:
    spoken = [text for text in plain_all(texts) if text]
    service = marks[: len(spoken)]
    coefficients = np.random.default_rng(0).normal(size=(len(VOCABULARY), 3))
    model = LinearModel(Weights(VOCABULARY, IDF, coefficients, np.array([0.1, 0.2, 0.3])))
    together = model.logits(spoken, service)
    for n, (text, ours) in enumerate(zip(spoken, service, strict=True)):
        np.testing.assert_array_equal(model.logits([text], [ours])[0], together[n])
        vector = Vectoriser(VOCABULARY, IDF).transform([text], [ours])
        np.testing.assert_allclose(together[n], (vector @ coefficients)[0] + [0.1, 0.2, 0.3], rtol=1e-5, atol=1e-5)


@given(st.sets(st.integers(0, 2**64 - 1), max_size=300), st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_a_table_finds_its_keys_and_no_other(keys: set[int], others: list[int]) -> None:
    ordered = sorted(keys)
    table = Table(np.array(ordered, dtype=np.uint64), np.arange(len(ordered)))
    asked = [*ordered, *others, *ordered]
    expected = [ordered.index(key) if key in keys else -1 for key in asked]
    assert table.find(np.array(asked, dtype=np.uint64)).tolist() == expected


def test_keys_of_one_bucket_are_told_apart() -> None:
    # Multiples of 2^60 times an odd number: their upper bits, which choose the bucket, take 16 values at most.
    keys = np.arange(16, dtype=np.uint64) << np.uint64(60)
    table = Table(keys, np.arange(16))
    assert table.find(keys[::-1]).tolist() == list(range(15, -1, -1))


def test_a_text_without_known_features_is_a_row_of_zeros() -> None:
    vectors = Vectoriser(("投诉", "词投诉"), np.ones(2)).transform(["鱼", "投诉", "鱼"])
    assert vectors.shape == (3, 2)
    assert [vectors[row].nnz > 0 for row in range(3)] == [False, True, False]


def test_no_text_has_no_entry() -> None:
    assert [len(each) for each in Vectoriser(VOCABULARY, IDF).entries([])] == [0, 0, 0]
    assert plain_all([]) == []


def test_a_vocabulary_with_more_characters_than_can_be_numbered_is_refused() -> None:
    with pytest.raises(ValueError, match="词表的字太多"):
        Vectoriser([chr(code) for code in range(0x10000, 0x20000)], np.ones(0x10000))
