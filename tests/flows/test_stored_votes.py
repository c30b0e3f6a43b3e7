"""A call judged again from the lake hears the voice as the run did: explaining and back-testing take the same path."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.assets import asset
from pipeline.emotion import load_default
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import view_of
from pipeline.store.schemas import Table
from pipeline.store.stored import stored_call
from tests.flows.explain_lake import lake_with, transcript_of, written_call

DIALOGUE = """
客服 [0.0-2.0]: 您好,请问有什么可以帮您
客户 [2.2-4.0 +8dB +3st]: 气死我了,你们太过分了
客服 [4.2-6.0]: 我帮您查一下
客户 [6.2-8.0 +8dB]: 好的那我等一下
客服 [8.2-10.0]: 请您稍等
客户 [10.2-12.0]: 昨天就说今天到
客服 [12.2-14.0]: 已经为您查到
客户 [14.2-16.0]: 那我再等等吧
客户 [16.2-18.0]: 我的订单是昨天下的
客户 [18.2-19.0]: 行
"""


def test_the_lake_keeps_what_the_voice_rests_on(tmp_path: Path) -> None:
    rules = load_rules([asset("rules/general")])
    turns = parse_dialogue(DIALOGUE)
    lake = lake_with(tmp_path, written_call(turns), transcript_of(turns, "given"), rules)
    stored = stored_call(lake, "c1")
    again = view_of(stored.call, stored.transcript, rules, load_default()).emotions
    rows = lake.read(Table.TURNS).sort_values("turn")
    assert [emotion and str(emotion.label) for emotion in again] == list(rows["emotion"])
    for emotion, row in zip(again, rows.to_dict("records"), strict=True):
        assert emotion is not None
        assert emotion.confidence == pytest.approx(row["emotion_confidence"])
        assert emotion.voice is not None
        assert emotion.voice.raised == pytest.approx(row["voice_raised"])
        assert emotion.note == ("" if pd.isna(row["emotion_note"]) else row["emotion_note"])
    assert list(rows["voice_raised"] >= 0.7) == [False, True, False, True, *[False] * 6]
    assert rows["emotion_note"].dropna().to_dict() == {3: "话语平静,语气升高"}
    assert rows["words_confidence"][1] < rows["emotion_confidence"][1]
