"""pyannote with a user's weights, as far as it can be tested without either: a stand-in has its interface."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.errors import ModelError, ProblemCode
from pipeline.transcribe import HeardWord, load_diarizer
from pipeline.transcribe.turns import Heard
from pipeline.transcribe.voices.cast import cast_mono

CONFIG = """\
dependencies: {pyannote.audio: 4.0.0}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params: {segmentation: $model/segmentation, embedding: $model/embedding, plda: $model/plda, clustering: VBxClustering}
params: {clustering: {threshold: 0.6}}
"""
WANTED = ["pyannote.audio.core.task.Specifications", "torch.torch_version.TorchVersion"]


@dataclass
class Fake:
    """What the stand-in is to find, and what it was asked. `globals_of`: what a weights file names, by its folder."""

    tracks: list[tuple[float, float, str]] = field(default_factory=list)
    globals_of: dict[str, list[str]] = field(default_factory=dict)
    error: Exception | None = None
    loaded: list[Path] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def from_pretrained(self, folder: Path) -> Fake:
        if self.error:
            raise self.error
        self.loaded.append(folder)
        return self

    def to(self, device: str) -> None:
        self.devices.append(device)

    def __call__(self, sound: dict[str, Any], **options: Any) -> SimpleNamespace:
        if self.error:
            raise self.error
        self.asked.append({**sound, **options})
        return SimpleNamespace(speaker_diarization=self)

    def itertracks(self, *, yield_label: bool) -> Iterator[tuple[SimpleNamespace, str, str]]:
        assert yield_label
        return ((SimpleNamespace(start=start, end=end), "_", name) for start, end, name in self.tracks)

    def unsafe(self, path: Path) -> list[str]:
        if path.read_bytes() == b"broken":
            raise ValueError("not a checkpoint")
        return self.globals_of.get(path.parent.name, WANTED)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A stand-in for pyannote.audio and the little of PyTorch that is used."""
    made = Fake()
    torch, package, audio = ModuleType("torch"), ModuleType("pyannote"), ModuleType("pyannote.audio")
    parts = {
        "serialization": SimpleNamespace(get_unsafe_globals_in_checkpoint=made.unsafe),
        "cuda": SimpleNamespace(is_available=lambda: False),
        "device": str,
        "from_numpy": np.asarray,
    }
    for name, part in parts.items():
        setattr(torch, name, part)
    audio.Pipeline = made  # type: ignore[attr-defined]
    for name, module in {"torch": torch, "pyannote": package, "pyannote.audio": audio}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("pipeline.transcribe.voices.diarizer.version", lambda _: "4.0.7")
    monkeypatch.setenv("PYANNOTE_METRICS_ENABLED", "1")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as pyannote's own is laid out."""
    root = tmp_path / "community-1"
    for name in ("segmentation", "embedding"):
        (root / name).mkdir(parents=True)
        (root / name / "pytorch_model.bin").write_bytes(name.encode())
    (root / "plda").mkdir()
    (root / "plda" / "plda.npz").write_bytes(b"plda")
    (root / "config.yaml").write_text(CONFIG)
    return root


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * 16_000), np.float32)


def test_two_speakers_come_out_as_our_own_separation_gives_them(fake: Fake, folder: Path) -> None:
    fake.tracks = [(2.0, 4.5, "SPEAKER_00"), (0.5, 2.5, "SPEAKER_01")]
    speakers = load_diarizer(folder).separate(
        silence(6), [(500, 2_000), (2_100, 2_400), (2_600, 4_500), (5_000, 5_500)]
    )
    assert len(speakers.labels) == 600
    assert speakers.of(500, 2_000) == (0, 1.0)
    assert speakers.of(2_600, 4_500) == (1, 1.0)
    assert speakers.of(2_100, 2_400)[1] == 0.5  # both at once
    assert speakers.of(5_000, 5_500) == (-1, 0.5)  # nobody, says pyannote
    assert speakers.of(4_600, 4_900) == (-1, 0.5)  # nobody, says the recogniser
    (asked,) = fake.asked
    assert asked["num_speakers"] == 2
    assert asked["sample_rate"] == 16_000
    assert asked["waveform"].shape == (1, 96_000)


def test_the_roles_of_a_mono_recording_rest_on_it(fake: Fake, folder: Path) -> None:
    said = [("您好工号一二三请问有什么可以帮您", 0), ("我想问一下我买的东西怎么还没到", 6_000)]
    words = [HeardWord(c, at + n * 300, at + n * 300 + 300, 0.9) for text, at in said for n, c in enumerate(text)]
    fake.tracks = [(0.0, 6.0, "B"), (6.0, 12.0, "A")]
    cast = cast_mono(Heard(tuple(words)), silence(12), load_diarizer(folder))
    assert cast.roles_known
    assert {v.role.value: "".join(w.text for w in v.heard.words) for v in cast.voices if v.heard.words} == {
        "agent": said[0][0],
        "customer": said[1][0],
    }


