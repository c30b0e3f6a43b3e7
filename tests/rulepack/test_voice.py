from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.verdict import VerdictValue
from tests.rulepack.conftest import JudgeOne

TIMED = "".join(f"客服 [{i}.0-{i}.8]: 第{i}句\n客户 [{i}.8-{i}.9]: 好\n" for i in range(1, 7))
CHAT = "客服: 您好\n客户: 好"


def rule(check: dict[str, Any]) -> dict[str, Any]:
    return {"checks": {"raised": {**check, "role": "agent"}}, "forbid": "raised"}


def levels(last: float) -> dict[int, dict[str, Any]]:
    """The agent's turns at one level but for the last."""
    usual = {"level_dbfs": -20.0, "pitch_hz": 200.0}
    return dict.fromkeys(range(0, 10, 2), usual) | {
        10: {"level_dbfs": last, "pitch_hz": 200.0 * 2 ** ((last + 20) / 12)}
    }


VERDICTS = [
    ({"loudness": {"above": 6}}, -12.0, VerdictValue.VIOLATED),
    ({"loudness": {"above": 6}}, -14.0, VerdictValue.SUSPECTED),
    ({"loudness": {"above": 6}}, -16.0, VerdictValue.PASSED),
    ({"loudness": {"above": 6, "count": 2}}, -12.0, VerdictValue.PASSED),
    ({"loudness": {"below": 6}}, -28.0, VerdictValue.VIOLATED),
    ({"loudness": {"below": 6}}, -12.0, VerdictValue.PASSED),
    ({"pitch": {"above": 4}}, -14.0, VerdictValue.VIOLATED),
    ({"pitch": {"above": 4}}, -16.5, VerdictValue.SUSPECTED),
    ({"pitch": {"above": 4}}, -18.0, VerdictValue.PASSED),
]


@pytest.mark.parametrize(("check", "last", "verdict"), VERDICTS, ids=str)
def test_a_change_counts_beyond_its_limit_and_is_doubtful_near_it(
    judge_one: JudgeOne, check: dict[str, Any], last: float, verdict: VerdictValue
) -> None:
    judged = judge_one(rule(check), TIMED, marked=levels(last))
    assert judged.value is verdict
    if verdict is VerdictValue.VIOLATED:
        assert [finding.turn for finding in judged.findings] == [10]
        assert "比平时" in judged.reason


def test_what_is_not_measured_is_not_judged(judge_one: JudgeOne) -> None:
    assert judge_one(rule({"loudness": {"above": 6}}), TIMED).value is VerdictValue.UNDETERMINED
    assert judge_one(rule({"pitch": {"above": 4}}), TIMED).value is VerdictValue.UNDETERMINED
    assert judge_one(rule({"loudness": {"above": 6}}), CHAT).value is VerdictValue.NOT_APPLICABLE
