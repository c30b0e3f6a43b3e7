"""One call as a person sees it."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from flows.cli import main
from flows.view.call import print_call
from flows.view.picture import write_picture
from pipeline.domain.course import Grade
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.errors import LakeError
from pipeline.domain.transcript import Quarantine, Role, Turn
from tests.insight.build import inspected, lake_of
from tests.store.samples import COURSE, TRAIT, voice_call

SAID = Turn(0, Role.AGENT, "请问有什么可以帮您")


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (Turn(1, Role.CUSTOMER, "我要退货"), None),
        (Turn(1, Role.CUSTOMER, "有什么可以帮您", quarantine=Quarantine.CROSSTALK), None),
        (Turn(1, Role.CUSTOMER, "谢谢观看", quarantine=Quarantine.STOCK), "30.8%"),
        (Turn(1, Role.CUSTOMER, "好的", quarantine=Quarantine.TOO_FAST), "18.2%"),
    ],
    ids=["nothing set apart", "a leaked voice", "a stock line", "a rush"],
)
def test_the_share_that_was_probably_invented_stands_at_the_top(
    turn: Turn, said: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_call(lake_of(tmp_path, inspected("c1", turns=(SAID, turn))), "c1")
    head = capsys.readouterr().out.split("全部判定")[0]
    assert ("可能不是人说的" in head) is (said is not None)
    assert said is None or said in head


def test_each_turn_that_is_set_apart_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turns = (SAID, *(Turn(n, Role.CUSTOMER, "好的", quarantine=reason) for n, reason in enumerate(Quarantine, 1)))
    print_call(lake_of(tmp_path, inspected("c1", turns=turns)), "c1")
    shown = "".join(capsys.readouterr().out.split("对话")[1].split())
    assert shown.count("不参与判断") == len(Quarantine)
    for why in ("听不出人声", "没有人说话", "没有把握", "陷入重复", "快得不像人说的", "凭空写出", "串了进来"):
        assert why in shown


def test_a_turn_shows_its_emotion_and_where_words_and_voice_disagree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = (SAID, Turn(1, Role.CUSTOMER, "我只是问问"), Turn(2, Role.CUSTOMER, "太过分了"))
    emotions = (
        None,
        TurnEmotion(EmotionLabel.CALM, 0.8, {EmotionLabel.CALM: 0.8}, note="话语平静,语气升高"),
        TurnEmotion(EmotionLabel.ANGRY, 0.9, {EmotionLabel.ANGRY: 0.9}),
    )
    print_call(lake_of(tmp_path, replace(inspected("c1", turns=said), emotions=emotions)), "c1")
    lines = {
        name: line for line in capsys.readouterr().out.splitlines() for name in ("问问", "帮您", "过分") if name in line
    }
    assert "话语平静,语气升高" in lines["问问"]
    assert "愤怒" in lines["过分"]
    assert not any("语气" in lines[name] for name in ("帮您", "过分"))


def test_a_call_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="没有通话“c2”"):
        print_call(lake_of(tmp_path, inspected("c1")), "c2")


def test_types_are_shown_with_their_signs_and_what_was_not_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = inspected("c1", turns=voice_call(n_turns=6).transcript.turns, course=COURSE, traits=(TRAIT,))
    print_call(lake_of(tmp_path, call), "c1")
    shown = capsys.readouterr().out.split("全部判定")[0]
    assert "客户:最差愤怒(第 2 句 00:01),结束时平静" in shown
    assert "有迹象 0.50" in shown
    assert "急躁型" in shown


def test_a_trait_that_nothing_shows_says_what_could_not_be_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trait = replace(TRAIT, grade=Grade.NONE, strength=0.0)
    print_call(lake_of(tmp_path, inspected("c1", traits=(trait,))), "c1")
    assert "没有发现:急躁型(未测量:语速快)" in capsys.readouterr().out


def test_a_lake_of_before_there_were_types_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = lake_of(tmp_path, inspected("c1"))
    for table in ("courses", "traits", "trait_signs"):
        shutil.rmtree(tmp_path / "lake" / table)
    print_call(lake, "c1")
    assert "还没有情绪走势和客户类型" in capsys.readouterr().out
    with pytest.raises(LakeError, match="没有通话“c1”的情绪走势"):
        write_picture(lake, "c1", tmp_path / "走势.svg")


def test_the_picture_is_written_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = inspected("c1", turns=voice_call(n_turns=6).transcript.turns, course=COURSE, agent_name="<李&静>")
    lake_of(tmp_path, call)
    with pytest.raises(SystemExit) as end:
        main(["show", "c1", "--from", str(tmp_path / "lake"), "--picture", str(tmp_path / "走势.svg")])
    assert end.value.code == 0
    assert f"已写出 {tmp_path / '走势.svg'}" in capsys.readouterr().out
    picture = ET.parse(tmp_path / "走势.svg").getroot()
    assert "通话 c1 · 坐席 A1 <李&静> · 2026-03-02 12:00" in "".join(picture.itertext())


@pytest.mark.parametrize("name", ["走势.png", "走势"])
def test_a_picture_of_another_kind_is_refused_before_anything_is_shown(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake_of(tmp_path, inspected("c1"))
    with pytest.raises(SystemExit) as end:
        main(["show", "c1", "--from", str(tmp_path / "lake"), "--picture", str(tmp_path / name)])
    assert end.value.code == 2
    assert ".svg" in capsys.readouterr().err
    assert not (tmp_path / name).exists()


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake_of(tmp_path, inspected("c1"))
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as end:
        main(["show", "c1", "--from", str(tmp_path / "lake"), "--picture", str(tmp_path / "file" / "走势.svg")])
    assert end.value.code == 2
    assert "无法写入图片" in capsys.readouterr().err
