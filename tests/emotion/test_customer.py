"""Customer types: which signs, how strong, and what could not be measured."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.call import Channel
from pipeline.domain.course import Grade, Trait, TraitKind
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.course_of_call import course_of_call
from pipeline.emotion.customer import DEFAULT_OPTIONS, CustomerOptions, traits_of
from pipeline.emotion.seen import CallSeen
from tests.emotion.calls import A, C, Said, felt, seen, sign, taken

CALM = EmotionLabel.CALM
ASKS: Said = (C, "我想问一下怎么退货", CALM)
ANSWERS: Said = (A, "您在订单里点申请售后就可以了", CALM)


def told(call: CallSeen, kind: TraitKind, options: CustomerOptions = DEFAULT_OPTIONS) -> Trait:
    return next(t for t in traits_of(call, course_of_call(call), options) if t.kind is kind)


def test_every_call_gets_every_trait_once() -> None:
    traits = traits_of(seen(ASKS, ANSWERS), course_of_call(seen(ASKS, ANSWERS)))
    assert {(t.kind, t.role) for t in traits} == {(k, C) for k in TraitKind} | {(TraitKind.OUT_OF_CONTROL, A)}
    assert len(traits) == len(TraitKind) + 1
    assert all(t.signs for t in traits)


def test_urging_again_and_again_is_impatient() -> None:
    urges: tuple[Said, ...] = ((C, "你快点给我处理", CALM), (C, "马上给我退款", CALM), (C, "我等不了了", CALM))
    trait = told(seen(*urges, ASKS), TraitKind.IMPATIENT)
    assert trait.grade is Grade.SIGNS
    assert trait.turns == (0, 1, 2)
    assert "“你快点”、“马上给我”、“我等不了”" in trait.explanation


@pytest.mark.parametrize(
    "text", ["不用快点慢慢来", "我不着急", "骑手让我快点取", "你们不是说马上处理吗", "现在给我对象看", "你快递到哪了"]
)
def test_words_that_only_look_like_urging_do_not_count(text: str) -> None:
    assert sign(told(seen((C, text, CALM), ASKS), TraitKind.IMPATIENT), "urging").value == 0


def test_fast_speech_and_interruptions_count_where_they_are_measured() -> None:
    turns = tuple(Turn(n, (A, C)[n % 2], "我想问一下怎么退货", n * 1000, n * 1000 + 950) for n in range(12))
    call = seen(
        turns=turns,
        emotions=(felt(CALM),) * 12,
        signals=Signals(
            customer_rate_cpm=350, rates_cpm=(350.0,) * 12, overlaps=tuple(taken(C, n) for n in (1, 3, 5, 7))
        ),
    )
    trait = told(call, TraitKind.IMPATIENT)
    assert {s.code: bool(s.strength) for s in trait.signs} == {
        "urging": False,
        "fast_speech": True,
        "interrupting": True,
        "short_latency": True,
    }
    assert trait.grade is Grade.SIGNS


def test_what_the_source_cannot_tell_is_unmeasured_not_absent() -> None:
    trait = told(seen(ASKS, ANSWERS, channel=Channel.CHAT), TraitKind.IMPATIENT)
    assert [s.code for s in trait.signs if s.value is None] == ["fast_speech", "interrupting", "short_latency"]
    assert trait.grade is Grade.NONE
    assert trait.strength_at_most > 0.5


def test_a_customer_who_does_the_talking_is_talkative() -> None:
    story: Said = (C, "我跟你讲啊" + "我昨天在你们店里买的那个东西到现在还没有收到" * 4, CALM)
    trait = told(seen(*[story, ANSWERS] * 5), TraitKind.TALKATIVE)
    assert trait.grade is Grade.CLEAR
    assert sign(trait, "talk_share").value == pytest.approx(0.874, abs=0.01)
    assert sign(trait, "long_turns").turns == (0, 2, 4, 6, 8)


def test_an_acknowledgement_of_the_agent_does_not_part_a_speech() -> None:
    part: Said = (C, "我昨天在你们店里买的那个东西到现在还没有收到", CALM)
    assert (
        sign(told(seen(part, (A, "嗯", CALM), part, (A, "好的", CALM), part), TraitKind.TALKATIVE), "long_turns").value
        == 1
    )
    assert sign(told(seen(part, ANSWERS, part, ANSWERS, part), TraitKind.TALKATIVE), "long_turns").value == 0


def test_a_speech_about_something_else_is_off_topic() -> None:
    aside: Said = (
        C,
        "昨天我孙子过生日全家去公园划船看荷花晚上还放了烟花老伴高兴得唱起京剧邻居送来一篮草莓味道特别甜" + "呢" * 20,
        CALM,
    )
    matter: Said = (C, "订单退款申请一直没有处理订单退款申请到底什么时候处理完成" * 3, CALM)
    reply: Said = (A, "订单退款申请正在处理完成之后通知您", CALM)
    assert sign(told(seen(matter, reply, aside, reply), TraitKind.TALKATIVE), "off_topic").turns == (2,)


def test_of_a_few_words_no_share_is_told() -> None:
    assert sign(told(seen(ASKS, ANSWERS), TraitKind.TALKATIVE), "talk_share").value is None


@pytest.mark.parametrize(
    ("metadata", "grade"),
    [
        ({"客户等级": "钻石会员"}, Grade.CLEAR),
        ({"VIP": "是"}, Grade.CLEAR),
        ({"vip_level": "Platinum"}, Grade.CLEAR),
        ({"客户等级": "普通"}, Grade.NONE),
        ({"客户等级": "非VIP"}, Grade.NONE),
        ({"客户等级": "A3"}, Grade.NONE),
        ({"客户等级": "  "}, Grade.UNDETERMINED),
        ({"备注": "钻石会员"}, Grade.UNDETERMINED),
        ({}, Grade.UNDETERMINED),
    ],
)
def test_premium_is_what_the_manifest_says_and_nothing_else(metadata: dict[str, str], grade: Grade) -> None:
    rich: Said = (C, "我是你们的钻石会员我卡里有五百万", CALM)
    assert told(seen(rich, ANSWERS, metadata=metadata), TraitKind.PREMIUM).grade is grade


def test_a_centre_names_its_own_columns_and_values() -> None:
    options = CustomerOptions.of(["级别"], ["A3", " "])
    assert told(seen(ASKS, metadata={"级别": "A3"}), TraitKind.PREMIUM, options).grade is Grade.CLEAR
    assert told(seen(ASKS, metadata={"级别": "A1"}), TraitKind.PREMIUM, options).grade is Grade.NONE
    assert CustomerOptions.of(None, None) == DEFAULT_OPTIONS


def test_where_nobody_knows_who_is_who_all_but_the_manifest_is_undetermined() -> None:
    call = seen(ASKS, ANSWERS, roles_known=False, metadata={"客户等级": "钻石"})
    grades = {t.kind: t.grade for t in traits_of(call, course_of_call(call)) if t.role is Role.CUSTOMER}
    assert grades.pop(TraitKind.PREMIUM) is Grade.CLEAR
    assert set(grades.values()) == {Grade.UNDETERMINED}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Role)),
            st.one_of(st.text(max_size=30), st.sampled_from(["快点", "王八蛋", "\0", "我要求退款" * 30])),
            st.sampled_from([None, *EmotionLabel]),
        ),
        max_size=14,
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_was_said_strengths_are_bounded_and_evidence_is_the_sides_own(said: list[Said], voice: bool) -> None:
    if not said:
        return
    call = seen(*said, channel=Channel.VOICE if voice else Channel.CHAT)
    for trait in traits_of(call, course_of_call(call)):
        assert 0 <= trait.strength <= trait.strength_at_most <= 1
        assert all((s.value is None) == (s.strength is None) for s in trait.signs)
        for each in trait.signs:
            assert all(call.transcript.turns[i].role is trait.role for i in each.turns) or each.code == "called_back"
