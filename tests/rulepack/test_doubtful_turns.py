"""Turns that may not be whose they are said to be, or were never said."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.domain.transcript import Quarantine

from .conftest import JudgeOne
from .test_judge import GREET, SHIRK


@pytest.mark.parametrize(
    ("rule", "dialogue", "marked", "value"),
    [
        (SHIRK, "客服 [0-3]: 这个不归我管", {}, "violated"),
        (SHIRK, "客服 [0-3]: 这个不归我管", {0: {"role_confidence": 0.7}}, "suspected"),
        (GREET, "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 我要退货", {}, "violated"),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 我要退货",
            {1: {"role_confidence": 0.7}},
            "undetermined",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 嗯",
            {1: {"role_confidence": 0.7}},
            "violated",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客户 [3-5]: 嗯\uff0c好的\u3002",
            {1: {"role_confidence": 0.7}},
            "violated",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客服 [3-5]: 我要退货",
            {1: {"quarantine": Quarantine.STOCK}},
            "undetermined",
        ),
        (
            GREET,
            "客服 [0-3]: 喜欢游泳\n客服 [3-5]: 我要退货",
            {1: {"quarantine": Quarantine.CROSSTALK}},
            "violated",
        ),
    ],
    ids=[
        "a sure speaker",
        "a doubtful speaker is suspected",
        "nobody else could have said it",
        "the other turn may be the agent's",
        "a short one holds no greeting",
        "its punctuation makes it no longer",
        "what was invented may hide it",
        "what leaked in hides nothing",
    ],
)
def test_doubt_about_who_spoke_is_carried_into_the_verdict(
    rule: dict[str, Any],
    dialogue: str,
    marked: dict[int, dict[str, Any]],
    value: str,
    judge_one: JudgeOne,
) -> None:
    assert judge_one(rule, dialogue, marked=marked).value == value
