import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.privacy import PersonalKind, find, mask
from pipeline.privacy.personal import DIGITS, fold

PERSONAL = [
    ("我的电话是13800138000,谢谢", "我的电话是138****8000,谢谢", PersonalKind.MOBILE),
    ("138 0013 8000", "138 **** 8000", PersonalKind.MOBILE),
    ("138-0013-8000", "138-****-8000", PersonalKind.MOBILE),
    ("138.0013.8000", "138.****.8000", PersonalKind.MOBILE),
    ("+86 13800138000", "+86 138****8000", PersonalKind.MOBILE),
    ("+8613800138000", "+86138****8000", PersonalKind.MOBILE),
    ("013800138000", "0138****8000", PersonalKind.MOBILE),
    ("1 3 8 0 0 1 3 8 0 0 0", "1 * * * * * * * * * 0", PersonalKind.MOBILE),
    ("１３８００１３８０００", "１３８****８０００", PersonalKind.MOBILE),
    ("幺三八零零幺三八零零零", "幺三八****八零零零", PersonalKind.MOBILE),
    ("一三八,零零一三,八零零零", "一三八,****,八零零零", PersonalKind.MOBILE),
    ("幺三八 嗯 零零幺三 八零零零", "幺三八 嗯 **** 八零零零", PersonalKind.MOBILE),
    ("138零零幺三8000", "138****8000", PersonalKind.MOBILE),
    ("SF13800138000", "SF138****8000", PersonalKind.MOBILE),
    ("1380013800012", "138******0012", PersonalKind.NUMBER),
    ("010-12345678", "010-******78", PersonalKind.LANDLINE),
    ("（010）8888 6666", "（010）**** **66", PersonalKind.LANDLINE),
    ("05718888666", "0571*****66", PersonalKind.LANDLINE),
    ("0571-88886666", "0571-******66", PersonalKind.LANDLINE),
    ("110101199003072316", "110***********2316", PersonalKind.IDENTITY),
    ("11010119900307231X", "110***********231X", PersonalKind.IDENTITY),
    ("11010119900307231x", "110***********231x", PersonalKind.IDENTITY),
    ("110101 19900307 2316", "110*** ******** 2316", PersonalKind.IDENTITY),
    ("110101 1990-03-07 231X", "110*** ****-**-** 231X", PersonalKind.IDENTITY),
    ("110101199003070000", "110***********0000", PersonalKind.IDENTITY),
    ("4111111111111111", "4111********1111", PersonalKind.BANK_CARD),
    ("6222 0212 3456 7890", "6222 **** **** 7890", PersonalKind.BANK_CARD),
    ("6222 0212 3456 7890 123", "6222 **** **** **** 123", PersonalKind.BANK_CARD),
    ("202603011234567", "202********4567", PersonalKind.NUMBER),
    ("六二二二零二幺二三四五六七八九零", "六二二*********七八九零", PersonalKind.NUMBER),
    ("零幺零八八八八六六六六", "零幺零******六六", PersonalKind.LANDLINE),
    ("八八八八六六六六", "********", PersonalKind.NUMBER),
    ("八 八 八 六 六 六 六", "* * * * * * *", PersonalKind.NUMBER),
    ("座机是8888 6666", "座机是**** ****", PersonalKind.NUMBER),
    ("QQ:123456789", "QQ:*********", PersonalKind.NUMBER),
    ("zhangsan@qq.com", "z*******@qq.com", PersonalKind.EMAIL),
    ("a@qq.com", "*@qq.com", PersonalKind.EMAIL),
    ("12345678＠qq.com", "********＠qq.com", PersonalKind.EMAIL),
    ("a.b@13800138000.com", "a******************", PersonalKind.EMAIL),
]

IMPERSONAL = [
    "请拨打12315",
    "拨打10086或者95588",
    "客服电话400-882-3823",
    "热线4008823823",
    "电话是四零零八八二三八二三",
    "拨打1010 6789",
    "一百二十三元",
    "1,234,567.00元",
    "13,800,138,000元",
    "13,800,138,000.00 元",
    "15000-200000元",
    "3000,4000,5000,6000元",
    "2021、2022、2023、2024年",
    "2026-03-01 14:30:05",
    "2026-03-01 2026-03-08",
    "2026.03.01",
    "二零二六年三月一日下午三点四十五分",
    "20260301123456",
    "订单12345678 两件",
    "尾号8000",
    "他一直说一下一下",
    "13:00-15:00",
    "138****8000",
    "",
]


