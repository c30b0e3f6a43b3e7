"""A user's labels are read from any table, and everything wrong with them is told at once, with its row."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError, ProblemCode
from pipeline.domain.transcript import Role
from pipeline.emotion.labelled import read_labelled
from pipeline.emotion.labelled_calls import read_call_truth
from tests.emotion.labelled_lines import HEADERS, as_csv, rows


def written(folder: Path, content: str | bytes, name: str = "标注.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems(folder: Path, content: str | bytes, name: str = "标注.csv") -> list[str]:
    with pytest.raises(InputError) as caught:
        read_labelled(written(folder, content, name))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_encoding_that_excel_writes(encoding: str, tmp_path: Path) -> None:
    calls = read_labelled(written(tmp_path, as_csv(rows()).encode(encoding)))
    assert len(calls) == 30
    assert [turn.role for turn in calls[0].turns] == [Role.AGENT, Role.CUSTOMER] * 2
    assert calls[0].labels == (None, EmotionLabel.SATISFIED, None, EmotionLabel.SATISFIED)


def test_excel_parquet_and_jsonl_say_the_same_as_csv(tmp_path: Path) -> None:
    table = pd.DataFrame(rows(), columns=list(HEADERS))
    table.to_excel(tmp_path / "标注.xlsx", index=False)
    table.to_parquet(tmp_path / "标注.parquet", index=False)
    english = [dict(zip(("call_id", "turn", "role", "text", "label"), row, strict=True)) for row in rows()]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in english)
    expected = read_labelled(written(tmp_path, as_csv(rows())))
    assert read_labelled(tmp_path / "标注.xlsx") == expected
    assert read_labelled(tmp_path / "标注.parquet") == expected
    assert read_labelled(written(tmp_path, lines, "标注.jsonl")) == expected


def test_turns_stand_in_the_order_of_their_numbers_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    table = rows(5)
    shuffled = sorted(table, key=lambda row: row[3])
    by_id = {call.call_id: call for call in read_labelled(written(tmp_path, as_csv(shuffled)))}
    assert list(by_id.values()) != []
    assert by_id == {call.call_id: call for call in read_labelled(written(tmp_path, as_csv(table)))}


def test_everything_wrong_is_told_at_once_with_its_row(tmp_path: Path) -> None:
    bad = [
        ("C1", "0", "客服", "您好", "开心"),
        ("C1", "1", "老板", "你好", "平静"),
        ("C1", "2", "客户", "……", "愤怒"),
        ("", "", "客户", "我等了很久", ""),
        ("", "", "客户", "我要投诉", "愤怒"),
        ("", "", "客户", "我要投诉!", "不满"),
        ("C2", "1", "客户", "好", "平静"),
        ("C2", "1", "客户", "好", "满意"),
        ("C3", "1", "客户", "好", "平静"),
        ("C3", "", "客户", "好", "平静"),
        ("C4", "x", "客户", "字" * 2001, "平静"),
    ]
    said = problems(tmp_path, as_csv(bad))
    expected = [
        ("第 2 行 列“情绪”", "「开心」 不是可用的情绪"),
        ("第 3 行 列“说话人”", "请填 客服、客户、系统 或 其他"),
        ("第 4 行 列“文本”", "标了情绪,却没有说出的文字"),
        ("第 5 行 列“情绪”", "没有标情绪,也没有通话编号"),
        ("第 7 行", "第 6 行标的是另一种情绪"),
        ("第 9 行", "第 8 行已经有了"),
        ("第 11 行", "这一行没有"),
        ("第 12 行 列“文本”", "超过 2000 字"),
        ("第 12 行 列“轮次”", "不是大于等于 0 的数字"),
    ]
    assert len(said) == len(expected)
    for text, (where, what) in zip(said, expected, strict=True):
        assert where in text
        assert what in text


def test_of_very_many_problems_the_first_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    said = problems(tmp_path, as_csv([("C1", str(n), "客户", "好", "开心") for n in range(60)]))
    assert len(said) == 51
    assert "另有 10 处问题没有列出" in said[-1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("标注.csv", as_csv(rows(), ("通话编号", "轮次", "说话人", "文本", "心情")), "缺少列 label"),
        ("标注.csv", b"", "没有内容"),
        ("标注.csv", "说话人,文本,情绪\n", "没有一行标了情绪"),
        ("标注.csv", "说话人,文本,情绪,标签\n客户,好,平静,平静\n", "是同一列"),
        ("标注.xlsx", b"PK\x03\x04 no workbook", "不是完好的 Excel"),
        ("标注.parquet", b"PAR1 broken", "不是完好的 Parquet"),
        ("标注.jsonl", '{"role": "客户", "text": "好"}\nx\n', "缺少列 label"),
        ("标注.jsonl", '[{"role": "客户"}]', "不是 JSONL"),
        ("标注.docx", b"x", "不支持 .docx"),
        ("标注.csv", b"\x80\x04\x95pickle", "无法解码的字节"),
    ],
)
def test_files_that_are_no_labels_are_refused(name: str, content: str | bytes, said: str, tmp_path: Path) -> None:
    assert said in "\n".join(problems(tmp_path, content, name))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_labelled(tmp_path / "none.csv")
    assert caught.value.problems[0].code is ProblemCode.FILE_MISSING


def test_calls_are_judged_by_their_worst_and_their_end(tmp_path: Path) -> None:
    path = written(tmp_path, "通话编号,最差情绪,结束情绪\nA1,愤怒,平静\nA2,,满意\n")
    first, second = read_call_truth(path)
    assert (first.call_id, first.peak, first.end) == ("A1", EmotionLabel.ANGRY, EmotionLabel.CALM)
    assert second.peak is None


def test_judged_calls_that_contradict_themselves_are_told_with_their_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "call_id,peak,end\nA1,angry,calm\nA1,calm,calm\nA2,,\nA 3,calm,\nA4,sad,calm\n")
    with pytest.raises(InputError) as caught:
        read_call_truth(path)
    assert [problem.row for problem in caught.value.problems] == [3, 4, 5, 6]
