from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.store.evidence import gravest_first, place, read_verdicts, readable, with_evidence
from pipeline.store.lake import Lake

from .samples import publish, voice_call


@pytest.fixture
def two_calls(tmp_path: Path) -> Lake:
    """Two calls, each with a violated rule that has two findings and a suspected one that has none."""
    lake = Lake(tmp_path / "lake")
    publish(lake, voice_call("c1"), voice_call("c2"))
    return lake


def test_each_finding_is_a_row_and_a_bare_verdict_explains_itself(two_calls: Lake) -> None:
    rows = readable(with_evidence(gravest_first(read_verdicts(two_calls)), two_calls))
    told = list(zip(rows["call_id"], rows["verdict_name"], rows["how"].fillna(""), rows["why"], strict=True))
    of_call = [("违规", "同音", "说了“不归我管”")] * 2 + [("存疑", "", "听不清")]
    assert told == [(call, *row) for call in ("c1", "c2") for row in of_call]


@pytest.mark.parametrize(
    ("values", "kinds", "rules"),
    [
        ((VerdictValue.SUSPECTED,), tuple(RuleKind), {"general.closing"}),
        ((VerdictValue.VIOLATED, VerdictValue.SUSPECTED), (RuleKind.BANNED,), {"general.banned.shirk"}),
        ((VerdictValue.PASSED,), tuple(RuleKind), set()),
    ],
)
def test_only_the_verdicts_asked_for_are_read(
    two_calls: Lake, values: tuple[VerdictValue, ...], kinds: tuple[RuleKind, ...], rules: set[str]
) -> None:
    assert set(read_verdicts(two_calls, values=values, kinds=kinds)["rule_id"]) == rules


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "turn", "shown"),
    [
        (61_000, 65_000, 2, "01:01–01:05"),
        (61_000, 61_500, 2, "01:01"),
        (float("nan"), float("nan"), 2, "第 3 句"),
        (float("nan"), float("nan"), float("nan"), "全程"),
    ],
)
def test_a_place_is_a_time_else_a_turn_else_the_whole_call(
    start_ms: float, end_ms: float, turn: float, shown: str
) -> None:
    assert place(start_ms, end_ms, turn) == shown
