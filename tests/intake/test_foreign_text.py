"""Subtitles and plain text as transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import Row, only, plain, refused, spots, turns_of

SRT = """1
00:00:01,000 --> 00:00:02,500
客服:您好

2
00:00:02,000 --> 00:00:03,000
客户: 喂
"""

SUBTITLES: dict[str, tuple[str, str, list[Row]]] = {
    "cues may overlap": (".srt", SRT, [("agent", "您好", 1000, 2500), ("customer", "喂", 2000, 3000)]),
    "without empty lines": (
        ".srt",
        "1\n00:00:01,000 --> 00:00:02,000\n甲:好\n2\n00:00:03,000 --> 00:00:04,000\n2\n",
        [("other", "好", 1000, 2000), ("other", "2", 3000, 4000)],
    ),
    "lines go on, also after an empty one": (
        ".srt",
        "00:00:01,000 --> 00:00:02,000\n坐席:请您\n稍等\n\n再见 ok\nbye\n\n\n7\n\n00:00:03,000 --> 00:00:04,000\n好\n",
        [("agent", "请您稍等再见 ok bye", 1000, 2000), ("other", "好", 3000, 4000)],
    ),
    "two speak in a cue": (
        ".srt",
        "00:00:01,000 --> 00:00:02,000\n- Agent: hello\n- Customer: hi\n  there\n",
        [("agent", "hello", 1000, 2000), ("customer", "hi there", 1000, 2000)],
    ),
    "formatting is taken off": (
        ".srt",
        '00:00:01,000 --> 00:00:02,000 X1:40 X2:60\n{\\an8}<font color="#fff"><i>您&amp;好</i></font> 1<2>0\n',
        [("other", "您&好 1<2>0", 1000, 2000)],
    ),
    "not in the order of time": (
        ".srt",
        "00:00:03,000 --> 00:00:04,000\nb\n\n00:00:01,000 --> 00:00:02,000\na\n",
        [("other", "a", 1000, 2000), ("other", "b", 3000, 4000)],
    ),
    "cues without text are left out": (
        ".srt",
        "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:03,000\n<b></b>好\n",
        [("other", "好", 3000, 3000)],
    ),
    "a clock in the text is no label": (
        ".srt",
        "00:00:01,000 --> 00:00:02,000\n地址:10:30 见 http://a.cn\n",
        [("other", "地址:10:30 见 http://a.cn", 1000, 2000)],
    ),
    "webvtt": (
        ".vtt",
        "WEBVTT - call\nKind: captions\n\nNOTE a --comment\nof two lines\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.500 align:start\n<v.loud 客服>您好</v>\n\n"
        "01:00:00.000 --> 01:00:01.000\n<v Customer (Li)><c.red>hi</c> <00:00:01.500>all\n",
        [("agent", "您好", 1000, 2500), ("customer", "hi all", 3600000, 3601000)],
    ),
    "voices within a line": (
        ".vtt",
        "WEBVTT\n00:01.000 --> 00:02.000\n<v 客服>您好</v><v 客户>喂\n是我\n",
        [("agent", "您好", 1000, 2000), ("customer", "喂是我", 1000, 2000)],
    ),
}

TEXTS: dict[str, tuple[str, list[Row]]] = {
    "no times": ("客服: 您好\n客户:喂\n", [("agent", "您好", None, None), ("customer", "喂", None, None)]),
    "full width": ("客服\uff1a您好\n客户 \uff1a 喂", [("agent", "您好", None, None), ("customer", "喂", None, None)]),
    "times": (
        "[00:01:02] 客服: 您好\n01:05 客户\uff1a喂\n\uff0801\uff1a07.5\uff09Agent: bye\n",
        [("agent", "您好", 62000, None), ("customer", "喂", 65000, None), ("agent", "bye", 67500, None)],
    ),
    "spans": (
        "[00:01 - 00:02] 客服: 您好\n00:02.5 --> 00:03 客户: 喂\n",
        [("agent", "您好", 1000, 2000), ("customer", "喂", 2500, 3000)],
    ),
    "the time after the speaker": (
        "说话人1 00:05\n您好\n请问\n\n说话人 2  00:07\n喂\n客服(00:09): 好\n客服 00:10 再见\n",
        [("other", "您好请问", 5000, None), ("other", "喂", 7000, None), ("agent", "好", 9000, None),
         ("agent", "再见", 10000, None)],
    ),
    "lines go on": (
        "客服: 您的\n  客户: 号\n订单号:12\nab\ncd\n客户: 好",
        [("agent", "您的客户: 号订单号:12 ab cd", None, None), ("customer", "好", None, None)],
    ),
    "times alone are no text": (
        "[00:01]\n客服: 您好\n[00:03] 请讲\n00:05\n12:30 见\n客户: 好\n",
        [("agent", "您好请讲12:30 见", None, None), ("customer", "好", None, None)],
    ),
    "a heading is left out": (
        "通话编号: 77\n录音时间: 2026-01-05\n\n客服: 您好\n",
        [("agent", "您好", None, None)],
    ),
    "names that come again are speakers": (
        "张三: 您好\n客户: 喂\n张三: 请讲\n",
        [("other", "您好", None, None), ("customer", "喂", None, None), ("other", "请讲", None, None)],
    ),
    "a name with a time is a speaker": (
        "00:01 王经理: 您好\n00:03 客户: 喂\n",
        [("other", "您好", 1000, None), ("customer", "喂", 3000, None)],
    ),
    "a time at the end of a sentence is no heading": (
        "客服: 我们约\n明天下午 12:30\n客户: 好\n",
        [("agent", "我们约明天下午 12:30", None, None), ("customer", "好", None, None)],
    ),
    "numbered speakers": (
        "Speaker 1: hi\nSPEAKER_01: hello\nB: yes\n",
        [("other", "hi", None, None), ("other", "hello", None, None), ("other", "yes", None, None)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUBTITLES)
def test_subtitles_become_turns(tmp_path: Path, case: str) -> None:
    suffix, text, rows = SUBTITLES[case]
    path = tmp_path / f"call{suffix}"
    path.write_text(text, encoding="utf-8")
    call = only(read([path]))
    assert call.turns is not None
    assert plain(call.turns) == rows
    assert call.channel is Channel.VOICE
    assert all(turn.words == () for turn in call.turns)


@pytest.mark.parametrize("case", TEXTS)
def test_plain_text_becomes_turns(tmp_path: Path, case: str) -> None:
    text, rows = TEXTS[case]
    path = tmp_path / "call.txt"
    path.write_text(text, encoding="utf-8")
    call = only(read([path]))
    assert call.turns is not None
    assert plain(call.turns) == rows
    assert (call.channel, call.source) == (Channel.VOICE, "call.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(("suffix", "text"), [(".srt", SRT), (".txt", "客服: 您好\n客户: 喂\n")])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_text_is_read_in_every_encoding(tmp_path: Path, encoding: str, suffix: str, text: str, newline: str) -> None:
    path = tmp_path / f"call{suffix}"
    path.write_bytes(text.replace("\n", newline).encode(encoding))
    assert [(turn.role.value, turn.text) for turn in turns_of(read([path]))] == [("agent", "您好"), ("customer", "喂")]


@pytest.mark.parametrize(
    ("name", "text", "code", "row"),
    [
        ("a.srt", "1\n00:00:01,000 -> 00:00:02,000\n好\n", ProblemCode.NO_CALLS, None),
        ("a.srt", "1\n00:00:01,000 --> soon\n好\n", ProblemCode.BAD_FORMAT, 2),
        ("a.srt", "00:61:01,000 --> 01:00:02,000\n好\n", ProblemCode.BAD_FORMAT, 1),
        ("a.srt", "-00:00:01,000 --> 00:00:02,000\n好\n", ProblemCode.BAD_VALUE, 1),
        ("a.srt", "1\n00:00:03,000 --> 00:00:02,000\n好\n", ProblemCode.BAD_VALUE, 2),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n \n", ProblemCode.NO_CALLS, None),
        ("a.vtt", "WEBVTT\n\nNOTE 00:01.000 --> 00:02.000\n", ProblemCode.NO_CALLS, None),
        ("a.txt", "没有人在说话\n", ProblemCode.BAD_FORMAT, None),
        ("a.txt", "用法: 打开\n", ProblemCode.BAD_FORMAT, None),
        ("a.txt", "客服: \n客户:\n", ProblemCode.NO_CALLS, None),
        ("a.txt", "客服: 好\n00:99 客户: 好\n", ProblemCode.BAD_FORMAT, 2),
        ("a.txt", "[00:09 - 00:01] 客服: 好\n", ProblemCode.BAD_VALUE, 1),
        ("a.txt", "\n\n", ProblemCode.BAD_FORMAT, None),
        ("a.txt", "客\0服: 好", ProblemCode.BAD_ENCODING, None),
    ],
)
def test_a_file_that_is_no_transcript_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, code: ProblemCode, row: int | None
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = refused_or_failed(path)
    assert found == [(code, row, None)]


def refused_or_failed(path: Path) -> list[tuple[ProblemCode, int | None, str | None]]:
    good = path.parent / "good.srt"
    good.write_text(SRT, encoding="utf-8")
    intake = read([path, good])
    assert [call.source for call in intake.calls] == ["good.srt"]
    assert all(problem.file == path.name and problem.remedy for problem in intake.failures)
    return spots(intake)


def test_every_bad_line_is_told_up_to_fifty(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("\n\n".join(f"{n}\n00:00:09,000 --> 00:00:0{n % 9},000\n好" for n in range(70)))
    found = refused_or_failed(path)
    assert [row for _, row, _ in found] == [2 + 4 * n for n in range(50)] + [None]


def test_a_table_with_the_suffix_txt_stays_a_table(tmp_path: Path) -> None:
    path = tmp_path / "chats.txt"
    path.write_text("会话编号\t角色\t内容\nA\t客服\t客户: 您好\n", encoding="utf-16")
    call = only(read([path]))
    assert (call.call_id, call.channel) == ("A", Channel.CHAT)


def test_a_line_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("客服: 您好您好\n".encode() * 3 + "客户: 您好\n".encode("gb18030"))
    assert refused_or_failed(path) == [(ProblemCode.BAD_ENCODING, 4, None)]


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.touch()
    assert refused(path).code is ProblemCode.FILE_EMPTY
