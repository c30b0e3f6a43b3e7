"""Operators on how a call went as a whole: `talk_ratio`, `hangup`, `answer`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import DurationMs, Params, Scope
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance

_ENDED_BY = {"agent": Role.AGENT, "customer": Role.CUSTOMER, "system": Role.SYSTEM}


def _to_share(value: Any) -> Any:
    return float(value[:-1]) / 100 if isinstance(value, str) and value[:-1].isdigit() and value[-1] == "%" else value


Share = Annotated[float, BeforeValidator(_to_share), Field(ge=0, le=1)]
"""Written `70%` or 0.7."""


class TalkRatioParams(Params):
    """The share of the talk that is the role's lies within `[min, max]`."""

    scope_keys = frozenset({"label", "role"})

    min: Share | None = None
    max: Share | None = None

    @model_validator(mode="after")
    def _bounded(self) -> TalkRatioParams:
        if self.min is None and self.max is None:
            raise ValueError("talk_ratio 需要 min 或 max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("talk_ratio 的 min 大于 max")
        return self

    def scope_problem(self, scope: Scope) -> str | None:
        return "要写明是谁的占比:role: agent 或 customer" if scope.speaker is None else None


def talk_ratio(params: TalkRatioParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the role's share of what both sides say lies in the range: of the talking time, or a chat's characters.

    Announcements and third voices count for neither side, quarantined text for nobody.
    """
    signals = view.signals
    if view.is_voice and signals.agent_talk_ms is None:
        raise NotJudgedError(Truth.UNJUDGED, "没有时间信息,测不出讲话时长")
    share = signals.agent_talk_share if region.speaker is Role.AGENT else signals.customer_talk_share
    if share is None:
        raise NotJudgedError(Truth.UNJUDGED, "双方讲话太少,算不准讲话占比")
    inside = (params.min is None or share >= params.min) and (params.max is None or share <= params.max)
    low = "" if params.min is None else f"不少于 {params.min:.0%}"
    high = "" if params.max is None else f"不多于 {params.max:.0%}"
    unit = "时长" if view.is_voice else "字数"
    sought = f"{SPEAKER_NAMES[region.speaker]}讲话{unit}占{'、'.join(filter(None, (low, high)))}"
    return _told(sought, f"实测 {share:.0%}", holds=inside)


def _told(sought: str, measured: str, *, holds: bool) -> Outcome:
    """The answer to what was sought, with what was measured; it has no place in the call."""
    note = f"{sought}({measured})"
    if not holds:
        return Outcome(truth=Truth.FALSE, note=note)
    hit = Hit(begin=(0, 0), finish=(0, 0), match=MatchKind.MEASURE, confidence=1.0, explanation=note, matched=measured)
    return Outcome(truth=Truth.TRUE, hits=(hit,), note=note)


class HangupParams(Params):
    """`by`: who ended the call."""

    scope_keys = frozenset({"label"})

    by: Literal["agent", "customer", "system"]


def hangup(params: HangupParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when `by` ended the call, by the telephone system's record in `hangup_by`; what is said decides nothing.

    A chat that says nothing of it has no end to judge.
    """
    told = view.call.metadata.get("hangup_by")
    if not told:
        raise NotJudgedError(Truth.UNJUDGED if view.is_voice else Truth.ABSENT, "通话资料里没有 hangup_by(挂机方)")
    by = _ENDED_BY.get(told)
    if by is None:
        raise NotJudgedError(Truth.UNJUDGED, f"hangup_by(挂机方)“{told}”不是 agent、customer 或 system")
    wanted = _ENDED_BY[params.by]
    return _told(f"{SPEAKER_NAMES[wanted]}先挂机", f"记录为{SPEAKER_NAMES[by]}挂机", holds=by is wanted)


class AnswerParams(Params):
    """`within` a time, or `longer_than` it: one of the two."""

    scope_keys = frozenset({"label"})

    within: DurationMs | None = None
    longer_than: DurationMs | None = None

    @model_validator(mode="after")
    def _one(self) -> AnswerParams:
        if (self.within is None) == (self.longer_than is None):
            raise ValueError("answer 需要 within 或 longer_than,且只能写一个")
        return self


def answer(params: AnswerParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the call was answered within the time, or took longer than it, by `answered_after_s`."""
    seconds = view.call.answered_after_s
    if seconds is None:
        missing = "通话资料里没有 answered_after_s(应答时长)"
        raise NotJudgedError(Truth.UNJUDGED if view.is_voice else Truth.ABSENT, missing)
    ms = seconds * 1000
    if params.within is not None:
        return _told(f"{params.within / 1000:g} 秒内应答", f"实际 {seconds:g} 秒", holds=ms <= params.within)
    assert params.longer_than is not None
    return _told(f"超过 {params.longer_than / 1000:g} 秒才应答", f"实际 {seconds:g} 秒", holds=ms > params.longer_than)
