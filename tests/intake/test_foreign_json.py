"""The JSON of other recognisers (samples in `recognisers_*`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.call import Channel
from pipeline.intake import read
from tests.intake import recognisers_cn, recognisers_whisper, recognisers_world
from tests.intake.build import document, only, plain, timed, turns_of

SHAPES = {**recognisers_cn.SHAPES, **recognisers_world.SHAPES, **recognisers_whisper.SHAPES}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_recogniser_is_known_by_its_shape_and_becomes_turns(tmp_path: Path, shape: str) -> None:
    content, rows, words = SHAPES[shape]
    call = only(read([document(tmp_path / "call.json", content)]))
    assert call.turns is not None
    assert plain(call.turns) == rows
    assert [timed(turn) for turn in call.turns] == words
    assert [turn.index for turn in call.turns] == list(range(len(rows)))
    assert (call.channel, call.audio_path, call.source) == (Channel.VOICE, None, "call.json")


@pytest.mark.parametrize(
    ("shape", "probabilities"),
    [
        ("whisper", [0.91, 0.5, 1.0]),
        ("call analytics", [0.98, 0.5]),
        ("azure", [0.7, 1.0]),
        ("google with channels", [1.0, 0.6, 1.0]),  # google writes 0.0 where it gives none
        ("whisperx", [1.0, 1.0]),  # a score of alignment is no probability
        ("tencent", [1.0, 1.0]),
        ("aws transcribe with speakers", [0.9, 0.9, 0.9]),
    ],
)
def test_a_words_probability_is_kept_where_it_is_given(tmp_path: Path, shape: str, probabilities: list[float]) -> None:
    turns = turns_of(read([document(tmp_path / "call.json", SHAPES[shape][0])]))
    assert [word.probability for turn in turns for word in turn.words] == probabilities


@pytest.mark.parametrize(
    ("channels", "agent", "roles"),
    [
        ([0, 1], None, ["agent", "customer"]),
        ([0, 1], 0, ["agent", "customer"]),
        ([0, 1], 1, ["customer", "agent"]),
        ([0, 0], 0, ["other", "other"]),  # a mono recording: both speak there
        ([1, 1], 1, ["other", "other"]),
        ([0, 1, 2], 0, ["other", "other", "other"]),
        ([1, 2], 1, ["other", "other"]),
        ([0, None], 0, ["other", "other"]),
        (["0", "1"], 0, ["agent", "customer"]),
        ([True, False], 0, ["other", "other"]),
    ],
)
def test_the_agent_is_on_the_channel_that_was_named_where_there_are_two(
    tmp_path: Path, channels: list[object], agent: int | None, roles: list[str]
) -> None:
    said = [{"ChannelId": c, "BeginTime": at, "EndTime": at, "Text": "好"} for at, c in enumerate(channels)]
    path = document(tmp_path / "call.json", {"Result": {"Sentences": said}})
    assert [turn.role.value for turn in turns_of(read([path], agent_channel=agent))] == roles


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("客服", "agent"),
        ("坐席", "agent"),
        ("座席01", "agent"),
        ("客服 小李", "agent"),
        ("客服(1001)", "agent"),
        ("客户经理", "agent"),
        ("AGENT", "agent"),
        ("Agent_2", "agent"),
        ("customer service", "agent"),
        ("Customer Service Rep", "agent"),
        ("客户", "customer"),
        ("用户1", "customer"),
        ("CUSTOMER", "customer"),
        ("Client-3", "customer"),
        ("系统", "system"),
        ("CUSTOM_BOT", "system"),
        ("IVR", "system"),
        ("客户群", "other"),
        ("代理", "other"),
        ("SUPERVISOR", "other"),
        ("spk_0", "other"),
        ("1", "other"),
        ("caller", "other"),
        (1, "other"),
        (None, "other"),
    ],
)
def test_a_speakers_name_tells_the_role_and_a_number_does_not(tmp_path: Path, name: object, role: str) -> None:
    segments = [{"start": 0, "end": 1, "text": "好", "speaker": name}]
    (turn,) = turns_of(read([document(tmp_path / "call.json", {"segments": segments})]))
    assert turn.role.value == role


def test_names_count_before_channels_and_an_unnamed_voice_is_other(tmp_path: Path) -> None:
    said = [
        {"ChannelId": 1, "SpeakerId": "客服", "BeginTime": 0, "EndTime": 1, "Text": "您好"},
        {"ChannelId": 0, "SpeakerId": "客户", "BeginTime": 2, "EndTime": 3, "Text": "喂"},
        {"ChannelId": 0, "SpeakerId": "7", "BeginTime": 4, "EndTime": 5, "Text": "谁"},
    ]
    turns = turns_of(read([document(tmp_path / "call.json", {"Result": {"Sentences": said}})]))
    assert [turn.role.value for turn in turns] == ["agent", "customer", "other"]
