from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.verdict import MatchKind, VerdictValue
from tests.rulepack.conftest import JudgeOne

GREET: dict[str, Any] = {
    "checks": {"hello": {"phrase": ["您好", "很高兴为您服务"], "role": "agent", "within": {"first": "2 turns"}}},
    "expect": "hello",
}
THANKS: dict[str, Any] = {"checks": {"thanks": {"phrase": ["感谢您的来电"], "role": "agent"}}, "expect": "thanks"}
SHIRK: dict[str, Any] = {
    "kind": "banned",
    "checks": {"shirk": {"phrase": ["不归我管"], "role": "agent", "unless": ["不是说不归我管"]}},
    "forbid": "shirk",
}
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
ORDER: dict[str, Any] = {
    "checks": {
        "sorry": {"phrase": ["非常抱歉"], "role": "agent"},
        "solve": {"phrase": ["马上为您处理"], "role": "agent"},
    },
    "expect": "sorry then solve",
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


def test_evidence_says_who_said_what_when_and_how_it_matched(judge_one: JudgeOne) -> None:
    (finding,) = judge_one(SHIRK, "客服 [2-4]: 这个不贵我管的").findings
    assert (finding.turn, finding.role, finding.matched, finding.wanted) == (0, "agent", "不贵我管", "不归我管")
    assert finding.text[finding.char_start : finding.char_end] == "不贵我管"
    assert finding.start_ms is not None
    assert finding.end_ms is not None
    assert 2000 <= finding.start_ms < finding.end_ms <= 4000
    assert finding.match is MatchKind.SOUND
    assert "同音" in finding.explanation


def test_what_is_missing_is_evidence_too(judge_one: JudgeOne) -> None:
    verdict = judge_one(GREET, "客服: 说")
    (finding,) = verdict.findings
    assert finding.match is MatchKind.ABSENCE
    assert "您好" in finding.explanation
    assert "没有找到" in verdict.reason


def test_a_wrong_order_is_named_and_shows_both_places(judge_one: JudgeOne) -> None:
    verdict = judge_one(ORDER, "客服: 马上为您处理\n客服: 非常抱歉")
    assert verdict.reason.startswith("先后顺序不符")
    assert {f.matched for f in verdict.findings} == {"马上为您处理", "非常抱歉"}


def test_every_hit_of_a_banned_phrase_is_listed(judge_one: JudgeOne) -> None:
    assert len(judge_one(SHIRK, "客服: 不归我管\n客户: 啊\n客服: 说了不归我管,就是不归我管").findings) == 3


REGEX: dict[str, Any] = {
    "checks": {"limit": {"regex": "[0-9]+(小时|分钟)内", "role": "agent", "unless": "不能在[0-9]+小时内"}},
    "expect": "limit",
}


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("我会在二十四小时内回复您", "passed"),
        ("15 分钟内给您回复", "passed"),
        ("我会尽快回复您", "violated"),
        ("我们不能在24小时内回复", "violated"),
        ("24小是内给您回复", "passed"),
    ],
)
def test_a_pattern_sees_numbers_as_digits(judge_one: JudgeOne, said: str, verdict: str) -> None:
    assert judge_one(REGEX, f"客服: {said}").value == verdict


@pytest.mark.parametrize(
    ("regex", "match", "verdict"),
    [("稍(等|候)", "sound", "passed"), ("稍(等|候)", "exact", "violated"), ("少[一-龥]", "sound", "passed")],
)
def test_a_pattern_matches_by_sound_unless_told_not_to(
    judge_one: JudgeOne, regex: str, match: str, verdict: str
) -> None:
    rule = {"checks": {"wait": {"regex": regex, "match": match, "role": "agent"}}, "expect": "wait"}
    assert judge_one(rule, "客服 [0-2]: 请您少等").value == verdict


@pytest.mark.parametrize(
    ("dialogue", "verdict"),
    [("客服: 请稍\n客服: 等", "violated"), ("客服: 稍等", "passed"), ("客服: 请稍等", "violated")],
)
def test_a_pattern_stays_within_a_turn_and_its_anchors_are_the_turns_ends(
    judge_one: JudgeOne, dialogue: str, verdict: str
) -> None:
    rule = {"checks": {"wait": {"regex": "^稍[^好]*等$", "role": "agent"}}, "expect": "wait"}
    assert judge_one(rule, dialogue).value == verdict


SET: dict[str, Any] = {
    "checks": {"both": {"phrase": ["感谢", "再见"], "min": "all", "in": "turn", "role": "agent"}},
    "expect": "both",
}


@pytest.mark.parametrize(
    ("dialogue", "verdict"),
    [("客服: 感谢您,再见", "passed"), ("客服: 感谢您\n客服: 再见", "violated")],
)
def test_a_set_of_phrases_can_have_to_meet_in_one_turn(judge_one: JudgeOne, dialogue: str, verdict: str) -> None:
    assert judge_one(SET, dialogue).value == verdict


@pytest.mark.parametrize(
    ("within", "verdict"),
    [({"last": "1 turns"}, "violated"), ({"last": "2 turns"}, "passed"), ({"last": "2s"}, "violated"),
     ({"last": "20s"}, "passed"), ({"first": "50%"}, "passed"), ({"last": "10%"}, "violated")],
)  # fmt: skip
def test_the_part_of_the_call_counts(judge_one: JudgeOne, within: dict[str, str], verdict: str) -> None:
    rule = {"checks": {"bye": {"phrase": ["感谢您的来电"], "role": "agent", "within": within}}, "expect": "bye"}
    dialogue = "客服 [0-2]: 您好\n客服 [3-5]: 感谢您的来电\n客户 [6-7]: 等等\n客服 [8-10]: 还有事吗"
    assert judge_one(rule, dialogue).value == verdict


