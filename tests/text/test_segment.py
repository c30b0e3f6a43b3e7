import pytest

from pipeline.text.segment import jieba_words, words

SAID = [
    "您好请问有什么可以帮您",
    "我的快递三天了还没有送到",
    "非常抱歉给您带来不便我马上为您核实",
    "你们这个套餐的资费说明写得不清楚",
    "退款需要3到5个工作日原路退回",
    "我要投诉你们的服务态度",
    "abc123你好",
    "",
]


@pytest.mark.filterwarnings("ignore")  # jieba's own, which loads only where rjieba has no wheel
@pytest.mark.parametrize("text", SAID)
def test_the_fast_segmenter_cuts_as_jieba_does(text: str) -> None:
    assert words(text) == jieba_words(text)


@pytest.mark.parametrize("text", SAID)
def test_the_words_joined_are_the_text(text: str) -> None:
    assert "".join(words(text)) == text
