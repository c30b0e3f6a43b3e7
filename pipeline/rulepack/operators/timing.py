"""Operators on timing: `silence`, `overlap`, `rate`. A chat has none (ABSENT); a call without times is UNJUDGED."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from pipeline.domain.signals import Overlap, OverlapKind, Silence
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import SCOPE_KEYS, DurationMs, Params, Scope, Text
from pipeline.rulepack.view import AFTER_TURN, SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance, turn_hit
from pipeline.signals.silence import said_before

MeasureT = TypeVar("MeasureT")

OTHER_SIDE = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}

_NO_DISCOURTESY = (OverlapKind.BACK_CHANNEL, OverlapKind.SIMULTANEOUS)

TIMING_DOUBT_MS = 300
"""Word times of a recogniser are off by a few hundred ms: a measure this near to its limit is doubtful."""


def measured(view: CallView, value: MeasureT | None, name: str) -> MeasureT:
    """The measure, where there is one. Raises NotJudgedError: a chat has none, or nobody could measure it."""
    if value is not None:
        return value
    if not view.is_voice:
        raise NotJudgedError(Truth.ABSENT, f"文字会话没有{name}")
    raise NotJudgedError(Truth.UNJUDGED, f"没有时间信息或声道不分,测不出{name}")


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} 秒"


def grade(sure: list[Hit], doubtful: list[Hit], region: Region, note: str, count: int = 1) -> Outcome:
    """TRUE where `count` hits are sure and the region is, DOUBTFUL where the doubtful ones make up the number."""
    if len(sure) >= count and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=tuple(sure), note=note)
    if len(sure) + len(doubtful) >= count:
        hits = tuple(sorted(sure + doubtful, key=lambda h: h.begin))
        return Outcome(truth=Truth.DOUBTFUL, hits=hits, note=note)
    return Outcome(truth=Truth.FALSE, note=note)


class SilenceParams(Params):
    """`longer_than`; whose words stand `after`/`before` it; `unless`: phrases just before it that explain it."""

    scope_keys = SCOPE_KEYS - {"role", "in"}

    longer_than: DurationMs
    after: Literal["agent", "customer"] | None = None
    before: Literal["agent", "customer"] | None = None
    unless: tuple[Text, ...] = ()

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        return self.unless


def silence(params: SilenceParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when nobody speaks for longer than `longer_than` between two turns.

    The quiet before the first and after the last turn does not count, nor that next to an announcement: there a person
    waits for a machine. `unless` phrases are looked for in the
    agent's words of the 15 s before the silence, by text or sound, and excuse it even when one syllable is off.
    """
    silences = measured(view, view.signals.silences, "静默")
    turns = set(region.turn_indexes)
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    for pause in silences:
        if pause.length_ms <= params.longer_than or not _fits(params, pause, view):
            continue
        assert pause.after_turn is not None
        if pause.after_turn not in turns or not region.holds((pause.after_turn, AFTER_TURN)):
            continue
        explained = _explained(params, pause, view)
        if explained is True:
            continue
        hit = _silence_hit(pause, params)
        if explained is None or pause.length_ms < params.longer_than + TIMING_DOUBT_MS:
            doubtful.append(hit)
        else:
            sure.append(hit)
    return grade(sure, doubtful, region, f"超过 {_seconds(params.longer_than)} 的静默")


def _fits(params: SilenceParams, pause: Silence, view: CallView) -> bool:
    if pause.after_turn is None or pause.before_turn is None:
        return False
    roles = view.turns[pause.after_turn].role, view.turns[pause.before_turn].role
    if Role.SYSTEM in roles:
        return False
    wanted = params.after, params.before
    return all(w is None or Role(w) is r for w, r in zip(wanted, roles, strict=True))


def _explained(params: SilenceParams, pause: Silence, view: CallView) -> bool | None:
    """True when an excusing phrase precedes the silence, None when only a doubtful one does.

    Where the speakers are not told apart, whoever asks the other to wait excuses it.
    """
    near = False
    for written in params.unless:
        for hit in view.hits.of(written):
            turn = view.turns[hit.turn]
            if turn.role is not Role.CUSTOMER and said_before(turn, pause):
                if hit.kind is not MatchKind.CLOSE:
                    return True
                near = True
    return None if near else False


def _silence_hit(pause: Silence, params: SilenceParams) -> Hit:
    assert pause.after_turn is not None
    unexplained = ",之前没有请客户稍等" if params.unless else ""
    return Hit(
        begin=(pause.after_turn, AFTER_TURN),
        finish=(pause.after_turn, AFTER_TURN),
        match=MatchKind.MEASURE,
        confidence=1.0,
        explanation=f"静默 {_seconds(pause.length_ms)}{unexplained}",
        turn=pause.after_turn,
        start_ms=pause.start_ms,
        end_ms=pause.end_ms,
        matched=_seconds(pause.length_ms),
        wanted=f"不超过 {_seconds(params.longer_than)}",
    )


