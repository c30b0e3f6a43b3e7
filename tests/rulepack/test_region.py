from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.index import RuleIndex
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region, resolve
from pipeline.rulepack.schema import Scope
from pipeline.rulepack.view import CallView, Hit, NotJudgedError, Outcome, view_call
from pipeline.signals import measure

TURN_MS = 1000


def call_of(turns: int, *, timed: bool = True) -> CallView:
    """Agent and customer by turns, a second each, five characters each."""
    made = tuple(
        Turn(
            i,
            Role.AGENT if i % 2 == 0 else Role.CUSTOMER,
            "一二三四五",
            i * TURN_MS if timed else None,
            (i + 1) * TURN_MS if timed else None,
        )
        for i in range(turns)
    )
    call = Call(call_id="c", channel=Channel.VOICE, source="s", content_hash="h", turns=made)
    transcript = Transcript(turns=made, engine="given", duration_ms=turns * TURN_MS if timed else None)
    signals = measure(transcript, channel=Channel.VOICE)
    return view_call(call, transcript, signals, [None] * turns, RuleIndex(()))


def hit(turn: int, start: int, end: int) -> Hit:
    return Hit(
        begin=(turn, start),
        finish=(turn, end),
        match=MatchKind.EXACT,
        confidence=1.0,
        explanation="",
        start_ms=turn * TURN_MS,
        end_ms=(turn + 1) * TURN_MS,
    )


def region(view: CallView, *hits: Hit, **scope: object) -> Region:
    return resolve(Scope.model_validate(scope), view, lambda _: Outcome(truth=Truth.TRUE, hits=hits))


def anchored(key: str, **anchor: object) -> dict[str, object]:
    return {key: {"check": "a", **anchor}}


TURNS = st.integers(min_value=1, max_value=12)
PLACES = [(turn, at) for turn in range(12) for at in range(5)]


@given(TURNS, st.integers(min_value=1, max_value=14))
def test_the_first_and_the_last_turns_are_those_of_the_speaker(turns: int, wanted: int) -> None:
    view = call_of(turns)
    own = list(range(0, turns, 2))
    assert region(view, role="agent", within={"first": f"{wanted} turns"}).turn_indexes == tuple(own[:wanted])
    assert region(view, role="agent", within={"last": f"{wanted} turns"}).turn_indexes == tuple(own[-wanted:])


WINDOWS = st.sampled_from([("turns", True), ("turns", False), ("s", True), ("%", True), ("%", False)])
SIZES = st.integers(min_value=1, max_value=100)


@given(TURNS, WINDOWS, SIZES, SIZES)
def test_a_larger_window_holds_the_smaller_one(turns: int, window: tuple[str, bool], one: int, other: int) -> None:
    unit, timed = window
    view = call_of(turns, timed=timed)
    small, large = sorted((one, other))
    for side in ("first", "last"):
        inner, outer = (
            set(region(view, within={side: f"{size} turns" if unit == "turns" else f"{size}{unit}"}).turn_indexes)
            for size in (small, large)
        )
        assert inner <= outer
    assert set(region(view, within={"first": "100%"}).turn_indexes) == set(range(turns))


@given(TURNS, st.integers(min_value=0, max_value=11), st.integers(min_value=0, max_value=4), st.integers(1, 5))
def test_a_place_is_before_a_hit_or_in_it_or_after_it(turns: int, turn: int, start: int, length: int) -> None:
    assume(turn < turns)
    found = hit(turn, start, min(5, start + length))
    view = call_of(turns)
    before, after = region(view, found, **anchored("before")), region(view, found, **anchored("after"))
    for place in PLACES:
        inside = found.begin <= place < found.finish
        assert [before.holds(place), inside, after.holds(place)].count(True) == 1
    assert region(view, found, **anchored("around")).turn_indexes == tuple(range(turns))


@given(TURNS, st.integers(min_value=0, max_value=11), st.integers(min_value=1, max_value=5))
def test_around_reaches_as_far_before_a_hit_as_after_it(turns: int, turn: int, reach: int) -> None:
    assume(turn < turns)
    view = call_of(turns)
    near = range(max(0, turn - reach), min(turns, turn + reach + 1))
    assert region(view, hit(turn, 1, 3), **anchored("around", within=f"{reach} turns")).turn_indexes == tuple(near)
    # A turn that ends where the window begins touches it.
    seconds = range(max(0, turn - reach - 1), min(turns, turn + reach + 2))
    assert region(view, hit(turn, 1, 3), **anchored("around", within=f"{reach}s")).turn_indexes == tuple(seconds)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=5, unique=True))
def test_an_anchor_counts_its_hits_in_order_of_place_whatever_order_they_come_in(
    places: Sequence[tuple[int, int]],
) -> None:
    view = call_of(10)
    hits = [hit(turn, start, start + 1) for turn, start in places]
    for number, place in enumerate(sorted(places), start=1):
        after = region(view, *hits, **anchored("after", hit=number))
        assert after.holds((place[0], place[1] + 1))
        assert not after.holds(place)
    assert region(view, *hits, **anchored("after", hit="last")).holds((9, 4))
    assert region(view, *hits, **anchored("after", hit=len(hits) + 1)).missing == "a"


@pytest.mark.parametrize("scope", [{"within": {"first": "10s"}}, anchored("after", within="10s")])
def test_without_times_nothing_can_be_said_of_seconds(scope: dict[str, object]) -> None:
    with pytest.raises(NotJudgedError, match="时间"):
        region(call_of(3, timed=False), hit(0, 0, 1), **scope)
