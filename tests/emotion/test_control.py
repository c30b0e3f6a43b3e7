"""Loss of control of either side."""

from __future__ import annotations

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.course import Grade
from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.emotion.control import loss_of_control
from pipeline.emotion.seen import CallSeen
from tests.emotion.calls import A, C, Said, by_its_neighbours, felt, seen, sign, taken

ANGRY, CALM = EmotionLabel.ANGRY, EmotionLabel.CALM
FURIOUS: Said = (C, "你们到底管不管这件事情", ANGRY)
QUIET: Said = (C, "我想问一下怎么退货", CALM)


def spoken(*emotions: TurnEmotion) -> CallSeen:
    turns = tuple(Turn(n, C, "你们到底管不管这件事情") for n in range(len(emotions)))
    return seen(turns=turns, emotions=emotions)


def test_insults_again_and_again_are_loss_of_control() -> None:
    told = loss_of_control(seen((C, "你是不是有病啊", ANGRY), QUIET, (C, "你们都是王八蛋", ANGRY)), Role.CUSTOMER)
    assert told.grade is Grade.CLEAR
    assert sign(told, "insults").turns == (0, 2)
    assert "失控" in told.explanation
    assert "“王八蛋”" in told.explanation


def test_abuse_is_counted_by_place_since_how_speech_is_cut_is_chance() -> None:
    told = loss_of_control(seen(QUIET, (C, "你们都是王八蛋给我滚吧", ANGRY)), Role.CUSTOMER)
    assert sign(told, "insults").value == 2
    assert sign(told, "insults").turns == (1,)
    assert told.grade is Grade.CLEAR


def test_coarse_words_without_anger_are_a_way_of_talking() -> None:
    coarse = "这虫子他妈的也太他妈大了"
    assert loss_of_control(seen(*[(C, coarse, CALM)] * 4), Role.CUSTOMER).grade is Grade.NONE
    told = loss_of_control(seen(*[(C, coarse, ANGRY)] * 4), Role.CUSTOMER)
    assert (sign(told, "swearing").value, sign(told, "swearing").turns) == (4, (0, 1, 2, 3))
    assert told.grade is Grade.CLEAR
    assert loss_of_control(seen((C, coarse, ANGRY)), Role.CUSTOMER).grade is Grade.NONE, "twice in a breath is once"


def test_one_coarse_word_is_not_and_a_turn_counts_for_one_sign_only() -> None:
    told = loss_of_control(seen(QUIET, (C, "他妈的我要气死了", ANGRY), FURIOUS), Role.CUSTOMER)
    assert sign(told, "swearing").turns == (1,)
    assert sign(told, "angry_run").value == 1
    assert told.grade is Grade.NONE


def test_anger_that_only_neighbours_see_makes_no_run_and_does_not_end_one() -> None:
    angry, around = felt(ANGRY), by_its_neighbours(ANGRY)
    call = spoken(around, around, around, around)
    assert sign(loss_of_control(call, Role.CUSTOMER), "angry_run").value == 0
    call = spoken(angry, around, angry, angry, felt(CALM), angry)
    assert sign(loss_of_control(call, Role.CUSTOMER), "angry_run").turns == (0, 2, 3)


def test_what_is_said_before_the_agent_answers_is_said_to_somebody_else() -> None:
    greets: Said = (A, "您好很高兴为您服务", CALM)
    early, late = seen((C, "你妈的", ANGRY), greets, QUIET), seen(greets, (C, "你妈的", ANGRY))
    assert sign(loss_of_control(early, Role.CUSTOMER), "insults").value == 0
    assert sign(loss_of_control(late, Role.CUSTOMER), "insults").turns == (1,)
    written = seen((C, "你妈的", ANGRY), greets, QUIET, channel=Channel.CHAT)
    assert sign(loss_of_control(written, Role.CUSTOMER), "insults").turns == (0,)


def test_a_recording_that_begins_in_the_middle_is_heard_whole() -> None:
    call = seen((C, "你妈的", ANGRY), (A, "这个要等商家同意", CALM))
    assert sign(loss_of_control(call, Role.CUSTOMER), "insults").turns == (0,)


def test_anger_after_the_farewell_may_be_for_others_but_abuse_is_for_us() -> None:
    farewell: Said = (A, "那先不打扰您了请您先挂机再见", CALM)
    told = loss_of_control(seen(QUIET, farewell, *[FURIOUS] * 3, (C, "你们都是王八蛋", ANGRY)), Role.CUSTOMER)
    assert sign(told, "angry_run").value == 0
    assert sign(told, "insults").turns == (5,)
    asked: Said = (A, "您先不要挂机我去问一下", CALM)
    told = loss_of_control(seen(QUIET, asked, *[FURIOUS] * 3), Role.CUSTOMER)
    assert sign(told, "angry_run").turns == (2, 3, 4)