def test_usage_reports_are_off_before_pyannote_is_imported(
    fake: Fake, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def importing(name: str) -> ModuleType:
        import os

        seen.append(os.environ["PYANNOTE_METRICS_ENABLED"])
        return sys.modules[name]

    monkeypatch.setattr("pipeline.transcribe.voices.diarizer.import_module", importing)
    load_diarizer(folder)
    assert seen == ["0", "0"]


@pytest.mark.parametrize(("device", "used"), [("auto", "cpu"), ("cpu", "cpu"), ("cuda", "cuda")])
def test_it_works_on_the_device_that_was_chosen(device: str, used: str, fake: Fake, folder: Path) -> None:
    load_diarizer(folder, device=device)
    assert fake.devices == [used]


@pytest.mark.parametrize("changed", ["segmentation/pytorch_model.bin", "plda/plda.npz", "config.yaml"])
def test_other_weights_are_another_fingerprint(changed: str, fake: Fake, folder: Path) -> None:
    before = load_diarizer(folder).fingerprint
    assert load_diarizer(folder).fingerprint == before
    path = folder / changed
    path.write_bytes(path.read_bytes() + b" ")
    assert load_diarizer(folder).fingerprint != before


def problem(folder: Path) -> tuple[ProblemCode, str]:
    with pytest.raises(ModelError) as caught:
        load_diarizer(folder)
    (only,) = caught.value.problems
    return only.code, str(only)


def test_without_the_extra_it_says_how_to_install_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyannote.audio", None)
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    code, text = problem(folder)
    assert code is ProblemCode.MODEL_UNAVAILABLE
    assert "zhijian[pyannote]" in text


def test_without_a_model_it_says_what_to_fetch(fake: Fake, tmp_path: Path) -> None:
    code, text = problem(tmp_path / "nowhere")
    assert code is ProblemCode.MODEL_UNAVAILABLE
    assert "--diarizer" in text


def test_a_folder_without_weights_is_refused(fake: Fake, folder: Path) -> None:
    for path in folder.rglob("*.bin"):
        path.unlink()
    assert problem(folder)[0] is ProblemCode.MODEL_INVALID


@pytest.mark.parametrize("content", ["", "[]", "pipeline: 1", "pipeline: {name: x}", "a: [", "pipeline: {params: {}}"])
def test_what_is_no_config_is_refused(content: str, fake: Fake, folder: Path) -> None:
    (folder / "config.yaml").write_text(content)
    assert problem(folder)[0] is ProblemCode.MODEL_INVALID
    assert fake.loaded == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("pyannote.audio.pipelines.SpeakerDiarization", "subprocess.Popen", ProblemCode.MODEL_INVALID),
        ("params: {clustering: {threshold", "preprocessors: {x: {name: os.system}}\nparams: {clustering: {threshold",
         ProblemCode.MODEL_INVALID),
        ("$model/segmentation", "pyannote/segmentation-3.0", ProblemCode.PATH_OUTSIDE),
        ("$model/segmentation", "$model/../elsewhere", ProblemCode.PATH_OUTSIDE),
        ("$model/segmentation", "$model/missing", ProblemCode.PATH_OUTSIDE),
        ("$model/segmentation", "{checkpoint: pyannote/segmentation-3.0}", ProblemCode.PATH_OUTSIDE),
        ("plda: $model/plda, ", "", ProblemCode.MODEL_INVALID),
    ],
    ids=["a program", "a preprocessor", "the hub", "outside", "not there", "the hub in other words", "left to the hub"],
)  # fmt: skip
def test_a_config_that_leads_elsewhere_is_refused_and_nothing_is_opened(
    old: str, new: str, code: ProblemCode, fake: Fake, folder: Path
) -> None:
    (folder.parent / "elsewhere").mkdir()
    assert old in CONFIG
    (folder / "config.yaml").write_text(CONFIG.replace(old, new))
    assert problem(folder)[0] is code
    assert fake.loaded == []


def test_weights_that_would_run_a_program_are_refused_and_nothing_is_opened(fake: Fake, folder: Path) -> None:
    fake.globals_of["embedding"] = [*WANTED, "posix.system"]
    code, text = problem(folder)
    assert code is ProblemCode.MODEL_INVALID
    assert "posix.system" in text
    assert "embedding" in text
    assert fake.loaded == []


def test_weights_that_cannot_be_checked_are_refused(fake: Fake, folder: Path) -> None:
    (folder / "segmentation" / "pytorch_model.bin").write_bytes(b"broken")
    assert "无法检查" in problem(folder)[1]


def test_a_pyannote_that_breaks_down_is_the_models_fault_not_a_crash(fake: Fake, folder: Path) -> None:
    diarizer = load_diarizer(folder)
    fake.error = RuntimeError("CUDA out of memory")
    with pytest.raises(ModelError, match="out of memory"):
        diarizer.separate(silence(5), [(0, 5_000)])
    with pytest.raises(ModelError, match="读不了"):
        load_diarizer(folder)


def test_the_real_reading_of_weights_tells_records_from_programs(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from pipeline.transcribe.voices.diarizer import _refused

    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("opened",)

    good, bad = tmp_path / "good.bin", tmp_path / "bad.bin"
    torch.save({"weights": torch.zeros(3), "versions": {"torch": torch.__version__}}, good)
    torch.save({"weights": Runs()}, bad)
    assert list(_refused(good, torch)) == []
    (only,) = _refused(bad, torch)
    assert "print" in only.what
    (tmp_path / "old.bin").write_bytes(b"\x80\x02}q\x00.")
    assert len(list(_refused(tmp_path / "old.bin", torch))) == 1
