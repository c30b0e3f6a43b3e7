"""A classifier is taught, written, read back, and refuses what is not one."""

from __future__ import annotations

import io
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.text.classify.classifier import read_classifier, write_classifier
from pipeline.text.classify.fit import THRESHOLDS, Example, faults, fit
from tests.text.classify.samples import EXAMPLES, SHIRKING


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "models" / "m.npz"
    weights, labels, _ = fit(EXAMPLES)
    write_classifier(path, weights, labels)
    return path


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("发货这个事不归我管您找别的部门吧", "推诿"),
        ("這個事不歸我管，您找別的部門", "推诿"),
        ("好的我马上帮您查一下账单请稍等", "其他"),
    ],
)
def test_what_was_learnt_is_told_of_new_sentences_in_any_script(file: Path, text: str, label: str) -> None:
    (shares,) = read_classifier(file).shares([text])
    assert shares is not None
    assert shares[label] > 0.7
    assert sum(shares.values()) == pytest.approx(1)


def test_a_text_without_a_spoken_character_gets_no_label(file: Path) -> None:
    model = read_classifier(file)
    assert model.shares(["", "。。。", "***"]) == (None, None, None)
    one, none, again = model.shares([SHIRKING[0], "", SHIRKING[0]])
    assert none is None
    assert one is not None
    assert one == again == model.shares([SHIRKING[0]])[0]


def test_the_same_examples_in_any_order_give_the_same_file(file: Path, tmp_path: Path) -> None:
    shuffled = list(EXAMPLES)
    random.Random(3).shuffle(shuffled)
    weights, labels, _ = fit(shuffled)
    write_classifier(tmp_path / "m.npz", weights, labels)
    assert (tmp_path / "m.npz").read_bytes() == file.read_bytes()


def test_three_labels_are_told_apart() -> None:
    greeting = [Example(f"您好很高兴为您服务我是{n}号客服", "问候") for n in "甲乙丙丁戊己庚辛壬癸"]
    _, labels, figures = fit([*EXAMPLES, *greeting])
    assert labels == ("其他", "推诿", "问候")
    assert figures.macro_f1 > 0.9
    assert figures.texts == {"其他": 12, "推诿": 12, "问候": 10}


def test_the_figures_are_of_unseen_texts_and_so_random_labels_score_like_chance() -> None:
    rng = random.Random(1)
    letters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
    texts = sorted({"".join(rng.choices(letters, k=12)) for _ in range(120)})
    examples = [Example(text, rng.choice("甲乙")) for text in texts]
    assert fit(examples)[2].macro_f1 < 0.7


def test_a_repeated_text_counts_once_and_cannot_stand_on_both_sides_of_a_fold() -> None:
    figures = fit(EXAMPLES)[2]
    doubled = fit(EXAMPLES * 3)[2]
    assert doubled.texts == figures.texts
    assert doubled.macro_f1 == figures.macro_f1
    assert doubled.rows == 3 * figures.rows


def test_a_higher_threshold_finds_no_more() -> None:
    for rows in fit(EXAMPLES)[2].thresholds.values():
        assert [row.threshold for row in rows] == list(THRESHOLDS)
        assert [row.found for row in rows] == sorted((row.found for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([], "至少要有两种标签"),
        (EXAMPLES[:12], "至少要有两种标签"),
        (EXAMPLES[:15], "只有 3 句"),
        ([*EXAMPLES, Example(SHIRKING[0] + "。", "其他")], "标了两种标签"),
        ([*EXAMPLES[:12], *[Example("！" * n, "其他") for n in range(1, 20)]], "至少要有两种标签"),
    ],
    ids=["nothing", "one label", "too few", "one text with two labels", "texts without a character"],
)
def test_examples_that_teach_nothing_are_refused(examples: list[Example], said: str) -> None:
    assert any(said in fault for fault in faults(examples))
    with pytest.raises(ValueError, match=said):
        fit(examples)


class Malicious:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (Path.touch, (self.trace,))


def _repacked(file: Path, change: Callable[[dict[str, bytes]], object], *, compress: bool = False) -> bytes:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"not a zip",
        lambda file: file.read_bytes()[:-40],
        lambda file: _repacked(file, lambda m: m.pop("idf.npy")),
        lambda file: _repacked(file, lambda m: m.update({"more.npy": b""})),
        lambda file: _repacked(file, lambda m: m.update({"vocabulary.txt": b"x\n"})),
        lambda file: _repacked(file, lambda m: m.update({"model.json": b"[]"})),
        lambda file: _repacked(file, lambda m: m.update({"model.json": b"[" * 100_000})),
        lambda file: _repacked(file, lambda _: None, compress=True),
        lambda _: pickle.dumps({"labels": ["a"]}),
    ],
    ids="empty text cut missing more forged list nested compressed pickle".split(),
)
def test_a_damaged_or_foreign_file_is_refused(file: Path, tmp_path: Path, damage: Callable[[Path], bytes]) -> None:
    (tmp_path / "m.npz").write_bytes(damage(file))
    with pytest.raises(ValueError, match=r".+"):
        read_classifier(tmp_path / "m.npz")


def test_nothing_in_a_model_file_is_run(file: Path, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Malicious(tmp_path / "trace")], dtype=object), allow_pickle=True)

    def forge(members: dict[str, bytes]) -> None:
        import hashlib
        import json

        members["idf.npy"] = buffer.getvalue()
        description = json.loads(members["model.json"])
        description["sha256"]["idf.npy"] = hashlib.sha256(buffer.getvalue()).hexdigest()
        members["model.json"] = json.dumps(description).encode()

    (tmp_path / "m.npz").write_bytes(_repacked(file, forge))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_classifier(tmp_path / "m.npz")
    assert not (tmp_path / "trace").exists()
