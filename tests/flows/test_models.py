"""`zhijian models`, and the options about the speech model of `zhijian run`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from flows.cli import app
from flows.options import RunOptions
from pipeline.assets import asset
from pipeline.transcribe import EngineOptions, engine_options

SHIPPED = asset("models") / "asr-demo-zh"
VARIABLES = ("ZHIJIAN_MODEL", "ZHIJIAN_PROFILE", "ZHIJIAN_DEVICE")


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, an empty cache, no card, nothing in the environment."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_list_shows_profiles_with_their_figures_and_what_is_here(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "mine" / "whole")
    shutil.copytree(SHIPPED, tmp_path / "mine" / "part")
    (tmp_path / "mine" / "part" / "model.bin").unlink()
    result = call("models", "list", str(tmp_path / "mine"))
    assert result.exit_code == 0, result.output
    said = re.sub(r"[\s│]+", "", result.output)
    assert re.search(r"demo试用.*有无公布数据", said)
    assert re.search(r"fast.*没有18\.9%2\.7倍至少1\.3GB", said)
    assert re.search(r"accurate.*没有17\.2%1倍至少3\.5GB", said)
    assert "出处:" in said
    assert re.search("asr-demo-zh随附.*文件齐全", said)
    assert re.search("指定的文件夹.*缺少model.bin.*指定的文件夹.*文件齐全", said)


def test_a_model_that_works_is_told_with_how_it_runs(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("光猫\n宽带\n", encoding="utf-8")
    model = shutil.copytree(SHIPPED, tmp_path / "model")
    (model / "zhijian.json").write_text('{"window_s": 20}')
    result = call("models", "check", str(model), "--device", "cpu", "--glossary", str(words))
    assert result.exit_code == 0, result.output
    for line in ("设备:处理器", "运算精度:", "语种:.*zh", "内存:", "合并到 20 秒,补足到 30 秒", "2 个词中采用 2 个"):
        assert re.search(line, result.output)
    assert "可以使用" in result.output


def test_a_profile_is_checked_by_its_name() -> None:
    result = call("models", "check", "demo")
    assert result.exit_code == 0, result.output
    assert "asr-demo-zh" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fast"], "Belle-whisper-large-v3-turbo-zh-ct2 不在本机"),
        (["no-such-model"], "找不到模型“no-such-model”"),
        (["{tmp}"], "缺少模型文件"),
        (["demo", "--compute-type", "int3"], "int3"),
        (["demo", "--language", "xx"], "“xx”"),
        (["demo", "--glossary", "{tmp}/none.txt"], "词表打不开"),
    ],
)
def test_a_model_that_does_not_work_is_a_sentence_and_exit_code_1(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    result = call("models", "check", *(a.format(tmp=tmp_path) for a in arguments))
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["asr-demo-zh", "demo"])
def test_the_path_is_the_folder_and_nothing_else(name: str) -> None:
    result = call("models", "path", name)
    assert (result.exit_code, result.output) == (0, f"{SHIPPED}\n")


def engine_of_run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> EngineOptions:
    """What `zhijian run` would recognise with."""
    seen: list[RunOptions] = []

    def run(options: RunOptions, _notify: object) -> None:
        seen.append(options)
        raise typer.Exit

    monkeypatch.setattr("flows.run.run_inspection", run)
    result = call("run", "recordings", "--out", "lake", *arguments)
    assert result.exit_code == 0, result.output
    (options,) = seen
    return options.engine


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], EngineOptions(device="cpu")),
        (["--profile", "demo"], EngineOptions(device="cpu")),
        (["--model", "large-v3"], EngineOptions(device="cpu", model="large-v3")),
        (["--profile", "fast"], engine_options("fast", device="cpu")),
        (["--profile", "fast", "--model", "mine"], engine_options("fast", device="cpu", model="mine")),
    ],
)
def test_a_run_takes_the_profile_and_the_model_that_are_named(
    arguments: list[str], wanted: EngineOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine_of_run(monkeypatch, *arguments, "--device", "cpu") == wanted


def test_every_option_of_the_recogniser_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = tmp_path / "words.txt"
    words.write_bytes("光猫 # 家用\n".encode("gbk"))
    arguments = (
        "--profile accurate --model m --device cpu --compute-type int16 --threads 3 --language yue --beam-size 2"
    )
    engine = engine_of_run(monkeypatch, *arguments.split(), "--asr-batch-size", "7", "--glossary", str(words))
    assert engine == EngineOptions(
        model="m",
        device="cpu",
        compute_type="int16",
        threads=3,
        language="yue",
        beam_size=2,
        batch_size=7,
        glossary=("光猫",),
    )


def test_the_environment_names_a_profile_and_a_model_where_the_command_line_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZHIJIAN_PROFILE", "fast")
    assert engine_of_run(monkeypatch) == engine_options("fast")
    monkeypatch.setenv("ZHIJIAN_MODEL", "mine")
    assert engine_of_run(monkeypatch) == engine_options("fast", model="mine")
    assert engine_of_run(monkeypatch, "--model", "other").model == "other"
