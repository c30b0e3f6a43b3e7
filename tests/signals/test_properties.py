"""What holds for every call, checked against a clock that looks at each tenth of a second."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.signals import OverlapKind, Signals, Silence
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn, Word
from pipeline.signals import measure
from pipeline.signals.spans import PAUSE_MS, Stretch, covered_ms, stretches
from tests.signals.build import SWAPPED, swapped, voice

TICK_MS = 100
TICKS = 120

spans = st.tuples(st.integers(0, TICKS - 1), st.integers(0, 30)).map(
    lambda s: (s[0] * TICK_MS, min(s[0] + s[1], TICKS) * TICK_MS)
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for i in range(draw(st.integers(0, 7))):
        role = draw(st.sampled_from([Role.AGENT, Role.CUSTOMER, Role.SYSTEM]))
        pieces = draw(st.lists(spans, min_size=1, max_size=4))
        text = "我说话嗯"[: len(pieces)]
        words = tuple(Word(c, *p, 0.9, k, k + 1) for k, (c, p) in enumerate(zip(text, pieces, strict=True)))
        start, end = min(p[0] for p in pieces), max(p[1] for p in pieces)
        quarantine = Quarantine.STOCK if draw(st.integers(0, 9)) == 0 else None
        turns.append(Turn(i, role, text, start, end, words if draw(st.booleans()) else (), quarantine))
    return tuple(turns)


def speech_of(turns: tuple[Turn, ...]) -> list[Stretch]:
    return [s for t in turns if not t.quarantined for s in stretches(t)]


def ticks(start_ms: int, end_ms: int) -> range:
    return range(start_ms // TICK_MS, end_ms // TICK_MS)


@given(calls())
def test_silences_are_exactly_the_seconds_in_which_nobody_speaks(turns: tuple[Turn, ...]) -> None:
    signals = voice(turns, duration_ms=TICKS * TICK_MS)
    heard = {tick for s in speech_of(turns) for tick in ticks(s.start_ms, s.end_ms)}
    quiet: list[tuple[int, int]] = []
    start = 0
    for tick in range(TICKS + 1):
        if tick == TICKS or tick in heard:
            if tick - start >= 10:
                quiet.append((start * TICK_MS, tick * TICK_MS))
            start = tick + 1
    assert signals.silences is not None
    assert [(s.start_ms, s.end_ms) for s in signals.silences] == quiet
    assert signals.silence_ms == sum(end - start for start, end in quiet)
    assert signals.longest_silence_ms == max((end - start for start, end in quiet), default=0)


@given(calls())
def test_a_silence_names_the_turns_beside_it(turns: tuple[Turn, ...]) -> None:
    speech = speech_of(turns)
    for silence in voice(turns, duration_ms=TICKS * TICK_MS).silences or ():
        assert _touches(silence, speech)


def _touches(silence: Silence, speech: list[Stretch]) -> bool:
    ends = {s.turn for s in speech if s.end_ms == silence.start_ms}
    starts = {s.turn for s in speech if s.start_ms == silence.end_ms}
    before_ok = silence.after_turn in ends if ends else silence.after_turn is None
    return before_ok and (silence.before_turn in starts if starts else silence.before_turn is None)


@given(calls())
def test_stretches_hold_every_word_and_are_parted_by_pauses_only(turns: tuple[Turn, ...]) -> None:
    for turn in turns:
        found = stretches(turn)
        assert all(s.length_ms > 0 for s in found)
        assert all(b.start_ms - a.end_ms >= PAUSE_MS for a, b in pairwise(found))
        assert [s.before_ms for s in found] == [sum(p.length_ms for p in found[:i]) for i in range(len(found))]
        for word in turn.words:
            inside = [s for s in found if s.start_ms <= word.start_ms and word.end_ms <= s.end_ms]
            assert len(inside) == 1 or word.start_ms == word.end_ms


@given(calls())
def test_talking_time_is_the_time_in_which_the_role_is_heard(turns: tuple[Turn, ...]) -> None:
    signals = voice(turns, duration_ms=TICKS * TICK_MS)
    agent = [s for s in speech_of(turns) if s.role is Role.AGENT]
    heard = {tick for s in agent for tick in ticks(s.start_ms, s.end_ms)}
    assert signals.agent_talk_ms == covered_ms(agent) == len(heard) * TICK_MS


@given(calls())
def test_both_speakers_are_talking_during_an_overlap(turns: tuple[Turn, ...]) -> None:
    speech = speech_of(turns)
    for overlap in voice(turns, duration_ms=TICKS * TICK_MS).overlaps or ():
        assert overlap.length_ms > 0
        assert turns[overlap.turn].role is overlap.by
        assert turns[overlap.over_turn].role is not overlap.by
        for index in (overlap.turn, overlap.over_turn):
            mine = [s for s in speech if s.turn == index]
            assert any(s.start_ms <= overlap.start_ms and overlap.end_ms <= s.end_ms for s in mine)
        before = [s for s in speech if s.turn == overlap.over_turn and s.start_ms < overlap.start_ms]
        assert overlap.held_ms == sum(min(s.end_ms, overlap.start_ms) - s.start_ms for s in before)


@given(calls())
def test_where_agent_and_customer_talk_at_once_there_is_an_overlap_and_else_none(turns: tuple[Turn, ...]) -> None:
    heard: dict[Role, set[int]] = {role: set() for role in Role}
    for s in speech_of(turns):
        heard[s.role].update(ticks(s.start_ms, s.end_ms))
    at_once = bool(
        heard[Role.AGENT] & heard[Role.CUSTOMER]
        or heard[Role.AGENT] & heard[Role.SYSTEM]
        or heard[Role.CUSTOMER] & heard[Role.SYSTEM]
    )
    assert bool(voice(turns, duration_ms=TICKS * TICK_MS).overlaps) == at_once


@given(calls())
def test_swapping_the_roles_swaps_the_figures_and_nothing_else(turns: tuple[Turn, ...]) -> None:
    one, other = voice(turns), voice(swapped(turns))
    assert _without_expectation(other) == replace(
        _without_expectation(one),
        overlaps=one.overlaps and tuple(replace(o, by=SWAPPED.get(o.by, o.by)) for o in one.overlaps),
        replies=other.replies,
        **{ours: getattr(one, theirs) for ours, theirs in _sides()},
    )
    assert {(SWAPPED[r.by], r.asked_turn, r.turn, r.wait_ms) for r in one.replies or ()} == {
        (r.by, r.asked_turn, r.turn, r.wait_ms) for r in other.replies or ()
    }


def _sides() -> list[tuple[str, str]]:
    """Each figure of a role, and the same of the other one."""
    names = [f.name for f in fields(Signals) if f.name.startswith("agent_")]
    pairs = [(name, name.replace("agent_", "customer_")) for name in names]
    return [*pairs, *((theirs, ours) for ours, theirs in pairs)]


def _without_expectation(signals: Signals) -> Signals:
    """Whose turn it is to speak depends on who serves whom."""
    silences = signals.silences and tuple(replace(s, expected=None, explained_by=None) for s in signals.silences)
    return replace(signals, silences=silences)


@given(calls(), st.integers(1, 50))
def test_a_call_that_starts_later_has_the_same_silences_and_overlaps_later(turns: tuple[Turn, ...], by: int) -> None:
    shift_ms = by * TICK_MS
    later = tuple(
        replace(
            t,
            start_ms=(t.start_ms or 0) + shift_ms,
            end_ms=(t.end_ms or 0) + shift_ms,
            words=tuple(replace(w, start_ms=w.start_ms + shift_ms, end_ms=w.end_ms + shift_ms) for w in t.words),
        )
        for t in turns
    )
    one, other = voice(turns), voice(later)
    assert other == replace(
        one,
        silences=one.silences
        and tuple(replace(s, start_ms=s.start_ms + shift_ms, end_ms=s.end_ms + shift_ms) for s in one.silences),
        overlaps=one.overlaps
        and tuple(replace(o, start_ms=o.start_ms + shift_ms, end_ms=o.end_ms + shift_ms) for o in one.overlaps),
    )


@given(calls())
def test_an_overlap_is_what_its_kind_says(turns: tuple[Turn, ...]) -> None:
    """Who interrupts goes on when the other stops; who only attempts it stops first."""
    speech = speech_of(turns)
    for overlap in voice(turns, duration_ms=TICKS * TICK_MS).overlaps or ():
        mine, theirs = (
            max(s.end_ms for s in speech if s.turn == turn and s.start_ms <= overlap.start_ms < s.end_ms)
            for turn in (overlap.turn, overlap.over_turn)
        )
        if overlap.kind in (OverlapKind.INTERRUPTION, OverlapKind.TURN_CHANGE):
            assert theirs <= mine
        if overlap.kind is OverlapKind.ATTEMPT:
            assert mine < theirs


hostile_ms = st.none() | st.integers(-5_000, 60_000)
hostile_words = st.lists(
    st.tuples(
        st.integers(-5_000, 60_000), st.integers(-5_000, 60_000), st.sampled_from(["嗯", "请稍等", "", "12", "ok"])
    ),
    max_size=4,
)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Role)), st.text(max_size=6), hostile_ms, hostile_ms, hostile_words), max_size=6
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from(list(Channel)),
    st.none() | st.integers(0, 60_000),
)
def test_no_transcript_however_odd_breaks_it_and_no_figure_is_below_zero(
    lines: list[tuple[Role, str, int | None, int | None, list[tuple[int, int, str]]]],
    roles_known: bool,
    one_channel: bool,
    channel: Channel,
    duration_ms: int | None,
) -> None:
    turns = tuple(
        Turn(i, role, text, start, end, tuple(Word(w, a, b, 0.5, 0, len(w)) for a, b, w in words))
        for i, (role, text, start, end, words) in enumerate(lines)
    )
    transcript = Transcript(
        turns=turns, engine="e", duration_ms=duration_ms, roles_known=roles_known, one_channel=one_channel
    )
    signals = measure(transcript, channel=channel)
    assert signals.overlaps is None or not one_channel
    for name in ("silence_ms", "longest_silence_ms", "agent_talk_ms", "customer_rate_cpm", "agent_talk_share"):
        assert (getattr(signals, name) or 0) >= 0
    assert all(s.length_ms > 0 for s in signals.silences or ())
    assert all(o.length_ms > 0 for o in signals.overlaps or ())
