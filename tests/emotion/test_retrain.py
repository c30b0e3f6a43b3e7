"""A retrained model has learnt the house's words, keeps what it was not told of, and is the same every time."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel
from pipeline.emotion.adapter import LABELS, AdaptedModel, mixing, to_folder
from pipeline.emotion.folder import MAX_BYTES, check_target, fingerprint, read_seen, replace_folder, seen_bytes
from pipeline.emotion.labelled import LabelledCall, read_labelled
from pipeline.emotion.retrain import Retrained, examples_of, faults, retrain
from tests.emotion.labelled_lines import JARGON, as_csv, rows

SHIPPED = asset("models/emotion-zh")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelledCall, ...]:
    path = tmp_path_factory.mktemp("labels") / "标注.csv"
    path.write_text(as_csv(rows()), encoding="utf-8")
    return read_labelled(path)


@pytest.fixture(scope="module")
def learnt(calls: tuple[LabelledCall, ...]) -> Retrained:
    return retrain(EmotionModel.load(SHIPPED), calls)


@pytest.fixture(scope="module")
def folder(learnt: Retrained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "mine"
    replace_folder(folder, to_folder(SHIPPED, learnt.adapter)[0])
    return folder


def customer(text: str) -> list[Turn]:
    return [Turn(0, Role.CUSTOMER, text)]


def test_it_learns_words_that_the_shipped_model_cannot_know(folder: Path, model: EmotionModel) -> None:
    (before,), (after,) = (one.predict(customer("就是那个蓝鲸套餐")) for one in (model, EmotionModel.load(folder)))
    assert before is not None
    assert after is not None
    assert before.label is not EmotionLabel.ANGRY
    assert after.label is EmotionLabel.ANGRY
    assert sum(after.probabilities.values()) == pytest.approx(1)


def test_every_answer_of_the_validation_comes_from_a_model_that_had_not_seen_the_call(
    calls: tuple[LabelledCall, ...], model: EmotionModel
) -> None:
    # A call's label by chance: where no other call knows it, only a leak could answer it.
    rng = np.random.default_rng(0)
    chance = [LABELS[n] for n in rng.integers(0, 5, len(calls))]
    torn = tuple(
        LabelledCall(
            c.call_id,
            tuple(Turn(t.index, t.role, f"{c.call_id}号代码{'甲乙丙丁'[n % 4]}") for t in c.turns),
            tuple(label and chance[n] for label in c.labels),
        )
        for n, c in enumerate(calls)
    )
    truth = [LABELS.index(example.label) for example in examples_of(torn)]
    right = (retrain(model, torn).unseen.argmax(axis=1) == truth).mean()
    assert right < 0.45


def test_the_same_calls_give_the_same_bytes(
    calls: tuple[LabelledCall, ...], learnt: Retrained, model: EmotionModel
) -> None:
    again = retrain(model, calls)
    assert to_folder(SHIPPED, again.adapter) == to_folder(SHIPPED, learnt.adapter)
    assert np.array_equal(again.unseen, learnt.unseen)


def test_the_folder_answers_as_the_model_that_was_written(folder: Path, learnt: Retrained, model: EmotionModel) -> None:
    held = AdaptedModel(model, learnt.adapter, "x")
    turns = [Turn(0, Role.CUSTOMER, "那个红杉工单"), Turn(1, Role.AGENT, "马上处理"), Turn(2, Role.CUSTOMER, "好的")]
    for ours, theirs in zip(held.predict(turns), EmotionModel.load(folder).predict(turns), strict=True):
        assert ours is not None
        assert theirs is not None
        assert list(ours.probabilities.values()) == pytest.approx(list(theirs.probabilities.values()), abs=0.01)


def test_a_turn_without_a_word_and_a_call_without_turns_have_no_emotion(folder: Path) -> None:
    loaded = EmotionModel.load(folder)
    assert loaded.predict([]) == ()
    assert loaded.predict(customer("……")) == (None,)
    assert loaded.predict_calls([customer("……"), customer("好")])[0] == (None,)


def test_calls_do_not_speak_into_one_another(folder: Path) -> None:
    loaded = EmotionModel.load(folder)
    first, second = customer("就是那个蓝鲸套餐"), customer("好的")
    assert loaded.predict_calls([first, second]) == [loaded.predict(first), loaded.predict(second)]


def test_neighbours_count_by_side_and_distance() -> None:
    turns = [Turn(n, role, "x") for n, role in enumerate((Role.CUSTOMER, Role.AGENT, Role.CUSTOMER, Role.SYSTEM))]
    before, after = mixing(turns)
    assert before.toarray()[2].tolist() == [0.75, 0, 0, 0]
    assert after.toarray()[0].tolist() == [0, 1, 0, 0.5625]
    assert after.toarray()[2].tolist() == [0, 0, 0, 1]


def test_a_word_of_few_calls_is_not_learnt(folder: Path, calls: tuple[LabelledCall, ...], model: EmotionModel) -> None:
    one = LabelledCall("C999", tuple(customer("我叫欧阳翡翠")), (EmotionLabel.ANGRY,))
    vocabulary = retrain(model, [*calls, one]).adapter.weights.vocabulary
    assert any(JARGON["愤怒"] in feature for feature in vocabulary)
    assert not [feature for feature in vocabulary if "翡翠" in feature]


def test_too_little_to_learn_from_is_told(calls: tuple[LabelledCall, ...], model: EmotionModel) -> None:
    assert len(faults(calls[:4])) == 3
    with pytest.raises(ValueError, match="至少要 50 轮"):
        retrain(model, calls[:4])


def test_two_labels_are_enough(calls: tuple[LabelledCall, ...], model: EmotionModel) -> None:
    two = [call for call in calls if call.labels[1] in (EmotionLabel.ANGRY, EmotionLabel.CALM)]
    many = [LabelledCall(f"{call.call_id}-{n}", call.turns, call.labels) for call in two for n in range(3)]
    assert (
        retrain(model, many).unseen.argmax(axis=1) == [LABELS.index(e.label) for e in examples_of(many)]
    ).mean() > 0.9


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: (f / "adapter.json").write_text("{}"),
        lambda f: (f / "adapter.json").write_text("[" * 100_000),
        lambda f: (f / "own" / "idf.npy").write_bytes(b"\x80\x04."),
        lambda f: (f / "own" / "idf.npy").unlink(),
        lambda f: (f / "own" / "vocabulary.txt").write_bytes(b"x" * (MAX_BYTES + 1)),
        lambda f: shutil.rmtree(f / "base"),
        lambda f: shutil.copy(f / "own" / "idf.npy", f / "base" / "idf.npy"),
        lambda f: (f / "adapter.json").write_text((f / "adapter.json").read_text().replace('"base": "', '"base": "0')),
        lambda f: (f / "adapter.json").write_text((f / "adapter.json").read_text().replace("factors", "factor")),
    ],
)
def test_a_damaged_folder_is_refused(damage, folder: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "mine"
    shutil.copytree(folder, copy)
    damage(copy)
    with pytest.raises(ModelError):
        EmotionModel.load(copy)


def test_a_kill_between_the_renames_loses_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    shutil.copytree(folder, target)
    digest = EmotionModel.load(target).digest
    (tmp_path / ".mine.new").mkdir()
    target.rename(tmp_path / ".mine.old")  # as the kill leaves it
    check_target(target)
    assert EmotionModel.load(target).digest == digest
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("failing", ["write", "rename"])
def test_a_failure_while_writing_leaves_the_old_model(
    failing: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    shutil.copytree(folder, target)
    digest = EmotionModel.load(target).digest
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    rename = Path.rename

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def second_fails(self: Path, other: Path) -> Path:
        if self.name.endswith(".new"):
            full()
        return rename(self, other)

    if failing == "write":
        monkeypatch.setattr("os.fsync", full)
    else:
        monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(OSError, match="No space"):
        replace_folder(target, contents)
    assert EmotionModel.load(target).digest == digest
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_only_a_model_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "年终总结.docx").write_text("x")
    with pytest.raises(ModelError, match="年终总结"):
        check_target(tmp_path / "notes")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match="不是文件夹"):
        check_target(tmp_path / "file")


def test_what_was_learnt_is_known_again_and_cannot_be_read(tmp_path: Path) -> None:
    prints = {fingerprint(Role.CUSTOMER, "我要投诉"), fingerprint(Role.AGENT, "我要投诉")}
    assert len(prints) == 2
    (tmp_path / "seen.npy").write_bytes(seen_bytes(prints))
    assert read_seen(tmp_path) == prints
    assert (tmp_path / "seen.npy").stat().st_size < 200
    (tmp_path / "seen.npy").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError):
        read_seen(tmp_path)
