from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import AudioError, ProblemCode
from pipeline.domain.transcript import Quarantine, Role, SoundKind, Turn
from pipeline.transcribe import Guard, HeardWord, Segment, TranscriptCache, transcribe_call
from pipeline.transcribe.engine import Result, Samples
from training.voice.sounds import hold_music

from .conftest import encode, voice_call, wavering

Save = Callable[[bytes], Path]


AGENT = "您好工号123请问有什么可以帮您。"
CUSTOMER = "我想问一下我买的东西怎么还没到。"


class LoudnessEngine:
    """Says one text of a channel when it is loud, another when it is not."""

    fingerprint = "loudness 1"

    def __init__(self, loud: str = "响。", soft: str = "轻。") -> None:
        self.calls = 0
        self.loud, self.soft = loud, soft

    def transcribe(self, recordings: Iterable[Sequence[Samples]], /) -> Iterator[Result]:
        for channels in recordings:
            self.calls += 1
            loud = [np.abs(channel[:]).max() > 0.5 for channel in channels]
            yield [[self._segment(self.loud if one else self.soft)] for one in loud]

    @staticmethod
    def _segment(text: str) -> Segment:
        return Segment(
            start_ms=0,
            end_ms=5000,
            words=(HeardWord(text, 0, 5000, 0.9),),
            mean_log_probability=-0.1,
            no_speech_probability=0.0,
            compression_ratio=1.0,
        )


@pytest.fixture
def hearer() -> LoudnessEngine:
    return LoudnessEngine()


@pytest.fixture
def stereo_call(save: Save) -> Call:
    """Loud on the left."""
    return voice_call(save(encode([wavering(1, 440, level=0.8), wavering(1, 700, level=0.1)], "wav", "pcm_s16le")))


@pytest.mark.parametrize(
    ("of_call", "setting", "agent"),
    [(0, None, "响。"), (1, None, "轻。"), (None, 1, "轻。"), (0, 1, "响。"), (1, 0, "轻。")],
    ids=["call says left", "call says right", "setting", "call over setting", "the other way round"],
)
def test_the_agent_is_on_the_channel_of_the_call_then_of_the_setting(
    of_call: int | None, setting: int | None, agent: str, stereo_call: Call, hearer: LoudnessEngine
) -> None:
    transcript = transcribe_call(replace(stereo_call, agent_channel=of_call), hearer, agent_channel=setting)
    assert {turn.role: turn.text for turn in transcript.turns} == {
        Role.AGENT: agent,
        Role.CUSTOMER: "轻。" if agent == "响。" else "响。",
    }
    assert transcript.roles_known
    assert not transcript.one_channel
    assert {turn.role_confidence for turn in transcript.turns} == {1.0}
    assert transcript.duration_ms == 1000
    assert hearer.fingerprint in transcript.engine


@pytest.mark.parametrize("agent_is_loud", [True, False])
def test_where_nobody_names_the_channel_the_agent_is_who_talks_like_one(agent_is_loud: bool, stereo_call: Call) -> None:
    hearer = LoudnessEngine(*((AGENT, CUSTOMER) if agent_is_loud else (CUSTOMER, AGENT)))
    transcript = transcribe_call(stereo_call, hearer)
    assert {turn.role: turn.text for turn in transcript.turns} == {Role.AGENT: AGENT, Role.CUSTOMER: CUSTOMER}
    assert transcript.roles_known
    assert all(0.9 < turn.role_confidence < 1 for turn in transcript.turns)


def test_where_nothing_tells_the_agent_the_roles_are_unknown_and_it_is_said_why(
    stereo_call: Call, hearer: LoudnessEngine
) -> None:
    transcript = transcribe_call(stereo_call, hearer)
    assert not transcript.roles_known
    assert "坐席声道" in transcript.roles_note
    assert {turn.role for turn in transcript.turns} == {Role.OTHER}


@pytest.mark.parametrize(("declared", "known"), [(0, True), (1, False)])
def test_swapped_channels_are_noticed(declared: int, known: bool, stereo_call: Call) -> None:
    transcript = transcribe_call(replace(stereo_call, agent_channel=declared), LoudnessEngine(AGENT, CUSTOMER))
    assert transcript.roles_known is known
    assert ("接反" in transcript.roles_note) is not known


@pytest.mark.parametrize("copies", [1, 2], ids=["mono", "two equal channels"])
def test_a_mono_recording_of_one_voice_has_no_known_roles(copies: int, save: Save, hearer: LoudnessEngine) -> None:
    call = voice_call(save(encode([wavering(1, 440)] * copies, "wav", "pcm_s16le")), agent_channel=1)
    transcript = transcribe_call(call, hearer)
    assert not transcript.roles_known
    assert transcript.one_channel
    assert transcript.roles_note
    assert [turn.role for turn in transcript.turns] == [Role.OTHER]


