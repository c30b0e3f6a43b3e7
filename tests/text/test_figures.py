from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import normalise
from pipeline.text.figures import figures


def in_figures(text: str) -> str:
    for figure in reversed(figures(text)):
        text = text[: figure.start] + figure.written + text[figure.end :]
    return text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("三百二十六块五", "326块5"),
        ("三百二十六块五毛", "326块5毛"),
        ("三千三百八十元五角八分", "3380元5角8分"),
        ("百分之二十", "20%"),
        ("百分之三点五", "3.5%"),
        ("零点五", "0.5"),
        ("一点二五元", "1.25元"),
        ("一点五万", "1.5万"),
        ("一百万", "100万"),
        ("三万块", "3万块"),
        ("一千三百八十", "1380"),
        ("一百零五", "105"),
        ("二零二六年三月十五号", "2026年3月15号"),
        ("两千零五年", "2005年"),
        ("下午三点半", "下午3点半"),
        ("三点十五分", "3点15分"),
        ("十点零五分", "10点05分"),
        ("晚上八点三十", "晚上8点30"),
        ("二十四小时", "24小时"),
        ("两个工作日", "2个工作日"),
        ("三到五天", "三到五天"),
        ("三十到四十个", "30到40个"),
        ("第十二条", "第12条"),
        ("幺三八零零一三八零零零", "13800138000"),
        ("两千零十二", "2012"),
        ("一万二千三百", "12300"),
        ("我的工号是零一三二", "我的工号是0132"),
        ("尾号一二三四", "尾号1234"),
        ("打幺零零八六", "打10086"),
        ("零七五五八二三四五六七八", "075582345678"),
        ("三百嗯五十块", "三百嗯五十块"),
        ("三百。五十块", "三百。五十块"),
    ],
)
def test_what_is_certainly_a_number_is_written_in_figures(said: str, written: str) -> None:
    assert in_figures(said) == written


@pytest.mark.parametrize(
    "said",
    "一下 万一 一直 一会儿 一块 一个月 十分抱歉 两三天 三五个 七七八八 三三两两 二话不说 第一时间 "
    "第二天 五一 双十一 十一假期 九九归一 三心二意 一五一十 二百五 一百二 百分之百 百分之五六 十来个 "
    "二十多个 几十块 好几百 三四百 十五六块 八月十五 一天到晚 这两天 三天两头 十年如一日 周二十点 "
    "星期五天气 千万别 上百万 便宜一点五百块 快一点三天 三点五十 晚上一点都睡不着 不管三七二十一 "
    "十万火急 三十六计 十七分之三 八八八 一二三四五 一亿两千万 八二三四五六七八".split(),
)
def test_what_is_vague_a_saying_or_a_name_stays_as_it_was_said(said: str) -> None:
    assert in_figures(said) == said


def test_eight_dictated_digits_stay_spoken_so_that_they_are_masked_as_before() -> None:
    assert in_figures("电话八二三四五六七八") == "电话八二三四五六七八"
    assert in_figures("订单号八二三四五六七八") == "订单号82345678"


NUMBER = st.text(alphabet=st.sampled_from("零一二两三四五六七八九十百千万亿点"), min_size=1, max_size=8)
AROUND = st.sampled_from(
    "|我要|个|块|元|毛|号|月|年|天|小时|分钟|分|秒|百分之|%|工号|尾号是|下午|点|半|钟|到|几|第|多|嗯|，|。|.|12|3.5|了|折".split(
        "|"
    )
)


@given(st.lists(st.one_of(NUMBER, AROUND), max_size=8).map("".join))
def test_rules_match_figures_as_they_match_what_was_said(said: str) -> None:
    assert normalise(in_figures(said)).text == normalise(said).text


@given(st.lists(st.one_of(NUMBER, AROUND), max_size=8).map("".join))
def test_figures_come_in_order_and_do_not_overlap(said: str) -> None:
    found = figures(said)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= figure.start < figure.end <= len(said) for figure in found)


@pytest.mark.parametrize("piece", ["十", "一百", "十到", "一", "三点", "十点五"])
def test_a_very_long_run_of_numerals_takes_time_as_it_grows(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    assert all(text[f.start : f.end] for f in figures(text))
