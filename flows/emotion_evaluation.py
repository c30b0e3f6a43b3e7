"""`zhijian evaluate emotion`: a model beside what people said of turns and of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from flows.emotion_training import answers, learnt_from, predicted
from pipeline.domain.call import Call
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.transcript import Role
from pipeline.emotion.course import course
from pipeline.emotion.folder import read_seen
from pipeline.emotion.held_out import held_out_lines
from pipeline.emotion.labelled import LabelledCall, read_labelled
from pipeline.emotion.labelled_calls import CallTruth, read_call_truth
from pipeline.emotion.model import EmotionModel
from pipeline.emotion.retrain import examples_of, group_of
from pipeline.insight.emotions import LABELS, EmotionFigures, figures, judged
from pipeline.intake import read
from pipeline.privacy import mask
from pipeline.store.files import replacing

MOST_WRONG = 200
"""Wrong answers kept with their words for the page, the surest first."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A turn of which the model says something else than the person. `text` is masked."""

    call_id: str | None
    role: Role
    text: str
    truly: EmotionLabel
    said: EmotionLabel
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionEvaluation:
    """`parts`: figures by their Chinese titles. `left_out`: judged turns of calls that the model had learnt from."""

    model: str
    parts: dict[str, EmotionFigures]
    wrong: tuple[Wrong, ...]
    left_out: int
    failures: tuple[Problem, ...]


def evaluate_emotion(
    model: EmotionModel,
    *,
    folder: Path | None,
    labels: Path | None,
    calls: Path | None,
    sources: Sequence[Path],
    out: Path,
) -> EmotionEvaluation:
    """Compares the model with the labels of turns and of calls; with the built-in held-out lines where there are none.

    `folder` is where the model came from, None for the shipped one. Writes `emotion_turns.parquet` and
    `emotion_calls.parquet` into `out`, without a word of what was said.

    Raises InputError where the labels cannot be used, or all were learnt from.
    """
    parts: dict[str, EmotionFigures] = {}
    wrong: tuple[Wrong, ...] = ()
    failures: list[Problem] = []
    left_out = 0
    if labels is None and calls is None:
        parts["自带的留出话语"] = figures(answers(model, held_out_lines()))
    if labels is not None:
        known, left_out = _unseen(read_labelled(labels), folder, labels)
        parts["轮次"] = figures(answers(model, known))
        wrong = tuple(_wrong(model, known))[:MOST_WRONG]
        _write(out / "emotion_turns.parquet", _turn_rows(model, known))
    if calls is not None:
        rows = list(_courses(model, read_call_truth(calls), sources, failures))
        if not rows:
            what = "没有一通标注过的通话找到了文字"
            remedy = "请把这些通话的会话或转写文件写在命令里,通话编号要与标注一致"
            raise InputError([Problem(code=ProblemCode.NO_CALLS, what=what, remedy=remedy, file=calls.name), *failures])
        table = pd.DataFrame(rows)
        for name, title in (("peak", "通话:客户情绪最差时"), ("end", "通话:客户结束时")):
            told = table[table[f"{name}_truth"].notna()]
            if len(told):
                parts[title] = _of_calls(told, name)
        _write(out / "emotion_calls.parquet", rows)
    named = "自带的模型" if folder is None else str(folder)
    return EmotionEvaluation(
        model=f"{named}(SHA-256 {model.digest[:12]}…)",
        parts=parts,
        wrong=wrong,
        left_out=left_out,
        failures=tuple(failures),
    )


def _unseen(calls: Sequence[LabelledCall], folder: Path | None, labels: Path) -> tuple[tuple[LabelledCall, ...], int]:
    """The calls that the model has not learnt from, and the number of judged turns in the others."""
    examples = examples_of(calls)
    learnt = learnt_from(frozenset() if folder is None else read_seen(folder), examples)
    if learnt.all():
        what = "这些话模型在训练时都学过,量不出什么"
        remedy = "请用没有交给 zhijian train 的标注;训练时的交叉验证成绩在模型文件夹的 README.md"
        raise InputError(Problem(code=ProblemCode.BAD_VALUE, what=what, remedy=remedy, file=labels.name))
    taken = {e.group for e, known in zip(examples, learnt, strict=True) if known}
    kept = tuple(call for n, call in enumerate(calls) if group_of(call, n) not in taken)
    return kept, int(learnt.sum())


def _wrong(model: EmotionModel, calls: Sequence[LabelledCall]) -> Iterator[Wrong]:
    found = []
    for call in calls:
        for turn, emotion, label in zip(call.turns, model.predict(call.turns), call.labels, strict=True):
            if label is not None and emotion is not None and emotion.label is not label:
                found.append((emotion.confidence, turn, emotion.label, label, call.call_id))
    for confidence, turn, said, label, call_id in sorted(found, key=lambda each: -each[0]):
        yield Wrong(call_id, turn.role, mask(turn.text), label, said, confidence)


def _turn_rows(model: EmotionModel, calls: Sequence[LabelledCall]) -> list[dict[str, object]]:
    shares = iter(predicted(model, calls))
    return [
        {
            "call_id": call.call_id,
            "turn": turn.index,
            "role": turn.role.value,
            "truth": label.value,
            "said": LABELS[int((row := next(shares)).argmax())].value,
            **{f"p_{each.value}": float(share) for each, share in zip(LABELS, row, strict=True)},
        }
        for call in calls
        for turn, label in zip(call.turns, call.labels, strict=True)
        if label is not None
    ]


def _courses(
    model: EmotionModel, truths: Sequence[CallTruth], sources: Sequence[Path], failures: list[Problem]
) -> Iterator[dict[str, object]]:
    given: dict[str, Call] = {}
    if sources:
        intake = read(sources)
        failures += intake.failures
        given = {call.call_id: call for call in intake.calls if call.turns}
    for truth in truths:
        call = given.get(truth.call_id)
        found = None if call is None else course(call.turns or (), model.predict(call.turns or ()))
        if found is None:
            what = "没有这通的文字,没有评估" if call is None else "这通没有客户说的话,没有评估"
            failures.append(truth.unused(what))
            continue
        yield {
            "call_id": truth.call_id,
            "peak_truth": truth.peak and truth.peak.value,
            "peak": found.peak.value,
            "end_truth": truth.end and truth.end.value,
            "end": found.end.value,
        }


def _of_calls(table: pd.DataFrame, name: str) -> EmotionFigures:
    names = [label.value for label in LABELS]
    shares = np.eye(len(LABELS))[[names.index(value) for value in table[name]]]
    truth = [EmotionLabel(value) for value in table[f"{name}_truth"]]
    return figures(judged(truth, shares, list(table["call_id"]), sure=False))


def _write(path: Path, rows: Sequence[dict[str, object]]) -> None:
    with replacing(path) as file:
        pd.DataFrame(rows).to_parquet(file, index=False)