def test_one_angry_word_is_not() -> None:
    assert loss_of_control(seen(QUIET, FURIOUS, QUIET), Role.CUSTOMER).grade is Grade.NONE


def test_several_angry_turns_in_a_row_are_signs_and_a_bare_acknowledgement_does_not_part_them() -> None:
    told = loss_of_control(seen(FURIOUS, (C, "嗯", CALM), FURIOUS, (A, "您别急", CALM), FURIOUS), Role.CUSTOMER)
    assert sign(told, "angry_run").turns == (0, 2, 4)
    assert told.grade is Grade.SIGNS


def test_angry_turns_with_calm_between_are_no_run() -> None:
    told = loss_of_control(seen(FURIOUS, QUIET, FURIOUS, QUIET, FURIOUS), Role.CUSTOMER)
    assert sign(told, "angry_run").value == 1
    assert told.grade is Grade.NONE


@pytest.mark.parametrize(
    "text",
    [
        "他妈妈的手机号",
        "骑手骂我是王八蛋",
        "商家说你有病吧",
        "这个水烧得翻滚了",
        "我没有说你有病",
        "那个滚筒洗衣机",
        "他妈说不要了",
        "这个操作我不会",
    ],
)
def test_words_that_only_look_like_abuse_are_none(text: str) -> None:
    told = loss_of_control(seen((C, text, CALM)), Role.CUSTOMER)
    assert sign(told, "insults").value == 0
    assert sign(told, "swearing").value == 0


def test_the_agent_is_judged_by_the_agents_words_alone() -> None:
    call = seen((C, "你们都是王八蛋", ANGRY), (A, "你脑子进水了吧", ANGRY), (A, "再说一遍你有病", ANGRY))
    assert sign(loss_of_control(call, Role.AGENT), "insults").turns == (1, 2)
    assert loss_of_control(call, Role.AGENT).role is Role.AGENT


def test_a_raised_voice_counts_by_its_vote() -> None:
    shouted = VoiceVote(raised=0.9)
    turns = tuple(Turn(n, C, "我想问一下怎么退货") for n in range(4))
    call = seen(
        turns=turns,
        emotions=(felt(CALM, voice=shouted), felt(CALM, voice=VoiceVote(raised=0.2)), felt(CALM), felt(CALM)),
    )
    assert sign(loss_of_control(call, Role.CUSTOMER), "shouting").turns == (0,)


def test_taking_the_floor_again_and_again_supports_but_never_decides() -> None:
    call = seen(*[QUIET] * 12, signals=Signals(overlaps=tuple(taken(C, n) for n in range(1, 11))))
    told = loss_of_control(call, Role.CUSTOMER)
    assert sign(told, "interrupting").strength == 1
    assert told.grade is Grade.SIGNS
    assert loss_of_control(call, Role.AGENT).grade is Grade.UNDETERMINED


def test_a_text_channel_says_what_it_cannot_measure() -> None:
    told = loss_of_control(seen(QUIET, channel=Channel.CHAT), Role.CUSTOMER)
    assert (told.grade, sign(told, "shouting").value, sign(told, "interrupting").value) == (Grade.NONE, None, None)
    assert told.strength_at_most > told.strength
    assert "未能测量:提高嗓门的话、抢话打断" in told.explanation


def test_what_nobody_said_accuses_nobody() -> None:
    invented = Turn(0, C, "你们都是王八蛋", quarantine=Quarantine.STOCK)
    doubtful = Turn(1, A, "你脑子进水了吧", role_confidence=0.5)
    call = seen(turns=(invented, doubtful, Turn(2, C, "好的我知道了")), emotions=(None, None, felt(CALM)))
    assert sign(loss_of_control(call, Role.CUSTOMER), "insults").value == 0
    assert loss_of_control(call, Role.AGENT).grade is Grade.UNDETERMINED


def test_where_nobody_knows_who_is_who_it_is_undetermined() -> None:
    call = seen((C, "你们都是王八蛋", ANGRY), roles_known=False, roles_note="两人声音太像")
    told = loss_of_control(call, Role.CUSTOMER)
    assert told.grade is Grade.UNDETERMINED
    assert "两人声音太像" in sign(told, "insults").explanation
