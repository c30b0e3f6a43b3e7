from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.assets import asset
from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe import Engine, EngineOptions, load_engine
from pipeline.transcribe.model_files import model_digest, model_folder

SHIPPED = asset("models") / "asr-demo-zh"
FILES = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name in FILES:
        shutil.copy(SHIPPED / name, folder)
    return folder


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub out of reach, with an empty cache in the folder returned."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def must_not_be_asked(*_: object, **__: object) -> None:
    raise AssertionError("the hub was asked")


def problem_of(options: EngineOptions) -> Problem:
    with pytest.raises(ModelError) as caught:
        load_engine(options)
    (problem,) = caught.value.problems
    return problem


def test_a_model_is_found_by_its_name_under_models_or_by_its_folder(copy: Path) -> None:
    assert model_folder("asr-demo-zh") == SHIPPED
    assert model_folder(str(copy)) == copy


def test_a_local_folder_is_never_looked_up_on_the_hub(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.rename(tmp_path / "large-v3")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", must_not_be_asked)
    assert model_folder("large-v3") == Path("large-v3")


@pytest.mark.parametrize("model", ["large-v3", "Systran/faster-whisper-small"])
def test_a_model_that_is_nowhere_gets_one_sentence_on_how_to_bring_it(model: str, offline: Path) -> None:
    problem = problem_of(EngineOptions(model=model))
    assert problem.code is ProblemCode.MODEL_UNAVAILABLE
    assert "Systran/faster-whisper-" in problem.what
    assert "文件夹的路径" in problem.remedy
    assert "\n" not in str(problem)


@pytest.mark.parametrize(
    "model", ["gigantic-v9", "/no/such/folder", "./here", "../models/asr-demo-zh-2", "", "..", "a b"]
)
def test_a_name_that_is_no_model_is_refused_without_asking_the_hub(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.snapshot_download", must_not_be_asked)
    code = problem_of(EngineOptions(model=model)).code
    assert code in (ProblemCode.MODEL_UNAVAILABLE, ProblemCode.MODEL_INVALID)


def test_a_model_in_the_hubs_cache_needs_no_network(copy: Path, offline: Path) -> None:
    repository = offline / "models--Systran--faster-whisper-tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    copy.rename(copy.parent / ("0" * 40))
    shutil.move(copy.parent / ("0" * 40), repository / "snapshots" / ("0" * 40))
    assert load_engine(EngineOptions(model="tiny")).fingerprint.startswith("tiny@")


def test_a_download_that_broke_off_is_not_taken_for_the_model(copy: Path, offline: Path) -> None:
    repository = offline / "models--Systran--faster-whisper-tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    (copy / "model.bin").unlink()
    shutil.move(copy, repository / "snapshots" / ("0" * 40))
    assert problem_of(EngineOptions(model="tiny")).code is ProblemCode.MODEL_UNAVAILABLE


@pytest.mark.parametrize("name", FILES[:4])
def test_a_folder_that_lacks_a_file_is_no_model(name: str, copy: Path) -> None:
    (copy / name).unlink()
    problem = problem_of(EngineOptions(model=str(copy)))
    assert (problem.code, problem.file) == (ProblemCode.MODEL_INVALID, str(copy))
    assert name in problem.what


@pytest.mark.parametrize("name", FILES[:4])
@pytest.mark.parametrize("keep", [0, 0.3], ids=["empty", "cut"])
def test_a_damaged_file_is_no_model(name: str, keep: float, copy: Path) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: int(len(content) * keep)])
    problem = problem_of(EngineOptions(model=str(copy)))
    assert (problem.code, problem.file) == (ProblemCode.MODEL_INVALID, str(copy))


def test_features_that_do_not_fit_the_model_are_noticed_on_loading(copy: Path) -> None:
    (copy / "preprocessor_config.json").write_text('{"feature_size": 128}')
    assert "频带数 128" in problem_of(EngineOptions(model=str(copy))).what


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (EngineOptions(language="xx"), "“xx”"),
        (EngineOptions(device="tpu"), "device=tpu"),
        (EngineOptions(compute_type="int3"), "compute_type=int3"),
        (EngineOptions(beam_size=0, batch_size=-1), "beam_size=0、batch_size=-1"),
        (EngineOptions(window_s=40), "window_s=40"),
        (EngineOptions(threads=-2), "threads=-2"),
    ],
)
def test_a_setting_that_cannot_work_is_named(options: EngineOptions, words: str) -> None:
    problem = problem_of(options)
    assert problem.code in (ProblemCode.SETTING_INVALID, ProblemCode.MODEL_INVALID)
    assert words in problem.what


def test_the_digest_depends_on_the_bytes_and_not_on_the_place(copy: Path) -> None:
    assert model_digest(copy) == model_digest(SHIPPED)
    (copy / "README.md").write_text("a card")
    assert model_digest(copy) == model_digest(SHIPPED)
    (copy / "preprocessor_config.json").write_text("{}")
    assert model_digest(copy) != model_digest(SHIPPED)


@pytest.mark.parametrize(
    "options",
    [EngineOptions(beam_size=1), EngineOptions(batch_size=2), EngineOptions(prompt="工号"), EngineOptions(window_s=9)],
)
def test_the_fingerprint_tells_options_apart(options: EngineOptions, engine: Engine) -> None:
    assert load_engine(options).fingerprint != engine.fingerprint


def test_the_fingerprint_does_not_depend_on_the_machines_cores(engine: Engine) -> None:
    assert load_engine(EngineOptions(threads=1)).fingerprint == engine.fingerprint
