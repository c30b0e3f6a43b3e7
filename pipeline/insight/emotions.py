"""How right an emotion model is where people have judged: figures with the room that chance leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.emotion import EmotionLabel

Array: TypeAlias = NDArray[np.float64]
LABELS = tuple(EmotionLabel)
BINS = 10
RESAMPLES = 1_000
_SEED = 0
_TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A share or score with its bootstrap interval of 95 %, whole calls being drawn. None where it has no meaning."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class OfLabel:
    """How the model does with one label. `truly` and `said` are numbers of turns (or of calls)."""

    label: EmotionLabel
    truly: int
    said: int
    precision: float | None
    recall: float | None
    f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in [`low`, `high`): how sure they were on average, and how often right."""

    low: float
    high: float
    answers: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionFigures:
    """`confusion[true][said]` counts, in the order of the labels. `macro_f1` is over the labels that occur.

    `calibration_error` is the mean distance between confidence and share right over ten bins, weighted by answers; it
    and `bins` are empty where the answers carry no confidence.
    """

    judged: int
    groups: int
    macro_f1: Figure
    accuracy: Figure
    angry_recall: Figure
    calibration_error: Figure
    by_label: tuple[OfLabel, ...]
    confusion: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers beside the truth: `truth` (n,) label numbers, `shares` (n, labels), `groups` (n,) whose turns they are.

    `sure` is False where the shares are only 0 and 1, so that nothing can be said of confidence.
    """

    truth: Any
    shares: Array
    groups: Any
    sure: bool = True

    @property
    def said(self) -> Any:
        """(n,) the number of the label said."""
        return self.shares.argmax(axis=1)

    def only(self, wanted: Any) -> Judged:
        """The answers at which `wanted` (n,) is true."""
        return Judged(self.truth[wanted], self.shares[wanted], self.groups[wanted], self.sure)


def judged(truth: Sequence[EmotionLabel], shares: Array, groups: Sequence[str], *, sure: bool = True) -> Judged:
    """The answers of a model beside what people said."""
    return Judged(np.array([LABELS.index(label) for label in truth], dtype=int), shares, np.array(groups), sure)


def figures(answers: Judged) -> EmotionFigures:
    """All figures. The same answers give the same, intervals too. Raises ValueError where there are no answers."""
    if not len(answers.truth):
        raise ValueError("没有可比较的回答")
    confusion, bins = _counts(answers)
    total, total_bins = confusion.sum(axis=0), bins.sum(axis=0)
    drawn = _draws(len(confusion))
    counts = np.concatenate([total[None], np.tensordot(drawn, confusion, axes=1)])
    all_bins = np.concatenate([total_bins[None], np.tensordot(drawn, bins, axes=1)])
    unknown = Figure(None, None, None)
    present = total.sum(axis=1) > 0
    angry = LABELS.index(EmotionLabel.ANGRY)

    return EmotionFigures(
        judged=len(answers.truth),
        groups=len(confusion),
        macro_f1=_figure(_f1(counts)[:, present].mean(axis=1)),
        accuracy=_figure(np.trace(counts, axis1=1, axis2=2) / counts.sum(axis=(1, 2))),
        angry_recall=_figure(_share(counts[:, angry, angry], counts[:, angry].sum(axis=1))),
        calibration_error=_figure(_calibration_error(all_bins)) if answers.sure else unknown,
        by_label=tuple(_of_label(total, n) for n in range(len(LABELS))),
        confusion=tuple(tuple(int(n) for n in row) for row in total),
        bins=tuple(_bins(total_bins)) if answers.sure else (),
    )


def difference(after: Judged, before: Judged) -> Figure:
    """By how much macro-F1 is better in `after`, for two models' answers on the same turns in the same order."""
    ours, theirs = _counts(after)[0], _counts(before)[0]
    drawn = _draws(len(ours))
    present = ours.sum(axis=(0, 2)) > 0

    def gain(weights: Array) -> Array:
        new, old = np.tensordot(weights, ours, axes=1), np.tensordot(weights, theirs, axes=1)
        found: Array = (_f1(new) - _f1(old))[:, present].mean(axis=1)
        return found

    return _figure(gain(np.vstack([np.ones(len(ours)), drawn])))


def _counts(answers: Judged) -> tuple[Array, Array]:
    """Per group the confusion (groups, labels, labels), and per bin (groups, bins, 3) answers, confidence, rights."""
    _, group = np.unique(answers.groups, return_inverse=True)
    groups = int(group.max()) + 1
    confusion = np.zeros((groups, len(LABELS), len(LABELS)))
    np.add.at(confusion, (group, answers.truth, answers.said), 1)
    confidence = answers.shares.max(axis=1)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = np.zeros((groups, BINS, 3))
    what = np.column_stack([np.ones(len(place)), confidence, answers.said == answers.truth])
    np.add.at(bins, (group, place), what)
    return confusion, bins


def _draws(groups: int) -> Array:
    """(resamples, groups) how often each group is drawn."""
    rng = np.random.default_rng(_SEED)
    return rng.multinomial(groups, np.full(groups, 1 / groups), size=RESAMPLES).astype(float)


def _f1(confusion: Array) -> Array:
    """(..., labels) F1 of each label, 0 where it is neither said nor true."""
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    found: Array = np.divide(2 * right, both, out=np.zeros_like(both), where=both > 0)
    return found


def _share(part: Array, whole: Array) -> Array:
    found: Array = np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    return found


def _calibration_error(bins: Array) -> Array:
    found: Array = np.abs(bins[..., 2] - bins[..., 1]).sum(axis=-1) / bins[..., 0].sum(axis=-1)
    return found


def _figure(values: Array) -> Figure:
    """The first value is that of the answers, the others are those of the draws."""
    value, drawn = values[0], values[1:]
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or not len(known):
        return Figure(None, None, None)
    low, high = np.percentile(known, _TAILS)
    return Figure(round(float(value), 3), round(float(low), 3), round(float(high), 3))


def _of_label(confusion: Array, n: int) -> OfLabel:
    truly, said, right = int(confusion[n].sum()), int(confusion[:, n].sum()), confusion[n, n]
    return OfLabel(
        label=LABELS[n],
        truly=truly,
        said=said,
        precision=round(float(right / said), 3) if said else None,
        recall=round(float(right / truly), 3) if truly else None,
        f1=round(float(_f1(confusion)[n]), 3),
    )


def _bins(totals: Array) -> list[Bin]:
    return [
        Bin(n / BINS, (n + 1) / BINS, int(count), round(float(sure / count), 3), round(float(right / count), 3))
        for n, (count, sure, right) in enumerate(totals)
        if count
    ]
