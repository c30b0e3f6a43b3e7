from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.domain.errors import LakeError, ProblemCode
from pipeline.store.lake import Lake
from pipeline.store.rows import batch_rows
from pipeline.store.schemas import Table
from pipeline.store.stored import stored_calls

from .samples import bare_chat, failure, publish, voice_call


def refused(error: LakeError) -> ProblemCode:
    return error.problems[0].code


class TestRefusals:
    def test_a_folder_with_other_things_in_it_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "照片.jpg").write_bytes(b"x")
        with pytest.raises(LakeError, match="不是空的") as caught:
            Lake(tmp_path).prepare()
        assert refused(caught.value) is ProblemCode.LAKE_INVALID
        assert [path.name for path in tmp_path.iterdir()] == ["照片.jpg"]

    def test_reading_what_is_no_lake_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(LakeError, match="不是质检数据湖"):
            Lake(tmp_path / "nowhere").read("scores")
        assert not (tmp_path / "nowhere").exists()

    def test_a_file_in_the_place_of_the_lake_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "lake").write_bytes(b"x")
        with pytest.raises(LakeError) as caught:
            Lake(tmp_path / "lake").prepare()
        assert refused(caught.value) is ProblemCode.FILE_UNWRITABLE

    def test_a_lake_of_a_later_format_is_refused(self, lake: Lake) -> None:
        publish(lake, voice_call())
        marker = lake.root / "_state/lake.json"
        marker.write_text(json.dumps({"format": 2, "timezone": "UTC"}))
        for action in (lambda: lake.read("scores"), lake.prepare, lake.publish):
            with pytest.raises(LakeError, match="升级"):
                action()

    def test_a_damaged_description_is_named(self, lake: Lake) -> None:
        lake.prepare()
        (lake.root / "_state/lake.json").write_text("{")
        with pytest.raises(LakeError, match=r"lake\.json"):
            lake.read("scores")

    def test_another_time_zone_than_the_lakes_is_refused_for_writing(self, lake: Lake) -> None:
        lake.prepare()
        with pytest.raises(LakeError, match="Asia/Shanghai") as caught:
            Lake(lake.root, timezone="UTC").prepare()
        assert refused(caught.value) is ProblemCode.SETTING_INVALID
        assert Lake(lake.root).timezone.key == "Asia/Shanghai"

    @pytest.mark.parametrize("name", ["Mars/Base", "../etc", "北京"])
    def test_an_unknown_time_zone_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(LakeError, match="时区") as caught:
            Lake(tmp_path / "lake", timezone=name).prepare()
        assert refused(caught.value) is ProblemCode.SETTING_INVALID

    def test_a_damaged_partition_is_named(self, lake: Lake) -> None:
        publish(lake, voice_call(), bare_chat())
        (lake.root / "scores/day=unknown/data.parquet").write_bytes(b"PAR1 nonsense")
        with pytest.raises(LakeError, match="day=unknown") as caught:
            lake.read("scores")
        assert refused(caught.value) is ProblemCode.LAKE_INVALID
        with pytest.raises(LakeError, match="day=unknown"):
            publish(lake, bare_chat())

    def test_a_partition_with_foreign_columns_is_not_overwritten(self, lake: Lake) -> None:
        publish(lake, voice_call())
        path = lake.root / "scores/day=2026-03-02/data.parquet"
        pd.DataFrame({"call_id": ["x"]}).to_parquet(path)
        before = path.read_bytes()
        with pytest.raises(LakeError, match="表结构"):
            publish(lake, voice_call())
        assert path.read_bytes() == before

    def test_a_lake_from_before_the_voice_had_a_vote_is_read_and_not_overwritten(self, lake: Lake) -> None:
        publish(lake, voice_call())
        path = lake.root / "turns/day=2026-03-02/data.parquet"
        later = ["emotion_note", "words_emotion", "words_confidence", "voice_raised"]
        pd.read_parquet(path).drop(columns=later).to_parquet(path)
        before = path.read_bytes()
        turns = lake.read("turns")
        assert list(turns["emotion"])[:1] == ["angry"]
        assert turns[later].isna().all(axis=None)
        assert [call.call.call_id for call in stored_calls(lake)] == ["c1"]
        with pytest.raises(LakeError, match="表结构"):
            publish(lake, voice_call())
        assert path.read_bytes() == before

    def test_unknown_tables_and_columns_are_refused(self, lake: Lake) -> None:
        lake.prepare()
        with pytest.raises(ValueError, match="nonsense"):
            lake.read("nonsense")
        with pytest.raises(ValueError, match="nonsense"):
            lake.read("scores", columns=["score", "nonsense"])
        with pytest.raises(ValueError, match="day"):
            lake.read("failures", day="2026-03-02")


class TestWholeness:
    def test_a_row_of_a_call_that_is_not_in_the_batch_is_refused(self, lake: Lake) -> None:
        rows = batch_rows([voice_call("c1")])
        rows[Table.TURNS].extend(batch_rows([voice_call("c2")])[Table.TURNS])
        with pytest.raises(ValueError, match="c2"):
            lake.stage("b", rows, run_id="run-1")

    def test_a_call_without_a_score_row_is_refused(self, lake: Lake) -> None:
        rows = batch_rows([voice_call("c1")])
        rows[Table.SCORES].clear()
        with pytest.raises(ValueError, match="scores"):
            lake.stage("b", rows, run_id="run-1")

    def test_a_call_that_comes_twice_in_a_batch_is_refused(self, lake: Lake) -> None:
        with pytest.raises(ValueError, match="twice"):
            lake.stage("b", batch_rows([voice_call("c1"), voice_call("c1")]), run_id="run-1")

    def test_a_call_is_not_both_inspected_and_failed(self, lake: Lake) -> None:
        with pytest.raises(ValueError, match="c1"):
            lake.stage("b", batch_rows([voice_call("c1")]), failures=[failure("甲", call_id="c1")], run_id="run-1")

    @pytest.mark.parametrize("batch_id", ["", "../x", "a/b", ".hidden", "b" * 101])
    def test_a_batch_id_that_is_no_plain_name_is_refused(self, lake: Lake, batch_id: str) -> None:
        with pytest.raises(ValueError, match="batch id"):
            lake.stage(batch_id, {}, run_id="run-1")
