from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe import Guard, HeardWord, Segment

WORD_MS = 200


def segment(
    text: str,
    *,
    start_ms: int = 0,
    word_ms: int = WORD_MS,
    log_probability: float = -0.3,
    no_speech: float = 0.0,
    compression: float | None = None,
) -> Segment:
    """One word per character, without pauses; `_` is a pause of a second. The compression ratio is Whisper's own."""
    words: list[HeardWord] = []
    now_ms = start_ms
    for char in text:
        length_ms = 1000 if char == "_" else word_ms
        if char != "_":
            words.append(HeardWord(char, now_ms, now_ms + length_ms, 0.9))
        now_ms += length_ms
    written = text.replace("_", "").encode()
    return Segment(
        start_ms=start_ms,
        end_ms=now_ms,
        words=tuple(words),
        mean_log_probability=log_probability,
        no_speech_probability=no_speech,
        compression_ratio=len(written) / len(zlib.compress(written)) if compression is None else compression,
    )


def sifted(*segments: Segment, guard: Guard | None = None) -> list[tuple[str, Quarantine | None]]:
    """Each run of words with the same reason, as text."""
    runs: list[tuple[str, Quarantine | None]] = []
    for words in (guard or Guard()).sift(segments):
        for word in words:
            if runs and runs[-1][1] == word.quarantine:
                runs[-1] = (runs[-1][0] + word.text, word.quarantine)
            else:
                runs.append((word.text, word.quarantine))
    return runs


@pytest.mark.parametrize(
    ("log_probability", "no_speech", "reason"),
    [
        (-0.3, 0.0, None),
        (-1.0, 0.0, None),
        (-1.01, 0.0, Quarantine.UNSURE),
        (-0.3, 0.9, None),
        (-0.6, 0.9, Quarantine.SILENCE),
        (-0.6, 0.6, None),
    ],
    ids=["sure", "at the limit", "unsure", "doubts speech but sure", "doubts speech, unsure", "no doubt"],
)
def test_the_recognisers_own_doubts_set_a_segment_apart(
    log_probability: float, no_speech: float, reason: Quarantine | None
) -> None:
    heard = segment("您好", log_probability=log_probability, no_speech=no_speech)
    assert sifted(heard) == [("您好", reason)]


LONG = "我想问一下昨天买的那台洗衣机什么时候能送到因为家里明天没有人在所以想改到后天"


@pytest.mark.parametrize(
    ("text", "compression", "reason"),
    [
        (LONG, 2.4, None),
        (LONG, 2.41, Quarantine.REPEATED),
        ("谢谢" * 6, None, None),
        ("好的" * 8, None, None),
        ("不用了" * 7, None, None),
        ("嗯" * 14, None, None),
    ],
)
def test_what_compresses_too_well_is_set_apart_unless_it_is_short_enough_to_have_been_said(
    text: str, compression: float | None, reason: Quarantine | None
) -> None:
    assert sifted(segment(text, compression=compression)) == [(text, reason)]


@pytest.mark.parametrize(
    "said",
    [
        "对对对",
        "好好好好",
        "喂喂喂喂喂",
        "不不不不不不",
        "嗯嗯嗯嗯嗯嗯嗯嗯",
        "谢谢谢谢谢谢谢谢",
        "我的电话尾号是88888888",
        "13800008888",
        "请您稍等请您稍等请您稍等",
        "我不要了我不要了我不要了我不要了",
        "好的好的好的好的好的好的好的好的",
    ],
)
def test_what_people_repeat_is_left_alone(said: str) -> None:
    assert sifted(segment(said)) == [(said, None)]


def test_a_loop_is_set_apart_without_what_was_said_before_and_after_it() -> None:
    loop = "好的" * 20
    assert sifted(segment(LONG + loop + "请问还有其他问题吗")) == [
        (LONG, None),
        (loop, Quarantine.REPEATED),
        ("请问还有其他问题吗", None),
    ]


@pytest.mark.parametrize(
    ("lines", "apart"),
    [
        (["喂您好"] * 3, False),
        (["您好请问有什么可以帮您"] * 3, False),
        (["嗯"] * 12, False),
        (["您好请问有什么可以帮您"] * 4, True),
        (["我会在你身边", "做一个很好的朋友"] * 4, True),
        (["我会在你身边", "", "我会在你身边", "", "我会在你身边", "我会在你身边", "我会在你身边"], True),
        (["我会在你身边", "我会在你身边", "好", "我会在你身边", "我会在你身边"], False),
    ],
    ids=[
        "asking into a dead line",
        "the script for a dead line",
        "listening",
        "once more than any script",
        "two lines in turn",
        "empty lines between",
        "broken by another line",
    ],
)
def test_a_line_that_comes_again_and_again_is_set_apart(lines: list[str], apart: bool) -> None:
    heard = [segment(line, start_ms=n * 5000) for n, line in enumerate(lines)]
    assert sifted(*heard) == [("".join(lines), Quarantine.REPEATED if apart else None)]


