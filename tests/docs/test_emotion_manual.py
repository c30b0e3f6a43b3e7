"""The page on training under test: its tables are read, its commands exist, its figures are those of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.emotion_training import FORGETS_AT_MOST
from pipeline.domain.emotion import EmotionLabel
from pipeline.emotion.held_out import held_out_lines
from pipeline.emotion.labelled import COLUMNS, LABEL_NAMES, read_labelled
from pipeline.emotion.labelled_calls import read_call_truth
from pipeline.emotion.retrain import FOLDS, LEAST_OF_LABEL, LEAST_TURNS, RAREST_CALLS
from pipeline.intake.columns import plain
from tests.docs.markdown import ROOT, blocks, shell_commands
from tests.docs.test_readme import COMMANDS

PAGE = ROOT / "docs/zh/情绪模型.md"
TEXT = PAGE.read_text(encoding="utf-8")


def sample(mark: str, folder: Path) -> Path:
    (block,) = (block for block in blocks(PAGE) if block.mark == mark)
    path = folder / f"{mark}.csv"
    path.write_text(block.text, encoding="utf-8")
    return path


def test_the_labels_shown_are_labels(tmp_path: Path) -> None:
    (call,) = read_labelled(sample("标注", tmp_path))
    assert call.call_id == "A001"
    assert [label and label.value for label in call.labels] == [None, "dissatisfied", None, "angry", None, "calm"]


def test_the_judged_calls_shown_are_judged_calls(tmp_path: Path) -> None:
    (truth,) = read_call_truth(sample("通话情绪", tmp_path))
    assert (truth.peak, truth.end) == (EmotionLabel.ANGRY, EmotionLabel.CALM)


@pytest.mark.parametrize("words", list(shell_commands(PAGE)), ids=" ".join)
def test_every_command_line_is_one_that_zhijian_accepts(words: tuple[str, ...]) -> None:
    words = words[1:]
    length = next(n for n in (3, 2, 1) if words[:n] in COMMANDS)
    COMMANDS[words[:length]].make_context(" ".join(words[:length]), list(words[length:]))


def test_every_name_that_is_shown_is_understood() -> None:
    table = TEXT.split("| 列 |")[1].split("\n\n")[0]
    shown = {name.strip("` ") for row in table.splitlines()[2:] for name in row.split("|")[2].split("、")}
    assert shown
    assert {COLUMNS.meaning.get(plain(name)) for name in shown} == set(COLUMNS.names)
    assert all(label.value in TEXT for label in EmotionLabel)
    assert all(name in LABEL_NAMES for name in ("满意", "平静", "焦急", "不满", "愤怒"))


@pytest.mark.parametrize(
    "statement",
    [
        f"至少要 {LEAST_TURNS} 轮、来自 {2 * FOLDS} 通",
        f"两种情绪各有 {LEAST_OF_LABEL} 轮",
        f"降了 {FORGETS_AT_MOST:.2f} 以上",
        f"至少在 {RAREST_CALLS} 通里出现过",
        f"自带的 {len(held_out_lines())} 句留出话语",
    ],
)
def test_the_figures_of_the_page_are_those_of_the_program(statement: str) -> None:
    assert statement in TEXT