@pytest.mark.parametrize(
    ("channel", "roles", "known"),
    [
        (Channel.VOICE, [Role.AGENT, Role.CUSTOMER], True),
        (Channel.VOICE, [Role.AGENT], False),
        (Channel.VOICE, [Role.OTHER, Role.OTHER], False),
        (Channel.CHAT, [Role.CUSTOMER], True),
        (Channel.EMAIL, [Role.AGENT], True),
    ],
)
def test_ready_turns_are_taken_as_they_are(
    channel: Channel, roles: list[Role], known: bool, hearer: LoudnessEngine
) -> None:
    turns = tuple(Turn(index, role, "您好三百二十六块") for index, role in enumerate(roles))
    call = Call(call_id="c1", channel=channel, source="chat.txt", content_hash="0" * 64, turns=turns)
    transcript = transcribe_call(call, hearer)
    assert (transcript.turns, transcript.engine, transcript.roles_known) == (turns, "given", known)
    assert hearer.calls == 0


def test_a_recording_is_recognised_once_per_engine_and_channel(
    stereo_call: Call, hearer: LoudnessEngine, tmp_path: Path
) -> None:
    cache = TranscriptCache(tmp_path / "cache")
    first = transcribe_call(stereo_call, hearer, agent_channel=0, cache=cache)
    assert transcribe_call(stereo_call, hearer, agent_channel=0, cache=cache) == first
    assert transcribe_call(replace(stereo_call, agent_channel=0), hearer, cache=cache) == first
    assert hearer.calls == 1
    assert transcribe_call(stereo_call, hearer, agent_channel=1, cache=cache) != first
    hearer.fingerprint = "loudness 2"
    transcribe_call(stereo_call, hearer, agent_channel=0, cache=cache)
    assert hearer.calls == 3


def test_another_guard_recognises_again(
    stereo_call: Call, hearer: LoudnessEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = TranscriptCache(tmp_path / "cache")
    transcribe_call(stereo_call, hearer, cache=cache)
    monkeypatch.setattr("pipeline.transcribe.guard.guard.MIN_LOG_PROBABILITY", -0.05)
    transcript = transcribe_call(stereo_call, hearer, cache=cache)
    assert [turn.quarantined for turn in transcript.turns] == [True, True]


def test_a_users_own_stock_lines_are_set_apart_on_a_recording_that_was_heard_before(
    stereo_call: Call, tmp_path: Path
) -> None:
    cache = TranscriptCache(tmp_path / "cache")
    hearer = LoudnessEngine("欢迎收听晚间新闻", "我想问一下")
    transcribe_call(stereo_call, hearer, cache=cache)
    transcript = transcribe_call(stereo_call, hearer, cache=cache, guard=Guard(("欢迎收听*新闻",)))
    assert {turn.text: turn.quarantine for turn in transcript.turns} == {
        "欢迎收听晚间新闻。": Quarantine.STOCK,
        "我想问一下。": None,
    }
    assert transcript.quarantined_share == pytest.approx(8 / 13)


def test_another_way_to_write_recognises_again(
    stereo_call: Call, hearer: LoudnessEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = TranscriptCache(tmp_path / "cache")
    transcribe_call(stereo_call, hearer, cache=cache)
    monkeypatch.setattr("pipeline.transcribe.written.COMMA_MS", 50)
    transcribe_call(stereo_call, hearer, cache=cache)
    assert hearer.calls == 2


def test_a_broken_recording_names_the_call_and_the_file(save: Save, hearer: LoudnessEngine) -> None:
    path = save("这不是录音".encode() * 100)
    with pytest.raises(AudioError) as caught:
        transcribe_call(voice_call(path, call_id="20260302-001"), hearer)
    (problem,) = caught.value.problems
    assert (problem.code, problem.call_id, problem.file) == (ProblemCode.NOT_AUDIO, "20260302-001", str(path))


def test_a_channel_that_no_recording_has_is_refused(stereo_call: Call, hearer: LoudnessEngine) -> None:
    with pytest.raises(AudioError, match="坐席声道写成了 2"):
        transcribe_call(replace(stereo_call, agent_channel=2), hearer)


def test_the_sounds_on_the_line_and_how_each_channel_was_are_kept(save: Save, hearer: LoudnessEngine) -> None:
    music = np.repeat(hold_music(20, seed=3), 2).astype(np.float32)
    agent = np.concatenate([wavering(5, 440, level=0.8), music])
    customer = np.concatenate([wavering(5, 700, level=0.1), np.zeros(len(music), np.float32)])
    call = replace(voice_call(save(encode([agent, customer], "wav", "pcm_s16le"))), agent_channel=0)
    transcript = transcribe_call(call, hearer)
    assert transcript.sounds is not None
    assert {(sound.kind, sound.channel) for sound in transcript.sounds} == {(SoundKind.MUSIC, 0)}
    assert any(sound.start_ms <= 8000 and sound.end_ms >= 20_000 for sound in transcript.sounds)
    assert transcript.lines is not None
    assert [(line.channel, line.role) for line in transcript.lines] == [(0, Role.AGENT), (1, Role.CUSTOMER)]
    assert transcript.lines[0].speech_dbfs == pytest.approx(20 * np.log10(0.8 / np.sqrt(2)), abs=0.5)


def test_of_ready_turns_no_line_is_known() -> None:
    turns = (Turn(0, Role.AGENT, "您好", 0, 900), Turn(1, Role.CUSTOMER, "你好", 1000, 1900))
    call = Call(call_id="c", channel=Channel.VOICE, source="t.jsonl", content_hash="0" * 64, turns=turns)
    transcript = transcribe_call(call, None)
    assert (transcript.sounds, transcript.lines) == (None, None)
