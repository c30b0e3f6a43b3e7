"""How right the results are where the truth is known: faults found, false alarms, misrecognised characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import VerdictValue
from pipeline.insight.characters import Compared, character_errors
from pipeline.insight.results import (
    OUTCOME_NAMES,
    Evaluation,
    EventResult,
    FalseAlarm,
    Outcome,
    RuleResult,
)
from pipeline.insight.truth import PlantedEvent, Truth, read_truths
from pipeline.privacy import mask
from pipeline.store.evidence import NOTABLE, read_by_day
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OUTCOME_NAMES", "Evaluation", "Outcome", "evaluate_fixtures"]

_GIVEN = "given"
"""The engine of transcripts that were handed in: nothing was recognised, so nothing can be misrecognised."""

_OUTCOMES = {
    VerdictValue.VIOLATED: Outcome.FOUND,
    VerdictValue.SUSPECTED: Outcome.SUSPECTED,
    VerdictValue.UNDETERMINED: Outcome.UNDETERMINED,
    VerdictValue.PASSED: Outcome.MISSED,
    VerdictValue.NOT_APPLICABLE: Outcome.MISSED,
}


@dataclass(frozen=True, slots=True)
class _Given:
    """The verdict of a rule on a call, its reason, and where its findings are: start and end in ms."""

    value: VerdictValue
    reason: str
    spans: tuple[tuple[int, int], ...]


_Verdicts = Mapping[str, Mapping[str, _Given]]
"""By call and rule; a call that was not inspected is not in it."""


def evaluate_fixtures(lake: Lake, folder: Path) -> Evaluation:
    """Compare a lake with the truth of the fixtures in `folder`; calls that have no truth are left out.

    Raises InputError with all problems of the truth files, LakeError when the lake cannot be read.
    """
    truths = read_truths(folder)
    ours = {truth.call_id for truth in truths}

    def of_table(table: Table, columns: Sequence[str]) -> pd.DataFrame:
        return read_by_day(lake, table, columns, lambda rows: rows[rows["call_id"].isin(ours)])

    given = _verdicts(
        of_table(Table.SCORES, ["call_id"]),
        of_table(Table.VERDICTS, ["call_id", "rule_id", "verdict", "reason"]),
        of_table(Table.FINDINGS, ["call_id", "rule_id", "verdict", "start_ms", "end_ms"]),
    )
    engines = of_table(Table.SCORES, ["call_id", "engine"])
    recognised = engines.loc[engines["engine"] != _GIVEN, "call_id"]
    calls = of_table(Table.CALLS, ["call_id", "roles_known"])
    turns = of_table(Table.TURNS, ["call_id", "turn", "role", "text", "quarantine"])
    return Evaluation(
        calls=len(truths),
        inspected=len(given),
        events=tuple(_event(truth, event, given) for truth in truths for event in truth.events),
        rules=tuple(_rules(truths, given)),
        false_alarms=tuple(_false_alarms(truths, given)),
        clean=sum(truth.clean and truth.call_id in given for truth in truths),
        characters=tuple(
            character_errors(
                _compared(
                    [truth for truth in truths if truth.call_id in set(recognised)],
                    turns[turns["quarantine"].isna()],
                    roles_known=set(calls.loc[calls["roles_known"], "call_id"]),
                )
            )
        ),
    )


def _verdicts(scores: pd.DataFrame, verdicts: pd.DataFrame, findings: pd.DataFrame) -> _Verdicts:
    placed = findings[findings["verdict"].isin(NOTABLE)].dropna(subset="start_ms")
    placed = placed.assign(end_ms=placed["end_ms"].fillna(placed["start_ms"]))
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for call_id, rule_id, start_ms, end_ms in _tuples(placed, ["call_id", "rule_id", "start_ms", "end_ms"]):
        spans.setdefault((call_id, rule_id), []).append((int(start_ms), int(end_ms)))
    given: dict[str, dict[str, _Given]] = {call_id: {} for call_id in scores["call_id"]}
    of_calls = verdicts[verdicts["call_id"].isin(given)]
    for call_id, rule_id, value, reason in _tuples(of_calls, ["call_id", "rule_id", "verdict", "reason"]):
        where = tuple(spans.get((call_id, rule_id), ()))
        given[call_id][rule_id] = _Given(VerdictValue(value), reason, where)
    return given


def _tuples(rows: pd.DataFrame, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    return iter(rows[columns].itertuples(index=False, name=None))


def _event(truth: Truth, event: PlantedEvent, given: _Verdicts) -> EventResult:
    verdict = given.get(truth.call_id, {}).get(event.rule_id)
    if verdict is None:
        outcome = Outcome.NO_VERDICT if truth.call_id in given else Outcome.NOT_INSPECTED
    else:
        outcome = _OUTCOMES[verdict.value]
    return EventResult(
        call_id=truth.call_id,
        rule_id=event.rule_id,
        note=event.note,
        start_ms=event.start_ms,
        outcome=outcome,
        time_error_ms=_time_error_ms(event, verdict.spans if verdict else ()),
    )


def _time_error_ms(event: PlantedEvent, spans: Iterable[tuple[int, int]]) -> int | None:
    if event.start_ms is None:
        return None
    begin, end = event.start_ms, event.start_ms if event.end_ms is None else event.end_ms
    return min((max(0, start - end, begin - stop) for start, stop in spans), default=None)


def _false_alarms(truths: Sequence[Truth], given: _Verdicts) -> Iterator[FalseAlarm]:
    for truth in truths:
        for rule_id, verdict in sorted(given.get(truth.call_id, {}).items()):
            if verdict.value in NOTABLE and rule_id not in truth.planted and rule_id not in truth.may:
                yield FalseAlarm(
                    call_id=truth.call_id,
                    rule_id=rule_id,
                    verdict=verdict.value,
                    clean=truth.clean,
                    near_miss=rule_id in truth.must_not,
                    reason=mask(verdict.reason),
                )


def _rules(truths: Sequence[Truth], given: _Verdicts) -> Iterator[RuleResult]:
    inspected = [truth for truth in truths if truth.call_id in given]
    rules = {rule for truth in inspected for rule in (*truth.planted, *given[truth.call_id])}
    for rule in sorted(rules):
        values = {t.call_id: given[t.call_id][rule].value for t in inspected if rule in given[t.call_id]}
        planted = [t for t in inspected if rule in t.planted]
        outcomes = Counter(_OUTCOMES[values[t.call_id]] for t in planted if t.call_id in values)
        absent = Counter(values.get(t.call_id) for t in inspected if rule not in (*t.planted, *t.may))
        yield RuleResult(
            rule_id=rule,
            planted=len(planted),
            found=outcomes[Outcome.FOUND],
            suspected=outcomes[Outcome.SUSPECTED],
            undetermined=outcomes[Outcome.UNDETERMINED],
            missed=len(planted) - sum(outcomes.values()) + outcomes[Outcome.MISSED],
            absent=absent[VerdictValue.PASSED] + absent[VerdictValue.VIOLATED],
            false_alarms=absent[VerdictValue.VIOLATED],
            false_suspicions=absent[VerdictValue.SUSPECTED],
        )


def _compared(truths: Iterable[Truth], turns: pd.DataFrame, *, roles_known: set[str]) -> Iterator[Compared]:
    heard: dict[str, list[tuple[Role, str]]] = {}
    for call_id, role, text in _tuples(turns.sort_values(["call_id", "turn"]), ["call_id", "role", "text"]):
        heard.setdefault(call_id, []).append((Role(role), text))
    for truth in truths:
        yield Compared(
            call_id=truth.call_id,
            said=[(turn.role, turn.text) for turn in truth.turns],
            heard=heard.get(truth.call_id, []),
            roles_known=truth.call_id in roles_known,
        )
