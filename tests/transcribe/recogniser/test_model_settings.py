from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.errors import ModelError, ProblemCode
from pipeline.transcribe import EngineOptions, load_engine
from pipeline.transcribe.recogniser.model_settings import ModelSettings, read_settings


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        (None, ModelSettings(window_s=28, pad_s=30, hotwords=True)),
        ("{}", ModelSettings()),
        ('{"window_s": 0, "pad_s": 10}', ModelSettings(window_s=0, pad_s=10)),
        ('{"hotwords": false}', ModelSettings(hotwords=False)),
        ('\ufeff{"window_s": 28, "pad_s": 30, "hotwords": true}', ModelSettings()),
    ],
)
def test_a_model_may_say_how_it_wants_to_be_used(written: str | None, settings: ModelSettings, tmp_path: Path) -> None:
    if written is not None:
        (tmp_path / "zhijian.json").write_text(written, encoding="utf-8")
    assert read_settings(tmp_path) == settings


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"window_s": 29}, ["window_s 应是 0 到 28"]),
        ({"window_s": -1}, ["window_s"]),
        ({"window_s": True}, ["window_s"]),
        ({"window_s": None}, ["window_s"]),
        ({"pad_s": 9}, ["pad_s 应是 10 到 30"]),
        ({"pad_s": 30.0}, ["pad_s"]),
        ({"hotwords": "no"}, ["hotwords 应是 true 或 false"]),
        ({"windows": 3}, ["“windows”,可用的是 window_s、pad_s、hotwords"]),
        ({"windows": 3, "pad_s": "10", "hotwords": 1}, ["“windows”", "pad_s", "hotwords"]),
        ([], ["花括号"]),
        ("{", ["JSON"]),
        ("[" * 100_000, ["JSON"]),
        ('{"pad_s": 10, "pad_s": 20}', ["两次"]),
        (b"\xff\xfe\x00", ["JSON"]),
    ],
)
def test_everything_wrong_in_it_is_told_with_the_file(written: Any, said: list[str], tmp_path: Path) -> None:
    content = written if isinstance(written, str) else json.dumps(written) if not isinstance(written, bytes) else ""
    (tmp_path / "zhijian.json").write_bytes(written if isinstance(written, bytes) else content.encode())
    with pytest.raises(ModelError) as caught:
        read_settings(tmp_path)
    problems = caught.value.problems
    assert [words in problem.what for words, problem in zip(said, problems, strict=True)] == [True] * len(said)
    assert {problem.code for problem in problems} == {ProblemCode.MODEL_INVALID}
    assert {problem.file for problem in problems} == {str(tmp_path / "zhijian.json")}


def test_what_a_model_asks_for_goes_with_its_folder_and_not_with_its_name(copy: Path) -> None:
    asked = load_engine(EngineOptions(model=str(copy))).options
    assert (asked.window_s, asked.pad_s) == (0, 10)
    (copy / "zhijian.json").unlink()
    usual = load_engine(EngineOptions(model=str(copy))).options
    assert (usual.window_s, usual.pad_s) == (28, 30)


def test_the_caller_knows_better_than_the_model(copy: Path) -> None:
    (copy / "zhijian.json").write_text('{"window_s": 20, "pad_s": 12}')
    chosen = load_engine(EngineOptions(model=str(copy), window_s=0)).options
    assert (chosen.window_s, chosen.pad_s) == (0, 12)


def test_a_model_with_wrong_settings_is_not_loaded(copy: Path) -> None:
    (copy / "zhijian.json").write_text('{"window": 0}')
    with pytest.raises(ModelError, match="window"):
        load_engine(EngineOptions(model=str(copy)))
