"""Status is evidence: what is kept, when it counts, and what a rule still lacks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import RuleError
from pipeline.domain.verdict import VerdictValue
from pipeline.insight.rates import wilson as wilson_of_columns
from pipeline.rulepack.cases import load_cases, run_cases
from pipeline.rulepack.evidence import Evidence, evidence_lacks, read_evidence, rule_digest, wilson, write_evidence
from pipeline.rulepack.judge import judge
from pipeline.rulepack.lint import lint
from pipeline.rulepack.load import Rule, load_pack, load_rules
from pipeline.rulepack.status import RuleStatus, statuses
from pipeline.rulepack.view import view_call
from pipeline.signals import measure
from tests.rulepack.conftest import WritePack

BANNED: dict[str, Any] = {"kind": "banned", "checks": {"a": {"phrase": ["不归我管"]}}, "forbid": "a"}
CASES = [
    {"rule": "t.a.rule", "name": "说了", "verdict": "violated", "dialogue": "客服: 这个不归我管"},
    {"rule": "t.a.rule", "name": "没说", "verdict": "passed", "dialogue": "客服: 我来处理"},
]


def _evidence(rule: Rule, **change: Any) -> Evidence:
    values: dict[str, Any] = {
        "calls": 339,
        "hits": 40,
        "reviewed": 40,
        "right": 38,
        "date": date(2026, 11, 1),
        "on": "十月来电",
    }
    return Evidence(rule=rule.spec.id, digest=rule_digest(rule), **(values | change))


def _rule(folder: Path) -> Rule:
    return load_pack(folder).rules[0]


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({}, ()),
        ({"calls": 200}, ()),
        ({"calls": 199}, ("回测只有 199 通",)),
        ({"hits": 12, "reviewed": 12, "right": 12}, ()),
        ({"hits": 12, "reviewed": 11, "right": 11}, ("命中只复核了 11 处,要 12 处",)),
        ({"hits": 90, "reviewed": 30, "right": 0}, ()),
        ({"hits": 90, "reviewed": 29, "right": 29}, ("命中只复核了 29 处,要 30 处",)),
        ({"hits": 0, "reviewed": 0, "right": 0}, ("没有命中",)),
        ({"calls": 50, "hits": 0, "reviewed": 0, "right": 0}, ("回测只有 50 通", "没有命中")),
        ({"digest": "0" * 64}, ("已过时",)),
    ],
)
def test_what_the_evidence_lacks_is_told(write_pack: WritePack, change: dict[str, Any], lacks: tuple[str, ...]) -> None:
    rule = _rule(write_pack(BANNED))
    evidence = _evidence(rule).model_copy(update=change)
    found = evidence_lacks(rule, {rule.spec.id: evidence})
    assert len(found) == len(lacks)
    assert all(said in what for said, what in zip(lacks, found, strict=True))


def test_a_rule_without_evidence_lacks_all_of_it(write_pack: WritePack) -> None:
    assert evidence_lacks(_rule(write_pack(BANNED)), {}) == ("没有回测证据(至少 200 通,命中要有人复核)",)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"title": "别的名字"}, True),
        ({"guidance": "别的指导"}, True),
        ({"status": "stable"}, True),
        ({"version": 2}, True),
        ({"checks": {"a": {"phrase": ["不归我管", "不关我事"]}}}, False),
        ({"applies": "a"}, False),
        ({"forbid": "not a"}, False),
    ],
)
def test_evidence_goes_stale_with_what_a_rule_judges_by(
    write_pack: WritePack, change: dict[str, Any], same: bool
) -> None:
    before = rule_digest(_rule(write_pack(BANNED)))
    assert (rule_digest(_rule(write_pack(BANNED | change))) == before) is same


def test_evidence_is_kept_beside_the_rules_and_is_no_topic(write_pack: WritePack) -> None:
    folder = write_pack(BANNED)
    digest = load_pack(folder).digest
    rule = _rule(folder)
    other = _evidence(rule).model_copy(update={"rule": "t.a.other"})
    write_evidence(folder, [_evidence(rule), other])
    write_evidence(folder, [_evidence(rule, calls=500)])
    assert read_evidence(folder) == {"t.a.rule": _evidence(rule, calls=500), "t.a.other": other}
    assert load_pack(folder).digest == digest
    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []


def test_evidence_of_several_rules_of_one_day_is_read_back(write_pack: WritePack) -> None:
    folder = write_pack(BANNED)
    today = date(2026, 11, 22)
    both = [_evidence(_rule(folder), date=today).model_copy(update={"rule": f"t.a.{name}"}) for name in ("one", "two")]
    write_evidence(folder, both)
    assert list(read_evidence(folder).values()) == both


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"right": 41}, "right ≤ reviewed"),
        ({"reviewed": 41}, "right ≤ reviewed"),
        ({"digest": "x"}, "digest"),
        ({"call": 3}, "您是否想写“calls”"),
    ],
)
def test_evidence_that_cannot_be_is_refused(write_pack: WritePack, change: dict[str, Any], said: str) -> None:
    folder = write_pack(BANNED)
    entry = _evidence(_rule(folder)).model_dump() | change
    (folder / "evidence.yml").write_text(yaml.safe_dump([entry], allow_unicode=True), encoding="utf-8")
    with pytest.raises(RuleError, match=said):
        read_evidence(folder)


def _statuses(folder: Path) -> RuleStatus:
    rules = load_rules([folder])

    def judged(call: Any, transcript: Any, *, language_model: Any = None) -> Any:
        signals = measure(transcript, channel=call.channel)
        return judge(rules, view_call(call, transcript, signals, [None] * len(transcript.turns), rules.index))

    results = run_cases(load_cases(rules.packs[0]), judged)
    (status,) = statuses(rules.rules, results, read_evidence(folder))
    return status


def _cases(folder: Path, entries: list[dict[str, Any]]) -> None:
    (folder / "a.cases.yml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")


def test_a_rule_with_green_cases_and_evidence_lacks_nothing(write_pack: WritePack) -> None:
    folder = write_pack(BANNED | {"status": "stable"})
    _cases(folder, CASES)
    write_evidence(folder, [_evidence(_rule(folder))])
    status = _statuses(folder)
    assert (status.cases, status.failed, status.stale, status.lacks, status.unearned) == (2, 0, False, (), False)
    pack = load_pack(folder)
    assert lint(pack, load_cases(pack)) == []


def test_a_stable_rule_that_was_changed_has_not_earned_it_any_more(write_pack: WritePack) -> None:
    folder = write_pack(BANNED | {"status": "stable"})
    write_evidence(folder, [_evidence(_rule(folder))])
    folder = write_pack(BANNED | {"status": "stable", "checks": {"a": {"phrase": ["不归我管", "不关我事"]}}})
    _cases(folder, CASES)
    status = _statuses(folder)
    assert status.stale
    assert status.unearned
    pack = load_pack(folder)
    assert ["已过时" in r.problem.what for r in lint(pack, load_cases(pack))] == [True]


def test_a_failing_case_stands_in_the_way_and_a_known_miss_does_not(write_pack: WritePack) -> None:
    folder = write_pack(BANNED)
    miss = CASES[0] | {"dialogue": "客服: 这个我不负责", "known_miss": True}
    _cases(folder, [*CASES, miss, CASES[0] | {"verdict": str(VerdictValue.PASSED)}])
    write_evidence(folder, [_evidence(_rule(folder))])
    status = _statuses(folder)
    assert (status.cases, status.failed, status.misses, status.lacks) == (4, 1, 1, ("1 个用例判错",))


def test_evidence_of_a_rule_that_is_gone_is_told(write_pack: WritePack) -> None:
    folder = write_pack(BANNED)
    _cases(folder, CASES)
    write_evidence(folder, [_evidence(_rule(folder)).model_copy(update={"rule": "t.a.gone"})])
    pack = load_pack(folder)
    assert ["t.a.gone" in r.problem.what for r in lint(pack, load_cases(pack))] == [True]


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_of_a_precision_is_that_of_the_reports(counts: tuple[int, int]) -> None:
    right, n = counts
    low, high = wilson(right, n)
    (wanted_low,), (wanted_high,) = wilson_of_columns(pd.Series([right]), pd.Series([n]))
    assert (low, high) == pytest.approx((wanted_low, wanted_high), abs=1e-6)
    assert 0 <= low <= right / n <= high <= 1


def test_a_precision_is_shown_with_its_interval(write_pack: WritePack) -> None:
    precision = _evidence(_rule(write_pack(BANNED)), hits=10, reviewed=10, right=9).precision
    assert precision is not None
    assert (round(precision.share, 3), round(precision.low, 3), round(precision.high, 3)) == (0.9, 0.596, 0.982)
    assert _evidence(_rule(write_pack(BANNED)), reviewed=0, right=0).precision is None
