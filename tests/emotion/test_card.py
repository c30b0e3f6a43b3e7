"""The model card says what was measured, and says it of the shipped files."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline.assets import asset
from training.emotion.card import TEMPLATE, figures, render
from training.emotion.own import own_lines

FOLDER = asset("models/emotion-zh")


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    return loaded


def test_the_card_states_what_metrics_json_holds(metrics: dict[str, Any]) -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == render(metrics)


def test_a_figure_that_was_not_measured_cannot_be_stated(metrics: dict[str, Any]) -> None:
    del metrics["cross_validation"]
    with pytest.raises(KeyError, match="cross_validation"):
        render(metrics)


@pytest.mark.parametrize(
    "figure",
    [
        "fosaed_calls.peak.macro_f1",
        "fosaed_calls.end.macro_f1",
        "fosaed_calls.end.accuracy",
        "fosaed_calls.end.baseline_accuracy",
        "fosaed_calls.calm_calls_called_angry",
        "emotiontalk_val.three_classes_macro_f1",
        "emotiontalk_val.anger_macro_f1",
        "cped_held_out.three_classes_macro_f1",
        "own_held_out.macro_f1",
        "cross_validation.ece",
        "own_held_out.ece",
    ],
)
def test_the_card_leaves_no_promised_figure_out(figure: str) -> None:
    assert f"${{{figure}}}" in TEMPLATE.read_text(encoding="utf-8")


def test_no_call_that_the_readers_found_calm_is_called_angry(metrics: dict[str, Any]) -> None:
    assert metrics["fosaed_calls"]["calm_calls_called_angry"] == 0


def test_the_shipped_model_was_trained_on_the_lines_as_they_are(metrics: dict[str, Any]) -> None:
    vocabulary = (FOLDER / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    assert metrics["training"]["own_lines"] + metrics["training"]["hard_lines"] == len(own_lines())
    assert metrics["training"]["features"] == len(vocabulary)


def test_figures_read_as_a_person_writes_them() -> None:
    assert dict(figures({"a": {"n": 12345, "f1": 0.5}})) == {"a.n": "12,345", "a.f1": "0.500"}
    assert not re.search(r"\$\{", (FOLDER / "README.md").read_text(encoding="utf-8"))
