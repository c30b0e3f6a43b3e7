from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.audit.banned import export_banned
from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.verdict import MatchKind
from pipeline.store.rows import failure_row
from pipeline.store.schemas import Table
from tests.insight.build import (
    ABUSE,
    GREET,
    NOON,
    RULES,
    SHIRK,
    S,
    U,
    V,
    all_cells,
    hit,
    inspected,
    lake_of,
    sheet_rows,
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "禁语审计.xlsx"


def test_every_hit_is_traced_to_what_found_it(tmp_path: Path, out: Path) -> None:
    lake = lake_of(tmp_path, inspected("c1", {SHIRK: V, GREET: V}, hit(match=MatchKind.CLOSE), hit(GREET)))
    assert export_banned(lake, out) == 1
    (row,) = sheet_rows(out, "禁语命中")
    assert row == {
        "通话编号": "c1",
        "开始时间": datetime(2026, 3, 2, 12, 0),
        "坐席编号": "A1",
        "坐席姓名": "李静",
        "班组": "一组",
        "渠道": "电话",
        "队列": "售后",
        "规则": "推卸责任",
        "判定": "违规",
        "严重程度": "重要",
        "时间位置": "01:05–01:07",
        "谁说的": "客服",
        "原话": "这个不归我管",
        "命中": "不归我管",
        "匹配方式": "近音",
        "置信度": 0.9,
        "说明": "客服说“不归我管”",
        "规则编号@版本": f"{SHIRK}@2",
        "规则包摘要": "rules-1",
        "转写引擎": "whisper@1",
        "录音/文本摘要": "hash-c1",
        "运行编号": "run-1",
    }


def test_hits_are_in_the_order_of_time_and_hold_the_suspected(tmp_path: Path, out: Path) -> None:
    lake = lake_of(
        tmp_path,
        inspected("undated", {SHIRK: V}, hit(), started_at=None),
        inspected("a-late", {SHIRK: S, ABUSE: V}, hit(), hit(ABUSE), started_at=NOON + timedelta(days=3)),
        inspected("early", {SHIRK: V}, hit(), hit(start_ms=80_000), flagged=False),
    )
    assert export_banned(lake, out) == 5
    told = [(row["通话编号"], row["规则编号@版本"], row["判定"]) for row in sheet_rows(out, "禁语命中")]
    assert told == [
        ("early", f"{SHIRK}@2", "违规"),
        ("early", f"{SHIRK}@2", "违规"),
        ("a-late", f"{ABUSE}@2", "违规"),
        ("a-late", f"{SHIRK}@2", "存疑"),
        ("undated", f"{SHIRK}@2", "违规"),
    ]


def test_the_coverage_holds_rules_that_nobody_broke(tmp_path: Path, out: Path) -> None:
    lake = lake_of(tmp_path, inspected("c1"), inspected("c2", {SHIRK: U}), inspected("c3", {SHIRK: S}))
    assert export_banned(lake, out) == 1
    rows = {row["规则编号"]: row for row in sheet_rows(out, "覆盖证明")}
    assert list(rows) == [ABUSE, SHIRK]
    parts = ["未发现", "违规", "存疑", "不适用", "无法判断", "缺少判定", "规则包不含此规则"]
    assert [rows[ABUSE][part] for part in parts] == [3, 0, 0, 0, 0, 0, 0]
    assert [rows[SHIRK][part] for part in parts] == [1, 0, 1, 0, 1, 0, 0]
    assert {(row["通话总数"], row["每通恰有一个判定"]) for row in rows.values()} == {(3, "是")}
    assert rows[SHIRK]["无法判断的原因（通数）"] == "角色分不清（1）"


def test_what_could_not_be_judged_is_listed_call_by_call(tmp_path: Path, out: Path) -> None:
    lake = lake_of(tmp_path, inspected("c1", {SHIRK: U, GREET: U}), inspected("c2", {SHIRK: U, ABUSE: U}))
    export_banned(lake, out)
    told = [(row["通话编号"], row["规则编号@版本"], row["为何未能判断"]) for row in sheet_rows(out, "未能判断")]
    assert told == [
        ("c1", f"{SHIRK}@2", "角色分不清"),
        ("c2", f"{ABUSE}@2", "角色分不清"),
        ("c2", f"{SHIRK}@2", "角色分不清"),
    ]


def test_a_lost_verdict_is_listed_as_not_judged(tmp_path: Path, out: Path) -> None:
    lake = lake_of(tmp_path, inspected("c1"), inspected("c2"))
    path = lake.root / Table.VERDICTS / "day=2026-03-02" / "data.parquet"
    rows = pq.ParquetFile(path).read()
    kept = [
        not (c == "c2" and r == SHIRK)
        for c, r in zip(*(rows[k].to_pylist() for k in ("call_id", "rule_id")), strict=True)
    ]
    pq.write_table(rows.filter(kept), path)
    export_banned(lake, out)
    (row,) = sheet_rows(out, "未能判断")
    assert (row["通话编号"], row["规则"], row["为何未能判断"]) == ("c2", "推卸责任", "没有这条规则的判定记录")
    shirk = next(row for row in sheet_rows(out, "覆盖证明") if row["规则编号"] == SHIRK)
    assert (shirk["缺少判定"], shirk["每通恰有一个判定"]) == (1, "否")


def test_recordings_that_could_not_be_inspected_are_listed_with_their_reason(tmp_path: Path, out: Path) -> None:
    problem = Problem(
        code=ProblemCode.AUDIO_TRUNCATED,
        what="录音不完整",
        remedy="请重新导出",
        file="13800138000.wav",
        row=7,
        call_id="x",
    )
    lake = lake_of(tmp_path, inspected("c1"), failures=[failure_row(problem, source="清单.csv", run_id="run-1")])
    export_banned(lake, out)
    assert sheet_rows(out, "未检失败") == [
        {
            "通话编号": "x",
            "来源": "清单.csv",
            "文件": "138****8000.wav",
            "行": 7,
            "原因": "录音不完整",
            "怎么办": "请重新导出",
            "代码": "audio_truncated",
            "运行编号": "run-1",
        }
    ]


def test_the_notes_say_what_was_inspected_with_what(tmp_path: Path, out: Path) -> None:
    lake = lake_of(
        tmp_path,
        inspected("c1"),
        inspected("c2", started_at=NOON + timedelta(days=4)),
        inspected("c3", started_at=None, rules_digest="rules-2", rules={SHIRK: RULES[SHIRK]}, engine="given"),
    )
    export_banned(lake, out)
    notes = [row[0] for row in _notes(out)]
    assert notes[:2] == [
        "禁语审计",
        "通话日期 2026-03-02 至 2026-03-06；通话总数 3，其中日期不明 1；未检失败 0。",
    ]
    for line in (
        "规则包 t@1.0.0 rules-1：2 通",
        "规则包 t@1.0.0 rules-2：1 通",
        "评分表 standard 1 sheet-1：3 通",
        "情绪模型 emotion-1：3 通",
        "转写引擎 given：1 通",
    ):
        assert line in notes


def test_personal_data_is_masked_and_formulas_are_inert(tmp_path: Path, out: Path) -> None:
    call = inspected(
        "c1",
        {SHIRK: V, ABUSE: U},
        hit(said="=13800138000不归我管"),
        unjudged_reason="听不清13800138000",
        agent_name="+李静13800138000",
    )
    export_banned(lake_of(tmp_path, call), out)
    texts = [str(value) for value in all_cells(out)]
    assert not [text for text in texts if "13800138000" in text]
    assert "'=138****8000不归我管" in texts
    assert "'+李静138****8000" in texts


def test_an_empty_lake_gives_empty_sheets(tmp_path: Path, out: Path) -> None:
    assert export_banned(lake_of(tmp_path), out) == 0
    assert [sheet_rows(out, name) for name in ("禁语命中", "覆盖证明", "未能判断", "未检失败")] == [[]] * 4
    assert _notes(out)[1][0] == "没有已知日期的通话；通话总数 0，其中日期不明 0；未检失败 0。"


def test_the_same_lake_gives_the_same_bytes(tmp_path: Path, out: Path) -> None:
    calls = [inspected(f"c{n}", {SHIRK: [V, S, U][n % 3]}, hit(), started_at=NOON if n % 2 else None) for n in range(6)]
    export_banned(lake_of(tmp_path / "one", *calls), out)
    again = tmp_path / "again.xlsx"
    export_banned(lake_of(tmp_path / "two", *reversed(calls)), again)
    assert out.read_bytes() == again.read_bytes()


def _notes(path: Path) -> list[tuple[str, ...]]:
    import openpyxl

    return list(openpyxl.load_workbook(path)["说明"].iter_rows(values_only=True))  # type: ignore[arg-type]
