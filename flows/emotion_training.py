"""`zhijian train emotion`: learns from a user's judged turns, measures, decides, and puts the model in its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, ModelError, Problem, ProblemCode
from pipeline.emotion.adapter import ADAPTER, AdaptedModel, to_folder
from pipeline.emotion.folder import (
    CARD,
    METRICS,
    SEEN,
    check_target,
    fingerprint,
    read_seen,
    replace_folder,
    seen_bytes,
)
from pipeline.emotion.held_out import held_out_lines
from pipeline.emotion.labelled import LabelledCall, read_labelled
from pipeline.emotion.model import EmotionModel
from pipeline.emotion.retrain import FOLDS, LEAST_TURNS, Example, examples_of, faults, retrain
from pipeline.insight.emotions import EmotionFigures, Figure, Judged, difference, figures, judged

SHIPPED = "models/emotion-zh"
FORGETS_AT_MOST = 0.12
"""How far macro-F1 on the built-in held-out lines may fall before the model counts as worse: about what their 168 lines
can tell apart."""

Shares = Any
"""(turns, labels) probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether the new model takes the place of the one that is there, and why, in Chinese.

    `gain` is by how much its macro-F1 is better on the turns that were compared; None where there was nothing to
    compare on but what the older training had written down.
    """

    better: bool
    why: str
    compared: int
    gain: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What came of a training. `before` is the shipped model's, `after` the new one's on calls it had not seen.

    `present` is that of the model in the folder on turns it had not learnt from; None where there is none, or too few
    such turns. `kept_before`, `kept_after` are on the built-in held-out lines.
    """

    labels: str
    labels_sha256: str
    calls: int
    examples: int
    features: int
    before: EmotionFigures
    after: EmotionFigures
    present: EmotionFigures | None
    kept_before: EmotionFigures
    kept_after: EmotionFigures
    decision: Decision
    base_digest: str
    digest: str
    written: bool


def train_emotion(labels: Path, out: Path, *, force: bool, notify: Callable[[str, int, int], None]) -> Trained:
    """Retrains the shipped model on the turns of `labels` and writes it to `out` where it is better, or with `force`.

    The same file, over the same shipped model, gives the same bytes. Nothing is sent anywhere.

    Raises:
        InputError: the file cannot be used; with all its problems.
        ModelError: `out` is no place for a model, or the model there is damaged.
        OSError: `out` cannot be written.
    """
    check_target(out)
    calls = read_labelled(labels)
    examples = examples_of(calls)
    if wrong := faults(calls):
        raise InputError(
            Problem(code=ProblemCode.BAD_VALUE, what=what, remedy="请再标一些", file=labels.name) for what in wrong
        )
    base = EmotionModel.load(asset(SHIPPED))
    occupied = (out / ADAPTER).is_file()
    present = EmotionModel.load(out) if occupied else None
    learnt = retrain(base, calls, lambda done, total: notify("train", done, total))

    contents, digest = to_folder(asset(SHIPPED), learnt.adapter)
    new = AdaptedModel(base, learnt.adapter, digest)
    held_out = held_out_lines()
    after = _judged(examples, learnt.unseen)
    before = _judged(examples, predicted(base, calls))
    kept_before, kept_after = (figures(answers(model, held_out)) for model in (base, new))
    fresh = np.ones(len(examples), dtype=bool)
    there = before
    if present is not None:
        there = _judged(examples, predicted(present, calls))
        fresh = ~learnt_from(read_seen(out), examples)
    enough = fresh.sum() >= LEAST_TURNS and len(set(after.groups[fresh])) >= FOLDS
    if present is not None and present.digest == digest:
        decision = Decision(better=True, why="与文件夹里现有的模型逐字节相同", compared=0, gain=None)
    elif enough:
        decision = _compared(
            after.only(fresh), there.only(fresh), kept_before, kept_after, name="现有模型" if occupied else "自带模型"
        )
    else:
        decision = _recorded(out, figures(after), kept_before, kept_after)
    trained = Trained(
        labels=labels.name,
        labels_sha256=hashlib.sha256(labels.read_bytes()).hexdigest(),
        calls=len(calls),
        examples=len(examples),
        features=len(learnt.adapter.weights.vocabulary),
        before=figures(before),
        after=figures(after),
        present=figures(there.only(fresh)) if occupied and enough else None,
        kept_before=kept_before,
        kept_after=kept_after,
        decision=decision,
        base_digest=base.digest,
        digest=digest,
        written=decision.better or force,
    )
    if trained.written:
        from flows.view.emotion_card import card

        contents[SEEN] = seen_bytes({fingerprint(e.role, e.text) for e in examples})
        contents[METRICS] = (json.dumps(_metrics(trained), ensure_ascii=False, indent=2) + "\n").encode()
        contents[CARD] = card(trained).encode()
        replace_folder(out, contents)
    return trained


