"""A second agent: a new greeting and another voice, or nothing is changed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.transcript import Role
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.turns import Heard, Voice, build_turns
from pipeline.transcribe.voices.cast import Cast
from pipeline.transcribe.voices.handover import with_second_agent

from .test_speakers import DEEP, HIGH, RATE, Throat, voice

FIRST = ["您好我是客服小李请问有什么可以帮您呢", "好的这个问题需要我们专门的同事来看", "请您稍等我帮您转接到售后的主管"]
PLAIN = ["您好我是客服小李请问有什么可以帮您呢", "好的这个问题我已经给您登记好了", "请您稍等一下我再看看后面的记录"]
SECOND = ["您好我是售后主管老王很高兴为您服务", "您的情况我已经看到了现在给您处理", "处理好了以后我们会给您发短信的"]
BARE = ["您好", *SECOND[1:], "请问您还有什么别的要问的吗"]
NO_GREETING = ["那么我们继续看一下您的这一笔订单", *SECOND[1:]]


def spoken(texts: list[tuple[str, Throat]]) -> tuple[Heard, NDArray[np.float32]]:
    """Each text in its voice, a syllable every 200 ms and half a second between two texts."""
    words: list[HeardWord] = []
    parts: list[NDArray[np.float64]] = []
    now_ms = 0
    for number, (text, throat) in enumerate(texts):
        words += [HeardWord(c, now_ms + n * 200, now_ms + n * 200 + 200, 0.9) for n, c in enumerate(text)]
        parts += [voice(throat, len(text) / 5, number), np.zeros(RATE // 2)]
        now_ms += len(text) * 200 + 500
    sound = np.concatenate(parts)
    return Heard(tuple(words)), (sound + np.random.default_rng(0).normal(0, 1e-3, len(sound))).astype(np.float32)


def roles(
    first: list[str], second: list[str], throats: tuple[Throat, Throat], *, known: bool = True
) -> dict[Role, str]:
    """What each role says on the agent's channel."""
    heard, audio = spoken([(t, throats[0]) for t in first] + [(t, throats[1]) for t in second])
    customer = Heard((HeardWord("好", 4_000, 4_200, 0.9),))
    cast = Cast((Voice(Role.AGENT, heard, 0.97), Voice(Role.CUSTOMER, customer, 0.97)), roles_known=known)
    voices = with_second_agent(cast, [audio, np.zeros_like(audio)]).voices
    said = {voice.role: "".join(word.text for word in voice.heard.words) for voice in voices}
    assert said.pop(Role.CUSTOMER) == "好"
    return said


@pytest.mark.parametrize("throats", [(DEEP, HIGH), (HIGH, DEEP)], ids=["deep first", "high first"])
@pytest.mark.parametrize(
    ("first", "second"),
    [(FIRST, SECOND), (PLAIN, SECOND), (FIRST, BARE)],
    ids=["transfer and introduction", "introduction alone", "transfer and a bare greeting"],
)
def test_a_greeting_in_another_voice_is_a_second_agent(
    first: list[str], second: list[str], throats: tuple[Throat, Throat]
) -> None:
    assert roles(first, second, throats) == {Role.AGENT: "".join(first), Role.OTHER: "".join(second)}


@pytest.mark.parametrize(
    ("first", "second", "throats"),
    [
        (FIRST, SECOND, (DEEP, DEEP)),
        (PLAIN, NO_GREETING, (DEEP, HIGH)),
        (PLAIN, BARE, (DEEP, HIGH)),
        (FIRST, ["您好我是主管"], (DEEP, HIGH)),
        (["您好"], SECOND, (DEEP, HIGH)),
    ],
    ids=[
        "same voice",
        "no greeting",
        "a bare greeting without a transfer",
        "too little said",
        "too little said before",
    ],
)
def test_otherwise_all_of_it_is_the_agents(first: list[str], second: list[str], throats: tuple[Throat, Throat]) -> None:
    assert roles(first, second, throats) == {Role.AGENT: "".join((*first, *second))}


def test_where_the_roles_are_not_known_nothing_is_changed() -> None:
    assert roles(FIRST, SECOND, (DEEP, HIGH), known=False) == {Role.AGENT: "".join((*FIRST, *SECOND))}


def test_the_second_agents_turns_stand_under_another_role_and_the_firsts_stay() -> None:
    heard, audio = spoken([(t, DEEP) for t in FIRST] + [(t, HIGH) for t in SECOND])
    cast = Cast((Voice(Role.AGENT, heard, 0.97), Voice(Role.CUSTOMER, Heard(()), 0.97)), roles_known=True)
    turns = build_turns(with_second_agent(cast, [audio, np.zeros_like(audio)]).voices)
    assert [turn.role for turn in turns] == [Role.AGENT, Role.OTHER]
    assert turns[1].text.startswith("您好我是售后主管")
