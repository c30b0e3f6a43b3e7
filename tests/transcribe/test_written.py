from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Word
from pipeline.privacy import mask
from pipeline.signals.pace import count_syllables
from pipeline.text import normalise
from pipeline.text.classify.features import plain
from pipeline.text.normal import simplify
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.written import written

SYLLABLE_MS = 200
HALF_WIDTH = str.maketrans("％９Ｖ１５", "%9V15")
COMMA, STOP, QUESTION = "\uff0c\u3002\uff1f"


def said(*pieces: str | int) -> list[HeardWord]:
    """Characters of 0.2 s each; a number is a pause in ms."""
    now_ms = 0
    words = []
    for piece in pieces:
        if isinstance(piece, int):
            now_ms += piece
            continue
        for char in piece:
            words.append(HeardWord(char, now_ms, now_ms + SYLLABLE_MS, 0.9))
            now_ms += SYLLABLE_MS
    return words


def text_of(heard: list[HeardWord]) -> str:
    return written(heard)[0]


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        (said("這個訂單"), "这个订单\u3002"),
        (said("乾隆皇帝很乾脆"), "乾隆皇帝很干脆\u3002"),
        (said("Ｖ１卡打９５％"), "V1卡打95%\u3002"),
        (said("一共三百二十六块五毛"), "一共326块5毛\u3002"),
        (said("三月十五号下午三点半"), "3月15号下午3点半\u3002"),
        (said("我等一下"), "我等一下\u3002"),
    ],
)
def test_text_is_simplified_half_width_and_its_numbers_are_figures(heard: list[HeardWord], text: str) -> None:
    assert text_of(heard) == text


def test_a_number_becomes_one_word_that_knows_how_it_was_said() -> None:
    heard = said("给您三百二十六元")
    heard[3] = HeardWord("百", 600, 800, 0.4)
    text, words = written(heard)
    assert text == "给您326元\u3002"
    assert words[2] == Word("326", 400, 1400, 0.4, 2, 5, spoken="三百二十六")
    assert [word.spoken for word in words if word.text != "326"] == ["", "", ""]


def test_words_of_several_characters_that_share_a_number_become_one() -> None:
    heard = [
        HeardWord("一共三", 0, 600, 0.9),
        HeardWord("百二", 600, 900, 0.8),
        HeardWord("十六块\u3002", 900, 1500, 0.7),
    ]
    assert written(heard) == (
        "一共326块\u3002",
        (Word("一共326块\u3002", 0, 1500, 0.7, 0, 7, spoken="一共三百二十六块\u3002"),),
    )


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        (said("您好", 300, "我查一下"), "您好，我查一下\u3002"),
        (said("您好", 100, "我查一下"), "您好我查一下\u3002"),
        (said("我查好了", 800, "钱退给您了"), "我查好了\u3002钱退给您了\u3002"),
        (said("您听得到吗"), "您听得到吗？"),
        (said("您听得到吗", 300, "我这边听不清"), "您听得到吗？我这边听不清\u3002"),
        (said("我呢", 300, "想退货"), "我呢，想退货\u3002"),
        (said("那我的钱呢"), "那我的钱呢？"),
        (said("尾号一二三零", 400, "九五二七对吗"), "尾号12309527对吗？"),
        (said("三百", 400, "五十块的两张"), "三百五十块的两张\u3002"),
        (said("138", 600, "0013"), "1380013\u3002"),
        (said("我要那个好", 300, "的\u3002您说"), "我要那个好的\u3002您说"),
        ([HeardWord(" Hello", 0, 300, 0.9), HeardWord(" there", 900, 1200, 0.9)], "Hello there"),
    ],
    ids=[
        "a pause",
        "a breath",
        "a long pause",
        "吗 at the end",
        "吗 before a pause",
        "呢 before a short pause is no question",
        "呢 at the end",
        "digits of one number",
        "a pause within an amount leaves it as it was said",
        "digits that were heard as digits",
        "a recogniser that punctuates",
        "another language",
    ],
)
def test_marks_stand_at_pauses_where_the_recogniser_gives_none(heard: list[HeardWord], text: str) -> None:
    assert text_of(heard) == text.replace("，", COMMA).replace("？", QUESTION)


def test_a_pause_that_the_recogniser_hides_in_a_long_word_counts_too() -> None:
    heard = said("您好我查一下")
    heard[1] = HeardWord("好", 200, 700, 0.9)
    heard[2:] = [HeardWord(w.text, w.start_ms + 300, w.end_ms + 300, 0.9) for w in heard[2:]]
    assert text_of(heard) == f"您好{COMMA}我查一下{STOP}"


def test_where_a_recogniser_forgets_to_punctuate_for_long_marks_stand_at_pauses() -> None:
    long = said("好\u3002", "我说了很多" * 5, 300, "你们都不听" * 5)
    assert text_of(long) == f"好{STOP}" + "我说了很多" * 5 + COMMA + "你们都不听" * 5 + STOP


@pytest.mark.parametrize(
    "number", ["幺三八零零一三八零零零", "八二三四五六七八", "零七五五八二三四五六七八", "13800138000"]
)
def test_a_personal_number_is_masked_in_the_written_text_as_in_what_was_said(number: str) -> None:
    text = text_of(said("打", number[:3], 400, number[3:], "吧"))
    assert mask(f"打{number}吧") != f"打{number}吧"
    assert mask(text) != text


def test_a_mark_changes_neither_the_emotion_nor_the_pace() -> None:
    pausing, fluent = written(said("您好", 300, "我查一下"))[0], "您好我查一下"
    assert pausing != fluent
    assert plain(pausing) == plain(fluent)
    assert count_syllables(pausing) == count_syllables(fluent)


HEARD = st.text(
    alphabet=st.sampled_from("一二三五九零〇幺两十百千万亿点分之个块毛元号月日年天到几嗯吗呢個訂％９，。 工aB0312%"),
    min_size=1,
)


@st.composite
def utterances(draw: st.DrawFn) -> list[HeardWord]:
    now_ms = 0
    words = []
    for text in draw(st.lists(HEARD.filter(str.strip), min_size=1, max_size=12)):
        now_ms += draw(st.sampled_from([0, 0, 0, 100, 250, 900]))
        end_ms = now_ms + draw(st.integers(0, 500))
        words.append(HeardWord(text, now_ms, end_ms, draw(st.sampled_from([0.2, 0.9]))))
        now_ms = end_ms
    return words


@given(utterances())
def test_every_word_stands_where_it_says_in_order_and_nothing_is_lost(heard: list[HeardWord]) -> None:
    text, words = written(heard)
    assert all(text[word.char_start : word.char_end] == word.text for word in words)
    places = [place for word in words for place in (word.char_start, word.char_end)]
    assert places == sorted(places)
    assert (words[0].start_ms, words[-1].end_ms) == (heard[0].start_ms, heard[-1].end_ms)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(words))
    as_said = "".join(word.spoken or word.text for word in words)
    assert as_said == "".join(simplify(word.text.strip().translate(HALF_WIDTH)) for word in heard)
    between = [text[a.char_end : b.char_start] for a, b in pairwise(words)]
    assert {*between, text[words[-1].char_end :]} <= {"", " ", COMMA, STOP, QUESTION}


@given(utterances())
def test_rules_match_the_written_text_as_they_match_what_was_said(heard: list[HeardWord]) -> None:
    assert normalise(written(heard)[0]).text == normalise("".join(word.text.strip() for word in heard)).text
