"""The operator on numbers, dates and the like that are mentioned: `entity`. What counts as one is in `entities/`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.entities import EntityKind, Mention, Value, mentions, value_of
from pipeline.rulepack.operators.facts import field_of
from pipeline.rulepack.operators.sentences import heard, outcome_of
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params, Text
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance, text_hit

_NAMES = {
    EntityKind.ORDER_NUMBER: "单号",
    EntityKind.AMOUNT: "金额",
    EntityKind.DATE: "日期",
    EntityKind.TIME_LIMIT: "时限",
    EntityKind.PHONE: "电话号码",
    EntityKind.ID_CARD: "身份证号",
    EntityKind.BANK_CARD: "银行卡号",
    EntityKind.NAME: "姓名",
}
_DIGITS = frozenset({EntityKind.ORDER_NUMBER, EntityKind.PHONE, EntityKind.ID_CARD, EntityKind.BANK_CARD})
_UNSURE_CONFIDENCE = 0.5


class EntityParams(Params):
    """`entity`: a kind or several. `equals` or `differs`: a field of the call (see `metadata`) to compare it with."""

    entity: Annotated[tuple[EntityKind, ...], Field(min_length=1)]
    equals: Text | None = None
    differs: Text | None = None

    @field_validator("entity", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _comparable(self) -> EntityParams:
        if self.equals is not None and self.differs is not None:
            raise ValueError("equals 和 differs 只能写一个")
        if self.compared is not None and len(self.entity) > 1:
            raise ValueError("写了 equals 或 differs 时只能写一种实体")
        return self

    @property
    def compared(self) -> str | None:
        """The field that is compared with."""
        return self.equals if self.equals is not None else self.differs


def entity(params: EntityParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when one of the kinds is mentioned, said in words or typed in digits.

    With `equals` one of them must be the field's, with `differs` one must be mentioned and none be the field's. A
    field that the call does not have, or that holds no such value, leaves it unjudged. What only may be of the kind is
    doubtful where a finding costs; so is a value too vague to compare, and in speech a number that is one digit off.
    """
    names = "或".join(_NAMES[k] for k in params.entity)
    note = f"{SPEAKER_NAMES[region.speaker]}说出{names}"
    turns = set(region.turn_indexes)
    found = [
        (kind, m)
        for kind in params.entity
        for m in mentions(view, kind)
        if m.turn in turns and region.holds((m.turn, m.start))
    ]
    if params.compared is None:
        hits = [_hit(view, kind, m, f",是{_NAMES[kind]}") for kind, m in found]
        return outcome_of(hits, region, stance, note)
    return _compared(params, params.compared, view, region, stance, [m for _, m in found])


def _compared(
    params: EntityParams, field: str, view: CallView, region: Region, stance: Stance, found: list[Mention]
) -> Outcome:
    (kind,) = params.entity
    told = field_of(view, field)
    if told is None:
        raise NotJudgedError(Truth.UNJUDGED, f"通话资料里没有“{field}”")
    wanted = value_of(str(told), kind, day=view.day)
    if wanted is None:
        raise NotJudgedError(Truth.UNJUDGED, f"“{field}”的值“{told}”不是{_NAMES[kind]}")
    is_equal = params.equals is not None
    speaker, name = SPEAKER_NAMES[region.speaker], _NAMES[kind]
    note = f"{speaker}说出与“{field}”相同的{name}" if is_equal else f"{speaker}说出不同于“{field}”的{name}"
    same = [m for m in found if _same(kind, m.value, wanted)]
    if same and not is_equal:
        return Outcome(truth=Truth.FALSE, note=f"{note}(有一处相同)")
    vague = [m for m in found if m not in same and _may_be(kind, m.value, wanted, spoken=view.is_voice)]
    sure = same if is_equal else [m for m in found if m not in vague]
    how = f",与“{field}”的“{told}”{'相同' if is_equal else '不同'}"
    hits = [_hit(view, kind, m, how) for m in sure]
    doubtful = [_hit(view, kind, m, f",可能就是“{field}”的“{told}”") for m in vague]
    return outcome_of(hits, region, stance, note, doubtful=doubtful)


def _same(kind: EntityKind, value: Value | None, wanted: Value) -> bool:
    if isinstance(value, tuple) and isinstance(wanted, tuple):
        return value[1:] == wanted[1:] and (value[0] == wanted[0] or None in (value[0], wanted[0]))
    if kind is EntityKind.NAME and isinstance(value, str) and isinstance(wanted, str):
        return value.startswith(wanted) or wanted.startswith(value)
    return value is not None and value == wanted


def _may_be(kind: EntityKind, value: Value | None, wanted: Value, *, spoken: bool) -> bool:
    """Whether it may be the same and was only said vaguely, or misheard by one digit."""
    if value is None:
        return True
    if not spoken or kind not in _DIGITS:
        return False
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(str(value), str(wanted), score_cutoff=1) <= 1


def _hit(view: CallView, kind: EntityKind, mention: Mention, explained: str) -> Hit:
    sure = 1.0 if mention.sure else _UNSURE_CONFIDENCE
    confidence = round(sure * heard(view, mention.turn, mention.start, mention.end), 3)
    return text_hit(
        view, mention.turn, mention.start, mention.end,
        match=MatchKind.PATTERN, confidence=confidence, wanted=_NAMES[kind], explained=explained,
    )  # fmt: skip
