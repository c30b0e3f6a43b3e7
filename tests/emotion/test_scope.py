"""Words of feeling that are denied, or told of somebody else."""

from __future__ import annotations

import pytest

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel
from pipeline.emotion.scope import DENIED, TOLD, own_feelings
from pipeline.text.classify.features import plain, plain_all


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("我没有生气", "我没有㊀"),
        ("我不着急你慢慢来", "我不㊀你慢慢来"),
        ("我不是来投诉的", "我不是来㊀的"),
        ("谈不上不满意吧", "谈不上㊀吧"),
        ("也没觉得你们敷衍", "也没觉得你们㊀"),
        ("您别着急我来查", "您别㊀我来查"),
    ],
)
def test_a_feeling_that_is_denied_is_marked(said: str, marked: str) -> None:
    assert own_feelings([said]) == [marked]


@pytest.mark.parametrize(
    ("said", "marked"),
    [
        ("我妈很生气让我来问问", "我妈很㊁让我来问问"),
        ("他跟我说他特别着急", "他跟我说他特别㊁"),
        ("骑手骂骂咧咧的", "骑手㊁的"),
        ("网上有人写垃圾我看还行", "网上有人写㊁我看还行"),
        ("上一位客户一直在抱怨", "上一位客户一直在㊁"),
    ],
)
def test_a_feeling_told_of_somebody_else_is_marked(said: str, marked: str) -> None:
    assert own_feelings([said]) == [marked]


@pytest.mark.parametrize(
    "said",
    [
        "我很生气",
        "我很不满意",
        "我能不生气吗",
        "再不处理我就投诉",
        "这不是坑人吗",
        "你们当然不着急",
        "你烦不烦啊",
        "说这话恶心不恶心",
        "不投诉不行了",
        "别骗我了",
        "特别着急",
        "骑手骂我",
        "他们这样搞谁不生气",
        "他让人很生气",
        "我妈病了我很着急",
        "商家糊弄人",
        "我给他打了差评",
        "你们骗我",
        "商家骂人",
        "他这样太恶心了",
        "店家就是骗子",
        "手机他妈的都受不了",
        "为什么不着急处理",
        "我不要你们催",
        "我不差这点钱",
        "从来没这么生气过",
        "我不着急吗",
        "有商家投诉过",
    ],
)
def test_the_speakers_own_feeling_stays_as_it_is(said: str) -> None:
    assert own_feelings([said]) == [said]


def test_nothing_is_denied_or_told_from_one_text_to_the_next() -> None:
    assert own_feelings(["我没有", "生气", "我妈", "很着急"]) == ["我没有", "生气", "我妈", "很着急"]
    assert own_feelings([]) == []
    assert own_feelings([""]) == [""]


def test_no_plain_text_holds_a_mark() -> None:
    assert not {DENIED, TOLD} & set("".join(plain_all([DENIED, TOLD, f"我没{DENIED}啊"])))


def test_marks_cost_no_text_its_emotion(model: EmotionModel) -> None:
    """A text that is one word of feeling becomes one mark at most, and is still judged."""
    turns = [Turn(n, Role.CUSTOMER, text) for n, text in enumerate(("不生气", "骂", "***", "他急"))]
    assert [emotion is not None for emotion in model.predict(turns)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("我特别生气", "我没有特别生气"),
        ("我很着急", "我妈很着急"),
        ("我要投诉你们", "我不是要投诉你们"),
        ("我火大得很", "隔壁大爷火大得很"),
    ],
)
def test_what_is_denied_or_told_of_others_is_calmer_than_the_speakers_own(
    model: EmotionModel, own: str, other: str
) -> None:
    judged = model.predict_calls([[Turn(0, Role.CUSTOMER, plain(text))] for text in (own, other)])
    calm = [emotion.probabilities[EmotionLabel.CALM] for (emotion,) in judged if emotion]
    assert calm[0] < calm[1]
