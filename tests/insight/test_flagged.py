from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from pipeline.domain.call import Channel
from pipeline.domain.errors import LakeError
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.insight.flagged import export_flagged
from pipeline.store.inspected import InspectedCall
from pipeline.store.lake import Lake

from .build import ABUSE, COMPLAINT, GREET, NOON, SHIRK, S, V, all_cells, hit, inspected, lake_of, sheet_rows


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "待复核.xlsx"


def test_only_flagged_calls_are_listed_the_worst_first(tmp_path: Path, out: Path) -> None:
    lake = lake_of(
        tmp_path,
        inspected("fine", flagged=False, score="50.0"),
        inspected("c-70", score="70.0"),
        inspected("b-70", score="70.0"),
        inspected("a-70-suspected", {GREET: S}, score="70.0"),
        inspected("unscored", score=None),
        inspected("fatal", score="0.0", fatal=True),
        inspected("zero", score="0.0"),
    )
    assert export_flagged(lake, out) == 6
    rows = sheet_rows(out, "待复核")
    assert [row["通话编号"] for row in rows] == ["fatal", "zero", "a-70-suspected", "b-70", "c-70", "unscored"]
    assert [row["得分"] for row in rows] == [0, 0, 70, 70, 70, None]
    assert [row["一票否决"] for row in rows] == ["是", "否", "否", "否", "否", "否"]


def test_a_call_tells_who_when_and_why(tmp_path: Path, out: Path) -> None:
    call = inspected(
        "c1",
        {SHIRK: V, ABUSE: V, GREET: S, COMPLAINT: V},
        hit(),
        hit(ABUSE, start_ms=None, end_ms=None),
        score="61.5",
        flag_reasons=("严重违规: 辱骂客户", "得分低"),
        reasons=("服务态度 −20 推卸责任",),
        turns=(Turn(0, Role.AGENT, "这个不归我管"), Turn(1, Role.AGENT, "谢谢", quarantine=Quarantine.UNSURE)),
    )
    export_flagged(lake_of(tmp_path, call), out)
    (row,) = sheet_rows(out, "待复核")
    assert row == {
        "通话编号": "c1",
        "得分": 61.5,
        "存疑项全部成立时的得分": 56.5,
        "等级": "B",
        "一票否决": "否",
        "坐席编号": "A1",
        "坐席姓名": "李静",
        "班组": "一组",
        "渠道": "电话",
        "队列": "售后",
        "开始时间": datetime(2026, 3, 2, 12, 0),
        "为何标记": "严重违规: 辱骂客户\n得分低",
        "违规项": "辱骂客户\n推卸责任",
        "存疑项": "开场问候",
        "客户风险": "客户扬言投诉",
        "客户类型、威胁与失控": None,
        "情绪走势": "没有可以判断的情绪\n先安抚后方案:不作判断。客户没有明显不满,不作判断\n"
        "安抚后恢复:客户没有明显不满,无从恢复",
        "扣分明细": "服务态度 −20 推卸责任",
        "建议先听": "01:05 违规：推卸责任",
        "隔离的识别文字": 0.25,
        "复核结论（确认/误判/部分成立）": None,
        "复核说明": None,
    }


def test_the_evidence_stands_in_the_order_of_the_calls_and_says_how_it_was_found(tmp_path: Path, out: Path) -> None:
    lake = lake_of(
        tmp_path,
        inspected("better", {SHIRK: V}, hit(match=MatchKind.SOUND), score="80.0"),
        inspected("worse", {GREET: S, ABUSE: V}, hit(ABUSE, role=Role.CUSTOMER, confidence=0.75), score="20.0"),
        inspected("unflagged", {SHIRK: V}, hit(), flagged=False),
    )
    export_flagged(lake, out)
    rows = sheet_rows(out, "证据")
    told = [(r["通话编号"], r["规则"], r["判定"], r["时间位置"], r["谁说的"], r["匹配方式"], r["置信度"]) for r in rows]
    assert told == [
        ("worse", "辱骂客户", "违规", "01:05–01:07", "客户", "逐字", 0.75),
        ("worse", "开场问候", "存疑", "全程", None, None, None),
        ("better", "推卸责任", "违规", "01:05–01:07", "客服", "同音", 0.9),
    ]
    assert rows[0]["原话"] == "这个不归我管"
    assert (rows[0]["命中"], rows[0]["说明"]) == ("不归我管", "客服说“不归我管”")
    assert rows[1]["说明"] == "开场问候的原因"  # no finding: the verdict's reason stands for it
    assert (rows[2]["规则编号"], rows[2]["规则版本"]) == (SHIRK, 2)


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "turn", "place"),
    [
        (65_000, 67_500, 3, "01:05–01:07"),
        (65_000, 65_400, 3, "01:05"),
        (65_000, None, 3, "01:05"),
        (None, None, 3, "第 4 句"),
        (None, None, None, "全程"),
    ],
)
def test_every_evidence_has_a_place(
    tmp_path: Path, out: Path, start_ms: int | None, end_ms: int | None, turn: int | None, place: str
) -> None:
    found = hit(start_ms=start_ms, end_ms=end_ms, turn=turn)
    export_flagged(lake_of(tmp_path, inspected("c", {SHIRK: V}, found, channel=Channel.CHAT)), out)
    assert [row["时间位置"] for row in sheet_rows(out, "证据")] == [place]


