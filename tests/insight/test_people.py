"""Types and courses in the workbook that QA staff review."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import openpyxl

from pipeline.insight.flagged import export_flagged
from tests.insight.build import all_cells, inspected, lake_of, sheet_rows
from tests.store.samples import COURSE, TRAIT, voice_call

PHONE = "13812345678"


def test_each_type_is_told_with_its_signs_and_where_to_listen(tmp_path: Path) -> None:
    turns = voice_call(n_turns=6).transcript.turns
    call = inspected("c1", turns=turns, course=COURSE, traits=(TRAIT,))
    export_flagged(lake_of(tmp_path, call, inspected("c2")), tmp_path / "复核.xlsx")
    first, second = sheet_rows(tmp_path / "复核.xlsx", "待复核")
    assert first["客户类型、威胁与失控"] == "客户 急躁型:有迹象"
    assert "客户:最差愤怒(第 2 句 00:01),结束时平静" in first["情绪走势"]
    assert "先安抚后方案:做到" in first["情绪走势"]
    assert second["客户类型、威胁与失控"] is None
    urging, fast = sheet_rows(tmp_path / "复核.xlsx", "类型与迹象")
    assert (urging["迹象"], urging["测得"], urging["起算"]) == ("催促的话", "3 句", "2 句")
    assert urging["位置"] == "第 2 句 00:01、第 4 句 00:03"
    assert (fast["测得"], fast["迹象的强度"], fast["位置"]) == ("未测量", None, None)


def test_calls_that_are_not_flagged_have_no_signs_there(tmp_path: Path) -> None:
    call = inspected("c1", course=COURSE, traits=(TRAIT,), flagged=False)
    export_flagged(lake_of(tmp_path, call), tmp_path / "复核.xlsx")
    assert openpyxl.load_workbook(tmp_path / "复核.xlsx")["类型与迹象"]["A2"].value == "没有记录"


def test_what_a_customer_says_of_himself_is_masked(tmp_path: Path) -> None:
    said = replace(TRAIT.signs[0], explanation=f"催促的话:“快打{PHONE}”")
    trait = replace(TRAIT, signs=(said,), explanation=f"急躁型:有迹象;催促的话:“快打{PHONE}”")
    export_flagged(lake_of(tmp_path, inspected("c1", traits=(trait,))), tmp_path / "复核.xlsx")
    assert not any(PHONE in str(cell) for cell in all_cells(tmp_path / "复核.xlsx"))


def test_the_notes_say_where_it_is_explained(tmp_path: Path) -> None:
    export_flagged(lake_of(tmp_path, inspected("c1")), tmp_path / "复核.xlsx")
    (page,) = re.findall(r"docs/zh/\S+\.md", "".join(map(str, all_cells(tmp_path / "复核.xlsx"))))
    assert (Path(__file__).parents[2] / page).is_file()
