from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Role, Turn
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.turns import Voice, build_turns, sifted

from .conftest import unmarked


def segment(words: list[HeardWord], *, log_probability: float = -0.2) -> Segment:
    return Segment(
        start_ms=words[0].start_ms if words else 0,
        end_ms=words[-1].end_ms if words else 0,
        words=tuple(words),
        mean_log_probability=log_probability,
        no_speech_probability=0.0,
        compression_ratio=1.0,
    )


def said(text: str, start_ms: int, *, word_ms: int = 200, log_probability: float = -0.2) -> Segment:
    """One word per character, without pauses."""
    words = [HeardWord(char, start_ms + n * word_ms, start_ms + (n + 1) * word_ms, 0.9) for n, char in enumerate(text)]
    return segment(words, log_probability=log_probability)


def turns(agent: list[Segment], customer: list[Segment]) -> list[tuple[str, str]]:
    built = build_turns([Voice(Role.AGENT, sifted(agent)), Voice(Role.CUSTOMER, sifted(customer))])
    return [("?" if turn.quarantined else "" + turn.role[0], unmarked(turn.text)) for turn in built]


@pytest.mark.parametrize(
    ("agent", "customer", "expected"),
    [
        ([said("您好", 0)], [said("你好", 900)], [("a", "您好"), ("c", "你好")]),
        ([said("您好", 0), said("请讲", 1800)], [], [("a", "您好请讲")]),
        ([said("您好", 0), said("请讲", 1901)], [], [("a", "您好"), ("a", "请讲")]),
        ([said("请稍等", 0), said("查到了", 1400)], [said("嗯", 900)], [("a", "请稍等"), ("c", "嗯"), ("a", "查到了")]),
        ([said("我帮您查一下订单", 0)], [said("嗯", 500)], [("a", "我帮您查一下订单"), ("c", "嗯")]),
        ([said("我帮您", 0), said("查一下", 850)], [said("嗯", 630)], [("a", "我帮您查一下"), ("c", "嗯")]),
        ([said("这个规定是", 0)], [said("我不听你说", 600)], [("a", "这个规定是"), ("c", "我不听你说")]),
        ([], [], []),
        ([segment([])], [said("喂", 0)], [("c", "喂")]),
    ],
    ids=[
        "two speakers",
        "a pause of 1.4 s stays inside a turn",
        "a pause of 1.5 s ends it",
        "an answer in a pause ends it",
        "a backchannel over speech does not",
        "nor one in a breath of 0.25 s",
        "both stay when they talk over each other",
        "nobody",
        "an empty segment",
    ],
)
def test_a_turn_lasts_until_the_other_speaks_or_a_long_pause(
    agent: list[Segment], customer: list[Segment], expected: list[tuple[str, str]]
) -> None:
    assert turns(agent, customer) == expected


def test_invented_words_stand_in_a_turn_of_their_own_and_break_nobodys() -> None:
    invented = said("呼呼呼", 700, log_probability=-1.5)
    assert turns([said("您好", 0), invented, said("请讲", 1500)], []) == [("a", "您好请讲"), ("?", "呼呼呼")]
    assert turns([said("您好", 0), said("请讲", 1500)], [invented]) == [("a", "您好请讲"), ("?", "呼呼呼")]


def test_words_outside_speech_leave_the_rest_of_their_segment_alone() -> None:
    words = [
        HeardWord("再", 0, 200, 0.9),
        HeardWord("见", 200, 400, 0.9),
        HeardWord("啊", 400, 400, 0.2, voice=0.0),
    ]
    assert turns([segment(words)], []) == [("a", "再见"), ("?", "啊")]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["您", "好"], "您好"),
        ([" iPhone", " Pro", "是", " iPhone"], "iPhone Pro是iPhone"),
        ([" App", "le"], "Apple"),
        (["2", "4", "小", "时"], "24小时"),
        ([" hello,", " you"], "hello, you"),
        (["好,", " 24", "号"], "好, 24号"),
        (["您", " ", "好"], "您好"),
    ],
)
def test_only_latin_words_are_set_apart_by_spaces(words: list[str], text: str) -> None:
    heard = [HeardWord(word, n * 100, n * 100 + 100, 0.9) for n, word in enumerate(words)]
    (turn,) = build_turns([Voice(Role.OTHER, sifted([segment(heard)]))])
    assert unmarked(turn.text) == text
    assert [turn.text[word.char_start : word.char_end] for word in turn.words] == [
        w.strip() for w in words if w.strip()
    ]


def test_words_of_two_stretches_do_not_run_together() -> None:
    stretches = [segment([HeardWord(text, at, at + 300, 0.9)]) for text, at in (("OK", 0), ("24", 700), ("号", 1500))]
    (turn,) = build_turns([Voice(Role.OTHER, sifted(stretches))])
    assert turn.text == "OK，24，号。"


