from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from pipeline.domain.errors import RuleError
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.operators.entities import EntityKind, mentions
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.rulepack.operators.conftest import view_of

_BODY = "11010519491231002"
IDENTITY = _BODY + ric.calc_check_digit(_BODY + "0")
CARD = "622202123456789012" + luhn.calc_check_digit("622202123456789012")


def found(kind: str, said: str) -> list[tuple[Any, bool]]:
    return [(m.value, m.sure) for m in mentions(view_of(f"客服: {said}"), EntityKind(kind))]


@pytest.mark.parametrize(
    ("kind", "said", "values"),
    [
        ("phone", "幺三八零零一三八零零零", ["13800138000"]),
        ("phone", "一三八,嗯,零零一三,八零零零", ["13800138000"]),
        ("phone", "一三八啊零零啊一三八零零零", ["13800138000"]),
        ("phone", "138 0013 8000", ["13800138000"]),
        ("phone", "+86-138-0013-8000", ["13800138000"]),
        ("phone", "座机是010-88886666", ["01088886666"]),
        ("phone", "四零零八二零八八二零", ["4008208820"]),
        ("phone", "tel13800138000", ["13800138000"]),
        ("phone", "13800138000,13900139000", ["13800138000", "13900139000"]),
        ("phone", "订单20260105001", []),
        ("order_number", "发送时间2026-03-05 10:20:30", []),
        ("phone", "尾号8000", []),
        ("id_card", f"身份证{IDENTITY}", [IDENTITY.lower()]),
        ("bank_card", f"卡号{CARD}", [CARD]),
        ("bank_card", f"订单号{CARD}", []),
        ("order_number", "订单号是E20260105001", ["e20260105001"]),
        ("order_number", "运单号二零二六零一零五", ["20260105"]),
        ("order_number", "订单号8652", ["8652"]),
        ("order_number", "我有3000个订单", []),
        ("order_number", "订单尾号8652", []),
        ("amount", "运费326块5毛", [326.5]),
        ("amount", "一共三百二十六块五", [326.5]),
        ("amount", "花了1,299元", [1299.0]),
        ("amount", "￥299.50", [299.5]),
        ("amount", "运费100-200元", [200.0]),
        ("amount", "先付三百,五十元是押金", [50.0]),
        ("amount", "一共12,345,678元", [12345678.0]),
        ("amount", "三点五万元", [35000.0]),
        ("amount", "十块钱", [10.0]),
        ("amount", "五毛钱", [0.5]),
        ("amount", "两毛", [0.2]),
        ("amount", "一百多块", [None]),
        ("amount", "五百美元", [None]),
        ("amount", "几十块", []),
        ("amount", "一块去吃饭", []),
        ("amount", "打个八折", []),
        ("date", "三月十五号", [(None, 3, 15)]),
        ("date", "二零二六年三月五日", [(2026, 3, 5)]),
        ("date", "2026-03-05下的单", [(2026, 3, 5)]),
        ("date", "2026/3/5", [(2026, 3, 5)]),
        ("date", "二月三十号", []),
        ("date", "13月5号", []),
        ("date", "十五号楼", []),
        ("date", "每周三", []),
        ("time_limit", "二十四小时内给您回复", [86_400.0]),
        ("time_limit", "三到五个工作日", [432_000.0]),
        ("time_limit", "3-5个工作日", [432_000.0]),
        ("time_limit", "三、五个工作日", [432_000.0]),
        ("time_limit", "套餐79,一个月内生效", [2_592_000.0]),
        ("time_limit", "1.5小时内", [5400.0]),
        ("time_limit", "半个小时之内", [1800.0]),
        ("time_limit", "一个半小时之内", [5400.0]),
        ("time_limit", "两三天内", [None]),
        ("time_limit", "明天下午给您回电", [None]),
        ("time_limit", "下班前", [None]),
        ("time_limit", "下午五点之前", [None]),
        ("time_limit", "我等了三天", []),
        ("time_limit", "三天前买的", []),
        ("time_limit", "昨天下午买的", []),
        ("time_limit", "尽快给您回复", []),
        ("time_limit", "今天天气好", []),
        ("name", "王女士您好", ["王"]),
        ("name", "我叫王小明", ["王小明"]),
        ("name", "免贵姓李", ["李"]),
        ("name", "我姓李很高兴为您服务", ["李"]),
        ("name", "我叫王芳请问有什么可以帮您", ["王芳"]),
        ("name", "太感谢女士了", []),
        ("name", "为您赔付先生", []),
        ("name", "好的先生", []),
        ("time_limit", "请您稍等两到三分钟", []),
    ],
)
def test_what_is_mentioned_for_sure(kind: str, said: str, values: list[Any]) -> None:
    assert found(kind, said) == [(value, True) for value in values]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("id_card", _BODY + "1"),
        ("bank_card", "卡号6222021234567890123"),
        ("order_number", "您看一下20260105001234"),
        ("amount", "两块"),
        ("date", "十五号"),
        ("time_limit", "15分钟给您回电"),
        ("time_limit", "明天给您回电"),
    ],
)
def test_what_has_only_the_shape_is_not_sure(kind: str, said: str) -> None:
    assert [sure for _, sure in found(kind, said)] == [False]


