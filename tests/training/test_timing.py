"""When the utterances of a scene take place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.errors import InputError
from pipeline.domain.transcript import Role
from training.make_fixtures.script import Pause, Script, Utterance
from training.make_fixtures.timing import Span, chat_gaps_ms, schedule


@st.composite
def performances(draw: st.DrawFn) -> tuple[Script, list[int], list[int]]:
    """A script in which speakers alternate, with the lengths of its utterances and the gaps before them."""
    count = draw(st.integers(1, 12))
    lengths = draw(st.lists(st.integers(50, 9_000), min_size=count, max_size=count))
    gaps = draw(st.lists(st.integers(0, 900), min_size=count, max_size=count))
    script: list[Utterance | Pause] = []
    overlap_ms = 0
    for index in range(count):
        role = Role.AGENT if index % 2 == 0 else Role.CUSTOMER
        way = draw(st.sampled_from(["gap", "pause", "overlap"])) if index else "gap"
        if way == "pause":
            script.append(Pause(draw(st.integers(1, 20_000))))
        # What the turn before does not itself spend talking over the one before that.
        free_ms = 0 if way != "overlap" else lengths[index - 1] - max(overlap_ms, 1)
        overlap_ms = draw(st.integers(1, free_ms)) if free_ms > 0 else 0
        script.append(Utterance(role, "好", overlap_ms=overlap_ms))
    return tuple(script), lengths, gaps


@given(performances())
def test_every_length_overlap_pause_and_gap_is_kept_to_the_millisecond(
    performance: tuple[Script, list[int], list[int]],
) -> None:
    script, lengths, gaps = performance
    spans = schedule(script, lengths_ms=lengths, gaps_ms=gaps)
    assert len(spans) == len(script)
    spoken = [s for i, s in zip(script, spans, strict=True) if isinstance(i, Utterance)]
    assert [s.end_ms - s.start_ms for s in spoken] == lengths
    gap_of = iter(gaps)
    ended_ms = 0
    for place, (item, span) in enumerate(zip(script, spans, strict=True)):
        if isinstance(item, Pause):
            assert (span.start_ms, span.end_ms - span.start_ms) == (ended_ms, item.length_ms)
        else:
            gap_ms = next(gap_of)
            if item.overlap_ms:
                assert spans[place - 1].end_ms - span.start_ms == item.overlap_ms
            elif place and isinstance(script[place - 1], Pause):
                assert span.start_ms == ended_ms
            else:
                assert span.start_ms == ended_ms + gap_ms
        ended_ms = max(ended_ms, span.end_ms)


@given(performances())
def test_a_speaker_never_talks_over_himself(performance: tuple[Script, list[int], list[int]]) -> None:
    script, lengths, gaps = performance
    spans = schedule(script, lengths_ms=lengths, gaps_ms=gaps)
    for role in (Role.AGENT, Role.CUSTOMER):
        own = [s for i, s in zip(script, spans, strict=True) if isinstance(i, Utterance) and i.role is role]
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(own))


def test_after_a_short_word_within_a_turn_the_next_one_waits_for_the_turns_end() -> None:
    script = (
        Utterance(Role.CUSTOMER, "我想问"),
        Utterance(Role.AGENT, "嗯", overlap_ms=1500),
        Utterance(Role.AGENT, "好的"),
    )
    spans = schedule(script, lengths_ms=[4000, 200, 500], gaps_ms=[500, 400, 300])
    assert spans == (Span(500, 4500), Span(3000, 3200), Span(4800, 5300))


@pytest.mark.parametrize("overlaps_ms", [(600, 0), (500, 200)])
def test_an_overlap_that_reaches_beyond_the_turn_before_is_refused(overlaps_ms: tuple[int, int]) -> None:
    script = (
        Utterance(Role.CUSTOMER, "好"),
        Utterance(Role.AGENT, "好", overlap_ms=overlaps_ms[0]),
        Utterance(Role.CUSTOMER, "好", overlap_ms=overlaps_ms[1]),
    )
    with pytest.raises(InputError, match=r"抢话 [26]00 毫秒"):
        schedule(script, lengths_ms=[600, 600, 300], gaps_ms=[0, 0, 0])


def test_a_chat_message_takes_longer_the_longer_it_is() -> None:
    assert chat_gaps_ms(["在吗", "您好", "您好,请问有什么可以帮您"]) == (0, 3_500, 6_000)