def test_personal_data_is_masked_wherever_it_stands(tmp_path: Path, out: Path) -> None:
    mobile, card = "13800138000", "6222 0212 3456 7890"
    call = inspected(
        "c1",
        {SHIRK: V},
        hit(said=f"你打{mobile}问,卡号{card}", matched="0013", explanation="客服说“0013”"),
        hit(said=f"你打{mobile}", matched=mobile),
        reasons=(f"服务态度 −20 推卸责任: 客服说“{mobile}”",),
        flag_reasons=(f"客户留了{mobile}",),
        agent_name=f"李静{mobile}",
        team=f"一组{mobile}",
        queue=mobile,
    )
    export_flagged(lake_of(tmp_path, call), out)
    texts = "\n".join(map(str, all_cells(out)))
    assert mobile not in texts
    assert card not in texts
    fragment, whole = sheet_rows(out, "证据")
    assert (fragment["原话"], fragment["命中"]) == ("你打138****8000问,卡号6222 **** **** 7890", "****")
    assert fragment["说明"] == "客服说“****”"
    assert (whole["命中"], whole["说明"]) == ("138****8000", "客服说“138****8000”")


def test_what_looks_like_a_formula_is_text(tmp_path: Path, out: Path) -> None:
    call = inspected("c1", {SHIRK: V}, hit(said="=1+1", matched="=1+1"), agent_name='=HYPERLINK("x")', team="@组")
    export_flagged(lake_of(tmp_path, call), out)
    cells = [cell for sheet in openpyxl.load_workbook(out) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sheet_rows(out, "待复核")[0]["坐席姓名"] == '\'=HYPERLINK("x")'


def test_a_call_without_findings_has_nothing_to_listen_to(tmp_path: Path, out: Path) -> None:
    export_flagged(lake_of(tmp_path, inspected("c1", flag_reasons=("未评分",), score=None)), out)
    (row,) = sheet_rows(out, "待复核")
    assert [row[header] for header in ("违规项", "存疑项", "客户风险", "建议先听")] == [None] * 4
    assert sheet_rows(out, "证据") == []


@pytest.mark.parametrize("calls", [(), (inspected("fine", flagged=False),)])
def test_nothing_to_review_is_a_workbook_that_says_so(
    tmp_path: Path, out: Path, calls: tuple[InspectedCall, ...]
) -> None:
    lake = lake_of(tmp_path, *calls)
    assert export_flagged(lake, out) == 0
    assert sheet_rows(out, "待复核") == sheet_rows(out, "证据") == []
    assert f"共质检 {len(calls)} 通，待复核 0 通。" in all_cells(out)


def test_times_of_day_are_the_lakes_unless_asked_otherwise(tmp_path: Path, out: Path) -> None:
    lake = lake_of(tmp_path, inspected("c1", started_at=datetime(2026, 3, 2, 16, 30, tzinfo=UTC)))
    export_flagged(lake, out)
    assert sheet_rows(out, "待复核")[0]["开始时间"] == datetime(2026, 3, 3, 0, 30)
    export_flagged(lake, out, timezone=ZoneInfo("UTC"))
    assert sheet_rows(out, "待复核")[0]["开始时间"] == datetime(2026, 3, 2, 16, 30)


def test_the_same_lake_gives_the_same_bytes(tmp_path: Path, out: Path) -> None:
    calls = [inspected(f"c{n}", {SHIRK: V}, hit(), started_at=NOON if n % 2 else None) for n in range(6)]
    export_flagged(lake_of(tmp_path / "one", *calls), out)
    again = tmp_path / "again.xlsx"
    export_flagged(lake_of(tmp_path / "two", *reversed(calls)), again)
    assert out.read_bytes() == again.read_bytes()


def test_a_folder_that_is_no_lake_is_refused(tmp_path: Path, out: Path) -> None:
    with pytest.raises(LakeError):
        export_flagged(Lake(tmp_path / "nothing"), out)
    assert not out.exists()