@pytest.mark.parametrize("asked", ["您的订单号是多少", "单号报一下"])
def test_a_number_that_answers_the_question_for_one_is_an_order_number(asked: str) -> None:
    view = view_of(f"客服: {asked}\n客户: 八六五二零零一")
    assert [(m.value, m.sure) for m in mentions(view, EntityKind.ORDER_NUMBER)] == [("8652001", True)]


@given(
    st.text("0123456789幺零一二三啊块元号月日年点.-小时内订单明天 嗯", max_size=60), st.sampled_from(list(EntityKind))
)
def test_whatever_is_said_a_mention_lies_within_its_turn(said: str, kind: EntityKind) -> None:
    view = view_of(f"客服: {said}\n客户: 好")
    for mention in mentions(view, kind):
        assert 0 <= mention.start < mention.end <= len(view.normal[mention.turn].text)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.data())
def test_a_telephone_number_is_found_however_its_digits_are_said_and_grouped(number: str, data: st.DataObject) -> None:
    spoken = "零一二三四五六七八九"
    digits = [data.draw(st.sampled_from([d, spoken[int(d)]])) for d in number]
    said = "".join(d + data.draw(st.sampled_from(["", "", " ", "-", "嗯"])) for d in digits)
    assert number in [value for value, _ in found("phone", f"好的,{said}")]


def rule(written: Any, *, expects: bool = True, **more: Any) -> dict[str, Any]:
    checks = {"c": {"entity": written, "role": "agent"} | more}
    return {"checks": checks, "expect" if expects else "forbid": "c"}


LIMIT = rule("time_limit")
FEE = rule("amount", equals="运费")
WRONG_FEE = rule("amount", expects=False, differs="运费")
PHONE = rule("phone", expects=False, differs="电话")
ORDER = rule("order_number", equals="ticket_id")
BOUGHT = rule("date", equals="下单日")


