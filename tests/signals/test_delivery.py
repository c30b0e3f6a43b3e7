from __future__ import annotations

import pytest

from pipeline.domain.transcript import Role, Turn
from pipeline.signals.delivery import (
    loudness_db,
    loudness_rise_db,
    pitch_rise_semitones,
    pitch_semitones,
    shouted,
)


def turns(role: Role, *figures: tuple[float | None, float | None]) -> list[Turn]:
    return [Turn(i, role, "好", level_dbfs=level, pitch_hz=pitch) for i, (level, pitch) in enumerate(figures)]


def test_a_turn_is_measured_against_the_median_of_its_speaker() -> None:
    agent = turns(Role.AGENT, (-20, 200), (-20, 200), (-21, 200), (-14, 400), (None, None))
    customer = turns(Role.CUSTOMER, (-40, 100), (-40, 100), (-40, 100), (-40, 50))
    assert loudness_db(agent + customer) == (0, 0, -1, 6, None, 0, 0, 0, 0)
    assert pitch_semitones(agent + customer) == pytest.approx((0, 0, 0, 12, None, 0, 0, 0, -12))


def test_of_a_speaker_with_few_turns_none_is_usual() -> None:
    agent = turns(Role.AGENT, *[(-20.0, 200.0)] * 4)
    customer = turns(Role.CUSTOMER, *[(-40.0, 100.0)] * 3)
    assert loudness_db(agent + customer) == (0, 0, 0, 0, None, None, None)
    assert loudness_db(customer) is None


def test_what_nobody_measured_has_no_figure() -> None:
    assert loudness_db([]) is None
    assert pitch_semitones(turns(Role.AGENT, *[(None, None)] * 9)) is None


def test_who_shouts_is_found_even_where_most_of_the_call_is_shouted() -> None:
    customer = turns(Role.CUSTOMER, *[(level, 200.0) for level in (-12.0, -12.0, -10.0, -25.0, -25.5)])
    assert loudness_db(customer) == (0, 0, 2, -13, -13.5)
    assert shouted(customer) == (True, True, True, False, False)


@pytest.mark.parametrize(
    ("level_dbfs", "pitch_hz", "shouts"),
    [
        (-25.6, 300.0, False),
        (-25.5, 200.0, False),
        (-25.5, 225.0, True),
        (-25.5, None, None),
        (-18.0, 200.0, True),
        (-18.0, None, True),
        (None, 300.0, None),
    ],
)
def test_who_shouts_is_louder_and_higher_at_once_or_very_loud(
    level_dbfs: float | None, pitch_hz: float | None, shouts: bool | None
) -> None:
    agent = turns(Role.AGENT, *[(-30.0, 200.0)] * 6, (level_dbfs, pitch_hz))
    assert (shouted(agent) or ())[-1] is shouts


def test_where_nobody_is_usual_nothing_is_shouted() -> None:
    assert shouted(turns(Role.AGENT, (-20, 200), (-5, 400))) is None
    assert shouted(turns(Role.OTHER, *[(-20.0, 200.0)] * 9)) is None


def test_the_rise_sets_the_last_third_of_a_speakers_turns_against_the_first() -> None:
    agent = turns(Role.AGENT, (-30, 100), (-30, 100), (-20, 100), (-20, 100), (None, None), (-24, 200), (-26, 200))
    assert loudness_rise_db(agent, Role.AGENT) == 5
    assert pitch_rise_semitones(agent, Role.AGENT) == pytest.approx(12)
    assert loudness_rise_db(agent[:5], Role.AGENT) is None
    assert loudness_rise_db(agent, Role.CUSTOMER) is None
