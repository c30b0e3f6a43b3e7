"""The program that makes the model: its lines, its readers, and that it makes the same model again."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError
from pipeline.domain.transcript import Role
from pipeline.emotion import EmotionModel
from pipeline.text.classify.features import plain
from training.emotion import __main__ as program
from training.emotion import corpora
from training.emotion.measure import calibration_error
from training.emotion.own import held_out_lines, misheard, own_lines, stammered, traps, with_variants


def test_there_are_at_least_400_own_lines_over_all_labels_and_no_line_has_two_labels() -> None:
    lines = own_lines()
    assert len({line.text for line in lines}) >= 400
    for role in (Role.CUSTOMER, Role.AGENT):
        assert {line.label for line in lines if line.role is role} == set(EmotionLabel)
    repeated = [key for key, n in Counter((line.role, line.text) for line in lines).items() if n > 1]
    assert repeated == []
    assert all(line.text for line in lines)


def test_no_held_out_line_is_trained_on() -> None:
    assert not {line.text for line in own_lines()} & {text for _, text, _ in held_out_lines()}


def test_no_misleading_line_that_is_measured_on_is_trained_on() -> None:
    measured = traps()
    assert not {line.text for line in own_lines()} & {trap.text for trap in measured}
    assert {trap.label for trap in measured} == set(EmotionLabel)
    kinds = Counter(trap.kind for trap in measured)
    assert min(kinds.values()) >= 38
    assert 0.4 < sum(trap.looked_at for trap in measured) / len(measured) < 0.6


def test_variants_keep_the_line_its_label_and_its_group() -> None:
    lines = own_lines()
    variants = with_variants(lines, {"好": "郝"}, seed=1)
    assert {(v.group, v.label, v.role) for v in variants} == {(e.group, e.label, e.role) for e in lines}
    assert {line.text for line in lines} <= {v.text for v in variants}
    assert variants == with_variants(lines, {"好": "郝"}, seed=1)


def test_a_misheard_text_keeps_its_length_and_a_stammered_one_repeats_itself() -> None:
    rng = random.Random(0)
    assert set(misheard("好" * 200, {"好": "郝"}, rng)) == {"好", "郝"}
    assert misheard("没有", {"好": "郝"}, rng) == "没有"
    assert stammered("对", rng) == "对对"
    assert all(len(stammered("我想问一下", rng)) in (6, 7) for _ in range(20))


def test_sure_and_right_half_the_time_is_half_an_error_of_calibration() -> None:
    sure = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert calibration_error(sure, np.array([0, 0]), np.ones(2)) == 0
    assert calibration_error(sure, np.array([0, 1]), np.ones(2)) == 0.5
    assert calibration_error(sure, np.array([0, 1]), np.array([3.0, 1.0])) == 0.25


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Small sets of the same form, in sentences of our own."""
    data = tmp_path / "data"
    data.mkdir()
    emotions = {
        "neutral": "今天周三",
        "happy": "我真开心",
        "worried": "我有点怕",
        "depress": "没意思",
        "anger": "你滚开",
    }
    cped = [
        {"dialogue": f"d{n}", "text": f"{text}第{word}回", "sentiment": sentiment, "emotion": emotion}
        for n, word in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")
        for (emotion, text), sentiment in zip(
            emotions.items(), ("neutral", "positive", "negative", "negative", "negative"), strict=True
        )
    ]
    write_rows(data / "cped_train.jsonl", cped)
    crosswoz = [
        {
            "dialogue": f"w{n}",
            "role": role,
            "text": f"请问{word}店几点开门" if role == "customer" else f"{word}店九点开门",
        }
        for n, word in enumerate("东南西北中前后左右上")
        for role in ("customer", "agent")
    ]
    crosswoz.append({"dialogue": "w0", "role": "customer", "text": "谢谢你的推荐!"})
    crosswoz.append({"dialogue": "w0", "role": "customer", "text": "好,谢谢"})
    write_rows(data / "crosswoz_val.jsonl", crosswoz)
    write_rows(
        data / "cold_train.jsonl",
        [
            {"text": "你这个废物闭嘴", "label": 1},
            {"text": "那地方的人都是垃圾", "label": 1},
            {"text": "你说垃圾要分类", "label": 0},
        ],
    )
    (data / "homophones.tsv").write_text("#字\t同调\t异调\n好\t郝\t号\n口\t\t扣\n", encoding="utf-8")
    kinds = ["calm", "dissatisfied", "angry", "satisfied"]
    words = {
        "calm": "我想查一下订单",
        "dissatisfied": "太差了我不满意",
        "angry": "气死我了骗子",
        "satisfied": "太感谢你了",
    }
    calls = [(str(n), kind) for n, kind in enumerate(islice(cycle(kinds), 20))]
    write_rows(
        data / "fosaed_dev_calls.jsonl",
        [{"id": call, "turns": [{"role": "customer", "text": words[kind]}]} for call, kind in calls],
    )
    write_rows(
        data / "fosaed_dev_labels.jsonl",
        [{"id": call, "customer_emotion_peak": kind, "customer_emotion_end": kind} for call, kind in calls],
    )
    write_rows(
        data / "emotiontalk_val.jsonl",
        [
            {"id": f"G1_2_{n % 2}_{n}", "text": t, "emotion": e}
            for n, (t, e) in enumerate((("你滚开", "angry"), ("真开心", "happy"), ("周三了", "neutral")))
        ],
    )
    write_rows(
        data / "stc3_cn_dev.jsonl",
        [
            {"turns": [{"role": "customer", "text": text}], "satisfaction": score}
            for text, score in (("太感谢了", 1.5), ("太差了", -1.5), ("查一下", 0.0))
        ],
    )
    return data


