from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.errors import ModelError, ProblemCode
from pipeline.transcribe import EngineOptions
from pipeline.transcribe.recogniser.probe import probe_model

from ..conftest import SHIPPED


def test_a_model_tells_how_it_runs_here() -> None:
    report = probe_model(EngineOptions(device="cpu", compute_type="int8", beam_size=2))
    assert (report.folder, report.device, report.beam_size) == (SHIPPED, "cpu", 2)
    assert report.compute_type.startswith("int8")
    assert "zh" in report.languages
    assert (report.window_s, report.pad_s) == (0, 10)
    assert report.peak_memory_mb is None or report.peak_memory_mb > 10


def test_it_really_recognises(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA failed with error out of memory")

    monkeypatch.setattr("pipeline.transcribe.recogniser.trimmed.TrimmedWhisper.encode", breaks)
    with pytest.raises(ModelError, match="out of memory") as caught:
        probe_model(EngineOptions())
    assert caught.value.problems[0].code is ProblemCode.MODEL_UNAVAILABLE


def test_the_terms_that_fit_are_told(copy: Path) -> None:
    (copy / "zhijian.json").write_text("{}")
    report = probe_model(EngineOptions(model=str(copy), glossary=("光猫", "字" * 500)))
    assert report.hotwords == ("光猫",)
    assert (report.window_s, report.pad_s) == (28, 30)
