from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.assets import asset
from pipeline.domain.call import Channel
from pipeline.domain.errors import InputError
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.domain.verdict import RuleKind, Severity
from pipeline.insight.evaluation import Evaluation, Outcome, evaluate_fixtures
from pipeline.insight.truth import read_truths
from pipeline.store.inspected import InspectedCall, RuleInfo

from .build import ABUSE, COMPLAINT, GREET, RULES, SHIRK, N, P, S, U, V, hit, inspected, lake_of

BANNED = (RuleKind.BANNED, Severity.MAJOR)


def write_truth(folder: Path, call_id: str, **fields: Any) -> None:
    folder.mkdir(exist_ok=True)
    truth = {"call_id": call_id, "title": "一通", "clean": False, "events": [], "turns": []} | fields
    (folder / f"{call_id}.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")


def planted(rule_id: str, start_ms: int | None = None, end_ms: int | None = None) -> dict[str, Any]:
    times = {"start_ms": start_ms, "end_ms": end_ms}
    return {"rule_id": rule_id, "note": "埋下的", **{name: ms for name, ms in times.items() if ms is not None}}


def evaluated(tmp_path: Path, *calls: InspectedCall) -> Evaluation:
    return evaluate_fixtures(lake_of(tmp_path, *calls), tmp_path)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (V, Outcome.FOUND),
        (S, Outcome.SUSPECTED),
        (U, Outcome.UNDETERMINED),
        (P, Outcome.MISSED),
        (N, Outcome.MISSED),
    ],
)
def test_a_planted_fault_comes_out_as_its_verdict(tmp_path: Path, value: Any, outcome: Outcome) -> None:
    write_truth(tmp_path / "truth", "c", events=[planted(SHIRK)])
    result = evaluated(tmp_path, inspected("c", {SHIRK: value}))
    (event,) = result.events
    assert (event.outcome, event.time_error_ms, event.near) == (outcome, None, None)
    assert result.count(outcome) == 1
    (rule,) = [rule for rule in result.rules if rule.rule_id == SHIRK]
    assert (rule.planted, getattr(rule, outcome.value)) == (1, 1)


def test_faults_of_calls_and_rules_that_are_not_there_are_told_apart(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "absent", events=[planted(SHIRK)])
    write_truth(tmp_path / "truth", "c", events=[planted("t.no.rule")])
    result = evaluated(tmp_path, inspected("c"), inspected("not in the truth", {SHIRK: V}))
    assert [event.outcome for event in result.events] == [Outcome.NOT_INSPECTED, Outcome.NO_VERDICT]
    assert (result.calls, result.inspected, result.false_alarms) == (2, 1, ())


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "error_ms"),
    [
        (64_000, 66_000, 0),  # overlaps the finding at 65,000 to 67,500
        (70_000, 71_000, 2_500),
        (10_000, 12_000, 53_000),
        (65_500, None, 0),  # a chat's fault has no end
        (60_000, None, 5_000),
    ],
)
def test_the_time_error_is_the_gap_to_the_nearest_finding(
    tmp_path: Path, start_ms: int, end_ms: int | None, error_ms: int
) -> None:
    write_truth(tmp_path / "truth", "c", events=[planted(SHIRK, start_ms, end_ms)])
    far = hit(start_ms=600_000, end_ms=601_000)
    result = evaluated(tmp_path, inspected("c", {SHIRK: V}, far, hit()))
    (event,) = result.events
    assert event.time_error_ms == error_ms
    assert event.near is (error_ms <= 2_000)
    assert result.found_elsewhere == (error_ms > 2_000)


def test_what_was_not_planted_is_a_false_alarm_unless_the_truth_takes_no_stand(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "clean", clean=True, must_not=[SHIRK], may=[COMPLAINT])
    write_truth(tmp_path / "truth", "calm", clean=True)
    write_truth(tmp_path / "truth", "faulty", events=[planted(ABUSE)])
    result = evaluated(
        tmp_path,
        inspected("clean", {SHIRK: V, GREET: S, COMPLAINT: V}),
        inspected("calm", {GREET: S}),
        inspected("faulty", {ABUSE: V, GREET: V}),
    )
    alarms = [(a.call_id, a.rule_id, a.verdict, a.clean, a.near_miss) for a in result.false_alarms]
    assert alarms == [
        ("calm", GREET, S, True, False),
        ("clean", SHIRK, V, True, True),
        ("clean", GREET, S, True, False),
        ("faulty", GREET, V, False, False),
    ]
    assert (result.clean, result.clean_without_alarm) == (2, 1)
    rules = {rule.rule_id: rule for rule in result.rules}
    assert (rules[GREET].absent, rules[GREET].false_alarms, rules[GREET].false_suspicions) == (1, 1, 2)
    assert (rules[COMPLAINT].absent, rules[COMPLAINT].false_alarms) == (2, 0)
    assert (rules[ABUSE].planted, rules[ABUSE].found, rules[ABUSE].absent) == (1, 1, 2)


