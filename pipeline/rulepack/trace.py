"""Why a rule came out as it did: every check and every step of its logic, read from the trial that gave the verdict.

Nothing is judged here a second time. The judge evaluates a rule in a `Trial`; the trace asks that same trial what its
checks answered and where they looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE
from pipeline.domain.verdict import MatchKind, Severity, Verdict
from pipeline.rulepack.judge import Trial, flipped, judge_rule
from pipeline.rulepack.load import CompiledCheck, Rule
from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Then, Truth
from pipeline.rulepack.operators.words import SURE
from pipeline.rulepack.patterns import matches
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import SCOPE_KEYS, Extent
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance

_Key = tuple[str, Stance]
_SPOKEN = frozenset({MatchKind.EXACT, MatchKind.SOUND, MatchKind.CLOSE, MatchKind.PATTERN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the logic. `kind`: check, not, and, or, at_least or then. `truth` is None where it was not needed."""

    kind: str
    text: str
    truth: Truth | None
    stance: Stance
    check: str | None = None
    parts: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Something that a check counted. `doubts` says in Chinese what makes it doubtful; empty where it is sure."""

    hit: Hit
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncounted:
    """Words that a check looks for and that stand in the call, but that it did not count; `why` in Chinese."""

    wanted: str
    turn: int
    speaker: str
    start_ms: int | None
    matched: str
    match: MatchKind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTrace:
    """What one check looked for, where, and what it answered under one stance.

    `params` are as the rule writes them. `turns` are the indexes looked at, None where the check looks at no turns or
    the region could not be told; `missing` names an anchor that did not occur. `note` is the check's own word on it, or
    why it could not be judged.
    """

    name: str
    operator: str
    params: dict[str, Any]
    scope: str
    stance: Stance
    truth: Truth
    note: str
    turns: tuple[int, ...] | None
    missing: str | None
    sights: tuple[Sight, ...]
    uncounted: tuple[Uncounted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One judgement explained. `checks` are in the order in which they were evaluated."""

    rule: Rule
    verdict: Verdict
    applies: Step | None
    demand: Step
    checks: tuple[CheckTrace, ...]
    n_turns: int


def trace_rule(rule: Rule, view: CallView) -> Trace:
    """Judges the rule on the call, and tells how."""
    trial = Trial(rule, view)
    verdict = judge_rule(rule, view, trial)
    used = frozenset(trial.outcomes)
    stance = Stance.STRICT if rule.forbids else Stance.GENEROUS
    applies = None if rule.applies is None else _step(trial, rule.applies, Stance.STRICT, used)
    # The demand of a rule that does not apply is not asked, though some of its checks may have been.
    asked = used if applies is None or applies.truth not in (Truth.FALSE, Truth.ABSENT) else frozenset[_Key]()
    return Trace(
        rule=rule,
        verdict=verdict,
        applies=applies,
        demand=_step(trial, rule.demand, stance, asked),
        checks=tuple(_check(trial, *key) for key in trial.outcomes if key in used),
        n_turns=len(view.turns),
    )


def written(expression: Expression, *, inner: bool = False) -> str:
    """The expression as a rule writes it."""
    match expression:
        case Check(name):
            return name
        case Not(under):
            return f"not {written(under, inner=True)}"
        case AtLeast(n, parts) if 1 < n < len(parts):
            return f"{n} of ({', '.join(map(written, parts))})"
        case AtLeast(n, parts):
            text = f" {'or' if n == 1 else 'and'} ".join(written(p, inner=True) for p in parts)
        case Then(first, second, within_ms):
            limit = "" if within_ms is None else f" within {_limit(within_ms)}"
            text = f"{written(first, inner=True)} then {written(second, inner=True)}{limit}"
    return f"({text})" if inner else text


def _limit(ms: int) -> str:
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms}ms"


def _step(trial: Trial, expression: Expression, stance: Stance, used: Set[_Key]) -> Step:
    kind: str
    parts: tuple[Step, ...]
    match expression:
        case Check(name):
            outcome = trial.outcomes[(name, stance)] if (name, stance) in used else None
            truth = None if outcome is None else outcome.truth
            return Step(kind="check", text=name, truth=truth, stance=stance, check=name)
        case Not(inner):
            kind, parts = "not", (_step(trial, inner, flipped(stance), used),)
        case AtLeast(n, inner_parts):
            kind = "or" if n == 1 else "and" if n == len(inner_parts) else "at_least"
            parts = tuple(_step(trial, p, stance, used) for p in inner_parts)
        case Then(first, second):
            kind, parts = "then", (_step(trial, first, stance, used), _step(trial, second, stance, used))
    # A step none of whose checks was looked at was not needed: the verdict had been settled before.
    needed = any(p.truth is not None for p in parts)
    truth = trial.truth(expression, stance) if needed else None
    return Step(kind=kind, text=written(expression), truth=truth, stance=stance, parts=parts)


def _check(trial: Trial, name: str, stance: Stance) -> CheckTrace:
    check, outcome = trial.rule.checks[name], trial.outcomes[(name, stance)]
    region: Region | None = None
    if looks_at_turns(check):
        with suppress(NotJudgedError):
            region = trial.region(name)
    return CheckTrace(
        name=name,
        operator=check.operator,
        params=_params(trial.rule, check),
        scope=scope_text(check),
        stance=stance,
        truth=outcome.truth,
        note=outcome.note,
        turns=None if region is None else region.turn_indexes,
        missing=None if region is None else region.missing,
        sights=tuple(
            Sight(hit=h, doubts=_doubts(check, h, outcome, region, stance, trial.rule.spec.severity))
            for h in outcome.hits
        ),
        uncounted=() if region is None else tuple(_uncounted(check, trial.view, region, outcome)),
    )


