from __future__ import annotations

import pytest

from pipeline.domain.transcript import Role
from pipeline.rulepack.cases import parse_dialogue

LINES = [
    ("客服: 您好", (Role.AGENT, "您好", None, None, None)),
    ("客户\uff1a您好", (Role.CUSTOMER, "您好", None, None, None)),
    ("坐席 [0.5-2]: 您好", (Role.AGENT, "您好", 500, 2000, None)),
    ("系统 [0.5-2.25] \uff1a 欢迎致电", (Role.SYSTEM, "欢迎致电", 500, 2250, None)),
    ("客服 [0-1 +6dB]: 您好", (Role.AGENT, "您好", 0, 1000, -14.0)),
    ("客服 [0-1 -3.5dB +12st]: 您好", (Role.AGENT, "您好", 0, 1000, -23.5)),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_of_a_dialogue_is_a_turn(line: str, expected: tuple[object, ...]) -> None:
    (turn,) = parse_dialogue(line)
    assert (turn.role, turn.text, turn.start_ms, turn.end_ms, turn.level_dbfs) == expected


def test_a_change_of_pitch_is_in_semitones_against_the_other_turns() -> None:
    usual, higher = parse_dialogue("客服 [0-1]: 您好\n客服 [1-2 +12st]: 您好")
    assert usual.pitch_hz is not None
    assert higher.pitch_hz == 2 * usual.pitch_hz


@pytest.mark.parametrize(
    "dialogue",
    [
        "",
        "您好",
        "客服 您好",
        "客服 [2-1]: 您好",
        "客服 [0-1]: 您好\n客户: 好",
        "客服 [3-4]: 您好\n客户 [0-1]: 好",
        "客服 [0-1 6dB]: 您好",
    ],
)
def test_what_is_no_dialogue_is_refused_in_words(dialogue: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        parse_dialogue(dialogue)