class OverlapParams(Params):
    """`by` talks over the other for at least `min`, after the other had talked for `held`, `count` times."""

    scope_keys = SCOPE_KEYS - {"role", "in"}

    by: Literal["agent", "customer"]
    min: DurationMs = 500
    held: DurationMs = 1000
    count: Annotated[int, Field(ge=1)] = 1


def overlap(params: OverlapParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when `by` talks over the other side at least `count` times.

    A short 嗯 or 对 never counts, nor where both begin at once: nobody is then talked over.
    """
    overlaps = measured(view, view.signals.overlaps, "抢话")
    turns = set(region.turn_indexes)
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    for each in overlaps:
        if each.kind in _NO_DISCOURTESY or each.by is not Role(params.by):
            continue
        if each.turn not in turns or not region.holds((each.turn, 0)):
            continue
        if view.turns[each.over_turn].role is not OTHER_SIDE[each.by]:
            continue  # talking over an announcement or a third voice is no discourtesy
        if each.length_ms < params.min or each.held_ms < params.held:
            continue
        close = each.length_ms < params.min + TIMING_DOUBT_MS // 2
        (doubtful if close else sure).append(_overlap_hit(each, view))
    note = f"{SPEAKER_NAMES[Role(params.by)]}抢话达到 {params.count} 次"
    return grade(sure, doubtful, region, note, params.count)


def _overlap_hit(each: Overlap, view: CallView) -> Hit:
    over = view.turns[each.over_turn]
    held = f"{SPEAKER_NAMES[over.role]}已讲 {_seconds(each.held_ms)}"
    explanation = f"{held},{SPEAKER_NAMES[each.by]}插话,重叠 {_seconds(each.length_ms)}"
    turn = view.turns[each.turn]
    return Hit(
        begin=(each.turn, 0),
        finish=(each.turn, AFTER_TURN),
        match=MatchKind.MEASURE,
        confidence=1.0,
        explanation=explanation,
        turn=each.turn,
        role=each.by,
        start_ms=each.start_ms,
        end_ms=each.end_ms,
        text=turn.text,
        matched=turn.text,
    )


class RateParams(Params):
    """Characters per minute outside `[min, max]`, over the whole call or a turn of at least `min_chars`."""

    min: Annotated[float, Field(ge=0)] | None = None
    max: Annotated[float, Field(ge=0)] | None = None
    min_chars: Annotated[int, Field(ge=1)] = 20
    over: Literal["call", "turn"] = "call"

    @model_validator(mode="after")
    def _bounded(self) -> RateParams:
        if self.min is None and self.max is None:
            raise ValueError("rate 需要 min 或 max")
        return self

    def scope_problem(self, scope: Scope) -> str | None:
        if self.over == "turn":
            return None
        if scope.speaker is None:
            return "全程语速要写明 role: agent 或 customer"
        return "全程语速不能限定范围,请去掉 within 等,或写 over: turn" if scope.within or scope.anchors else None

    def outside(self, rate_cpm: float) -> bool:
        """Whether a rate is too slow or too fast."""
        return (self.min is not None and rate_cpm < self.min) or (self.max is not None and rate_cpm > self.max)

    @property
    def allowed(self) -> str:
        low = "" if self.min is None else f"不低于每分钟 {self.min:.0f} 字"
        high = "" if self.max is None else f"不高于每分钟 {self.max:.0f} 字"
        return "、".join(part for part in (low, high) if part)


def rate(params: RateParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the speaker's rate lies outside the range; a single turn counts from `min_chars` characters on."""
    rates = measured(view, view.signals.rates_cpm, "语速")
    note = f"{SPEAKER_NAMES[region.speaker]}语速超出范围({params.allowed})"
    if params.over == "turn":
        hits = [
            turn_hit(
                view, i, confidence=1.0, explanation=f"{SPEAKER_NAMES[view.turns[i].role]}语速每分钟 {value:.0f} 字"
            )
            for i in region.turn_indexes
            if (value := rates[i]) is not None
            and len(view.normal[i].text) >= params.min_chars
            and params.outside(value)
        ]
        return grade(hits, [], region, note)
    by_role = {Role.AGENT: view.signals.agent_rate_cpm, Role.CUSTOMER: view.signals.customer_rate_cpm}
    value = measured(view, by_role.get(region.speaker) if region.speaker else None, "语速")
    spoken = [i for i in region.turn_indexes if view.normal[i].text]
    if sum(len(view.normal[i].text) for i in spoken) < params.min_chars:
        raise NotJudgedError(Truth.UNJUDGED, "讲话太少,测不准语速")
    if not params.outside(value):
        return Outcome(truth=Truth.FALSE, note=f"{note},实测每分钟 {value:.0f} 字")
    fastest = max(spoken, key=lambda i: abs((rates[i] or value) - value))
    explanation = f"{SPEAKER_NAMES[region.speaker]}全程语速每分钟 {value:.0f} 字,应{params.allowed}"
    return grade([turn_hit(view, fastest, confidence=1.0, explanation=explanation)], [], region, note)
