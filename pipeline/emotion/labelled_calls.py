"""Calls whose customer's emotion a person has judged: how it was at its worst, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.emotion.labelled import read_label
from pipeline.emotion.rows import Cells, read_rows, shown, whole_file
from pipeline.intake.columns import Columns
from pipeline.intake.place import Place, Refusal, RefusedError
from pipeline.intake.values import as_text, call_id

COLUMNS = Columns(
    {
        "call_id": ("通话编号", "通话", "会话编号", "录音编号", "通话ID", "会话ID", "call"),
        "peak": ("最差情绪", "最差", "峰值", "情绪峰值"),
        "end": ("结束情绪", "结束", "结束时情绪", "结尾"),
    }
)


@dataclass(frozen=True, slots=True)
class CallTruth:
    """What a person said of a call; None where nothing was said."""

    call_id: str
    peak: EmotionLabel | None
    end: EmotionLabel | None
    place: Place

    def unused(self, what: str) -> Problem:
        """Why the call was not compared."""
        remedy = "请核对通话编号,并把它的会话或转写文件写在命令里"
        return self.place.problem(Refusal(what, remedy, code=ProblemCode.MISSING_VALUE), call_id=self.call_id)


def read_call_truth(path: Path) -> tuple[CallTruth, ...]:
    """The calls of a table or JSONL file with `call_id`, `peak` and `end`. Raises InputError with all its problems."""
    problems: list[Problem] = []
    found: dict[str, CallTruth] = {}
    for item in read_rows(path, COLUMNS, needed=("call_id",)):
        if isinstance(item, Problem):
            problems.append(item)
            continue
        truth = _truth(*item, problems)
        if truth is not None and found.setdefault(truth.call_id, truth) is not truth:
            what = f"这通在第 {found[truth.call_id].place.row} 行已经有了"
            problems.append(truth.place.problem(Refusal(what, "每通只写一行"), call_id=truth.call_id))
    if not problems and not found:
        problems.append(
            whole_file(path, ProblemCode.FILE_EMPTY, "没有一通标了情绪", "每行写 通话编号、最差情绪、结束情绪")
        )
    if problems:
        raise InputError(shown(path, problems))
    return tuple(found.values())


def _truth(place: Place, cells: Cells, problems: list[Problem]) -> CallTruth | None:
    def read(column: str) -> EmotionLabel | None:
        header, value = cells.get(column, (column, None))
        if as_text(value) is None:
            return None
        try:
            return read_label(value)
        except RefusedError as refused:
            problems.append(place.problem(refused.refusal, column=header))
            return None

    before = len(problems)
    peak, end = read("peak"), read("end")
    try:
        name = call_id(cells["call_id"][1])
    except RefusedError as refused:
        problems.append(place.problem(refused.refusal, column=cells["call_id"][0]))
        return None
    if peak is None and end is None and len(problems) == before:
        refusal = Refusal("最差情绪和结束情绪都没有填", "请至少填一项", code=ProblemCode.MISSING_VALUE)
        problems.append(place.problem(refusal, call_id=name))
    return CallTruth(name, peak, end, place) if len(problems) == before else None
