"""What the recogniser learns to write: lines, sentences held out, tokens."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.domain.errors import InputError
from training.asr_demo.corpora import SETS, general_sentences
from training.asr_demo.lines import BUILT_IN, BUILT_IN_CHARACTERS, draw_line, held_out, read_lines
from training.asr_demo.texts import Sources, choose_vocabulary, training_texts
from training.asr_demo.tokens import Tokens
from training.voice.reading import read_aloud, written

REPOSITORY = Path(__file__).resolve().parents[3]


def test_there_are_enough_lines_and_every_one_can_be_read_aloud_and_written() -> None:
    files = read_lines()
    assert sum(len(lines.patterns) for lines in files) >= 150
    generator = random.Random(1)
    drawn = {lines.draw(pattern, generator) for lines in files for pattern in lines.patterns for _ in range(2)}
    assert len(drawn) >= 3000
    tokens = choose_vocabulary(Sources())
    for text in drawn:
        pieces = read_aloud(text)
        assert any(piece.sounds for piece in pieces), text
        assert tokens.knows("".join(written(piece.text) for piece in pieces if piece.sounds)), text


def test_a_slot_that_nobody_defines_is_reported_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "bank.yml").write_text("slots: {卡: [信用卡]}\npatterns: ['您的{卡}', '您的{存折}']", encoding="utf-8")
    with pytest.raises(InputError, match="存折") as caught:
        read_lines(tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["bank.yml"]


@pytest.mark.parametrize("slot", sorted(BUILT_IN))
def test_a_built_in_slot_brings_only_what_can_be_written(slot: str) -> None:
    generator = random.Random(2)
    drawn = [BUILT_IN[slot](generator) for _ in range(300)]
    assert len(set(drawn)) > 10
    assert set("".join(drawn)) <= BUILT_IN_CHARACTERS | set("#.%0123456789")


def test_held_out_sentences_are_never_drawn_for_training() -> None:
    files = read_lines()
    generator = random.Random(3)
    training = [draw_line(files, generator) for _ in range(3000)]
    assert not any(held_out(text) for text in training if len(text) >= 4)
    assert all(held_out(draw_line(files, generator, for_measuring=True)) for _ in range(300))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    texts = ["今天的天气真好\uff0c我们去公园", "他有二十三个苹果", "好", "hello 世界你好啊"]
    for name, field in SETS.items():
        rows = (json.dumps({field: text}, ensure_ascii=False) for text in texts)
        (tmp_path / name).write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_general_sentences_are_clauses_without_numbers(data: Path) -> None:
    assert general_sentences(data) == ("世界你好啊", "今天的天气真好", "我们去公园")


def test_a_character_too_rare_to_learn_keeps_its_sentence_out(data: Path) -> None:
    tokens = choose_vocabulary(Sources(data=data))
    texts = training_texts(Sources(data=data), tokens)
    assert all(tokens.knows(text) and not held_out(text) for text in texts.general)
    assert any(texts(random.Random(seed)) for seed in range(5))


def test_what_is_said_in_a_users_scenes_is_learnt_too(tmp_path: Path) -> None:
    scene = (REPOSITORY / "training" / "scenes" / "general" / "good_delivery.yml").read_text(encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own.yml").write_text(scene.replace("客户: ", "客户: 龘", 1), encoding="utf-8")
    sources = Sources(scenes=tmp_path)
    assert "龘" not in choose_vocabulary(Sources()).characters
    assert "龘" in choose_vocabulary(sources).characters
    assert any(text.startswith("龘") for text in sources.lines()[-1].patterns)


def test_special_tokens_stand_where_the_runtime_counts_on_them(tmp_path: Path) -> None:
    tokens = Tokens(("您", "好"))
    assert tokens.id("<|nospeech|>") - tokens.id("<|startoftranscript|>") - 5 == 2
    assert tokens.all[-1] == "<|30.00|>"
    assert tokens.all[tokens.timestamp(1_239)] == "<|1.22|>"
    assert tokens.timestamp(-5) == tokens.id("<|0.00|>")
    assert tokens.timestamp(99_000) == len(tokens) - 1
    tokens.save(tmp_path / "characters.json")
    assert Tokens.load(tmp_path / "characters.json") == tokens
