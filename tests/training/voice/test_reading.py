"""A written line is read as a person would read it."""

from __future__ import annotations

import pytest

from training.voice.reading import read_aloud, read_number, written

SPOKEN = [
    ("24小时", "er4 shi2 si4 xiao3 shi2"),
    ("拨打#12315", "bo1 da3 yao1 er4 san1 yao1 wu3"),
    ("2026年", "er4 ling2 er4 liu4 nian2"),
    ("20%", "bai3 fen1 zhi1 er4 shi2"),
    ("2件", "liang3 jian4"),
    ("2月2号", "er4 yue4 er4 hao4"),
    ("58.5元", "wu3 shi2 ba1 dian3 wu3 yuan2"),
    ("用APP", "yong4 A P P"),
    ("iPhone手机", "iPhone shou3 ji1"),
    ("应还款额", "ying1 huan2 kuan3 e2"),
    ("还有吗", "hai2 you3 ma5"),
    ("嗯", "en5"),
]
NUMBERS = [
    ("0", "零"),
    ("10", "十"),
    ("12", "十二"),
    ("20", "二十"),
    ("105", "一百零五"),
    ("115", "一百一十五"),
    ("1010", "一千零一十"),
    ("2200", "两千二百"),
    ("10086", "一万零八十六"),
    ("20015", "两万零一十五"),
    ("200000", "二十万"),
    ("12345678", "一千二百三十四万五千六百七十八"),
    ("0.5", "零点五"),
]


@pytest.mark.parametrize(("text", "sounds"), SPOKEN)
def test_a_line_has_the_sounds_that_a_person_would_make(text: str, sounds: str) -> None:
    assert " ".join(sound for piece in read_aloud(text) for sound in piece.sounds) == sounds


@pytest.mark.parametrize(("digits", "chinese"), NUMBERS)
def test_a_number_is_read_out(digits: str, chinese: str) -> None:
    assert read_number(digits) == chinese


def test_the_pieces_put_together_are_the_written_form() -> None:
    text = "您好\uff0c24小时内拨打#12315\uff0c用APP付2026.5元\uff0c20%\u3002"
    assert "".join(piece.text for piece in read_aloud(text)) == written(text) == text.replace("#", "")


@pytest.mark.parametrize("text", ["价格€5", "#号", "こんにちは"])
def test_what_has_no_reading_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"no reading for “[€#こ]"):
        read_aloud(text)
