"""Who speaks in a recording: announcements and tones are the system's, whatever the channel, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.turns import Heard, build_turns
from pipeline.transcribe.voices.assign import cast_recording, voices_fingerprint

from ..conftest import unmarked
from .test_speakers import DEEP, HIGH, RATE, Throat, voice

MENU = ["欢迎致电星河客服中心", "普通话请按1", "人工服务请按0"]
GREETING, QUESTION = "您好请问有什么可以帮您我这就给您查", "我想问一下我买的东西怎么还没到你们怎么回事"
AGENT, CUSTOMER, MACHINE = 0, 1, 2
THROATS = {AGENT: HIGH, CUSTOMER: DEEP, MACHINE: Throat(150, 1.0, 0.8)}
Said = Sequence[tuple[int, int, str]]
"""Channel, speaker and text."""

CALL: Said = [
    *((0, MACHINE, text) for text in MENU),
    (0, AGENT, GREETING),
    (1, CUSTOMER, QUESTION),
    (0, AGENT, "好的请您稍等我帮您查询一下您的订单"),
    (1, CUSTOMER, "好的你帮我看看我的订单为什么不发货"),
    (0, AGENT, "感谢您的耐心等待明天就会给您送到再见"),
]


def played(said: Said, *, mono: bool) -> tuple[list[Heard], list[NDArray[np.float32]]]:
    words: list[list[HeardWord]] = [[], []]
    length = sum(len(text) + 3 for _, _, text in said) * RATE // 5
    channels = [np.random.default_rng(side).normal(0, 1e-3, length) for side in (0, 1)]
    now = 0
    for number, (side, who, text) in enumerate(said):
        sound = voice(THROATS[who], len(text) / 5, number)
        channels[side][now * RATE // 5 : now * RATE // 5 + len(sound)] += sound
        words[side] += [HeardWord(c, (now + n) * 200, (now + n + 1) * 200, 0.9) for n, c in enumerate(text)]
        now += len(text) + 3
    if mono:
        both = tuple(sorted((w for own in words for w in own), key=lambda word: word.start_ms))
        return [Heard(both)], [(channels[0] + channels[1]).astype(np.float32)]
    return [Heard(tuple(own)) for own in words], [channel.astype(np.float32) for channel in channels]


def turns(said: Said, *, mono: bool = False, declared: int | None = None) -> tuple[Turn, ...]:
    heard, channels = played(said, mono=mono)
    return build_turns(cast_recording(heard, channels, declared=declared).voices)


def text_of(role: Role, made: Sequence[Turn]) -> str:
    return unmarked("".join(turn.text for turn in made if turn.role is role))


@pytest.mark.parametrize("mono", [False, True], ids=["two channels", "one channel"])
def test_an_announcement_makes_turns_of_the_system_and_leaves_the_roles_as_they_are(mono: bool) -> None:
    made = turns(CALL, mono=mono)
    assert text_of(Role.SYSTEM, made) == "".join(MENU)
    assert [turn.role for turn in made][:2] == [Role.SYSTEM, Role.AGENT]
    assert text_of(Role.AGENT, made).startswith(GREETING)
    assert QUESTION[2:-3] in text_of(Role.CUSTOMER, made)  # on one channel a syllable at the border may go astray


def test_an_announcement_on_the_customers_channel_is_not_the_customers() -> None:
    said = [(1, MACHINE, "您拨打的电话正在通话中请稍后再拨"), *CALL[3:]]
    made = turns(said)
    assert text_of(Role.SYSTEM, made) == said[0][2]
    assert text_of(Role.CUSTOMER, made).startswith(QUESTION)


def test_the_announcements_words_do_not_tell_who_is_the_agent() -> None:
    """On a channel of its own an announcement talks like an agent: 为您服务, 请您."""
    survey = ["请您对本次服务进行评价", "满意请按1", "不满意请按2", "感谢您的评价"]
    said = [*CALL[3:], (1, CUSTOMER, "好再见"), *((1, MACHINE, text) for text in survey)]
    made = turns(said)
    assert text_of(Role.SYSTEM, made) == "".join(survey)
    assert text_of(Role.AGENT, made).startswith(GREETING)


def test_words_written_over_a_ring_or_a_tone_are_the_systems() -> None:
    heard, channels = played(CALL[3:], mono=False)
    time_s = np.arange(RATE * 2) / RATE
    ring = (0.2 * np.sin(2 * np.pi * 450 * time_s)).astype(np.float32)
    channels = [np.concatenate([ring, channels[0]]), np.concatenate([np.zeros_like(ring), channels[1]])]
    later = [
        Heard(tuple(HeardWord(w.text, w.start_ms + 2_000, w.end_ms + 2_000, 0.9) for w in one.words)) for one in heard
    ]
    later[0] = Heard((HeardWord("嘟", 500, 1_400, 0.4), *later[0].words))
    made = build_turns(cast_recording(later, channels, declared=0).voices)
    assert text_of(Role.SYSTEM, made) == "嘟"
    assert {turn.quarantine for turn in made if turn.role is Role.SYSTEM} == {Quarantine.LINE_SOUND}
    assert text_of(Role.AGENT, made).startswith(GREETING)


def test_another_separator_is_another_fingerprint() -> None:
    class Other:
        fingerprint = "other 1"

        def separate(self, audio: object, spoken: object, /) -> object:
            raise AssertionError

    assert "other 1" in voices_fingerprint(Other())  # type: ignore[arg-type]
    assert voices_fingerprint(Other()) != voices_fingerprint()  # type: ignore[arg-type]
