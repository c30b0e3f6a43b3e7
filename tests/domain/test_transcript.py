from __future__ import annotations

import pytest

from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn

SAID = Turn(0, Role.AGENT, "六个字的一句")


@pytest.mark.parametrize(
    ("turns", "share"),
    [
        ((), 0.0),
        ((SAID,), 0.0),
        ((SAID, Turn(1, Role.CUSTOMER, "两字", quarantine=Quarantine.UNSURE)), 0.25),
        ((SAID, Turn(1, Role.CUSTOMER, "两字", quarantine=Quarantine.CROSSTALK)), 0.0),
        ((Turn(0, Role.CUSTOMER, "谢谢观看", quarantine=Quarantine.STOCK),), 1.0),
    ],
    ids=["nothing written", "all said", "some invented", "a leaked voice was said", "all invented"],
)
def test_the_share_that_was_probably_invented(turns: tuple[Turn, ...], share: float) -> None:
    assert Transcript(turns=turns, engine="e").quarantined_share == share
