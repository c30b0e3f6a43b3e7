"""A model folder that is missing, damaged, foreign or malicious is refused, and nothing in it is run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import ModelError, ProblemCode
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion import EmotionModel
from pipeline.emotion.files import MAX_FILE_BYTES, read_weights, write_weights
from pipeline.text.classify.weights import Weights

LABELS = len(EmotionLabel)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "model"
    shutil.copytree(asset("models/emotion-zh"), copy)
    return copy


def resign(folder: Path) -> None:
    """Make the description vouch for the files as they now are, as a forger would."""
    described = json.loads((folder / "model.json").read_text())
    described["sha256"] = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in described["sha256"]}
    (folder / "model.json").write_text(json.dumps(described))


def forge(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    resign(folder)


def change(folder: Path, **fields: Any) -> None:
    described = json.loads((folder / "model.json").read_text()) | fields
    (folder / "model.json").write_text(json.dumps(described))


def save_array(folder: Path, name: str, array: Any) -> None:
    np.save(folder / name, array, allow_pickle=True)
    resign(folder)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a byte changed": lambda f: (f / "idf.npy").write_bytes((f / "idf.npy").read_bytes()[:-1] + b"?"),
    "a file cut short": lambda f: (f / "coefficients.npy").write_bytes(b"\x93NUMPY"),
    "a file cut short and vouched for": lambda f: forge(f, "idf.npy", b"\x93NUMPY"),
    "an empty array file": lambda f: forge(f, "idf.npy", b""),
    "not JSON": lambda f: (f / "model.json").write_text("{"),
    "JSON of another kind": lambda f: (f / "model.json").write_text("[]"),
    "bytes that are no text": lambda f: (f / "model.json").write_bytes(b"\xff\xfe\x00"),
    "another format": lambda f: change(f, format="other"),
    "other labels": lambda f: change(f, labels=["glad", "sad"]),
    "no intercept": lambda f: change(f, intercept=None),
    "too few intercepts": lambda f: change(f, intercept=[0.0]),
    "an array of another size": lambda f: save_array(f, "idf.npy", np.ones(3, dtype="<f2")),
    "an array of another type": lambda f: save_array(f, "idf.npy", np.ones(3)),
    "not a number": lambda f: save_array(f, "idf.npy", np.load(f / "idf.npy") * np.float16("nan")),
    "a repeated word": lambda f: forge(
        f, "vocabulary.txt", b"a\n" * len((f / "vocabulary.txt").read_text().splitlines())
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_or_foreign_model_is_refused(folder: Path, damage: Callable[[Path], object]) -> None:
    damage(folder)
    with pytest.raises(ModelError) as caught:
        EmotionModel.load(folder)
    assert [p.code for p in caught.value.problems] == [ProblemCode.MODEL_INVALID]
    assert "重新训练" in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="情绪模型文件夹不存在") as caught:
        EmotionModel.load(tmp_path / "none")
    assert caught.value.problems[0].code is ProblemCode.MODEL_UNAVAILABLE
    assert caught.value.problems[0].file == str(tmp_path / "none")


def test_every_missing_file_is_named(folder: Path) -> None:
    (folder / "idf.npy").unlink()
    (folder / "vocabulary.txt").unlink()
    with pytest.raises(ModelError) as caught:
        EmotionModel.load(folder)
    assert {Path(p.file or "").name for p in caught.value.problems} == {"idf.npy", "vocabulary.txt"}


def test_a_file_too_large_is_not_read(folder: Path) -> None:
    with (folder / "vocabulary.txt").open("wb") as huge:
        huge.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(ModelError, match="不是本程序的模型"):
        EmotionModel.load(folder)


class Malicious:
    """Unpickled, it would leave a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return (os.mkdir, (str(self.trace),))


@pytest.mark.parametrize("wrap", ["array", "bare"])
def test_a_pickle_in_place_of_an_array_is_refused_and_never_run(folder: Path, tmp_path: Path, wrap: str) -> None:
    trace = tmp_path / "was_run"
    if wrap == "array":
        save_array(folder, "idf.npy", np.array([Malicious(trace)], dtype=object))
    else:
        forge(folder, "idf.npy", pickle.dumps(Malicious(trace)))
    with pytest.raises(ModelError):
        EmotionModel.load(folder)
    assert not trace.exists()


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    weights = Weights(("好", "急"), np.array([1.5, 2.0]), np.eye(2, LABELS), np.arange(LABELS) / 4)
    write_weights(tmp_path / "m", weights)
    read, _, digest = read_weights(tmp_path / "m")
    assert read.vocabulary == weights.vocabulary
    for name in ("idf", "coefficients", "intercept"):
        np.testing.assert_array_equal(getattr(read, name), getattr(weights, name))
    changed = Weights(weights.vocabulary, weights.idf, weights.coefficients, weights.intercept + 1)
    write_weights(tmp_path / "n", changed)
    assert read_weights(tmp_path / "n")[2] != digest


def test_a_model_of_ours_predicts_from_its_weights(tmp_path: Path) -> None:
    pull = np.zeros((1, LABELS))
    pull[0, list(EmotionLabel).index(EmotionLabel.ANXIOUS)] = 9
    write_weights(tmp_path / "m", Weights(("词急",), np.ones(1), pull, np.zeros(LABELS)))
    (emotion,) = EmotionModel.load(tmp_path / "m").predict([Turn(0, Role.CUSTOMER, "急")])
    assert emotion is not None
    assert emotion.label is EmotionLabel.ANXIOUS


def test_the_shipped_model_is_small() -> None:
    """A user's adapter is stored with it, in 10 MB together."""
    assert sum(path.stat().st_size for path in asset("models/emotion-zh").iterdir()) <= 7_000_000
