"""Ready transcripts as JSON Lines."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.errors import ProblemCode
from pipeline.domain.transcript import Role, Turn
from pipeline.intake import read
from pipeline.intake.jsonl import objects
from tests.intake.build import GREETING, jsonl, only, problem, recording, spots, utc


def chat(tmp_path: Path, **call: Any) -> Path:
    return jsonl(tmp_path / "chats.jsonl", {"call_id": "A", "turns": [GREETING], **call})


def test_a_chat_reaches_its_fields(tmp_path: Path) -> None:
    path = chat(
        tmp_path,
        channel="chat",
        agent_id="007",
        工号x="y",
        started_at="2026-01-05T09:03:00",
        满意度=4,
        nested={"b": [1], "a": "甲"},
        turns=[
            {"role": "customer", "text": "在吗", "start_ms": 0},
            {"role": "agent", "text": "您好,很高兴为您服务", "start_ms": 1500, "end_ms": 3000},
        ],
    )
    call = only(read([path]))
    assert (call.call_id, call.channel, call.source) == ("A", Channel.CHAT, "chats.jsonl:1")
    assert call.turns == (
        Turn(0, Role.CUSTOMER, "在吗", 0, None),
        Turn(1, Role.AGENT, "您好,很高兴为您服务", 1500, 3000),
    )
    assert (call.audio_path, call.agent_id, call.csat) == (None, "007", 4.0)
    assert call.started_at == utc(2026, 1, 5, 1, 3)
    assert call.metadata == {"工号x": "y", "nested": '{"a": "甲", "b": [1]}'}


@pytest.mark.parametrize(
    ("written", "channel"),
    [
        ("chat", Channel.CHAT),
        ("Voice", Channel.VOICE),
        ("email", Channel.EMAIL),
        ("电话", Channel.VOICE),
        ("在线", Channel.CHAT),
        ("邮件", Channel.EMAIL),
        ("", Channel.CHAT),
        (None, Channel.CHAT),
    ],
)
def test_the_channel_says_how_the_customer_came(tmp_path: Path, written: object, channel: Channel) -> None:
    assert only(read([chat(tmp_path, channel=written)])).channel is channel


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("agent", Role.AGENT),
        ("CUSTOMER", Role.CUSTOMER),
        ("system", Role.SYSTEM),
        ("other", Role.OTHER),
        ("客服", Role.AGENT),
        ("坐席", Role.AGENT),
        ("客户", Role.CUSTOMER),
        ("用户", Role.CUSTOMER),
        ("系统", Role.SYSTEM),
        ("其他", Role.OTHER),
    ],
)
def test_roles_are_known_in_chinese_and_english(tmp_path: Path, written: str, role: Role) -> None:
    turns = only(read([chat(tmp_path, turns=[{"角色": written, "内容": "好"}])])).turns
    assert turns == (Turn(0, role, "好"),)


@pytest.mark.parametrize(
    ("starts", "order"),
    [
        ([30, 10, 20], [1, 2, 0]),
        ([10, 10, 0], [2, 0, 1]),
        ([30, None, 20], [0, 1, 2]),
        ([None, None, None], [0, 1, 2]),
    ],
)
def test_turns_stand_in_the_order_of_their_starts_where_all_have_one(
    tmp_path: Path, starts: list[int | None], order: list[int]
) -> None:
    said = [{"role": "agent", "text": str(at), "start_ms": start} for at, start in enumerate(starts)]
    turns = only(read([chat(tmp_path, turns=said)])).turns
    assert turns is not None
    assert [turn.text for turn in turns] == [str(at) for at in order]
    assert [turn.index for turn in turns] == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b\x07c\x1b[0m\x7f", "abc[0m"),
        ("  行一\n\t行二\r\n ", "  行一\n\t行二\r\n "),
        ("表情😀与\ud83d", "表情😀与"),
        ("\u200b零宽", "\u200b零宽"),
        ("", ""),
        (None, ""),
        (123, "123"),
        (True, "true"),
    ],
)
def test_text_loses_its_control_characters_and_nothing_else(tmp_path: Path, text: object, kept: str) -> None:
    turns = only(read([chat(tmp_path, turns=[{"role": "agent", "text": text}])])).turns
    assert turns is not None
    assert turns[0].text == kept


TURN = {"role": "agent", "text": "好"}
BAD_TURNS: list[tuple[Any, ProblemCode, str]] = [
    ("好", ProblemCode.BAD_FORMAT, "turns[1]"),
    (None, ProblemCode.BAD_FORMAT, "turns[1]"),
    ({**TURN, "speaker_id": 3}, ProblemCode.BAD_FORMAT, "turns[1]"),
    ({**TURN, "\ud800": 3}, ProblemCode.BAD_FORMAT, "turns[1]"),
    ({**TURN, "角色": "客服"}, ProblemCode.BAD_FORMAT, "turns[1]"),
    ({"text": "好"}, ProblemCode.MISSING_VALUE, "turns[1].role"),
    ({**TURN, "role": " "}, ProblemCode.MISSING_VALUE, "turns[1].role"),
    ({**TURN, "role": "boss"}, ProblemCode.BAD_VALUE, "turns[1].role"),
    ({**TURN, "role": 1}, ProblemCode.BAD_VALUE, "turns[1].role"),
    ({"role": "agent"}, ProblemCode.MISSING_VALUE, "turns[1].text"),
    ({**TURN, "text": ["好"]}, ProblemCode.BAD_VALUE, "turns[1].text"),
    ({**TURN, "start_ms": -1}, ProblemCode.BAD_VALUE, "turns[1].start_ms"),
    ({**TURN, "start_ms": "00:01"}, ProblemCode.BAD_VALUE, "turns[1].start_ms"),
    ({**TURN, "start_ms": "9" * 400}, ProblemCode.BAD_VALUE, "turns[1].start_ms"),
    ({**TURN, "start_ms": True}, ProblemCode.BAD_VALUE, "turns[1].start_ms"),
    ({**TURN, "start_ms": 1767574980000}, ProblemCode.BAD_VALUE, "turns[1].start_ms"),
    ({**TURN, "start_ms": 2000, "end_ms": 1999}, ProblemCode.BAD_VALUE, "turns[1].end_ms"),
    ({**TURN, "end_ms": 10}, ProblemCode.BAD_VALUE, "turns[1].end_ms"),
]


@pytest.mark.parametrize(("turn", "code", "column"), BAD_TURNS)
def test_a_bad_turn_fails_its_call(tmp_path: Path, turn: object, code: ProblemCode, column: str) -> None:
    found = problem(read([chat(tmp_path, turns=[GREETING, turn, GREETING])]))
    assert (found.code, found.row, found.column, found.call_id) == (code, 1, column, "A")
    assert str(found).encode().decode().isprintable()


def test_all_bad_turns_and_fields_of_a_call_are_told_at_once(tmp_path: Path) -> None:
    intake = read([chat(tmp_path, csat="x", channel="fax", turns=[turn for turn, _, _ in BAD_TURNS])])
    assert len(intake.failures) == len(BAD_TURNS) + 2


def test_times_may_touch_and_are_rounded_to_milliseconds(tmp_path: Path) -> None:
    said = [{**TURN, "start_ms": 5, "end_ms": 5}, {**TURN, "start_ms": "7", "end_ms": 8.6}]
    turns = only(read([chat(tmp_path, turns=said)])).turns
    assert turns is not None
    assert [(turn.start_ms, turn.end_ms) for turn in turns] == [(5, 5), (7, 9)]


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        ([], ProblemCode.MISSING_VALUE),
        (None, ProblemCode.BAD_FORMAT),
        ("您好", ProblemCode.BAD_FORMAT),
        ({"role": "agent", "text": "x"}, ProblemCode.BAD_FORMAT),
    ],
)
def test_a_call_without_turns_is_a_failure(tmp_path: Path, turns: object, code: ProblemCode) -> None:
    found = problem(read([chat(tmp_path, turns=turns)]))
    assert (found.code, found.column, found.call_id) == (code, "turns", "A")


def test_a_chat_without_an_id_gets_one_from_its_words(tmp_path: Path) -> None:
    same, other = {"turns": [GREETING]}, {"turns": [{**GREETING, "text": "再见"}]}
    intake = read([jsonl(tmp_path / "c.jsonl", same, other, {**same, "agent_id": "1"})])
    first, second = intake.calls
    assert first.call_id == "c-" + first.content_hash[:12]
    assert first.content_hash != second.content_hash
    assert spots(intake) == [(ProblemCode.DUPLICATE_CALL, 3, None)]


def test_the_hash_is_of_what_was_said_and_not_of_how_it_was_written(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "c.jsonl",
        {"call_id": "A", "turns": [{"role": "agent", "text": "您好", "start_ms": 1}]},
        {"call_id": "B", "x": 1, "对话": [{"开始毫秒": "1.0", "内容": "您\0好", "角色": "客服", "end_ms": None}]},
    )
    first, second = read([path]).calls
    assert first.content_hash == second.content_hash


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ('{"call_id": "B", "turns": [}', "28"),
        ('  {"call_id" "B"}', "14"),
        ('{"call_id": "B"', "16"),
        ("nonsense", "1"),
        ('{"turns": []} {}', "15"),
        ('{"call_id": "B", "call_id": "C", "turns": []}', "call_id"),
        ('{"turns": [{"role": "agent", "text": "x", "text": "y"}]}', "text"),
        ('{"csat": NaN, "turns": []}', None),
        ('{"csat": Infinity}', None),
        ('"text"', None),
        ("12", None),
        ('{"n": ' + "9" * 5000 + "}", None),
        ("{" + '"a":[' * 1 + "[" * 100_000 + "}", None),
    ],
)
def test_a_broken_line_is_told_with_its_place_and_the_others_go_on(
    tmp_path: Path, line: str, column: str | None
) -> None:
    good = json.dumps({"call_id": "A", "turns": [GREETING]})
    path = tmp_path / "chats.jsonl"
    path.write_text(f"{good}\n\n{line}\n{good.replace('A', 'Z')}")
    intake = read([path])
    assert [(c.call_id, c.source) for c in intake.calls] == [("A", "chats.jsonl:1"), ("Z", "chats.jsonl:4")]
    assert spots(intake) == [(ProblemCode.BAD_FORMAT, 3, column)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("suffix", ["jsonl", "ndjson"])
def test_json_lines_are_read_in_every_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    path = tmp_path / f"c.{suffix}"
    line = json.dumps({"call_id": "A", "turns": [{"role": "客服", "text": "您好"}]}, ensure_ascii=False)
    path.write_text(line + "\r\n", encoding=encoding)
    turns = only(read([path])).turns
    assert turns == (Turn(0, Role.AGENT, "您好"),)


def test_an_undecodable_line_is_told(tmp_path: Path) -> None:
    lines = [json.dumps({"call_id": i, "turns": [{**GREETING, "text": "您好呀"}]}, ensure_ascii=False) for i in "ABC"]
    content = "\n".join(lines).encode().replace(b'"B"', b'"\xff"')
    intake = read([recording(tmp_path / "c.jsonl", content)])
    assert [c.call_id for c in intake.calls] == ["A", "C"]
    assert spots(intake) == [(ProblemCode.BAD_ENCODING, 2, None)]


def test_recordings_and_chats_may_share_a_file(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    path = jsonl(
        tmp_path / "m.jsonl", {"call_id": "A", "path": "a.wav"}, {"call_id": "B", "turns": [GREETING]}, {"call_id": "C"}
    )
    intake = read([path])
    assert [(c.call_id, c.channel) for c in intake.calls] == [("A", Channel.VOICE), ("B", Channel.CHAT)]
    assert spots(intake) == [(ProblemCode.MISSING_VALUE, 3, None)]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Role)), st.text(max_size=20), st.none() | st.integers(0, 10**9)),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_was_said_comes_back_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[Role, str, int | None]]
) -> None:
    turns = [{"role": role.value, "text": text, "start_ms": start} for role, text, start in said]
    call = only(read([chat(tmp_path_factory.mktemp("c"), turns=turns)]))
    assert call.turns is not None
    assert [turn.index for turn in call.turns] == list(range(len(said)))
    timed = all(start is not None for _, _, start in said)
    expected = sorted(said, key=lambda one: one[2] or 0) if timed else said
    assert [(turn.role, turn.start_ms) for turn in call.turns] == [(role, start) for role, _, start in expected]
    assert all(set(turn.text) <= set(text) for turn, (_, text, _) in zip(call.turns, expected, strict=True))


def test_a_hundred_thousand_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    line = json.dumps({"call_id": "A", "turns": [GREETING]}) + "\n"
    path.write_text(line * 100_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in objects(path, "chats.jsonl"))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_000
    assert peak_bytes < 1_000_000 < path.stat().st_size / 5


def test_a_hundred_thousand_broken_lines_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text('{"call_id": \n' * 100_000)
    intake = read([path])
    assert [p.row for p in intake.failures] == list(range(1, 100_001))
