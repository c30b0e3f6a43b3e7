from __future__ import annotations

import pytest

from pipeline.domain.transcript import Role, Turn, Word
from pipeline.signals.pace import count_syllables
from tests.signals.build import spoken, turns_of, voice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("您好，很高兴为您服务！", 9),
        ("請問有什麼可以幫您", 9),
        ("打开APP首页", 5),
        ("please check it", 3),
        ("单号138", 5),
        ("5G套餐", 4),
        ("……！？ ~", 0),
        ("𠮷野家", 3),
        ("don't", 2),
    ],
)
def test_characters_digits_and_foreign_words_count_and_punctuation_does_not(text: str, expected: int) -> None:
    assert count_syllables(text) == expected


@pytest.mark.parametrize(
    ("text", "length_ms", "expected"),
    [
        ("一二三四", 2000, None),
        ("一二三四五", 2000, 150.0),
        ("一二三四五", 1000, 300.0),
        ("一二三四五", 999, None),
        ("一二三四五六七八九十", 3000, 200.0),
        ("一二三四五", 0, None),
    ],
)
def test_a_turn_too_short_to_tell_has_no_rate(text: str, length_ms: int, expected: float | None) -> None:
    rates = voice(turns_of(("客服", text, 500, 500 + length_ms))).rates_cpm
    assert rates == (expected,)


def test_the_rate_leaves_out_the_pause_within_a_turn() -> None:
    slow = spoken(0, "客服", ("我帮您查", 0, 1500), ("查到了吧", 20000, 21500))
    assert voice([slow]).rates_cpm == (160.0,)


def test_a_number_counts_as_it_was_said() -> None:
    words = (Word("共", 0, 400, 0.9, 0, 1), Word("326", 400, 2400, 0.9, 1, 4, spoken="三百二十六"))
    assert voice([Turn(0, Role.AGENT, "共326\u3002", 0, 2400, words)]).rates_cpm == (150.0,)


def test_short_turns_count_towards_the_rate_of_their_role() -> None:
    signals = voice(turns_of(("客户", "好的", 0, 600), ("客户", "谢谢你", 5000, 5900)))
    assert signals.rates_cpm == (None, None)
    assert signals.customer_rate_cpm == 200.0