def predicted(model: EmotionModel, calls: Sequence[LabelledCall]) -> Shares:
    """(judged turns, labels): what the model says of each judged turn, in the order of `examples_of`."""
    rows = []
    for call, given in zip(calls, model.predict_calls([call.turns for call in calls]), strict=True):
        for emotion, label in zip(given, call.labels, strict=True):
            if label is not None:
                assert emotion is not None, "a turn without a spoken character was let in"
                rows.append([emotion.probabilities[each] for each in EmotionLabel])
    return np.array(rows).reshape(len(rows), len(EmotionLabel))


def answers(model: EmotionModel, calls: Sequence[LabelledCall]) -> Judged:
    """The model's answers beside the labels of these calls."""
    return _judged(examples_of(calls), predicted(model, calls))


def learnt_from(seen: frozenset[int], examples: Sequence[Example]) -> Any:
    """(examples,) True for the turns of calls of which the model has learnt from half the judged turns or more."""
    if not seen:
        return np.zeros(len(examples), dtype=bool)
    known = np.array([fingerprint(e.role, e.text) in seen for e in examples], dtype=float)
    _, group = np.unique([e.group for e in examples], return_inverse=True)
    share = np.bincount(group, weights=known) / np.bincount(group)
    return share[group] >= 0.5


def _judged(examples: Sequence[Example], shares: Shares) -> Judged:
    return judged([e.label for e in examples], shares, [e.group for e in examples])


def _compared(
    new: Judged, there: Judged, kept_before: EmotionFigures, kept_after: EmotionFigures, *, name: str
) -> Decision:
    gain = difference(new, there)
    assert gain.value is not None
    assert gain.low is not None
    compared = len(new.truth)
    if gain.value <= 0:
        why = f"在 {compared} 轮都没有见过的话上,宏平均 F1 没有超过{name}({_change(gain)})"
        return Decision(better=False, why=why, compared=compared, gain=gain)
    if forgotten := _forgotten(kept_before, kept_after):
        return Decision(better=False, why=forgotten, compared=compared, gain=gain)
    why = f"在 {compared} 轮都没有见过的话上,宏平均 F1 比{name}高({_change(gain)})"
    if gain.low <= 0:
        why += ";样本少,高出的部分可能只是偶然"
    return Decision(better=True, why=why, compared=compared, gain=gain)


def _recorded(out: Path, after: EmotionFigures, kept_before: EmotionFigures, kept_after: EmotionFigures) -> Decision:
    """Against what the older training wrote down: the turns here are those it has learnt from."""
    try:
        older = float(json.loads((out / METRICS).read_text(encoding="utf-8"))["after"]["macro_f1"]["value"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = "现有模型学过这些话,而它的文件夹里没有当时的成绩,无法比较"
        problem = Problem(
            code=ProblemCode.MODEL_INVALID, what=what, remedy="请另选一个 --out 文件夹", file=str(out / METRICS)
        )
        raise ModelError(problem) from error
    ours = after.macro_f1.value or 0.0
    forgotten = _forgotten(kept_before, kept_after)
    better = ours > older and not forgotten
    why = f"现有模型学过这些话,只能比各自交叉验证的宏平均 F1:新 {ours:.3f},旧 {older:.3f}"
    return Decision(better=better, why=why if ours <= older else forgotten or why, compared=0, gain=None)


def _forgotten(before: EmotionFigures, after: EmotionFigures) -> str:
    was, now = before.macro_f1.value or 0.0, after.macro_f1.value or 0.0
    if was - now <= FORGETS_AT_MOST:
        return ""
    return f"在自带的 {before.judged} 句留出话语上,宏平均 F1 从 {was:.3f} 降到 {now:.3f}:通用的话忘得太多"


def _change(gain: Figure) -> str:
    return f"相差 {gain.value:+.3f},95% 区间 {gain.low:+.3f} 到 {gain.high:+.3f}"


def _metrics(trained: Trained) -> dict[str, Any]:
    """The figures of metrics.json: all of `Trained` but whether it was written."""
    found = asdict(trained)
    del found["written"]
    return found
