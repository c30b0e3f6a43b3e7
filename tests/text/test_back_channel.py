from __future__ import annotations

import pytest

from pipeline.text.back_channel import asks, only_acknowledges


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("嗯", True),
        ("嗯，嗯嗯。", True),
        ("對", True),
        ("好的好的", True),
        ("OK。", True),
        ("明白了", True),
        ("", False),
        ("。", False),
        ("不对", False),
        ("好的我要退货", False),
    ],
)
def test_only_such_words_acknowledge(text: str, only: bool) -> None:
    assert only_acknowledges(text) is only


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("您是张先生吗", True),
        ("您是张先生？", True),
        ("是不是", True),
        ("有没有", True),
        ("您要查什么？ ", True),
        ("我帮您查一下。", False),
        ("吗啡", False),
        ("", False),
    ],
)
def test_a_question_asks_for_an_answer(text: str, question: bool) -> None:
    assert asks(text) is question
