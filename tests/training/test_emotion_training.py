"""The training program on its own lines and on missing data; a whole training needs sets that are not shipped."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import InputError
from pipeline.domain.transcript import Role
from training.emotion.__main__ import train
from training.emotion.own import held_out_lines, misheard, own_lines, stammered, with_variants


def test_missing_data_sets_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cped_train") as caught:
        train(tmp_path, tmp_path / "model")
    assert len(caught.value.problems) > 3
    assert not (tmp_path / "model").exists()


def test_there_are_own_lines_for_both_sides_and_every_label() -> None:
    lines = own_lines()
    assert len(lines) >= 400
    assert {line.label for line in lines} == set(EmotionLabel)
    assert {line.role for line in lines} == {Role.AGENT, Role.CUSTOMER}
    assert len({(line.role, line.text) for line in lines}) == len(lines)


def test_no_held_out_line_is_trained_on() -> None:
    trained = {(line.role, line.text) for line in own_lines()}
    assert not trained & {(role, text) for role, text, _ in held_out_lines()}


def test_variants_keep_their_label_and_group_and_are_the_same_for_the_same_seed() -> None:
    lines = own_lines()
    variants = with_variants(lines, {"我": "握"}, seed=1)
    assert variants == with_variants(lines, {"我": "握"}, seed=1)
    by_group = {line.group: line for line in lines}
    assert all(by_group[v.group].label is v.label and by_group[v.group].role is v.role for v in variants)


def test_a_misheard_line_keeps_its_length_and_a_stammered_one_grows() -> None:
    rng = random.Random(0)
    assert len(misheard("我要投诉", {"我": "握", "投": "头"}, rng)) == 4
    assert len(stammered("我要投诉", rng)) > 4
