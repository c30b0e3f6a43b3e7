from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe import Engine, EngineOptions, load_engine
from pipeline.transcribe.recogniser.model_files import Origin, local_folder, local_models, model_digest, model_folder

from ..conftest import MODEL_FILES as FILES
from ..conftest import SHIPPED, put_into_cache


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
    put_into_cache(copy, offline, "Systran/faster-whisper-tiny")
    assert load_engine(EngineOptions(model="tiny")).fingerprint.startswith("tiny@")


def test_a_download_that_broke_off_is_not_taken_for_the_model(copy: Path, offline: Path) -> None:
    (copy / "model.bin").unlink()
    put_into_cache(copy, offline, "Systran/faster-whisper-tiny")
    assert problem_of(EngineOptions(model="tiny")).code is ProblemCode.MODEL_UNAVAILABLE
    assert local_folder("tiny") is None
    assert all(model.origin is not Origin.CACHE for model in local_models())


def test_models_are_listed_by_the_name_that_the_model_option_takes(copy: Path, offline: Path, tmp_path: Path) -> None:
    cut = tmp_path / "more" / "cut"
    shutil.copytree(copy, cut)
    (cut / "tokenizer.json").unlink()
    (tmp_path / "more" / "pictures").mkdir()
    put_into_cache(shutil.copytree(copy, tmp_path / "second"), offline, "Systran/faster-whisper-tiny")
    (offline / "models--someone--bert" / "snapshots").mkdir(parents=True)
    listed = local_models([copy, tmp_path / "more"])
    assert [(m.name, m.origin, m.missing) for m in listed] == [
        ("asr-demo-zh", Origin.SHIPPED, ()),
        (str(copy), Origin.FOLDER, ()),
        (str(cut), Origin.FOLDER, ("tokenizer.json",)),
        ("Systran/faster-whisper-tiny", Origin.CACHE, ()),
    ]
    for model in listed:
        if not model.missing:
            assert local_folder(model.name) == model.folder
            assert model.size_bytes == sum((SHIPPED / name).stat().st_size for name in FILES)


def test_looking_for_a_model_on_this_machine_never_asks_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", must_not_be_asked)
    assert local_folder("large-v3") is None
    assert local_folder("no such name") is None
    assert [m.name for m in local_models()] == ["asr-demo-zh"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        local_models([tmp_path / "none"])
    assert caught.value.problems[0].file == str(tmp_path / "none")


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
    before = model_digest(copy)
    (copy / "zhijian.json").write_text("{}")
    assert model_digest(copy) != before


@pytest.mark.parametrize(
    "options",
    [EngineOptions(beam_size=1), EngineOptions(batch_size=2), EngineOptions(prompt="工号"), EngineOptions(window_s=9)],
)
def test_the_fingerprint_tells_options_apart(options: EngineOptions, engine: Engine) -> None:
    assert load_engine(options).fingerprint != engine.fingerprint


def test_the_fingerprint_does_not_depend_on_the_machines_cores(engine: Engine) -> None:
    assert load_engine(EngineOptions(threads=1)).fingerprint == engine.fingerprint
