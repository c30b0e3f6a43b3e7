from __future__ import annotations

import pytest

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.guard import is_stock, sift


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目",
        "字幕由Amara.org社区提供",
        "由 Amara.org 社群提供的字幕",
        "中文字幕志愿者 杨茜茜",
        "字幕由 小明 提供。",
        "谢谢观看!",
        "感謝收看",
        "优优独播剧场——YoYo Television Series Exclusive",
        "MING PAO CANADA // MING PAO TORONTO",
        "Thank you for watching.",
        "以下是普通话的句子。",
        "谢谢观看 谢谢观看",
    ],
)
def test_lines_that_whisper_is_known_to_invent_are_stock(text: str) -> None:
    assert is_stock(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。。。",
        "谢谢大家",
        "再见",
        "感谢您的来电,祝您生活愉快,再见",
        "好的谢谢您",
        "您可以在公众号里订阅我们的通知",
        "我投诉你们视频里的字幕由别人提供而且全是错的根本看不懂",
        "节目最后说谢谢观看的时候突然就断了我想问一下怎么回事",
    ],
)
def test_what_people_say_to_each_other_is_not_stock(text: str) -> None:
    assert not is_stock(text)


WORDS = (HeardWord("您", 0, 200, 0.9), HeardWord("好", 200, 400, 0.9))


@pytest.mark.parametrize(
    ("log_probability", "no_speech", "compression", "reason"),
    [
        (-0.3, 0.0, 1.0, None),
        (-1.0, 0.0, 2.4, None),
        (-1.01, 0.0, 1.0, Quarantine.UNSURE),
        (-0.3, 0.0, 2.41, Quarantine.REPEATED),
        (-0.3, 0.9, 1.0, None),
        (-0.6, 0.9, 1.0, Quarantine.SILENCE),
        (-0.6, 0.6, 1.0, None),
    ],
    ids=["sure", "at the limits", "unsure", "repeats", "doubts speech but sure", "doubts speech, unsure", "no doubt"],
)
def test_the_recognisers_own_doubts_set_a_segment_apart(
    log_probability: float, no_speech: float, compression: float, reason: Quarantine | None
) -> None:
    segment = Segment(
        start_ms=0,
        end_ms=400,
        words=WORDS,
        mean_log_probability=log_probability,
        no_speech_probability=no_speech,
        compression_ratio=compression,
    )
    assert [(word.text, word.quarantine) for word in sift(segment)] == [("您", reason), ("好", reason)]
