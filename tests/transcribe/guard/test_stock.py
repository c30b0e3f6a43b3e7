from __future__ import annotations

import pytest

from pipeline.transcribe.guard.stock import MOST_GAPS, is_stock, letters_in, stock_pattern


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目",
        "明镜需要您的支持 欢迎收看订阅明镜",
        "字幕由Amara.org社区提供",
        "由 Amara.org 社群提供的字幕",
        "中文字幕志愿者 杨茜茜",
        "中文字幕——YK",
        "字幕志愿者 李宗盛",
        "字幕由 小明 提供。",
        "谢谢观看!",
        "感謝收看",
        "我们下期视频再见",
        "請按讚、訂閱、分享,打開小鈴鐺",
        "开启小铃铛就能收到最新消息",
        "优优独播剧场——YoYo Television Series Exclusive",
        "MING PAO CANADA // MING PAO TORONTO",
        "Thank you for watching.",
        "THANKS FOR WATCHING!",
        "Subtitles by the Amara.org community",
        "Don't forget to like and subscribe!",
        "以下是普通话的句子。",
        "谢谢观看 谢谢观看",
        "♪",
        "♪ 月亮代表我的心 ♪",
    ],
)
def test_lines_that_whisper_is_known_to_invent_are_stock(text: str) -> None:
    assert is_stock(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。。。",
        "谢谢",
        "谢谢您",
        "谢谢大家",
        "再见",
        "拜拜",
        "Thank you.",
        "Thank you very much",
        "bye bye",
        "感谢您的来电,祝您生活愉快,再见",
        "感谢您的耐心等待",
        "感谢您的接听",
        "好的谢谢您",
        "您可以在公众号里订阅我们的通知",
        "麻烦您转发给我一下",
        "Please subscribe to our plan",
        "我想问一下字幕制作怎么收费",
        "开启小铃铛就可以收到提醒",
        "我投诉你们视频里的字幕由别人提供而且全是错的根本看不懂",
        "节目最后说谢谢观看的时候突然就断了我想问一下怎么回事",
    ],
)
def test_what_people_say_to_each_other_is_not_stock(text: str) -> None:
    assert not is_stock(text)


@pytest.mark.parametrize(
    ("line", "text", "stock"),
    [
        ("本台讯*报道", "本台讯记者小明报道", True),
        ("本台讯*报道", "本台讯" + "长" * 21 + "报道", False),
        ("Crédits: Jean (2.0)", "credits jean 2 0", False),
        ("C++ (beta)", "c beta", True),
        ("ＡＢＣ新闻台", "abc新聞臺", True),
    ],
    ids=["a gap", "too wide a gap", "accents matter", "signs do not", "width and script do not"],
)
def test_a_users_line_is_found_however_it_is_written(line: str, text: str, stock: bool) -> None:
    assert is_stock(text, (line,)) is stock


@pytest.mark.parametrize(("line", "count"), [("谢谢观看", 4), ("字幕*提供。", 4), ("***", 0), ("bye!", 3)])
def test_only_letters_and_digits_make_a_line_long(line: str, count: int) -> None:
    assert letters_in(line) == count


def test_the_lines_that_ship_keep_to_what_is_asked_of_a_users() -> None:
    assert all(pattern.count(".{0,20}") <= MOST_GAPS for pattern in stock_pattern(()).pattern.split("|"))
