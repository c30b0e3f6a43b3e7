"""Loss of control of either side."""

from __future__ import annotations

import pytest

from pipeline.domain.call import Channel
from pipeline.domain.course import Grade
from pipeline.domain.emotion import EmotionLabel, VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.emotion.control import loss_of_control
from tests.emotion.calls import A, C, Said, felt, seen, sign, taken

ANGRY, CALM = EmotionLabel.ANGRY, EmotionLabel.CALM
FURIOUS: Said = (C, "你们到底管不管这件事情", ANGRY)
QUIET: Said = (C, "我想问一下怎么退货", CALM)


def test_insults_again_and_again_are_loss_of_control() -> None:
    told = loss_of_control(seen((C, "你是不是有病啊", ANGRY), QUIET, (C, "你们都是王八蛋", ANGRY)), Role.CUSTOMER)
    assert told.grade is Grade.CLEAR
    assert sign(told, "insults").turns == (0, 2)
    assert "失控" in told.explanation
    assert "“王八蛋”" in told.explanation


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
