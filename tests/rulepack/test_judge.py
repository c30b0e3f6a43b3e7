from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.verdict import MatchKind, VerdictValue
from tests.rulepack.conftest import JudgeOne
from tests.rulepack.sample_rules import GREET, ORDER, SHIRK

THANKS: dict[str, Any] = {"checks": {"thanks": {"phrase": ["感谢您的来电"], "role": "agent"}}, "expect": "thanks"}
PAUSE: dict[str, Any] = {
    "checks": {"pause": {"silence": {"longer_than": "10s", "unless": ["请您稍等"]}}},
    "forbid": "pause",
}
OVER: dict[str, Any] = {
    "checks": {"over": {"overlap": {"by": "agent", "min": "700ms", "held": "1s", "count": 1}}},
    "forbid": "over",
}
FAST: dict[str, Any] = {"checks": {"fast": {"rate": {"max": 300, "min_chars": 5}, "role": "agent"}}, "forbid": "fast"}
CARE: dict[str, Any] = {
    "applies": "upset",
    "checks": {
        "upset": {"emotion": {"is": "angry", "min_confidence": 0.7, "doubt": 0.4}, "role": "customer"},
        "care": {"phrase": ["非常抱歉"], "role": "agent", "after": {"check": "upset", "within": "2 turns"}},
    },
    "expect": "care",
}
PAID: dict[str, Any] = {
    "applies": "paid",
    "checks": {"paid": {"metadata": {"field": "vip", "value": "是"}}, "thanks": {"phrase": ["感谢您的来电"]}},
    "expect": "thanks",
}


@pytest.mark.parametrize(
    ("rule", "dialogue", "verdict"),
    [
        (GREET, "客服: 您好,有什么可以帮您\n客户: 查订单", "passed"),
        (GREET, "客户: 您好\n客服: 说", "violated"),
        (GREET, "客服: 喂\n客服: 说\n客服: 您好", "violated"),
        (SHIRK, "客服: 这个不归我管", "violated"),
        (SHIRK, "客服: 这 个,嗯 不歸我管", "violated"),
        (SHIRK, "客服: 这个不贵我管", "violated"),
        (SHIRK, "客户: 你们总说不归我管\n客服: 我来处理", "passed"),
        (SHIRK, "客服: 我不是说不归我管,我帮您转", "passed"),
        (ORDER, "客服: 非常抱歉\n客服: 马上为您处理", "passed"),
        (ORDER, "客服: 马上为您处理\n客服: 非常抱歉", "violated"),
        (ORDER, "客服: 马上为您处理,非常抱歉", "violated"),
        (PAUSE, "客服: 好\n客户: 好", "not_applicable"),
        (PAUSE, "客服 [0-2]: 好的\n客服 [15-16]: 查到了", "violated"),
        (PAUSE, "客服 [0-2]: 请您稍等\n客服 [15-16]: 查到了", "passed"),
        (PAUSE, "客服 [0-2]: 好的\n客服 [12.1-16]: 查到了", "suspected"),
        (PAUSE, "客服 [0-2]: 好的\n客服 [11-16]: 查到了", "passed"),
        (OVER, "客户 [0-6]: 我的订单一直没有送到怎么办\n客服 [4-8]: 您先听我说完", "violated"),
        (OVER, "客户 [0-6]: 我的订单一直没有送到怎么办\n客服 [4-4.4]: 嗯", "passed"),
        (OVER, "客服 [0-6]: 您的订单已经安排好了请放心\n客户 [4-8]: 我不想听这些", "passed"),
        (FAST, "客服 [0-2]: 您好请问有什么可以帮您的吗", "violated"),
        (FAST, "客服 [0-4]: 您好请问有什么可以帮您的吗", "passed"),
    ],
)
def test_verdicts(judge_one: JudgeOne, rule: dict[str, Any], dialogue: str, verdict: str) -> None:
    assert judge_one(rule, dialogue).value == verdict


