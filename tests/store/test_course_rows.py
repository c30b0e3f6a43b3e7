"""Courses and traits in the lake, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.course import CallCourse
from pipeline.store.course_rows import course_row, sign_rows, stored_course, trait_rows
from pipeline.store.inspected import InspectedCall
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from tests.store.samples import COURSE, NO_COURSE, bare_chat, publish, voice_call


@pytest.mark.parametrize(("call", "course"), [(voice_call("c1"), COURSE), (bare_chat("c1"), NO_COURSE)])
def test_a_course_comes_back_as_it_went_in(call: InspectedCall, course: CallCourse, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    publish(lake, call, voice_call("c2"), bare_chat("c3"))
    assert stored_course(lake, "c1") == course
    assert stored_course(lake, "nobody") is None


def test_a_trait_has_a_row_and_each_of_its_signs_too() -> None:
    (trait,) = trait_rows(voice_call())
    assert (trait["trait"], trait["title"], trait["grade"]) == ("impatient", "急躁型", "signs")
    assert trait["turns"] == [1, 3]
    assert trait["unmeasured"] == ["语速快"]
    urging, fast = sign_rows(voice_call())
    assert (urging["n"], urging["value"], urging["strength"], urging["turns"]) == (1, 3, 0.667, [1, 3])
    assert (fast["n"], fast["value"], fast["strength"], fast["turns"]) == (2, None, None, [])


def test_what_was_not_measured_is_missing_in_the_lake_and_not_0(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    publish(lake, voice_call("c1"), bare_chat("c2"))
    signs = lake.read(Table.TRAIT_SIGNS)
    assert signs["value"].isna().tolist() == [False, True]
    courses = lake.read(Table.COURSES).set_index("call_id")
    assert courses.loc["c1", "empathy_before_solution"] is True
    assert courses.loc["c2", "empathy_before_solution"] is None
    assert courses["customer_turns"].map(len).to_dict() == {"c1": 2, "c2": 0}


def test_a_call_without_emotions_still_has_its_row() -> None:
    row = course_row(bare_chat())
    assert row["customer_peak"] is None
    assert row["empathy_before_solution"] is None
    assert row["empathy_reason"] == "没有不满"
