from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake.build import jsonl, manifest, only, problem, recording, refused, spots, utc


@pytest.fixture(autouse=True)
def _recordings(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        recording(tmp_path / f"{name}.wav", name.encode())


FULL = {
    "call_id": "录音-1:2@x._",
    "path": "a.wav",
    "agent_id": "00123",
    "agent_name": "张三",
    "team": "一组",
    "customer_id": "K1",
    "started_at": "2026-01-05 09:03:00",
    "direction": "呼入",
    "queue": "售后",
    "answered_after_s": "3.5",
    "csat": "5",
    "ticket_id": "G1",
    "agent_channel": "右",
}


def test_every_column_reaches_its_field_and_the_others_become_metadata(tmp_path: Path) -> None:
    row = {**FULL, "业务线": "家电", "Note ": "x y", "空": ""}
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    call = only(read([manifest(tmp_path, text)]))
    assert call.call_id == "录音-1:2@x._"
    assert call.channel is Channel.VOICE
    assert call.source == "manifest.csv:2"
    assert call.audio_path == (tmp_path / "a.wav").resolve()
    assert call.turns is None
    assert (call.agent_id, call.agent_name, call.team, call.customer_id) == ("00123", "张三", "一组", "K1")
    assert call.started_at == utc(2026, 1, 5, 1, 3)
    assert (call.direction, call.queue, call.answered_after_s) == ("inbound", "售后", 3.5)
    assert (call.csat, call.ticket_id, call.agent_channel) == (5.0, "G1", 1)
    assert call.metadata == {"业务线": "家电", "Note": "x y"}


@pytest.mark.parametrize("column", [column for column in FULL if column != "path"])
def test_every_column_but_the_path_may_be_blank_or_absent(tmp_path: Path, column: str) -> None:
    for row in ({**FULL, column: " "}, {k: v for k, v in FULL.items() if k != column}):
        text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
        call = only(read([manifest(tmp_path, text)]))
        if column == "call_id":
            assert call.call_id == "c-" + call.content_hash[:12]
        else:
            assert getattr(call, column) is None


@pytest.mark.parametrize(
    ("header", "field", "value", "expected"),
    [
        ("通话编号", "call_id", "A", "A"),
        ("录音编号", "call_id", "A", "A"),
        ("会话编号", "call_id", "A", "A"),
        ("坐席工号", "agent_id", "007", "007"),
        ("工号", "agent_id", "007", "007"),
        ("坐席姓名", "agent_name", "张三", "张三"),
        ("班组", "team", "一组", "一组"),
        ("团队", "team", "一组", "一组"),
        ("客户编号", "customer_id", "K", "K"),
        ("开始时间", "started_at", "2026-01-05 08:00", utc(2026, 1, 5)),
        ("通话时间", "started_at", "2026-01-05 08:00", utc(2026, 1, 5)),
        ("呼叫方向", "direction", "呼出", "outbound"),
        ("队列", "queue", "售后", "售后"),
        ("技能组", "queue", "售后", "售后"),
        ("应答时长(秒)", "answered_after_s", "3", 3.0),
        ("应答时长\uff08秒\uff09", "answered_after_s", "3", 3.0),
        ("满意度", "csat", "5", 5.0),
        ("工单号", "ticket_id", "G", "G"),
        ("坐席声道", "agent_channel", "0", 0),
        ("\uff23\uff33\uff21\uff34", "csat", "5", 5.0),
        ("Agent ID", "agent_id", "007", "007"),
        ("agentId", "agent_id", "007", "007"),
        ("AGENT_ID", "agent_id", "007", "007"),
        (" 工 号 ", "agent_id", "007", "007"),
        ("CSAT", "csat", "5", 5.0),
    ],
)
def test_headers_are_known_in_chinese_and_english_whatever_their_case_spaces_and_width(
    tmp_path: Path, header: str, field: str, value: str, expected: object
) -> None:
    call = only(read([manifest(tmp_path, f"path,{header}\na.wav,{value}\n")]))
    assert getattr(call, field) == expected
    assert call.metadata == {}


@pytest.mark.parametrize("header", ["挂机方", "挂断方", "hangup_by", "Hangup By"])
def test_who_hung_up_is_metadata_under_one_name_and_in_one_wording(tmp_path: Path, header: str) -> None:
    call = only(read([manifest(tmp_path, f"path,{header}\na.wav,客户\n")]))
    assert call.metadata == {"hangup_by": "customer"}


@pytest.mark.parametrize("header", ["path", "录音路径", "文件路径", "录音文件", "Path", "PATH"])
def test_the_path_column_has_many_names(tmp_path: Path, header: str) -> None:
    assert only(read([manifest(tmp_path, f"{header}\na.wav\n")])).source == "manifest.csv:2"


@pytest.mark.parametrize("header", ["agent_idd", "工号1", "满意", "应答时长", "渠道"])
def test_a_near_miss_of_a_known_header_is_metadata_and_not_guessed(tmp_path: Path, header: str) -> None:
    call = only(read([manifest(tmp_path, f"path,{header}\na.wav,x\n")]))
    assert call.metadata == {header: "x"}
    assert (call.agent_id, call.csat, call.answered_after_s) == (None, None, None)


@pytest.mark.parametrize(
    ("header", "nearest"),
    [("call_id,pth", "pth"), ("通话编号,录音路劲", "录音路劲"), ("工号,录音文件地址", "录音文件地址")],
)
def test_a_manifest_without_paths_fails_as_a_whole_and_names_the_nearest_header(
    tmp_path: Path, header: str, nearest: str
) -> None:
    found = refused(manifest(tmp_path, f"{header}\nA,a.wav\n"))
    assert (found.code, found.row) == (ProblemCode.MISSING_COLUMN, 1)
    assert f"最接近 path 的是 「{nearest}」" in found.what
    assert all(name in found.what for name in header.split(","))


def test_columns_unlike_any_known_one_bring_no_suggestion(tmp_path: Path) -> None:
    found = refused(manifest(tmp_path, "甲,乙\n1,2\n"))
    assert (found.code, found.what) == (ProblemCode.MISSING_COLUMN, "缺少列 path,现有的列: 甲、乙")


@pytest.mark.parametrize(
    "headers",
    ["path,csat,csat", "path,工号,坐席工号", "path,备注,备注", "path,Path", "path,note,NOTE", "path,no te,note"],
)
def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path, headers: str) -> None:
    found = refused(manifest(tmp_path, f"{headers}\na.wav,1,1\n"))
    assert found.code is ProblemCode.BAD_FORMAT
    assert "是同一列" in found.what