def test_an_expected_phrase_one_syllable_off_in_speech_is_suspected_never_violated(judge_one: JudgeOne) -> None:
    verdict = judge_one(THANKS, "客服 [0-3]: 感谢您的来得再见")
    assert verdict.value == "suspected"
    assert verdict.findings[0].match is MatchKind.CLOSE


def test_in_typed_text_one_syllable_off_is_another_word(judge_one: JudgeOne) -> None:
    assert judge_one(THANKS, "客服: 感谢您的来得").value == "violated"


def test_a_forbidden_homophone_of_two_syllables_is_only_suspected(judge_one: JudgeOne) -> None:
    rule = {"checks": {"c": {"phrase": ["闭嘴"], "role": "agent"}}, "forbid": "c"}
    assert judge_one(rule, "客服: 必醉").value == "suspected"
    assert judge_one(rule, "客服: 闭嘴").value == "violated"


def test_a_forbidden_homophone_in_unclear_speech_is_only_suspected(judge_one: JudgeOne) -> None:
    assert judge_one(SHIRK, "客服 [0-3]: 这个不贵我管", probability=0.2).value == "suspected"


def test_unclear_speech_cannot_prove_that_something_was_not_said(judge_one: JudgeOne) -> None:
    assert judge_one(GREET, "客服 [0-3]: 牛号说吧什么事", probability=0.3).value == "undetermined"


def test_roles_that_are_not_known_leave_role_rules_undetermined(judge_one: JudgeOne) -> None:
    verdict = judge_one(SHIRK, "客服 [0-3]: 这个不归我管", roles_known=False)
    assert verdict.value == "undetermined"
    assert "分不出客服和客户" in verdict.reason


def test_a_voice_call_without_times_is_undetermined_and_a_chat_not_applicable(judge_one: JudgeOne) -> None:
    assert judge_one(PAUSE, "客服: 好", channel=Channel.VOICE).value == "undetermined"
    assert judge_one(PAUSE, "客服: 好", channel=Channel.CHAT).value == "not_applicable"


def test_a_call_without_speech_is_judged_by_no_rule(judge_one: JudgeOne) -> None:
    for rule in (GREET, SHIRK, PAUSE):
        assert judge_one(rule, "客服: 嗯……\n客户: 嗯").value == "undetermined"


@pytest.mark.parametrize(
    ("anger", "reply", "verdict"),
    [
        (0.9, "非常抱歉", "passed"),
        (0.9, "哦", "violated"),
        (0.1, "哦", "not_applicable"),
        (0.5, "哦", "suspected"),
        (0.5, "非常抱歉", "suspected"),
    ],
)
def test_empathy_is_due_only_when_the_customer_is_upset(
    judge_one: JudgeOne, anger: float, reply: str, verdict: str
) -> None:
    dialogue = f"客服: 您好\n客户: 气死我了\n客服: {reply}"
    assert judge_one(CARE, dialogue, angry=(1,), anger=anger).value == verdict


@pytest.mark.parametrize(
    ("extra", "verdict"),
    [({}, "violated"), ({"after": {"check": "hold"}}, "passed"), ({"within": {"first": "1 turns"}}, "violated"),
     ({"within": {"last": "1 turns"}}, "passed")],
)  # fmt: skip
def test_a_pause_counts_only_where_the_rule_looks(judge_one: JudgeOne, extra: dict[str, Any], verdict: str) -> None:
    checks: dict[str, Any] = {"pause": {"silence": {"longer_than": "10s"}} | extra}
    if "after" in extra:
        checks["hold"] = {"phrase": ["请您稍等"], "role": "agent"}
    dialogue = "客服 [0-2]: 好的\n客服 [15-16]: 查到了"
    assert judge_one({"checks": checks, "forbid": "pause"}, dialogue).value == verdict


def test_a_neighbourhood_ends_where_it_says(judge_one: JudgeOne) -> None:
    dialogue = "客户: 气死我了\n客服: 哦\n客户: 喂\n客服: 非常抱歉"
    assert judge_one(CARE, dialogue, angry=(0,)).value == "violated"


