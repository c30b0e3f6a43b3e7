from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.options import default_packs
from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.cases import load_cases
from pipeline.rulepack.gates import BESIDE_THE_TEXT
from pipeline.rulepack.index import RuleIndex
from pipeline.rulepack.joined import join
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.rulepack.patterns import PatternIndex, matches
from pipeline.rulepack.view import view_call
from pipeline.signals import measure
from pipeline.text import normalise

PATTERNS = ("没办法", "(退|换)不了", "^好的", "再见$", "[0-9]+(天|小时)", ".{2,4}(吗|呢)$", "不(是|会).{0,3}您", "A?b")
SAID = st.text(alphabet="没办法退换不了好的再见12天小时吗呢是会您b,。嗯", max_size=12)


@cache
def shipped() -> tuple[RuleSet, tuple[tuple[Role, str], ...]]:
    """The rules that ship, and what is said in their cases."""
    rules = load_rules(default_packs())
    said = {(t.role, t.text) for pack in rules.packs for case in load_cases(pack) for t in case.transcript.turns}
    return rules, tuple(sorted(said))


def assert_same_verdicts(rules: RuleSet, call: Call, transcript: Transcript) -> None:
    """What is remembered of other calls gives the same as judging every check of this one."""
    emotions = [None] * len(transcript.turns)
    view = view_call(call, transcript, measure(transcript, channel=call.channel), emotions, rules.index)
    assert judge(rules, view) == judge(rules, replace(view, plain=False))


def test_rules_that_a_call_does_not_concern_come_to_the_verdict_that_judging_them_gives() -> None:
    rules, _ = shipped()
    for pack in rules.packs:
        for case in load_cases(pack):
            assert_same_verdicts(rules, case.call, case.transcript)


@given(st.lists(st.integers(min_value=0), max_size=12), st.sampled_from(Channel), st.booleans())
def test_so_they_do_on_calls_put_together_at_random(picked: Sequence[int], channel: Channel, timed: bool) -> None:
    rules, said = shipped()
    turns = tuple(
        Turn(i, *said[number % len(said)], i * 3000 if timed else None, i * 3000 + 2000 if timed else None)
        for i, number in enumerate(picked)
    )
    call = Call(call_id="c", channel=channel, source="s", content_hash="h", turns=turns)
    assert_same_verdicts(rules, call, Transcript(turns=turns, engine="given"))


@given(st.lists(SAID, min_size=1, max_size=4))
def test_no_pattern_that_matches_is_ruled_out(said: list[str]) -> None:
    joined = join([normalise(text) for text in said])
    keys = [(pattern, kind) for pattern in PATTERNS for kind in (MatchKind.PATTERN, MatchKind.SOUND)]
    roles = [Role.AGENT] * len(said)
    candidates = PatternIndex(dict.fromkeys(keys, (Role.AGENT,))).candidates(joined, roles)
    assert not PatternIndex(dict.fromkeys(keys, (Role.CUSTOMER,))).candidates(joined, roles)
    for key in keys:
        found = {turn for turn, _, _ in matches(*key, joined, range(len(said)))}
        assert found <= set(candidates.get(key, ()))


def test_an_index_without_rules_finds_nothing() -> None:
    found = RuleIndex(()).find(join([normalise("您好")]), [Role.AGENT])
    assert not found.patterns
    assert found.touched == BESIDE_THE_TEXT


@pytest.mark.parametrize(("said", "touched"), [("没办法", True), ("美办法", True), ("没想法", False)])
def test_a_check_is_touched_by_what_it_accepts(said: str, *, touched: bool) -> None:
    rules, _ = shipped()
    found = rules.index.find(join([normalise(f"这个我们{said}")]), [Role.AGENT])
    assert found.touches(("general.banned.refuse", "refusal")) == touched
    by_customer = rules.index.find(join([normalise(f"这个我们{said}")]), [Role.CUSTOMER])
    assert not by_customer.touches(("general.banned.refuse", "refusal"))