def test_an_excuse_is_not_hidden_by_one_that_begins_before_it(judge_one: JudgeOne) -> None:
    words = {"label": "说不予赔付", "regex": "不予赔付", "unless": "(如果|可能).{0,8}", "role": "agent"}
    rule = {"checks": {"words": words}, "forbid": "words"}
    assert judge_one(rule, "客服: 如果材料不全可能会不予赔付").value is VerdictValue.PASSED
    assert judge_one(rule, "客服: 如果不方便明天来,我们还是不予赔付").value is VerdictValue.VIOLATED


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


def test_asking_whether_something_can_be_done_denies_nothing(judge_one: JudgeOne) -> None:
    rule = {"checks": {"words": {"phrase": ["删一下差评"], "role": "agent", "unless": ["不能"]}}, "forbid": "words"}
    assert judge_one(rule, "客服: 我们不能删一下差评了事").value is VerdictValue.PASSED
    assert judge_one(rule, "客服: 您能不能删一下差评").value is VerdictValue.VIOLATED


def test_an_excuse_of_a_syllable_or_two_must_be_said_as_it_is_written(judge_one: JudgeOne) -> None:
    rule = {"checks": {"words": {"phrase": ["传票寄到"], "role": "agent", "unless": ["未"]}}, "forbid": "words"}
    assert judge_one(rule, "客服: 传票寄到你单位").value is VerdictValue.VIOLATED
    assert judge_one(rule, "客服: 传票寄到之前未告知").value is VerdictValue.PASSED


MOCKING: dict[str, Any] = {
    "kind": "banned",
    "checks": {"c": {"phrase": ["随你便"], "role": "agent"}},
    "forbid": "c",
}
ASKED: dict[str, Any] = {"checks": {"c": {"phrase": ["再见"], "role": "agent"}}, "expect": "c"}
NEARLY: dict[str, Any] = {
    "kind": "banned",
    "checks": {"c": {"phrase": ["去投诉好了"], "role": "agent", "match": "close"}},
    "forbid": "c",
}


@pytest.mark.parametrize(
    ("rule", "said", "verdicts"),
    [
        (MOCKING, "岁你便", ("violated", "violated", "suspected")),
        (MOCKING, "随你便", ("violated", "violated", "violated")),
        (ASKED, "在间", ("passed", "passed", "suspected")),
        (ASKED, "再见", ("passed", "passed", "passed")),
        (NEARLY, "去头素好了", ("violated", "violated", "violated")),
        (NEARLY, "去投护好了", ("violated", "violated", "suspected")),
    ],
    ids=["another tone", "word for word", "two homophones expected", "said", "homophones", "one wrong syllable"],
)
def test_the_graver_a_rule_the_surer_a_hit_must_be(
    rule: dict[str, Any], said: str, verdicts: tuple[str, ...], judge_one: JudgeOne
) -> None:
    found = [judge_one(rule | {"severity": s}, f"客服 [0-3]: {said}").value for s in ("minor", "major", "critical")]
    assert tuple(found) == verdicts


@pytest.mark.parametrize(
    ("severity", "said", "verdict"),
    [
        ("minor", "这个呃不归那个我管", "violated"),
        ("critical", "这个呃不归那个我管", "suspected"),
        ("critical", "这个呃不归啊我管", "violated"),
        ("minor", "不归我们管", "passed"),
    ],
)
def test_a_filler_within_a_banned_phrase_does_not_hide_it(
    severity: str, said: str, verdict: str, judge_one: JudgeOne
) -> None:
    assert judge_one(SHIRK | {"severity": severity}, f"客服 [0-3]: {said}").value == verdict


@pytest.mark.parametrize(
    ("checks", "metadata", "reason"),
    [
        ({"late": {"metadata": {"field": "local_hour", "op": "ge", "value": 22}}}, {"local_hour": "23"}, "实际为“23”"),
        ({"late": {"metadata": {"field": "grade", "op": "in", "value": ["a", "b"]}}}, {"grade": "a"}, "为a、b之一"),
        ({"late": {"turns": {"min": 1}}}, {}, "任何一方讲话不少于 1 轮(实际 1 轮)"),
    ],
    ids=["a number", "one of several", "turns"],
)
def test_a_rule_broken_by_a_fact_of_the_call_shows_the_fact_as_its_evidence(
    checks: dict[str, Any], metadata: dict[str, str], reason: str, judge_one: JudgeOne
) -> None:
    verdict = judge_one({"checks": checks, "forbid": "late"}, "客服: 您好", metadata=metadata)
    assert verdict.value == "violated"
    assert reason in verdict.reason
    assert [(f.match, f.explanation) for f in verdict.findings] == [("measure", verdict.reason)]


def test_a_fact_that_does_not_hold_is_told_with_what_is_so_instead(judge_one: JudgeOne) -> None:
    applies = {"out": {"metadata": {"field": "direction", "value": "outbound"}}}
    rule = SHIRK | {"applies": "out", "checks": SHIRK["checks"] | applies}
    verdict = judge_one(rule, "客服: 您好", direction="inbound")
    assert verdict.value == "not_applicable"
    assert "“direction”为“outbound”(实际为“inbound”)" in verdict.reason


def test_a_label_that_names_the_speaker_itself_does_not_name_him_twice(judge_one: JudgeOne) -> None:
    checks = {"self": {"phrase": ["我就是本人"], "role": "customer", "label": "客户自报是本人"}}
    verdict = judge_one({"checks": checks, "expect": "self"}, "客户: 喂")
    assert verdict.reason == "没有找到:客户自报是本人"