WORD_TEXTS = st.sampled_from(["您", "好", "24", " App", "le", " hi,", "的。", " ", "嗯"])
GAPS_MS = st.integers(0, 2500)


@st.composite
def voices(draw: st.DrawFn) -> list[Voice]:
    made = []
    for role in draw(st.sampled_from([(Role.OTHER,), (Role.AGENT, Role.CUSTOMER)])):
        now_ms, segments = 0, []
        for size in draw(st.lists(st.integers(0, 6), max_size=6)):
            words = []
            for _ in range(size):
                now_ms += draw(GAPS_MS)
                end_ms = now_ms + draw(st.integers(0, 500))
                words.append(HeardWord(draw(WORD_TEXTS), now_ms, end_ms, 0.5, draw(st.booleans())))
                now_ms = end_ms
            segments.append(segment(words, log_probability=draw(st.sampled_from([-0.1, -2.0]))))
        made.append(Voice(role, sifted(segments)))
    return made


@given(voices())
def test_turns_lose_no_word_and_keep_every_offset_and_order(spoken: list[Voice]) -> None:
    built = build_turns(spoken)
    assert [turn.index for turn in built] == list(range(len(built)))
    assert [turn.start_ms for turn in built] == sorted(starts_ms(built))
    for turn in built:
        assert turn.words
        assert (turn.start_ms, turn.end_ms) == (turn.words[0].start_ms, turn.words[-1].end_ms)
        assert all(turn.text[word.char_start : word.char_end] == word.text for word in turn.words)
        assert unmarked("".join(word.text for word in turn.words)) == unmarked(turn.text.replace(" ", ""))
        pauses = [b.start_ms - a.end_ms for a, b in zip(turn.words, turn.words[1:], strict=False)]
        assert all(0 <= pause <= 1500 for pause in pauses)
    for voice in spoken:
        heard = sorted((w.start_ms, w.end_ms, w.text.strip()) for w in (*voice.heard.words, *voice.heard.apart))
        kept = sorted((w.start_ms, w.end_ms, w.text) for turn in built if turn.role is voice.role for w in turn.words)
        assert kept == heard


def starts_ms(built: tuple[Turn, ...]) -> list[int]:
    return [turn.start_ms for turn in built if turn.start_ms is not None]


def test_a_turn_is_as_sure_of_its_speaker_as_its_words_and_its_voice() -> None:
    words = [HeardWord("您", 0, 200, 0.9, certainty=1.0), HeardWord("好", 200, 400, 0.9, certainty=0.6)]
    (turn,) = build_turns([Voice(Role.AGENT, sifted([segment(words)]), 0.95)])
    assert turn.role_confidence == 0.76


@pytest.mark.parametrize(
    ("agent", "customer", "marked"),
    [
        ([said("我帮您查一下订单", 0)], [said("嗯", 500)], ["嗯"]),
        ([said("我帮您", 0), said("查一下", 1500)], [said("好的", 900)], ["好的"]),
        ([said("我帮您", 0), said("查一下", 2200)], [said("好的", 900)], []),
        ([said("您是张先生吗", 0), said("我查一下", 2100)], [said("对", 1500)], []),
        ([said("您是张先生是不是", 0), said("我查一下", 2500)], [said("是的", 1900)], []),
        ([said("我帮您查一下订单", 0)], [said("不对", 500)], []),
        ([said("我帮您", 0)], [said("好的", 900)], []),
        ([said("我帮您", 900)], [said("喂好的", 0)], []),
        ([said("我帮您", 0), said("查一下", 1500, log_probability=-1.5)], [said("好的", 900)], []),
    ],
    ids=[
        "over speech",
        "in a pause that would not have ended the turn",
        "in a longer one",
        "an answer",
        "an answer to a question without a particle",
        "an objection",
        "nobody goes on",
        "nobody spoke before",
        "what goes on was invented",
    ],
)
def test_a_listeners_yes_while_the_other_holds_the_floor_is_marked(
    agent: list[Segment], customer: list[Segment], marked: list[str]
) -> None:
    built = build_turns([Voice(Role.AGENT, sifted(agent)), Voice(Role.CUSTOMER, sifted(customer))])
    assert [unmarked(turn.text) for turn in built if turn.back_channel] == marked


def test_two_voices_without_names_can_listen_to_each_other_too() -> None:
    voices = [Voice(Role.OTHER, sifted([said("我帮您查一下订单", 0)])), Voice(Role.OTHER, sifted([said("嗯", 500)]))]
    assert [turn.back_channel for turn in build_turns(voices)] == [False, True]