def looks_at_turns(check: CompiledCheck) -> bool:
    """False for a check on the call as a whole, such as its length."""
    return bool(check.params.scope_keys - {"label"})


def _params(rule: Rule, check: CompiledCheck) -> dict[str, Any]:
    values = rule.spec.checks[check.name]
    main = values[check.operator]
    if isinstance(main, dict):
        return dict(main)
    return {check.operator: main} | {k: v for k, v in values.items() if k != check.operator and k not in SCOPE_KEYS}


def _doubts(
    check: CompiledCheck, hit: Hit, outcome: Outcome, region: Region | None, stance: Stance, severity: Severity
) -> tuple[str, ...]:
    if outcome.truth is not Truth.DOUBTFUL:
        return ()
    doubts: list[str] = []
    if region is not None and region.doubtful:
        doubts.append("所看的范围取决于另一处存疑的命中")
    if region is not None and hit.turn is not None and not region.sure_of_speaker(hit.turn):
        share = region.view.turns[hit.turn].role_confidence
        doubts.append(f"这一轮是谁说的只有 {share:.0%} 的把握,要 {MIN_ROLE_CONFIDENCE:.0%}")
    needed = SURE[stance, severity] if hit.match in _SPOKEN else getattr(check.params, "min_confidence", None)
    if needed is not None and hit.confidence < needed:
        doubts.append(f"把握 {hit.confidence:.2f},要 {needed:.2f} 才算准")
    if hit.match is MatchKind.CLOSE and getattr(check.params, "match", None) != "close":
        doubts.append("只是读音相近,只能引起怀疑")
    if hit.match is MatchKind.MEASURE and not doubts:
        doubts.append("离界限太近,或确凿的次数不够")
    return tuple(doubts)


def _uncounted(check: CompiledCheck, view: CallView, region: Region, outcome: Outcome) -> Iterator[Uncounted]:
    """What the index and the patterns found in the whole call, less what the check counted."""
    counted: set[tuple[int | None, int]] = {
        (h.turn, at) for h in outcome.hits for at in range(h.char_start or 0, h.char_end or 0)
    }
    for wanted, turn, start, end, match in dict.fromkeys(_found(check, view)):
        char_start, char_end = view.normal[turn].span(start, end)
        if (turn, char_start) in counted:
            continue
        counted |= {(turn, at) for at in range(char_start, char_end)}
        said = view.turns[turn]
        inside = turn in region.turn_indexes and region.holds((turn, start))
        if not inside and region.speaker not in (None, said.role):
            why = f"不是{SPEAKER_NAMES[region.speaker]}说的"
        elif not inside:
            why = "不在所看的范围内"
        elif outcome.truth is Truth.TRUE and not region.every_hit:
            why = "已有一处算准,不必再看"
        elif match is MatchKind.CLOSE and getattr(check.params, "match", None) != "close":
            why = "只是读音相近,这里不算"
        else:
            why = "旁边有 unless 的话,或数目、把握不够"
        words = [w for w in said.words if w.char_start < char_end and w.char_end > char_start]
        yield Uncounted(
            wanted=wanted,
            turn=turn,
            speaker=SPEAKER_NAMES[said.role],
            start_ms=words[0].start_ms if words else said.start_ms,
            matched=said.text[char_start:char_end],
            match=match,
            why=why,
        )


def _found(check: CompiledCheck, view: CallView) -> Iterator[tuple[str, int, int, int, MatchKind]]:
    """Hits of the phrases and patterns that the rule writes, but for those that excuse."""
    for phrase in check.params.indexed_phrases:
        if phrase in _sought(check):
            yield from ((phrase, h.turn, h.start, h.end, h.kind) for h in view.hits.of(phrase))
    for pattern, kind in check.params.indexed_patterns:
        if pattern in _sought(check):
            spans = matches(pattern, kind, view.joined, range(len(view.turns)))
            yield from ((pattern, *span, kind) for span in spans)


def _sought(check: CompiledCheck) -> tuple[str, ...]:
    fields = [getattr(check.params, name) for name in type(check.params).model_fields if name != "unless"]
    return tuple(text for value in fields if isinstance(value, tuple) for text in value if isinstance(text, str))


_SIDES = {"after": "之后", "before": "之前", "around": "前后"}


def scope_text(check: CompiledCheck) -> str:
    """The scope of a check in Chinese: who, which part of the call, next to what."""
    if not looks_at_turns(check):
        return "通话本身,不看哪一轮"
    scope = check.scope
    parts = [] if scope.speaker is None else [f"{SPEAKER_NAMES[scope.speaker]}的话"]
    if scope.within is not None:
        extent = scope.within.first or scope.within.last
        parts.append(f"{'开头' if scope.within.first else '最后'} {_extent(extent)}")
    for side, anchor in scope.anchors:
        place = {"first": "第一处", "last": "最后一处"}.get(str(anchor.hit), f"第 {anchor.hit} 处")
        reach = "" if anchor.within is None else f" {_extent(anchor.within)}以内"
        parts.append(f"“{anchor.check}”{place}{_SIDES[side]}{reach}")
    if scope.in_ == "turn":
        parts.append("须在同一轮里")
    return "、".join(parts) or "整通"


def _extent(extent: Extent | None) -> str:
    assert extent is not None
    if extent.turns is not None:
        return f"{extent.turns} 轮"
    return f"{extent.percent}%" if extent.percent is not None else f"{(extent.ms or 0) / 1000:g} 秒"
