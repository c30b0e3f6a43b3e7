from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import ProblemCode
from pipeline.domain.transcript import Role, Turn
from pipeline.intake import read
from tests.intake.build import manifest, only, refused, spots, utc


def table(tmp_path: Path, text: str) -> Path:
    return manifest(tmp_path, text, name="turns.csv")


def test_rows_are_grouped_by_call_in_the_order_of_first_appearance(tmp_path: Path) -> None:
    text = "call_id,role,text\nB,agent,b1\nA,客户,a1\nB,customer,b2\nA,客服,a2\n"
    first, second = read([table(tmp_path, text)]).calls
    assert (first.call_id, first.source, first.channel) == ("B", "turns.csv:2", Channel.CHAT)
    assert first.turns == (Turn(0, Role.AGENT, "b1"), Turn(1, Role.CUSTOMER, "b2"))
    assert (second.call_id, second.source) == ("A", "turns.csv:3")
    assert second.turns == (Turn(0, Role.CUSTOMER, "a1"), Turn(1, Role.AGENT, "a2"))


def test_fields_of_the_call_may_stand_in_any_of_its_rows(tmp_path: Path) -> None:
    text = (
        "会话编号,说话人,消息内容,开始毫秒,结束毫秒,渠道,工号,开始时间,备注,录音路径\n"
        "A,客户,在吗,900,,,,,首行,x.wav\n"
        "A,客服,您好,100,200,邮件,007,2026/1/5 9:03,次行,\n"
        "A,客服,请讲,300,,邮件,007,,,\n"
    )
    call = only(read([table(tmp_path, text)]))
    assert (call.channel, call.agent_id, call.started_at) == (Channel.EMAIL, "007", utc(2026, 1, 5, 1, 3))
    assert call.turns is not None
    assert [(t.text, t.start_ms, t.end_ms) for t in call.turns] == [
        ("您好", 100, 200),
        ("请讲", 300, None),
        ("在吗", 900, None),
    ]
    assert call.metadata == {"备注": "首行", "录音路径": "x.wav"}


def test_a_chat_has_the_same_hash_as_table_and_as_json(tmp_path: Path) -> None:
    from tests.intake.build import jsonl

    rows = table(tmp_path, "call_id,role,text\nA,客服,您好\n")
    lines = jsonl(tmp_path / "c.jsonl", {"call_id": "B", "turns": [{"role": "agent", "text": "您好"}]})
    first, second = read([rows, lines]).calls
    assert first.content_hash == second.content_hash


def test_text_is_kept_as_it_is(tmp_path: Path) -> None:
    call = only(read([table(tmp_path, 'call_id,role,text\nA,agent,"  您好,\n请""讲"" \x07"\nA,agent,\n')]))
    assert call.turns is not None
    assert [turn.text for turn in call.turns] == ['  您好,\n请"讲" ', ""]


GOOD = "B,agent,好,,,1\n"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("A,boss,x,,,1", ProblemCode.BAD_VALUE, "role"),
        ("A,,x,,,1", ProblemCode.MISSING_VALUE, "role"),
        ("A,agent,x,-5,,1", ProblemCode.BAD_VALUE, "start_ms"),
        ("A,agent,x,5,4,1", ProblemCode.BAD_VALUE, "end_ms"),
        ("A,agent,x,,4,1", ProblemCode.BAD_VALUE, "end_ms"),
        ("A,agent,x,,,2", ProblemCode.BAD_VALUE, "agent_id"),
        ("A,agent,x,,", ProblemCode.BAD_FORMAT, None),
        ("A,agent,x,,,1,more", ProblemCode.BAD_FORMAT, None),
        ("A,agent,\udcff,,,1", ProblemCode.BAD_ENCODING, None),
    ],
)
def test_a_bad_row_fails_its_call_since_a_missing_turn_could_turn_the_verdict(
    tmp_path: Path, row: str, code: ProblemCode, column: str | None
) -> None:
    text = f"call_id,role,text,start_ms,end_ms,agent_id\nA,agent,您好,,,1\n{GOOD}{row}\n{GOOD}"
    path = tmp_path / "turns.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    intake = read([path])
    assert [c.call_id for c in intake.calls] == ["B"]
    assert spots(intake) == [(code, 4, column)]
    assert intake.failures[0].call_id == "A"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (",agent,x", ProblemCode.MISSING_VALUE, "call_id"),
        ("a b,agent,x", ProblemCode.BAD_VALUE, "call_id"),
        ('"open,agent,x', ProblemCode.BAD_FORMAT, None),
        ("\udcff,agent,x", ProblemCode.BAD_ENCODING, None),
    ],
)
def test_a_row_of_no_call_is_told(tmp_path: Path, row: str, code: ProblemCode, column: str | None) -> None:
    path = tmp_path / "turns.csv"
    path.write_bytes(f"call_id,role,text\nA,agent,好\n{row}\nB,agent,好\n".encode(errors="surrogateescape"))
    intake = read([path])
    assert [c.call_id for c in intake.calls] == ["A", "B"]
    assert spots(intake) == [(code, 3, column)]


def test_a_bad_field_of_the_call_is_told_at_its_row(tmp_path: Path) -> None:
    intake = read([table(tmp_path, "call_id,role,text,满意度\nA,agent,x,\nA,agent,x,很好\nB,agent,x,\n")])
    assert [c.call_id for c in intake.calls] == ["B"]
    assert [(p.row, p.column, p.call_id) for p in intake.failures] == [(3, "满意度", "A")]


@pytest.mark.parametrize(
    ("header", "lacking"),
    [("role,text", "call_id"), ("call_id,role", "text"), ("通话编号,内容", "role"), ("text", "call_id、role")],
)
def test_a_turn_table_that_lacks_a_column_fails_as_a_whole(tmp_path: Path, header: str, lacking: str) -> None:
    found = refused(table(tmp_path, f"{header}\n{header}\n"))
    assert found.code is ProblemCode.MISSING_COLUMN
    assert f"缺少列 {lacking}," in found.what


def test_a_call_split_over_two_files_is_a_duplicate(tmp_path: Path) -> None:
    first = manifest(tmp_path, "call_id,role,text\nA,agent,x\n", name="1.csv")
    second = manifest(tmp_path, "call_id,role,text\nA,agent,y\n", name="2.csv")
    intake = read([first, second])
    assert [c.source for c in intake.calls] == ["1.csv:2"]
    assert spots(intake) == [(ProblemCode.DUPLICATE_CALL, 2, None)]
