from __future__ import annotations

import pytest

from pipeline.domain.transcript import Role, Turn
from pipeline.signals.delivery import loudness_db, pitch_semitones


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
