"""The model that ships, on sentences of our own that it was not trained on."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel, course, load_default

FOLDER = asset("models/emotion-zh")
MODEL = load_default()
CALM, ANGRY = EmotionLabel.CALM, EmotionLabel.ANGRY
UPSET = frozenset({EmotionLabel.ANGRY, EmotionLabel.DISSATISFIED})


def turn(text: str, role: Role = Role.CUSTOMER, *, quarantined: bool = False) -> Turn:
    return Turn(0, role, text, quarantined=quarantined)


@pytest.mark.parametrize(
    ("role", "text", "labels"),
    [
        (Role.CUSTOMER, "你们实在太过分了,气死我了", {ANGRY}),
        (Role.CUSTOMER, "我要投诉你们,什么破公司", {ANGRY}),
        (Role.CUSTOMER, "都催了好几遍了还是没人管", UPSET),
        (Role.CUSTOMER, "我很着急,能不能快一点", {EmotionLabel.ANXIOUS}),
        (Role.CUSTOMER, "太好了,真是帮了我大忙,非常感谢", {EmotionLabel.SATISFIED}),
        (Role.CUSTOMER, "我想查一下我的订单到哪里了", {CALM}),
        (Role.CUSTOMER, "请帮我转到投诉部门", {CALM}),
        (Role.CUSTOMER, "不着急,您慢慢查", {CALM, EmotionLabel.SATISFIED}),
        (Role.CUSTOMER, "嗯", {CALM}),
        (Role.AGENT, "非常抱歉给您带来不便,我马上为您核实", {CALM}),
        (Role.AGENT, "感谢您的来电,祝您生活愉快", {CALM, EmotionLabel.SATISFIED}),
        (Role.AGENT, "您的投诉我已经登记,会有专人联系您", {CALM}),
        (Role.AGENT, "你有完没完,烦死了", UPSET),
    ],
)
def test_plain_cases_are_read_right(role: Role, text: str, labels: set[EmotionLabel]) -> None:
    (emotion,) = MODEL.predict([turn(text, role)])
    assert emotion is not None
    assert emotion.label in labels


@given(st.lists(st.text(max_size=20), max_size=6))
def test_probabilities_are_a_share_each_and_the_label_is_the_likeliest(texts: list[str]) -> None:
    for emotion in MODEL.predict([turn(t) for t in texts]):
        if emotion is not None:
            assert sum(emotion.probabilities.values()) == pytest.approx(1)
            assert emotion.confidence == max(emotion.probabilities.values())
            assert set(emotion.probabilities) == set(EmotionLabel)


def test_many_turns_at_once_read_as_each_alone() -> None:
    turns = [turn(t, r) for t in ("气死我了", "好的", "谢谢", "", "您稍等") for r in (Role.AGENT, Role.CUSTOMER)]
    together = MODEL.predict(turns)
    for one, alone in zip(together, (MODEL.predict([t])[0] for t in turns), strict=True):
        assert (one is None) == (alone is None)
        if one is not None and alone is not None:
            assert one.label is alone.label
            assert one.confidence == pytest.approx(alone.confidence)


@pytest.mark.parametrize("nothing", [turn(""), turn("……!"), turn("气死我了", quarantined=True)])
def test_where_nothing_was_surely_said_there_is_no_emotion(nothing: Turn) -> None:
    assert MODEL.predict([nothing]) == (None,)


def test_punctuation_and_script_do_not_matter() -> None:
    (plain, dotted, traditional) = MODEL.predict([turn("你们太过分了"), turn("你们,太过分了!"), turn("你們太過分了")])
    assert plain == dotted == traditional


def test_the_course_names_the_worst_moment_and_the_end() -> None:
    turns = [
        Turn(i, Role.CUSTOMER, t) for i, t in enumerate(["你好", "气死我了,你们太过分了", "嗯", "好", "行", "知道了"])
    ]
    found = course(turns, MODEL.predict(turns))
    assert found is not None
    assert (found.peak, found.peak_turn, found.end) == (ANGRY, 1, CALM)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


def test_two_loads_are_the_same_model(copy: Path) -> None:
    assert EmotionModel.load(copy).digest == MODEL.digest


@pytest.mark.parametrize("name", ["model.json", "vocabulary.txt", "idf.npy", "coefficients.npy"])
@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
def test_a_damaged_model_is_refused_in_chinese(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.write_bytes(whole[:-3] + bytes([whole[-3] ^ 0xFF]) + whole[-2:])
    with pytest.raises(ModelError, match="情绪模型"):
        EmotionModel.load(copy)


def test_a_pickle_in_an_array_file_is_never_executed(copy: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "executed",)

    with (copy / "idf.npy").open("wb") as file:
        np.save(file, np.array([Evil()], dtype=object), allow_pickle=True)
    assert pickle.PROTO in (copy / "idf.npy").read_bytes()
    with pytest.raises(ModelError):
        EmotionModel.load(copy)
    assert not (tmp_path / "executed").exists()


def test_the_model_is_small() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) <= 10_000_000


def test_the_card_states_the_figures_that_were_measured() -> None:
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    stated = [
        metrics["fosaed_calls"]["peak"]["macro_f1"],
        metrics["fosaed_calls"]["end"]["macro_f1"],
        metrics["emotiontalk_val"]["anger_macro_f1"],
        metrics["emotiontalk_val"]["three_classes_macro_f1"],
        metrics["own_held_out"]["macro_f1"],
        metrics["stc3_last_customer_turn"]["spearman"],
    ]
    assert all(f"{figure:.3f}" in card or f"{figure:.2f}" in card for figure in stated)
