"""The operator on questions: `question`. What makes a question of a type is in `asking.py`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.operators.asking import QuestionType, questions
from pipeline.rulepack.operators.sentences import heard, outcome_of
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Outcome, Stance, text_hit

_NAMES = {
    QuestionType.OPEN: "开放性",
    QuestionType.CLOSED: "封闭性",
    QuestionType.LEADING: "引导性",
    QuestionType.REFLECTIVE: "反思性",
}
_UNMARKED_CONFIDENCE = 0.5


class QuestionParams(Params):
    """`question`: a type or several (`open`, `closed`, `leading`, `reflective`); `min`: how many are asked."""

    question: Annotated[tuple[QuestionType, ...], Field(min_length=1)]
    min: Annotated[int, Field(ge=1)] = 1

    @field_validator("question", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


def question(params: QuestionParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when at least `min` questions of the types are asked.

    open (开放性): leaves the answer to the other: 什么, 怎么, 为什么, 哪里, 多少, 请您描述一下; 有什么可以帮您 too.
    closed (封闭性): asks for a yes, a no or a choice: 吗, 是不是, 能否, 是…还是….
    leading (引导性): holds the answer that is wanted: …对吧, …是吧, 难道…, …是不是 at its end.
    reflective (反思性): gives back what was understood: 您的意思是…, 您刚才说…对吗, 我可以这样理解吗.

    Each question has one type, the last of these that fits, but an open word before 吗 makes no open question. What may
    be a statement (我看一下是不是…) is doubtful where a finding costs. It goes by words alone: a question without any
    (您的单号) is found only by its question mark, and then of no type but closed, doubtfully.
    """
    turns = set(region.turn_indexes)
    hits = []
    for each in questions(view):
        if each.turn not in turns or each.type not in params.question or not region.holds((each.turn, each.start)):
            continue
        certain = heard(view, each.turn, each.start, each.end) * (1.0 if each.marked else _UNMARKED_CONFIDENCE)
        name = _NAMES[each.type]
        hit = text_hit(
            view, each.turn, each.start, each.end,
            match=MatchKind.PATTERN, confidence=round(certain, 3), wanted=f"{name}提问", explained=f",是{name}提问",
        )  # fmt: skip
        hits.append(hit)
    names = "或".join(_NAMES[t] for t in params.question)
    times = f" {params.min} 次" if params.min > 1 else ""
    note = f"{SPEAKER_NAMES[region.speaker]}提出{names}问题{times}"
    return outcome_of(hits, region, stance, note, count=params.min)