def test_every_problem_of_every_row_is_told_at_once_and_the_good_rows_go_on(tmp_path: Path) -> None:
    recording(tmp_path / "empty.wav", b"")
    text = (
        "call_id,path,开始时间,direction,csat\n"
        "A,a.wav,昨天,sideways,-1\n"
        "B,b.wav,2026-01-05,呼入,5\n"
        "C,none.wav,,,\n"
        "\n"
        "D,,,,\n"
        "E,empty.wav,,,x\n"
        "F,c.wav,,\n"
        "G,c.wav,,,,extra\n"
        "bad id,c.wav,,,\n"
        "H,c.wav,,,\n"
    )
    intake = read([manifest(tmp_path, text)])
    assert [(c.call_id, c.source) for c in intake.calls] == [("B", "manifest.csv:3"), ("H", "manifest.csv:11")]
    assert spots(intake) == [
        (ProblemCode.BAD_VALUE, 2, "开始时间"),
        (ProblemCode.BAD_VALUE, 2, "direction"),
        (ProblemCode.BAD_VALUE, 2, "csat"),
        (ProblemCode.FILE_MISSING, 4, "path"),
        (ProblemCode.MISSING_VALUE, 6, "path"),
        (ProblemCode.BAD_VALUE, 7, "csat"),
        (ProblemCode.FILE_EMPTY, 7, "path"),
        (ProblemCode.BAD_FORMAT, 8, None),
        (ProblemCode.BAD_FORMAT, 9, None),
        (ProblemCode.BAD_VALUE, 10, "call_id"),
    ]
    assert all(p.file == "manifest.csv" and p.remedy for p in intake.failures)
    assert [p.call_id for p in intake.failures[:5]] == ["A", "A", "A", "C", "D"]


