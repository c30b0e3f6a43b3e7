"""Figures of an emotion model are those that can be counted by hand, and their intervals hold them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from pipeline.domain.emotion import EmotionLabel
from pipeline.insight.emotions import LABELS, difference, figures, judged

ANGRY, CALM = EmotionLabel.ANGRY, EmotionLabel.CALM


def shares(*said: tuple[EmotionLabel, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Rows with this confidence for the label said, the rest spread over the others."""
    found = np.zeros((len(said), len(LABELS)))
    for row, (label, confidence) in zip(found, said, strict=True):
        row[:] = (1 - confidence) / (len(LABELS) - 1)
        row[LABELS.index(label)] = confidence
    return found


def test_figures_are_those_counted_by_hand() -> None:
    truth = [ANGRY, ANGRY, CALM, CALM]
    found = figures(judged(truth, shares((ANGRY, 0.9), (CALM, 0.6), (CALM, 0.8), (CALM, 0.8)), ["a", "b", "c", "c"]))
    assert (found.judged, found.groups) == (4, 3)
    assert found.accuracy.value == 0.75
    assert found.angry_recall.value == 0.5
    assert found.macro_f1.value == round((2 / 3 + 0.8) / 2, 3)
    assert found.calibration_error.value == round((0.1 + 0.6 + 0.4) / 4, 3)
    angry = found.by_label[LABELS.index(ANGRY)]
    assert (angry.truly, angry.said, angry.precision, angry.recall) == (2, 1, 1.0, 0.5)
    assert found.confusion[LABELS.index(ANGRY)][LABELS.index(CALM)] == 1
    assert [(each.low, each.answers, each.right) for each in found.bins] == [
        (0.6, 1, 0.0),
        (0.8, 2, 1.0),
        (0.9, 1, 1.0),
    ]


def test_macro_f1_agrees_with_scikit_learn_and_lies_in_its_interval() -> None:
    rng = np.random.default_rng(1)
    truth, raw = rng.integers(0, 5, 200), rng.dirichlet(np.ones(5), 200)
    found = figures(judged([LABELS[n] for n in truth], raw, [str(n // 4) for n in range(200)]))
    expected = f1_score(truth, raw.argmax(axis=1), average="macro")
    assert found.macro_f1.value == pytest.approx(expected, abs=6e-4)
    assert found.macro_f1.low is not None
    assert found.macro_f1.high is not None
    assert found.macro_f1.low < expected < found.macro_f1.high


def test_turns_of_one_call_leave_more_to_chance_than_as_many_calls() -> None:
    truth = [ANGRY, CALM] * 50
    said = shares(*[(label if n % 20 < 10 else ANGRY, 0.9) for n, label in enumerate(truth)])
    wide = figures(judged(truth, said, [str(n // 10) for n in range(100)])).accuracy
    narrow = figures(judged(truth, said, [str(n) for n in range(100)])).accuracy
    assert wide.value == narrow.value
    assert (wide.high or 0) - (wide.low or 0) > (narrow.high or 0) - (narrow.low or 0)


def test_a_label_that_nobody_has_counts_for_nothing() -> None:
    found = figures(judged([CALM] * 3, shares(*[(CALM, 0.9)] * 3), ["a", "b", "c"]))
    assert found.macro_f1.value == 1.0
    assert found.angry_recall.value is None


def test_the_difference_of_a_model_to_itself_is_nothing_and_better_answers_are_above_it() -> None:
    truth, groups = [ANGRY, CALM] * 20, [str(n) for n in range(40)]
    right = judged(truth, shares(*[(label, 0.9) for label in truth]), groups)
    wrong = judged(truth, shares(*[(CALM, 0.9)] * 40), groups)
    same = difference(right, right)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    gain = difference(right, wrong)
    assert gain.low is not None
    assert gain.low > 0.3
    assert difference(wrong, right).value == -(gain.value or 0)


def test_answers_without_confidence_have_no_calibration() -> None:
    found = figures(judged([CALM], np.eye(5)[[1]], ["a"], sure=False))
    assert found.calibration_error.value is None
    assert found.bins == ()
    with pytest.raises(ValueError, match="没有"):
        figures(judged([], np.zeros((0, 5)), []))
