"""How the model behaves: what it returns, that it is the same every time, and what it leaves unjudged."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.emotion import EmotionModel, load_default

TEXTS = st.text(alphabet="你们什么态度谢谢急好的嗯投诉,。!? abc12頭髮😡", max_size=30)
ROLES = st.sampled_from(list(Role))
CALLS = st.lists(
    st.builds(Turn, st.integers(0, 99), ROLES, TEXTS, quarantine=st.sampled_from([None, Quarantine.STOCK])), max_size=12
)


@cache
def load_default_once() -> EmotionModel:
    """Hypothesis tests take no session fixture; this one is loaded once all the same."""
    return load_default()


@given(CALLS)
def test_probabilities_cover_the_labels_and_sum_to_one(turns: list[Turn]) -> None:
    for emotion in load_default_once().predict(turns):
        if emotion is not None:
            assert list(emotion.probabilities) == list(EmotionLabel)
            assert sum(emotion.probabilities.values()) == pytest.approx(1.0, abs=1e-9)
            assert min(emotion.probabilities.values()) >= 0
            assert emotion.confidence == emotion.probabilities[emotion.label] == max(emotion.probabilities.values())


@given(st.lists(CALLS, max_size=3))
def test_many_calls_at_once_say_what_each_says_by_itself(calls: list[list[Turn]]) -> None:
    model = load_default_once()
    assert model.predict_calls(calls) == [model.predict(call) for call in calls]


@given(TEXTS, ROLES)
def test_turns_with_nothing_to_judge_are_no_neighbours(text: str, role: Role) -> None:
    model = load_default_once()
    silent = Turn(1, Role.AGENT, "…")
    alone = model.predict([Turn(0, role, text)])
    assert model.predict([silent, Turn(0, role, text), silent])[1:2] == alone


def test_anger_before_a_turn_makes_it_angrier(model: EmotionModel) -> None:
    def angry(before: str) -> float:
        emotion = model.predict([Turn(0, Role.CUSTOMER, before), Turn(1, Role.CUSTOMER, "那你们说怎么办吧")])[1]
        assert emotion is not None
        return emotion.probabilities[EmotionLabel.ANGRY]

    assert angry("你们这帮骗子气死我了") > angry("我想查一下订单")


@given(TEXTS)
def test_punctuation_and_spaces_change_nothing(text: str) -> None:
    model = load_default_once()
    bare = text.translate(str.maketrans("", "", ",。!? "))
    assert model.predict([Turn(0, Role.CUSTOMER, text)]) == model.predict([Turn(0, Role.CUSTOMER, bare)])


@pytest.mark.parametrize(
    "turn",
    [
        Turn(0, Role.CUSTOMER, ""),
        Turn(0, Role.CUSTOMER, " …!?"),
        Turn(0, Role.CUSTOMER, "***"),
        Turn(0, Role.CUSTOMER, "气死我了", quarantine=Quarantine.STOCK),
    ],
)
def test_a_turn_with_nothing_to_judge_gets_no_emotion(model: EmotionModel, turn: Turn) -> None:
    assert model.predict([turn]) == (None,)


def test_unjudged_turns_keep_their_place_among_others(model: EmotionModel) -> None:
    turns = [Turn(0, Role.CUSTOMER, "。"), Turn(1, Role.CUSTOMER, "气死我了"), Turn(2, Role.AGENT, "")]
    first, second, third = model.predict(turns)
    assert (first, third) == (None, None)
    assert second is not None


def test_a_call_without_turns_has_no_emotions(model: EmotionModel) -> None:
    assert model.predict([]) == ()


def test_words_and_letters_it_never_saw_are_judged_all_the_same(model: EmotionModel) -> None:
    (emotion,) = model.predict([Turn(0, Role.CUSTOMER, "ẞőł")])
    assert emotion is not None
    assert emotion.label is EmotionLabel.CALM


def test_a_model_loaded_again_says_the_same_and_bears_the_same_digest(model: EmotionModel) -> None:
    again = load_default()
    turns = [Turn(0, Role.CUSTOMER, "怎么还没到啊急死了"), Turn(1, Role.AGENT, "抱歉让您久等了")]
    assert again.predict(turns) == model.predict(turns)
    assert again.digest == model.digest
    assert len(model.digest) == 64


def test_importing_the_room_does_not_load_scikit_learn() -> None:
    code = "import sys, pipeline.emotion; sys.exit(any(m in sys.modules for m in ('sklearn', 'scipy', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
