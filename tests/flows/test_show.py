"""One call as a person sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flows.view.call import print_call
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.errors import LakeError
from pipeline.domain.transcript import Quarantine, Role, Turn
from tests.insight.build import inspected, lake_of

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
