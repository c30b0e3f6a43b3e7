import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import encode, normalise, syllables
from pipeline.text.normal import fold, fold_text

WRITTEN = st.text(
    alphabet=st.sampled_from("您好,。 ＡｂＣ１2嗯呃這個訂單二十四小時三百零五幺三八万一十分抱歉…!?😀"), max_size=40
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("您 好,ＡＢＣ!", "您好abc"),
        ("這個訂單", "这个订单"),
        ("嗯,这 个 呃 不归我管。", "这个不归我管"),
        ("二十四小时内", "24小时内"),
        ("24小时内", "24小时内"),
        ("一百二", "120"),
        ("三千五百零六块", "3506块"),
        ("一万两千", "12000"),
        ("两亿三千万", "230000000"),
        ("一万二", "12000"),
        ("三万五", "35000"),
        ("两千零十二", "2012"),
        ("3万块", "30000块"),
        ("百分之二十", "百分之20"),
        ("20%", "百分之20"),
        ("２０％", "百分之20"),
        ("百分之三点五", "百分之3点5"),
        ("3.5%", "百分之3点5"),
        ("三点五", "3点5"),
        ("3.5", "3点5"),
        ("一点五万", "1点5万"),
        ("1.5万", "1点5万"),
        ("三块五", "3块5"),
        ("326块五毛", "326块5毛"),
        ("三点十分", "3点10分"),
        ("3.您好", "3您好"),
        ("下午三点一起去", "下午3点一起去"),
        ("幺三八零零", "13800"),
        ("三天", "3天"),
        ("十五分钟", "15分钟"),
        ("十分抱歉", "十分抱歉"),
        ("一下", "一下"),
        ("万一", "万一"),
        ("两三天", "两三天"),
        ("千万别", "千万别"),
        ("", ""),
        ("……!", ""),
    ],
)
def test_the_normal_form(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@given(WRITTEN)
def test_every_character_knows_where_it_was_written(written: str) -> None:
    normal = normalise(written)
    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    assert list(normal.starts) == sorted(normal.starts)
    assert all(0 <= a < b <= len(written) for a, b in zip(normal.starts, normal.ends, strict=True))
    for i in range(len(normal.text)):
        start, end = normal.span(i, i + 1)
        assert normalise(written[start:end]).text or written[start:end]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("年利率百分之三点五,十年期", "年利率百分之3点510年期"),
        ("第一,三天内办好", "第一3天内办好"),
        ("第一、三天内办好", "第一3天内办好"),
        ("对,二十,二次", "对202次"),
        ("打七折,百分之三十", "打7折百分之30"),
        ("1,000元", "1000元"),
        ("1，000万", "10000000"),
        ("1,000.5%", "百分之1000点5"),
        ("138-1234-5678", "13812345678"),
        ("幺三八,零零一三,八零零零", "13800138000"),
        ("二 十 四 小 时", "24小时"),
        ("三,十分", "30分"),
    ],
)
def test_no_number_reaches_over_punctuation_that_still_parts_it_in_the_normal_form(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@pytest.mark.parametrize("piece", ["1", "1,", "一", "三,", "十点", "百分之", "十万", "1.", "五毛,", "5%,", "三块,五"])
def test_a_very_long_run_of_numerals_takes_time_as_it_grows(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert len(normalise(text).starts) == len(normalise(text).text)


@given(WRITTEN | st.text(alphabet=st.sampled_from("一二两三十百千万亿点零,，。.%1 5天个月块元毛分之嗯"), max_size=14))
def test_normalising_twice_changes_nothing(written: str) -> None:
    once = normalise(written).text
    assert normalise(once).text == once


@given(WRITTEN)
def test_there_is_one_syllable_for_each_character(written: str) -> None:
    normal = normalise(written).text
    assert len(syllables(normal)) == len(normal)


def test_the_span_of_a_number_is_the_whole_number() -> None:
    normal = normalise("请在二十四小时内")
    assert normal.text == "请在24小时内"
    assert normal.span(2, 3) == normal.span(3, 4) == (2, 5)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (1, 1), (0, 3), (-1, 1)])
def test_an_empty_or_outside_span_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span"):
        normalise("您好").span(start, end)


def test_equal_sounds_are_equal_when_encoded_and_others_are_not() -> None:
    assert encode("不归我管") == encode("不贵握馆")
    assert encode("不归我管") != encode("不挂我管")
    assert encode("24小时ab") == "24" + encode("小时") + "ab"


@given(WRITTEN)
def test_encoding_keeps_every_place(written: str) -> None:
    assert len(encode(written)) == len(written)


@given(
    WRITTEN
    | st.text(max_size=20)
    | st.text(alphabet=st.sampled_from("我瞭解藉口回覆打坏沈默了3.5%．％。,零点五２"), max_size=12)
)
def test_the_normal_form_has_a_place_for_each_of_its_characters(written: str) -> None:
    normal = normalise(written)
    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    assert fold_text(written) == fold(written).text


@pytest.mark.parametrize(
    ("written", "normal"), [("瞭解", "了解"), ("瞭望", "瞭望"), ("藉口", "借口"), ("回覆您", "回复您")]
)
def test_traditional_words_are_converted_as_words(written: str, normal: str) -> None:
    assert normalise(written).text == normal


@given(WRITTEN)
def test_normalising_again_gives_the_same_places(written: str) -> None:
    first = normalise(written)
    places = first.starts, first.ends
    normalise.cache_clear()
    again = normalise(written)
    assert again == first
    assert (again.starts, again.ends) == places