@pytest.mark.parametrize(
    ("metadata", "said", "verdict"),
    [
        ({"vip": "是"}, "感谢您的来电", "passed"),
        ({"vip": "是"}, "好", "violated"),
        ({"vip": "否"}, "好", "not_applicable"),
        ({}, "好", "undetermined"),
        ({}, "感谢您的来电", "passed"),
    ],
)
def test_metadata_decides_whether_a_rule_applies(
    judge_one: JudgeOne, metadata: dict[str, str], said: str, verdict: str
) -> None:
    assert judge_one(PAID, f"客服: {said}", metadata=metadata).value == verdict


def test_a_rule_is_not_in_force_before_its_day_in_the_business_time_zone(judge_one: JudgeOne) -> None:
    rule = SHIRK | {"since": "2026-03-02", "until": "2026-03-02"}

    def at(*time: int) -> str:
        return judge_one(rule, "客服: 不归我管", started_at=datetime(*time, tzinfo=UTC)).value  # type: ignore[misc,arg-type]

    assert at(2026, 3, 1, 15, 59) == "not_applicable"
    assert at(2026, 3, 1, 16, 1) == "violated"
    assert at(2026, 3, 2, 16, 1) == "not_applicable"


def test_a_deprecated_rule_judges_nothing(judge_one: JudgeOne) -> None:
    assert judge_one(SHIRK | {"status": "deprecated"}, "客服: 不归我管").value == "not_applicable"


@pytest.mark.parametrize(
    ("within", "verdict"),
    [({"last": "1 turns"}, "violated"), ({"last": "2 turns"}, "passed"), ({"last": "2s"}, "violated"),
     ({"last": "20s"}, "passed"), ({"first": "50%"}, "passed"), ({"last": "10%"}, "violated")],
)  # fmt: skip
def test_the_part_of_the_call_counts(judge_one: JudgeOne, within: dict[str, str], verdict: str) -> None:
    rule = {"checks": {"bye": {"phrase": ["感谢您的来电"], "role": "agent", "within": within}}, "expect": "bye"}
    dialogue = "客服 [0-2]: 您好\n客服 [3-5]: 感谢您的来电\n客户 [6-7]: 等等\n客服 [8-10]: 还有事吗"
    assert judge_one(rule, dialogue).value == verdict


def test_unclear_speech_beside_it_leaves_a_forbidden_thing_that_needs_an_anchor_passed(judge_one: JudgeOne) -> None:
    checks = {
        "refuses": {"phrase": ["我不需要"], "role": "customer"},
        "persists": {"phrase": ["再考虑一下"], "role": "agent", "after": {"check": "refuses"}},
        "rude": {"phrase": ["爱买不买"], "role": "agent"},
    }
    rule = {"checks": checks, "forbid": "persists or rude"}
    dialogue = "客服 [0-2]: 您好\n客户 [2-4]: 我看看\n客服 [4-6]: 您再考虑一下"
    assert judge_one(rule, dialogue, probability=0.2).value is VerdictValue.PASSED
    assert judge_one(rule, dialogue.replace("我看看", "我不需要"), probability=0.9).value is VerdictValue.VIOLATED


@pytest.mark.parametrize(
    ("utc_hour", "column", "verdict"),
    [
        (15, None, "violated"),
        (13, None, "passed"),
        (15, "20", "passed"),
        (13, "23", "violated"),
        (None, None, "undetermined"),
    ],
)
def test_the_hour_of_a_call_is_that_of_the_business_unless_the_manifest_says_it(
    judge_one: JudgeOne, utc_hour: int | None, column: str | None, verdict: str
) -> None:
    rule = {"checks": {"late": {"metadata": {"field": "local_hour", "op": "ge", "value": 22}}}, "forbid": "late"}
    started = None if utc_hour is None else datetime(2026, 3, 1, utc_hour, tzinfo=UTC)
    told = {} if column is None else {"local_hour": column}
    assert judge_one(rule, "客服: 您好", started_at=started, metadata=told).value == verdict