@pytest.mark.parametrize(("text", "masked", "kind"), PERSONAL)
def test_personal_data_is_found_and_masked(text: str, masked: str, kind: PersonalKind) -> None:
    assert mask(text) == masked
    assert [found.kind for found in find(text)] == [kind]


@pytest.mark.parametrize("text", IMPERSONAL)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_all_numbers_of_a_sentence_are_masked() -> None:
    text = "打13800138000,或者13900139000,邮箱li@163.com,卡号6222 0212 3456 7890"
    assert mask(text) == "打138****8000,或者139****9000,邮箱l*@163.com,卡号6222 **** **** 7890"


def test_a_date_beside_a_number_does_not_hide_it() -> None:
    assert mask("生日1990-03-07 138 0013 8000") == "生日1990-03-07 138 **** 8000"


def test_a_find_tells_where_it_is() -> None:
    text = "电话+86 138 0013 8000。"
    (found,) = find(text)
    assert text[found.start : found.end] == "138 0013 8000"
    assert text[found.hidden_start : found.hidden_end] == "0013"


TEXTS = st.text(alphabet="0113456789幺三八零〇 -,，、.·。嗯:@*+xXa/元电话4６２() \n", max_size=60)
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True, alphabet="0123456789")


@settings(max_examples=1000)
@given(TEXTS | st.text())
@example("13812345 13800138000")
@example("13800131380 0138000")
@example("a@b.138 00138000")
@example("138000864111111111111111两三幺三八 幺三八")
@example("00861990-03-0780嗯一- 13800138000零零13800138000")
@example("138a@b.138@400qq.comqq.com400@qq.com ****@2026-03-01,")
@example("零零86a@b.138qq.com 1990")
@example("1 1380013800 0 138 00 138 000")
def test_masking_twice_is_masking_once_and_keeps_the_length(text: str) -> None:
    masked = mask(text)
    assert mask(masked) == masked
    assert len(masked) == len(text)


@given(st.text())
def test_text_without_digits_and_addresses_is_never_altered(text: str) -> None:
    bare = "".join(c for c in text if fold(c) not in {*DIGITS, "@"})
    assert mask(bare) == bare


@settings(max_examples=500)
@given(TEXTS, MOBILES, TEXTS)
def test_no_mobile_number_survives(before: str, mobile: str, after: str) -> None:
    text = f"{before}{mobile}{after}"
    if before[-1:].isdigit() or after[:1].isdigit():
        return
    assert mobile not in mask(text)


@settings(max_examples=300)
@given(MOBILES, st.data())
def test_no_mobile_number_survives_however_it_is_said(mobile: str, data: st.DataObject) -> None:
    said = "".join(data.draw(st.sampled_from([d, "零幺二三四五六七八九"[int(d)]])) for d in mobile)
    gaps = data.draw(st.lists(st.sampled_from(["", "", " ", ",", "。", " 嗯 "]), min_size=11, max_size=11))
    masked = mask("我的号码" + "".join(c + gap for c, gap in zip(said, gaps, strict=True)) + "记一下")
    assert masked.count("*") >= 4


@given(TEXTS)
def test_finds_are_in_order_and_do_not_overlap(text: str) -> None:
    ends = 0
    for found in find(text):
        assert ends <= found.start <= found.hidden_start <= found.hidden_end <= found.end <= len(text)
        ends = found.end


def test_folding_keeps_every_character_in_its_place() -> None:
    text = "".join(map(chr, range(0x20, 0xD800)))
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(f == c for f, c in zip(folded, text, strict=True) if re.match(r"[0-9A-Za-z]", c))
    assert all(f.isascii() for f, c in zip(folded, text, strict=True) if unicodedata.category(c) in ("Nd", "Pd"))
