"""What a pattern touches, and long turns in which much is found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import join
from pipeline.rulepack.patterns import Touched
from pipeline.rulepack.spans import Spans
from pipeline.text import normalise
from tests.rulepack.conftest import JudgeOne

SPAN = st.tuples(st.integers(0, 14), st.integers(1, 5))


@given(
    st.sampled_from(["不是", "不.{0,3}是", "是不?", "我*", "^不", "是$"]),
    st.text(alphabet="不是我a", max_size=16),
    st.lists(SPAN, max_size=8),
)
def test_a_span_is_touched_by_any_match_however_the_spans_are_asked_for(
    pattern: str, said: str, spans: list[tuple[int, int]]
) -> None:
    touched = Touched(pattern, MatchKind.PATTERN, join([normalise("前面不是"), normalise(said)]), 1)
    expression = re.compile(pattern)
    matches = [m.span() for at in range(len(said)) if (m := expression.search(said, at))]
    for start, length in spans:
        expected = any(first < start + length and start < last for first, last in matches)
        assert touched.touches(start, start + length) is expected


@given(st.lists(SPAN, max_size=6), SPAN)
def test_spans_know_what_they_hold_and_what_they_meet(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    each = [(start, start + length) for start, length in spans]
    start, end = asked[0], sum(asked)
    assert Spans(each).hold(start, end) is any(a <= start and end <= b for a, b in each)
    assert Spans(each).meet(start, end) is any(a < end and start < b for a, b in each)


@pytest.mark.parametrize(
    "rule",
    [
        {"checks": {"said": {"phrase": ["不归我管"], "unless": ["不是说不归我管"]}}, "forbid": "said"},
        {"checks": {"said": {"regex": "不归.管", "unless": "不是说.{0,4}管"}}, "forbid": "said"},
    ],
    ids=["phrase", "regex"],
)
def test_a_very_long_turn_in_which_everything_is_found_is_judged_in_time(
    rule: dict[str, object], judge_one: JudgeOne
) -> None:
    verdict = judge_one(
        rule, "客服: " + ("不是说不归我管" + "今天天气很好" * 3 + "不归我管" + "明天也是一样的" * 3) * 2000
    )
    assert verdict.value == "violated"
    assert len(verdict.findings) == 2000
