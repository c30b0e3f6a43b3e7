"""The dialogue of a scene, as its author writes it."""

from __future__ import annotations

import pytest

from pipeline.domain.transcript import Role
from training.make_fixtures.script import Fault, Pause, Script, Sound, Utterance, parse_script

AGENT, CUSTOMER = Role.AGENT, Role.CUSTOMER


def script(text: str) -> Script:
    items, complaints = parse_script(text, first_row=1)
    assert complaints == ()
    return items


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("客服: 您好,请问有什么可以帮您?", Utterance(AGENT, "您好,请问有什么可以帮您?")),
        ("客户:你好。", Utterance(CUSTOMER, "你好。")),
        ("客户: (大声) 气死我了!", Utterance(CUSTOMER, "气死我了!", gain_db=7.0)),
        ("客户: (小声)好吧", Utterance(CUSTOMER, "好吧", gain_db=-7.0)),
        ("客服: (快) 好的", Utterance(AGENT, "好的", rate_factor=1.4)),
        ("客服: (慢) 好的", Utterance(AGENT, "好的", rate_factor=0.8)),
        ("客服: (高音) 好的", Utterance(AGENT, "好的", pitch_steps=15)),
        ("客服: (大声) (快) (低音) 好的", Utterance(AGENT, "好的", rate_factor=1.4, gain_db=7.0, pitch_steps=-15)),
        ("客服: (快)好的", Utterance(AGENT, "好的", rate_factor=1.4)),
        (
            "客服: 这个不归我管。 (违规 general.banned.shirk 推卸责任)",
            Utterance(AGENT, "这个不归我管。", faults=(Fault("general.banned.shirk", "推卸责任"),)),
        ),
        (
            "客户: 我要投诉 (违规 general.risk.complaint 要投诉) (违规 general.risk.regulator 找监管)",
            Utterance(
                CUSTOMER,
                "我要投诉",
                faults=(Fault("general.risk.complaint", "要投诉"), Fault("general.risk.regulator", "找监管")),
            ),
        ),
    ],
)
def test_a_line_says_who_speaks_what_and_how(line: str, expected: Utterance) -> None:
    assert script(line) == (expected,)


@pytest.mark.parametrize(("mark", "length_ms"), [("停顿 3s", 3000), ("停顿 1.5s", 1500), ("停顿 800ms", 800)])
def test_a_pause_stands_between_two_lines(mark: str, length_ms: int) -> None:
    items = script(f"客服: 好的\n({mark}) (违规 general.behaviour.silence 静默)\n客服: 久等了")
    assert items[1] == Pause(length_ms, faults=(Fault("general.behaviour.silence", "静默"),))


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        ("音乐 30s", Pause(30_000, Sound.MUSIC)),
        ("嘈杂 1.5s", Pause(1500, Sound.NOISE)),
    ],
)
def test_a_pause_may_be_filled_with_a_sound(mark: str, expected: Pause) -> None:
    assert script(f"客服: 请您稍等\n({mark})\n客服: 久等了")[1] == expected


def test_the_ring_stands_before_the_first_words() -> None:
    assert script("(铃声 5s)\n客户: 喂")[0] == Pause(5000, Sound.RING)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("我等了24小时。", "我等了24小时。"),
        ("打#12315投诉,尾号#0042", "打12315投诉,尾号0042"),
        ("利率3.5%,手续费0.6元", "利率3.5%,手续费0.6元"),
        ("APP里的iPhone 15 Pro Max", "APP里的iPhone 15 Pro Max"),
        ("WiFi断了!", "WiFi断了!"),
    ],
)
def test_digits_and_latin_words_are_read_aloud_and_written_as_a_person_would(typed: str, written: str) -> None:
    (utterance,) = script(f"客户: {typed}")
    assert isinstance(utterance, Utterance)
    assert (utterance.text, utterance.written) == (typed, written)


def test_brackets_and_punctuation_of_a_chinese_keyboard_will_do() -> None:
    chinese = "客服\uff1a\uff08大声\uff09您好\uff0c请讲\uff01\uff08违规 general.banned.shirk 推卸\uff09"
    assert script(chinese) == script("客服: (大声) 您好,请讲! (违规 general.banned.shirk 推卸)")


def test_an_overlap_reaches_back_into_the_other_speakers_turn() -> None:
    items = script("客户: 我想问一下\n客服: (抢话 800ms) 您说")
    assert items[1] == Utterance(AGENT, "您说", overlap_ms=800)


def test_empty_lines_are_skipped() -> None:
    assert len(script("\n客服: 好的\n\n客户: 再见\n")) == 2


@pytest.mark.parametrize(
    ("text", "row", "what"),
    [
        ("客服: 好的\n客服: (跳舞) 好的", 2, "不认识标记(跳舞)"),
        ("客服: (停顿3) 好的", 1, "不认识标记(停顿3)"),
        ("客服: (停顿 3s) 好的", 1, "停顿要单独成行"),
        ("客服: 好的\n(抢话 1s)", 2, "不能单独成行"),
        ("客服: 好的\n(大声)", 2, "不认识标记(大声)"),
        ("(停顿 3s)\n客服: 好的", 1, "停顿前面没有人说话"),
        ("客服: 好的\n(停顿 3s)\n(停顿 3s)", 3, "停顿前面没有人说话"),
        ("客服: (抢话 1s) 好的", 1, "没有对方在说话"),
        ("客服: 好的\n客服: (抢话 1s) 好的", 2, "没有对方在说话"),
        ("客户: 好的\n(停顿 3s)\n客服: (抢话 1s) 好的", 3, "没有对方在说话"),
        ("经理: 好的", 1, "看不出是谁在说话"),
        ("好的", 1, "看不出是谁在说话"),
        ("客服: 好的\n(铃声 3s)\n客户: 喂", 2, "铃声之前已经有内容"),
        ("(铃声 3s)\n(铃声 3s)\n客户: 喂", 2, "铃声之前已经有内容"),
        ("(铃声 3s)\n(停顿 3s)\n客户: 喂", 2, "停顿前面没有人说话"),
        ("(音乐 3s)\n客服: 好的", 1, "音乐前面没有人说话"),
        ("客服: 好的\n(音乐 3s)\n(嘈杂 3s)\n客服: 好的", 3, "嘈杂前面没有人说话"),
        ("客服: (音乐 3s) 好的", 1, "音乐要单独成行"),
        ("客服: 好的\n(音乐)", 2, "不认识标记(音乐)"),
        ("(铃声 3s)", 1, "没有对话"),
        ("客服: #投诉", 1, "这句话无法读出"),
        ("客服: 3.条", 1, "这句话无法读出"),
        ("客服: 请发到a@b", 1, "这句话无法读出"),
        ("客服: ,。", 1, "这句话无法读出"),
        ("客服: 好的(快)", 1, "这句话无法读出"),
        ("客服: (快)", 1, "(空)"),
        ("客服: 好的 (违规 shirk 推卸)", 1, "这句话无法读出"),
        ("客服: 好的 (违规 general.banned.shirk)", 1, "这句话无法读出"),
        ("  \n", 1, "没有对话"),
    ],
)
def test_a_line_that_is_not_understood_is_refused_with_its_row(text: str, row: int, what: str) -> None:
    _, complaints = parse_script(text, first_row=1)
    assert [c.row for c in complaints] == [row]
    assert what in complaints[0].what
    assert complaints[0].remedy


def test_every_bad_line_is_reported_and_counted_from_the_dialogues_first_row() -> None:
    _, complaints = parse_script("甲: 好\n客服: 好的\n乙: 好", first_row=11)
    assert [c.row for c in complaints] == [11, 13]
