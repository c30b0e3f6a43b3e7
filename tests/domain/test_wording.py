from collections.abc import Mapping
from enum import StrEnum

import pytest

from pipeline.domain import wording
from pipeline.domain.call import Channel
from pipeline.domain.transcript import Quarantine, Role
from pipeline.domain.verdict import MatchKind, RuleKind, Severity, VerdictValue


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (wording.VERDICT_NAMES, VerdictValue),
        (wording.KIND_NAMES, RuleKind),
        (wording.SEVERITY_NAMES, Severity),
        (wording.MATCH_NAMES, MatchKind),
        (wording.ROLE_NAMES, Role),
        (wording.CHANNEL_NAMES, Channel),
        (wording.QUARANTINE_NAMES, Quarantine),
    ],
)
def test_everything_has_a_name_of_its_own(names: Mapping[str, str], values: type[StrEnum]) -> None:
    assert set(names) == set(values)
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0, "00:00"), (999, "00:00"), (61_000, "01:01"), (3_599_999, "59:59"), (3_661_000, "1:01:01")],
)
def test_a_place_is_shown_as_players_show_it(ms: int, shown: str) -> None:
    assert wording.clock(ms) == shown
