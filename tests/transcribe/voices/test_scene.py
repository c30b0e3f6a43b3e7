"""A call with a menu, a transfer and a survey, spoken by espeak-ng in four voices over a telephone line."""

from __future__ import annotations

import ctypes.util

import numpy as np
import pytest
from scipy.signal import resample_poly

from pipeline.domain.transcript import Role
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.turns import Heard, build_turns
from pipeline.transcribe.voices.assign import cast_recording
from training.voice import RATE_HZ, Voice, speak
from training.voice.channel import Quality, degrade
from training.voice.sounds import ring_tone

from ..conftest import unmarked

pytestmark = pytest.mark.skipif(ctypes.util.find_library("espeak-ng") is None, reason="espeak-ng is not installed")

MACHINE, FIRST, SECOND = Voice("f2", 170, 60), Voice("f5", 175, 50), Voice("m3", 160, 40)
CUSTOMER = Voice("m5", 180, 45)
AGENTS, CUSTOMERS = 0, 1
MENU = ["欢迎致电星河客服中心", "查询订单请按1", "人工服务请按0"]
CALL = [
    *((AGENTS, MACHINE, text) for text in MENU),
    (AGENTS, FIRST, "您好,我是客服小林,请问有什么可以帮您?"),
    (CUSTOMERS, CUSTOMER, "我买的空调装好了不制冷,你们来了两次都没有修好,我要找你们领导。"),
    (AGENTS, FIRST, "非常抱歉给您带来不便,我帮您转接售后主管,请您稍等,不要挂机。"),
    (AGENTS, SECOND, "您好,我是售后主管,您的情况我已经看到了,让您跑了两趟真的不好意思。"),
    (CUSTOMERS, CUSTOMER, "那你说怎么办吧,天这么热。"),
    (AGENTS, SECOND, "今天傍晚之前我安排最好的师傅上门,修不好就给您换一台新的,您看可以吗?"),
    (CUSTOMERS, CUSTOMER, "行,那就这样。"),
    (AGENTS, SECOND, "感谢您的理解,祝您生活愉快,再见。"),
    (AGENTS, MACHINE, "请您对本次服务进行评价"),
    (AGENTS, MACHINE, "满意请按1,不满意请按2"),
]


@pytest.mark.parametrize("quality", ["good", "fair"])
def test_machines_and_the_second_agent_are_told_from_the_first_and_the_customer(quality: Quality) -> None:
    ring = ring_tone(6)
    sounds = [[ring], [np.zeros_like(ring)]]
    words: list[list[HeardWord]] = [[HeardWord("嘟", 5_100, 5_900, 0.3)], []]
    now_ms = len(ring) * 1000 // RATE_HZ
    gap = np.zeros(RATE_HZ // 2, np.float32)
    for side, who, text in CALL:
        speech = speak(text, who)
        words[side] += [HeardWord(p.text, now_ms + p.start_ms, now_ms + p.end_ms, 0.9) for p in speech.pieces]
        for channel in (AGENTS, CUSTOMERS):
            sounds[channel] += [speech.samples if channel == side else np.zeros_like(speech.samples), gap]
        now_ms += (len(speech.samples) + len(gap)) * 1000 // RATE_HZ
    line = degrade(np.stack([np.concatenate(parts) for parts in sounds]).astype(float), quality, 7)
    channels = [resample_poly(channel, 2, 1).astype(np.float32) for channel in line]
    cast = cast_recording([Heard(tuple(own)) for own in words], channels, declared=None)
    assert cast.roles_known
    said = {
        role: unmarked("".join(turn.text for turn in build_turns(cast.voices) if turn.role is role)) for role in Role
    }
    heard = {who: "".join(c for _, voice, text in CALL if voice == who for c in text if c.isalnum()) for who in
             (MACHINE, FIRST, SECOND, CUSTOMER)}  # fmt: skip
    assert said[Role.SYSTEM] == "嘟" + heard[MACHINE]
    assert said[Role.AGENT] == heard[FIRST]
    assert said[Role.OTHER] == heard[SECOND]
    assert said[Role.CUSTOMER] == heard[CUSTOMER]