@pytest.mark.parametrize(
    ("check", "dialogue", "metadata", "verdict"),
    [
        (LIMIT, "客服: 24小时内给您回复", {}, "passed"),
        (LIMIT, "客服: 稍后给您回复", {}, "violated"),
        (LIMIT, "客服: 15分钟给您回复", {}, "passed"),
        (LIMIT | {"expect": None, "forbid": "c"}, "客服: 15分钟给您回复", {}, "suspected"),
        (LIMIT, "客户: 24小时内给我回复\n客服: 好", {}, "violated"),
        (rule(["phone", "id_card"], expects=False), "客服: 幺三八零零一三八零零零", {}, "violated"),
        (FEE, "客服: 运费十二块五", {"运费": "12.50"}, "passed"),
        (FEE, "客服: 运费十二块五", {"运费": "¥12.5"}, "passed"),
        (FEE, "客服: 运费十五块", {"运费": "12.5"}, "violated"),
        (FEE, "客服: 免运费", {"运费": "12.5"}, "violated"),
        (FEE, "客服: 运费十二块五", {}, "undetermined"),
        (FEE, "客服: 运费十二块五", {"运费": "面议"}, "undetermined"),
        (FEE, "客服: 运费一百多块", {"运费": "120"}, "suspected"),
        (WRONG_FEE, "客服: 运费十五块", {"运费": "12.5"}, "violated"),
        (WRONG_FEE, "客服: 运费十二块五", {"运费": "12.5"}, "passed"),
        (WRONG_FEE, "客服: 商品三百元,运费十二块五", {"运费": "12.5"}, "passed"),
        (WRONG_FEE, "客服: 免运费", {"运费": "12.5"}, "passed"),
        (WRONG_FEE, "客服: 运费十五块", {}, "undetermined"),
        (PHONE, "客服: 13900138000", {"电话": "138-0013-8000"}, "violated"),
        (PHONE, "客服 [0-9]: 13900138000", {"电话": "13800138000"}, "suspected"),
        (PHONE, "客服 [0-9]: 13911138000", {"电话": "13800138000"}, "violated"),
        (ORDER, "客服: 订单号是g2026", {"ticket_id": "G2026"}, "passed"),
        (ORDER, "客服: 订单号是g2027", {"ticket_id": "G2026"}, "violated"),
        (BOUGHT, "客服: 您是三月五号下的单", {"下单日": "2026-03-05 10:20"}, "passed"),
        (BOUGHT, "客服: 您是三月六号下的单", {"下单日": "2026-03-05"}, "violated"),
        (rule("name", equals="客户姓名"), "客服: 王女士您好", {"客户姓名": "王芳"}, "passed"),
        (rule("time_limit", equals="时限"), "客服: 一天之内回复", {"时限": "24小时"}, "passed"),
    ],
)
def test_entities_in_rules(
    judge_one: JudgeOne, check: dict[str, Any], dialogue: str, metadata: dict[str, str], verdict: str
) -> None:
    known = {k: v for k, v in metadata.items() if k == "ticket_id"}
    rest = {k: v for k, v in metadata.items() if k not in known}
    check = {k: v for k, v in check.items() if v is not None}
    assert judge_one(check, dialogue, metadata=rest, **known).value == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("明天给您送到", "passed"), ("后天给您送到", "violated"), ("下周四给您送到", "violated"), ("这周四送到", "passed"),
     ("五号送到", "suspected"), ("本月五号送到", "passed")],
)  # fmt: skip
def test_a_day_is_counted_from_the_day_of_the_call(judge_one: JudgeOne, said: str, verdict: str) -> None:
    check = rule("date", equals="送货日")
    call: dict[str, Any] = {"started_at": datetime(2026, 3, 4, 2, tzinfo=UTC)}
    assert judge_one(check, f"客服: {said}", metadata={"送货日": "2026-03-05"}, **call).value == verdict


def test_the_evidence_says_what_was_compared(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(WRONG_FEE, "客服: 运费十五块", metadata={"运费": "12.5"}).findings
    assert finding.explanation == "客服说“十五块”,与“运费”的“12.5”不同"


@pytest.mark.parametrize(
    "written",
    [
        {"entity": "planet"},
        {"entity": []},
        {"entity": "date", "equals": "a", "differs": "b"},
        {"entity": ["date", "amount"], "equals": "a"},
    ],
)
def test_parameters_that_make_no_sense_are_refused(write_pack: WritePack, written: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        load_rules([write_pack({"checks": {"c": written}, "expect": "c"})])