def test_a_bad_optional_value_says_that_the_call_is_not_scored(tmp_path: Path) -> None:
    assert "不评分" in problem(read([manifest(tmp_path, "path,csat\na.wav,很好\n")])).remedy


def test_line_breaks_in_quotes_do_not_shift_the_numbers_of_later_rows(tmp_path: Path) -> None:
    text = 'path,note\na.wav,"one\ntwo, three"\nnone.wav,x\n'
    intake = read([manifest(tmp_path, text)])
    assert intake.calls[0].metadata == {"note": "one\ntwo, three"}
    assert spots(intake) == [(ProblemCode.FILE_MISSING, 4, "path")]


@pytest.mark.parametrize("bad", ['a.wav,"open', 'a.wav,"x"y', '"a.wav,x'])
def test_a_broken_quote_costs_its_own_row_only(tmp_path: Path, bad: str) -> None:
    intake = read([manifest(tmp_path, f"path,note\nc.wav,1\n{bad}\nb.wav,2\na.wav,3\n")])
    assert [c.source for c in intake.calls] == ["manifest.csv:2", "manifest.csv:4", "manifest.csv:5"]
    assert spots(intake) == [(ProblemCode.BAD_FORMAT, 3, None)]


@pytest.mark.parametrize(
    ("header", "row", "metadata"),
    [("path,,note", "a.wav,,x", {"note": "x"}), ("path,note,", "a.wav,x,", {"note": "x"}), ("path", "a.wav,,", {})],
)
def test_empty_columns_without_a_header_do_not_matter(
    tmp_path: Path, header: str, row: str, metadata: dict[str, str]
) -> None:
    assert only(read([manifest(tmp_path, f"{header}\n{row}\n")])).metadata == metadata


def test_a_header_of_signs_alone_is_still_a_header(tmp_path: Path) -> None:
    assert only(read([manifest(tmp_path, "path,-,()\na.wav,x,y\n")])).metadata == {"-": "x", "()": "y"}


def test_a_value_without_a_header_is_a_bad_row(tmp_path: Path) -> None:
    assert problem(read([manifest(tmp_path, "path,,note\na.wav,y,x\n")])).code is ProblemCode.BAD_FORMAT


def test_control_characters_are_stripped_from_metadata(tmp_path: Path) -> None:
    assert only(read([manifest(tmp_path, "path,note\na.wav,x\0y\x07\n")])).metadata == {"note": "xy"}


def test_a_jsonl_manifest_is_read_like_the_others(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "manifest.jsonl",
        {"通话编号": "A", "录音路径": "a.wav", "csat": 4, "answered_after_s": 2.5, "vip": True, "n": 3.0, "x": None},
        {"call_id": 17, "path": "b.wav", "tags": ["a", 1], "csat": "x"},
        {"call_id": 18, "path": "b.wav", "tags": ["甲", 1], "agent_channel": 1},
        {"call_id": "C", "file": "c.wav"},
        {"call_id": "D", "path": "c.wav", "通话编号": "E"},
    )
    intake = read([path])
    assert [(c.call_id, c.source) for c in intake.calls] == [("A", "manifest.jsonl:1"), ("18", "manifest.jsonl:3")]
    assert (intake.calls[0].csat, intake.calls[0].answered_after_s) == (4.0, 2.5)
    assert intake.calls[0].metadata == {"vip": "true", "n": "3"}
    assert intake.calls[1].metadata == {"tags": json.dumps(["甲", 1], ensure_ascii=False)}
    assert spots(intake) == [
        (ProblemCode.BAD_VALUE, 2, "csat"),
        (ProblemCode.MISSING_VALUE, 4, None),
        (ProblemCode.BAD_FORMAT, 5, None),
    ]


def test_a_nested_value_where_one_value_belongs_is_refused(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "m.jsonl", {"path": "a.wav", "agent_id": {"id": 1}, "team": ["x"], "started_at": [1]})
    assert [p.column for p in read([path]).failures] == ["agent_id", "team", "started_at"]