TRUE_TURNS = [
    {"role": "agent", "text": "您好,请稍等二十四小时。", "start_ms": 0, "end_ms": 900},
    {"role": "customer", "text": "好的!", "start_ms": 1_000, "end_ms": 1_900},
]


def heard(*texts: tuple[Role, str]) -> tuple[Turn, ...]:
    return tuple(Turn(n, role, text, n * 1_000, n * 1_000 + 900) for n, (role, text) in enumerate(texts))


def test_misrecognised_characters_are_counted_on_the_normal_form(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "c", turns=TRUE_TURNS)
    turns = heard((Role.AGENT, "您好嗯 請稍等24小时"), (Role.CUSTOMER, "好呀的"), (Role.AGENT, "请不吝点赞"))
    turns = (*turns[:2], Turn(2, Role.AGENT, "请不吝点赞", 2_000, 2_900, quarantine=Quarantine.STOCK))
    result = evaluated(tmp_path, inspected("c", turns=turns))
    rows = {(row.call_id, row.role): row for row in result.characters}
    assert rows["c", Role.AGENT].errors == 0
    assert (rows["c", Role.CUSTOMER].insertions, rows["c", Role.CUSTOMER].rate) == (1, 0.5)
    assert rows["c", None].characters == rows["c", Role.AGENT].characters + 2
    assert result.error_of(role=Role.CUSTOMER) == rows[None, Role.CUSTOMER]
    assert result.error_of() == rows[None, None]


def test_errors_of_several_recordings_are_summed_not_averaged(tmp_path: Path) -> None:
    for call_id, text in (("a", "好的谢谢您了"), ("b", "再见")):
        write_truth(tmp_path / "truth", call_id, turns=[{"role": "customer", "text": text, "start_ms": 0}])
    calls = (
        inspected("a", turns=heard((Role.CUSTOMER, "好的谢谢您了"))),
        inspected("b", turns=heard((Role.CUSTOMER, "在见"))),
    )
    total = evaluated(tmp_path, *calls).error_of()
    assert total is not None
    assert (total.substitutions, total.characters, total.rate) == (1, 8, 0.125)


def test_a_recording_of_unknown_speakers_is_compared_as_a_whole(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "c", turns=TRUE_TURNS)
    turns = heard((Role.OTHER, "您好请稍等24小时好的"))
    rows = evaluated(tmp_path, inspected("c", turns=turns, roles_known=False)).characters
    assert [(row.call_id, row.role, row.errors) for row in rows] == [("c", None, 0), (None, None, 0)]


def test_silence_where_something_was_said_is_all_errors(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "c", turns=TRUE_TURNS[1:])
    total = evaluated(tmp_path, inspected("c")).error_of()
    assert total is not None
    assert (total.deletions, total.rate) == (2, 1.0)


def test_what_was_not_recognised_has_no_character_error(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "chat", turns=TRUE_TURNS)
    chat = inspected("chat", turns=heard((Role.AGENT, "别的")), engine="given", channel=Channel.CHAT)
    result = evaluated(tmp_path, chat)
    assert (result.characters, result.error_of()) == ((), None)


def test_reasons_are_masked(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth", "c", clean=True)
    result = evaluated(tmp_path, inspected("c", {SHIRK: S}, rules=RULES | {SHIRK: RuleInfo("打13800138000", *BANNED)}))
    (alarm,) = result.false_alarms
    assert alarm.reason == "打138****8000的原因"


def test_all_broken_truth_files_are_reported_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "truth"
    write_truth(folder, "a", turns=[{"role": "robot", "text": "在", "start_ms": 0}])
    write_truth(folder, "b", surprise=1)
    write_truth(folder, "c")
    (folder / "d.json").write_text("{", encoding="utf-8")
    (folder / "e.json").write_text((folder / "c.json").read_text("utf-8"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_truths(tmp_path)
    assert [Path(problem.file or "").name for problem in caught.value.problems] == [
        "a.json",
        "b.json",
        "d.json",
        "e.json",
    ]


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_truths(tmp_path)


def test_the_shipped_fixtures_have_readable_truth() -> None:
    truths = read_truths(asset("fixtures/audio"))
    assert any(truth.clean for truth in truths)
    assert all(truth.clean == (not truth.events) for truth in truths)
