"""Turns whose emotion a person has judged, as a user hands them in: a table or JSON Lines with one turn a row."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.rows import Cells, read_rows, shown, whole_file
from pipeline.intake.columns import Columns
from pipeline.intake.place import Place, Refusal, RefusedError, quoted
from pipeline.intake.values import as_text, call_id, clean, number, role
from pipeline.text.classify.features import plain

MOST_CHARACTERS = 2_000

LABEL_NAMES: Mapping[str, EmotionLabel] = {
    **{label.value: label for label in EmotionLabel},
    "满意": EmotionLabel.SATISFIED,
    "高兴": EmotionLabel.SATISFIED,
    "平静": EmotionLabel.CALM,
    "中性": EmotionLabel.CALM,
    "焦急": EmotionLabel.ANXIOUS,
    "着急": EmotionLabel.ANXIOUS,
    "不满": EmotionLabel.DISSATISFIED,
    "愤怒": EmotionLabel.ANGRY,
    "生气": EmotionLabel.ANGRY,
}

COLUMNS = Columns(
    {
        "role": ("说话人", "角色", "发言人", "speaker"),
        "text": ("文本", "内容", "原话", "消息内容", "对话内容", "content"),
        "label": ("情绪", "情绪标签", "标签", "emotion"),
        "call_id": ("通话编号", "通话", "会话编号", "录音编号", "通话ID", "会话ID", "call"),
        "turn": ("轮次", "轮", "序号", "turn_index"),
    }
)
_NEEDED = ("role", "text", "label")

_LABELS = "可用的值: 满意、平静、焦急、不满、愤怒(或 satisfied、calm、anxious、dissatisfied、angry)"
_ROLES = "请填 客服、客户、系统 或 其他"


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """The turns of one call in their order, each with its label; None for a turn that is only context.

    `call_id` is None for a turn that came without one: it is a call of its own.
    """

    call_id: str | None
    turns: tuple[Turn, ...]
    labels: tuple[EmotionLabel | None, ...]


@dataclass(slots=True)
class _Row:
    place: Place
    role: Role
    text: str
    label: EmotionLabel | None
    call_id: str | None
    turn: float | None


@dataclass(slots=True)
class _Found:
    rows: list[_Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, refusal: Refusal, column: str | None = None) -> None:
        self.problems.append(place.problem(refusal, column=column))


def read_labelled(path: Path) -> tuple[LabelledCall, ...]:
    """The calls of a CSV, Excel, Parquet or JSONL file, in the order in which they first appear.

    Rows without a label are context and need a call. Where all rows of a call have a turn number they are ordered by
    it, else they stand as they came.

    Raises:
        InputError: with every problem of the file, its row and column; the first fifty of many.
    """
    found = _Found()
    for item in read_rows(path, COLUMNS, needed=_NEEDED):
        if isinstance(item, Problem):
            found.problems.append(item)
        else:
            _take(*item, found)
    if not found.problems and not any(row.label for row in found.rows):
        remedy = "每行写一轮讲话:说话人、文本、情绪,最好还有通话编号和轮次"
        found.problems.append(whole_file(path, ProblemCode.FILE_EMPTY, "没有一行标了情绪", remedy))
    calls = _calls(found)
    if found.problems:
        raise InputError(shown(path, found.problems))
    return calls


def _take(place: Place, cells: Cells, found: _Found) -> None:
    """The row, or all that is wrong with it."""
    before = len(found.problems)
    values: dict[str, object] = {}
    for column, parse in (
        ("role", _role),
        ("text", _text),
        ("label", read_label),
        ("call_id", call_id),
        ("turn", number),
    ):
        header, value = cells.get(column, (column, None))
        if as_text(value) is None and column not in ("role", "text"):
            continue
        try:
            values[column] = parse(value)
        except RefusedError as refused:
            found.refuse(place, refused.refusal, header)
    if "label" in values and "text" in values and not plain(str(values["text"])):
        remedy = "请填这一轮的文字;只有标点或掩码的行不要标情绪"
        refusal = Refusal("标了情绪,却没有说出的文字", remedy, code=ProblemCode.MISSING_VALUE)
        found.refuse(place, refusal, cells["text"][0])
    if "label" not in values and "call_id" not in values and len(found.problems) == before:
        remedy = "请标上情绪;只作上下文的行要有通话编号"
        header = cells["label"][0]
        found.refuse(place, Refusal("没有标情绪,也没有通话编号", remedy, code=ProblemCode.MISSING_VALUE), header)
    if len(found.problems) == before:
        defaults = {"label": None, "call_id": None, "turn": None}
        found.rows.append(_Row(place, **{**defaults, **values}))  # type: ignore[arg-type]


def _role(value: object) -> Role:
    try:
        given = role(value)
    except RefusedError as refused:
        raise RefusedError(refused.refusal.what, _ROLES) from None
    assert isinstance(given, Role)
    return given


def _text(value: object) -> str:
    text = clean(as_text(value) or "")
    if isinstance(value, dict | list):
        raise RefusedError("文本不是一段文字", "请只填这一轮的文字")
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(f"文本有 {len(text)} 字,超过 {MOST_CHARACTERS} 字", "一行只写一轮讲话")
    return text


def read_label(value: object) -> EmotionLabel:
    """The emotion that a cell names, in Chinese or English. Raises RefusedError."""
    text = unicodedata.normalize("NFKC", as_text(value) or "").casefold()
    if text not in LABEL_NAMES:
        raise RefusedError(f"{quoted(text)} 不是可用的情绪", _LABELS)
    return LABEL_NAMES[text]


def _calls(found: _Found) -> tuple[LabelledCall, ...]:
    """The rows by call; what contradicts itself becomes a problem."""
    groups: dict[object, list[_Row]] = defaultdict(list)
    alone: dict[tuple[Role, str], _Row] = {}
    for row in found.rows:
        if row.call_id is not None:
            groups[row.call_id].append(row)
            continue
        first = alone.setdefault((row.role, plain(row.text)), row)
        if first.label is not row.label:
            what = f"同一句话在第 {first.place.row} 行标的是另一种情绪"
            remedy = "请只留一种;若因上下文而不同,请填上通话编号和轮次"
            found.refuse(row.place, Refusal(what, remedy), "label")
        elif first is row:
            groups[row.place.row].append(row)
    return tuple(_call(rows, found) for rows in groups.values())


def _call(rows: list[_Row], found: _Found) -> LabelledCall:
    numbered = [row for row in rows if row.turn is not None]
    first: dict[float | None, _Row] = {}
    for row in numbered:
        earlier = first.setdefault(row.turn, row)
        if earlier is not row:
            what = f"这通的这一轮在第 {earlier.place.row} 行已经有了"
            found.refuse(row.place, Refusal(what, "同一通的每一轮只写一行,并只标一种情绪"), "turn")
    if numbered and len(numbered) < len(rows):
        bare = next(row for row in rows if row.turn is None)
        what = f"通话 {bare.call_id} 有的行填了轮次,这一行没有"
        found.refuse(
            bare.place, Refusal(what, "同一通要么每行都填轮次,要么都不填", code=ProblemCode.MISSING_VALUE), "turn"
        )
    elif numbered:
        rows = sorted(rows, key=lambda row: row.turn or 0.0)
    turns = tuple(Turn(n, row.role, row.text) for n, row in enumerate(rows))
    return LabelledCall(rows[0].call_id, turns, tuple(row.label for row in rows))