def test_a_line_of_its_own_after_a_loop_of_lines_is_kept() -> None:
    loop = [segment("您好请问有什么可以帮您", start_ms=n * 5000) for n in range(5)]
    assert sifted(*loop, segment("我要退货", start_ms=30_000))[-1] == ("我要退货", None)


@pytest.mark.parametrize(
    ("word_ms", "reason"), [(125, None), (84, None), (70, Quarantine.TOO_FAST), (0, Quarantine.TOO_FAST)]
)
def test_nobody_speaks_faster_than_twelve_syllables_a_second(word_ms: int, reason: Quarantine | None) -> None:
    assert sifted(segment(LONG, word_ms=word_ms)) == [(LONG, reason)]


def test_words_crammed_into_the_end_of_a_segment_are_set_apart_alone() -> None:
    said, crammed = segment("好的我知道了_"), segment(LONG, start_ms=2200, word_ms=20)
    heard = Segment(
        start_ms=0,
        end_ms=9000,
        words=(*said.words, *crammed.words),
        mean_log_probability=-0.3,
        no_speech_probability=0.0,
        compression_ratio=1.0,
    )
    assert sifted(heard) == [("好的我知道了", None), (LONG, Quarantine.TOO_FAST)]


INVENTED = "请不吝点赞订阅转发打赏支持明镜与点点栏目"


def test_a_stock_line_after_a_pause_is_set_apart_without_what_was_said_before_it() -> None:
    assert sifted(segment(f"{LONG}_{INVENTED}")) == [(LONG, None), (INVENTED, Quarantine.STOCK)]


def test_words_where_no_voice_is_are_set_apart() -> None:
    heard = segment("您好")
    words = (heard.words[0], HeardWord("好", 200, 400, 0.9, voice=0.6))
    silent = Segment(
        start_ms=0,
        end_ms=400,
        words=words,
        mean_log_probability=-0.3,
        no_speech_probability=0.0,
        compression_ratio=1.0,
    )
    assert sifted(silent) == [("您", None), ("好", Quarantine.NO_VOICE)]


@pytest.mark.parametrize(("text", "apart"), [("哦", True), ("去你吧", True), ("那我去看看", False)])
def test_a_word_or_two_must_be_said_by_a_clearer_voice_than_a_sentence(text: str, *, apart: bool) -> None:
    heard = segment(text)
    faint = replace(heard, words=tuple(replace(word, voice=0.77) for word in heard.words))
    assert all((reason is Quarantine.NO_VOICE) == apart for _, reason in sifted(faint))


def test_a_users_own_lines_are_set_apart_too() -> None:
    assert sifted(segment("欢迎收听晚间新闻播报")) == [("欢迎收听晚间新闻播报", None)]
    own = Guard(("欢迎收听*播报",))
    assert sifted(segment("歡迎收聽晚間新聞播報"), guard=own) == [("歡迎收聽晚間新聞播報", Quarantine.STOCK)]
    assert sifted(segment(INVENTED), guard=own) == [(INVENTED, Quarantine.STOCK)]


def test_the_fingerprint_changes_with_the_users_lines_and_not_with_their_order() -> None:
    own = [Guard(phrases).fingerprint for phrases in ((), ("甲乙丙丁",), ("甲乙丙丁", "子丑寅卯"))]
    assert len(set(own)) == 3
    assert Guard(("子丑寅卯", "甲乙丙丁")).fingerprint == own[2]


TEXTS = st.lists(st.sampled_from(["您好", "嗯", "好的", INVENTED, "谢谢观看", "OK 24", "。", "对对对"]), max_size=12)


@given(TEXTS, st.integers(0, 300), st.sampled_from([-0.1, -2.0]))
def test_no_word_is_lost_moved_or_changed(texts: Sequence[str], word_ms: int, log_probability: float) -> None:
    heard = [
        segment(text, start_ms=n * 9000, word_ms=word_ms, log_probability=log_probability)
        for n, text in enumerate(texts)
    ]
    out = [[(w.text, w.start_ms, w.end_ms, w.probability) for w in words] for words in Guard().sift(heard)]
    assert out == [[(w.text, w.start_ms, w.end_ms, w.probability) for w in one.words] for one in heard]