def test_the_same_sets_give_the_same_bytes(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = own_lines()[::20]
    monkeypatch.setattr(program, "own_lines", lambda: some)
    for name in ("one", "two"):
        monkeypatch.setattr("sys.argv", ["training", "--data", str(sets), "--out", str(tmp_path / name)])
        assert program.main() == 0
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == [
        "README.md",
        "coefficients.npy",
        "context.npy",
        "idf.npy",
        "metrics.json",
        "model.json",
        "vocabulary.txt",
    ]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert len(EmotionModel.load(tmp_path / "one").digest) == 64


def test_a_folder_that_lacks_sets_is_refused_and_every_one_is_named(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (sets / "cped_train.jsonl").unlink()
    (sets / "homophones.tsv").unlink()
    monkeypatch.setattr("sys.argv", ["training", "--data", str(sets), "--out", str(tmp_path / "out")])
    assert program.main() == 1
    said = capsys.readouterr().err
    assert "缺少 cped_train.jsonl" in said
    assert "缺少 homophones.tsv" in said
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError):
        corpora.check_sets(sets)


def test_only_insults_that_address_someone_are_taken_from_cold(sets: Path) -> None:
    assert [(e.text, e.label) for e in corpora.cold(sets)] == [(plain("你这个废物闭嘴"), EmotionLabel.ANGRY)]


def test_warm_thanks_are_satisfied_and_routine_thanks_are_left_out(sets: Path) -> None:
    labels = {e.text: e.label for e in corpora.crosswoz(sets)}
    assert labels["谢谢你的推荐"] is EmotionLabel.SATISFIED
    assert "好谢谢" not in labels
    assert labels["东店九点开门"] is EmotionLabel.CALM


def test_dialogues_held_out_are_not_learned_from(sets: Path) -> None:
    examples, held_out = corpora.cped(sets)
    assert held_out
    assert not {e.text for e in examples} & {turn.text for turn in held_out}


def test_homophones_skip_comments_and_characters_without_any(sets: Path) -> None:
    assert corpora.homophones(sets) == {"好": "郝"}
