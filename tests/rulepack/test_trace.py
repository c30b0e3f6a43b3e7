"""A trace tells truly what the judge did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.assets import asset
from pipeline.domain.verdict import VerdictValue
from pipeline.emotion import load_default
from pipeline.rulepack.cases import load_cases
from pipeline.rulepack.judge import judge_rule
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.logic import Truth, parse
from pipeline.rulepack.trace import CheckTrace, Step, Trace, trace_rule, written
from pipeline.rulepack.view import CallView, Stance
from pipeline.score.inspect import view_of
from tests.rulepack.conftest import ViewOne, WritePack

SHIRK: dict[str, Any] = {"checks": {"said": {"phrase": ["不归我管"], "role": "agent"}}, "forbid": "said"}


@pytest.fixture
def trace_one(write_pack: WritePack, view_one: ViewOne) -> Any:
    def run(rule: dict[str, Any], dialogue: str, **call: Any) -> Trace:
        rules = load_rules([write_pack(rule)])
        return trace_rule(rules.rules[0], view_one(rules, dialogue, **call))

    return run


def _steps(step: Step | None) -> Iterator[Step]:
    if step is not None:
        yield step
        for part in step.parts:
            yield from _steps(part)


def _check(trace: Trace, name: str) -> CheckTrace:
    return next(c for c in trace.checks if c.name == name)


def _shipped() -> list[tuple[str, CallView, Any]]:
    rules = load_rules([asset("rules/general")])
    by_id = {r.spec.id: r for r in rules.rules}
    model = load_default()
    return [
        (c.spec.name, view_of(c.call, c.transcript, rules, model), by_id[c.spec.rule])
        for c in load_cases(rules.packs[0])
    ]


def test_the_traced_verdict_of_every_case_that_ships_is_the_judges_own() -> None:
    for name, view, rule in _shipped():
        trace = trace_rule(rule, view)
        assert trace.verdict == judge_rule(rule, view), name
        said = {h.explanation for c in trace.checks for s in c.sights for h in [s.hit]}
        assert {f.explanation for f in trace.verdict.findings if f.match != "absence"} <= said, name


def test_the_roots_of_the_tree_lead_to_the_verdict() -> None:
    good = {True: Truth.FALSE, False: Truth.TRUE}
    for name, view, rule in _shipped():
        trace = trace_rule(rule, view)
        value, demand, applies = trace.verdict.value, trace.demand.truth, trace.applies
        if value is VerdictValue.NOT_APPLICABLE and applies is not None and applies.truth is Truth.FALSE:
            assert demand is None, name
        if value is VerdictValue.PASSED:
            assert demand is good[rule.forbids], name
        if value is VerdictValue.VIOLATED:
            assert demand is good[not rule.forbids], name
            assert applies is None or applies.truth is Truth.TRUE, name


def test_a_hit_says_where_it_is_and_that_it_is_sure(trace_one: Any) -> None:
    trace = trace_one(SHIRK, "客户 [0.0-2.0]: 帮我查查\n客服 [2.0-4.0]: 这个不归我管")
    check = _check(trace, "said")
    (sight,) = check.sights
    assert check.truth is Truth.TRUE
    assert check.turns == (1,)
    assert check.stance is Stance.STRICT
    assert (sight.hit.turn, sight.hit.matched, sight.doubts) == (1, "不归我管", ())
    assert sight.hit.start_ms is not None
    assert 2000 <= sight.hit.start_ms < 4000


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"probability": 0.05}, "才算准"),
        ({"marked": {1: {"role_confidence": 0.5}}}, "是谁说的只有 50% 的把握"),
    ],
    ids=["unclear words", "unsure who spoke"],
)
def test_a_doubtful_hit_says_why_it_is_doubtful(call: dict[str, Any], said: str, trace_one: Any) -> None:
    trace = trace_one(SHIRK, "客户 [0.0-2.0]: 帮我查查\n客服 [2.0-4.0]: 这个不归我管", **call)
    assert trace.verdict.value is VerdictValue.SUSPECTED
    assert said in "".join(_check(trace, "said").sights[0].doubts)


def test_what_hangs_on_a_doubtful_hit_says_so(trace_one: Any) -> None:
    rule = {
        "checks": {
            "asked": {"phrase": ["我要投诉你们"], "role": "customer"},
            "said": {"phrase": ["不归我管"], "role": "agent", "after": {"check": "asked"}},
        },
        "forbid": "said",
    }
    trace = trace_one(
        rule,
        "客户 [0.0-2.0]: 我要投诉你们\n客服 [2.0-4.0]: 这个不归我管",
        marked={0: {"role_confidence": 0.5}},
    )
    assert "另一处存疑的命中" in "".join(_check(trace, "said").sights[0].doubts)
    assert "“asked”第一处之后" in _check(trace, "said").scope


@pytest.mark.parametrize(
    ("check", "dialogue", "why"),
    [
        ({"role": "agent"}, "客户: 不归我管是吧\n客服: 在的", "不是客服说的"),
        ({"within": {"first": "1 turns"}}, "客户: 喂\n客服: 这个不归我管", "不在所看的范围内"),
        ({"unless": ["不是说"]}, "客户: 喂\n客服: 不是说不归我管", "unless"),
        ({"match": "exact"}, "客户: 喂\n客服: 这个不龟我管", "unless 的话,或数目、把握不够"),
    ],
    ids=["other speaker", "other part", "excused", "only by sound"],
)
def test_words_that_stand_in_the_call_and_do_not_count_are_told(
    check: dict[str, Any], dialogue: str, why: str, trace_one: Any
) -> None:
    trace = trace_one({"checks": {"said": {"phrase": ["不归我管"], **check}}, "forbid": "said"}, dialogue)
    (other,) = _check(trace, "said").uncounted
    assert trace.verdict.value is VerdictValue.PASSED
    assert why in other.why


def test_a_pattern_that_matches_elsewhere_is_told(trace_one: Any) -> None:
    rule = {"checks": {"n": {"regex": "工号[0-9]+", "role": "agent"}}, "expect": "n"}
    trace = trace_one(rule, "客户: 你是工号88吗\n客服: 对")
    assert [(u.turn, u.matched) for u in _check(trace, "n").uncounted] == [(0, "工号88")]


def test_a_pattern_that_was_not_needed_any_more_is_told_apart(trace_one: Any) -> None:
    rule = {"checks": {"n": {"regex": "工号[0-9]+", "role": "agent"}}, "expect": "n"}
    check = _check(trace_one(rule, "客服: 工号88\n客户: 好\n客服: 我工号88"), "n")
    assert [s.hit.turn for s in check.sights] == [0]
    assert [(u.turn, u.why) for u in check.uncounted] == [(2, "已有一处算准,不必再看")]


def test_an_anchor_that_did_not_occur_is_named(trace_one: Any) -> None:
    rule = {
        "checks": {"a": {"phrase": ["请稍等"]}, "b": {"phrase": ["久等了"], "after": {"check": "a"}}},
        "expect": "b",
    }
    check = _check(trace_one(rule, "客服: 您好\n客户: 在吗"), "b")
    assert (check.missing, check.turns, check.truth) == ("a", (), Truth.FALSE)


def test_what_was_not_needed_has_no_truth(trace_one: Any) -> None:
    rule = {
        "checks": {"a": {"phrase": ["退货"]}, "b": {"phrase": ["抱歉"]}},
        "applies": "a",
        "expect": "b",
    }
    trace = trace_one(rule, "客服: 您好\n客户: 查一下账单")
    assert trace.verdict.value is VerdictValue.NOT_APPLICABLE
    assert trace.demand.truth is None
    assert [c.name for c in trace.checks] == ["a"]


def test_a_check_that_cannot_be_judged_says_why(trace_one: Any) -> None:
    rule = {"checks": {"q": {"silence": {"longer_than": "3s"}}}, "forbid": "q"}
    check = _check(trace_one(rule, "客服: 您好\n客户: 在吗"), "q")
    assert check.truth is Truth.ABSENT
    assert "没有静默" in check.note


def test_each_step_of_the_logic_has_its_own_value(trace_one: Any) -> None:
    rule = {
        "checks": {n: {"phrase": [p]} for n, p in (("a", "甲方面"), ("b", "乙方面"), ("c", "丙方面"), ("d", "丁方面"))},
        "expect": "2 of (a, b, c) and not d and (a then b)",
    }
    trace = trace_one(rule, "客服: 甲方面\n客户: 乙方面")
    values = {s.text: s.truth for s in _steps(trace.demand)}
    assert values["2 of (a, b, c)"] is Truth.TRUE
    assert values["c"] is Truth.FALSE
    assert values["not d"] is Truth.TRUE
    assert values["a then b"] is Truth.TRUE
    assert trace.demand.truth is Truth.TRUE


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "not a",
        "a and b and c",
        "a or (b and c)",
        "not (a or b)",
        "2 of (a, b, c)",
        "a then b within 30s",
        "(a or b) then c within 1500ms",
        "2 of (a and b, c, not d)",
        "not (a then b)",
    ],
)
def test_an_expression_is_shown_as_it_could_be_written(text: str) -> None:
    assert parse(written(parse(text))) == parse(text)


def test_a_rule_not_in_force_has_no_checks_to_show(trace_one: Any, tmp_path: Path) -> None:
    trace = trace_one(SHIRK | {"status": "deprecated"}, "客服: 这个不归我管")
    assert trace.verdict.value is VerdictValue.NOT_APPLICABLE
    assert trace.checks == ()
