"""Two voices on one channel told apart by pyannote, where a user has installed it and has its weights in a folder.

pyannote's weights are PyTorch pickles, which can run any program when they are opened, and pyannote opens them without
PyTorch's protection (`weights_only=False`). So before it sees them, each file is read as data by PyTorch
(`get_unsafe_globals_in_checkpoint`, which runs nothing), and one that names anything but what pyannote's own weights
need is refused; so is a `config.yaml` that names another class or a model outside of its folder. What remains is trust
in PyTorch's reading. pyannote's usage reports are switched off, and nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from pipeline.transcribe.voices.speakers import Speakers

_CONFIG = "config.yaml"
_PIPELINES = frozenset(
    {
        "pyannote.audio.pipelines.SpeakerDiarization",
        "pyannote.audio.pipelines.speaker_diarization.SpeakerDiarization",
    }
)
_KEYS = frozenset({"version", "dependencies", "pipeline", "params", "freeze"})
_MODELS = ("segmentation", "embedding", "plda")
_HERE = "$model"
"""How a `config.yaml` names its own folder."""
_NEEDED = frozenset(
    {
        "pyannote.audio.core.task.Specifications",
        "pyannote.audio.core.task.Problem",
        "pyannote.audio.core.task.Resolution",
        "torch.torch_version.TorchVersion",
    }
)
"""What pyannote's weights hold beside numbers: plain records of what a model was trained for."""
_WEIGHTS = frozenset({".bin", ".ckpt", ".pt", ".pth"})
_INSTALL = "请运行 pip install 'zhijian[pyannote]',或去掉 --diarizer"
_FETCH = "请把 pyannote 的说话人分离模型(如 speaker-diarization-community-1)整个文件夹下载到本机,再用 --diarizer 指定它"


class Diarizer:
    """pyannote's pipeline as a `Separator`. `fingerprint` changes with its version and with any file of its folder."""

    def __init__(self, pipeline: Any, fingerprint: str) -> None:
        self._pipeline, self.fingerprint = pipeline, fingerprint

    def separate(self, audio: Samples, spoken: Iterable[tuple[int, int]]) -> Speakers:
        """Two speakers of a mono recording (16 kHz) in `spoken` (half-open spans in ms), the first to speak 0.

        pyannote says nothing of how sure it is: 1 where it hears one speaker, 0.5 where it hears both or, though the
        recogniser heard words, nobody.

        Raises:
            ModelError: pyannote broke down.
        """
        import numpy as np
        import torch

        from pipeline.transcribe.voices.speakers import Speakers
        from pipeline.transcribe.voices.voiceprint import FRAME_MS

        frames = len(audio) * 1000 // SAMPLE_RATE_HZ // FRAME_MS
        talks = np.zeros((2, frames), bool)
        sound = {"waveform": torch.from_numpy(np.ascontiguousarray(audio[:]))[None], "sample_rate": SAMPLE_RATE_HZ}
        with _broken("pyannote 分说话人时出错"):
            found = self._pipeline(sound, num_speakers=2).speaker_diarization
            names: dict[str, int] = {}
            for part, _, name in sorted(found.itertracks(yield_label=True), key=lambda track: track[0].start):
                who = names.setdefault(name, len(names))
                if who < len(talks):
                    talks[who, round(part.start * 1000) // FRAME_MS : -(-round(part.end * 1000) // FRAME_MS)] = True
        speech = np.zeros(frames, bool)
        for start_ms, end_ms in spoken:
            speech[start_ms // FRAME_MS : -(-end_ms // FRAME_MS)] = True
        alone = talks[0] ^ talks[1]
        labels = np.where(speech & talks.any(0), np.where(talks[0], 0, 1), -1)
        return Speakers(labels.astype(np.int8), np.where(speech & alone, 1.0, 0.5).astype(np.float32))


def load_diarizer(folder: Path, *, device: str = "auto") -> Diarizer:
    """pyannote with the weights in `folder`. `device`: `auto` (a CUDA card when there is one), `cpu` or `cuda`.

    Raises:
        ModelError: the extra is not installed; there are no weights; something in the folder may not be opened; or
            pyannote cannot use it.
    """
    config = _checked_config(folder)
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"  # read when pyannote is imported
    try:
        torch, audio = import_module("torch"), import_module("pyannote.audio")
    except ImportError as error:
        raise _problem("没有安装 pyannote", _INSTALL, ProblemCode.MODEL_UNAVAILABLE) from error
    weights = _files(folder, _WEIGHTS)
    refused = [problem for path in weights for problem in _refused(path, torch)]
    if refused:
        raise ModelError(refused)
    if not weights:
        raise _problem("文件夹里没有权重文件(.bin)", _FETCH, ProblemCode.MODEL_INVALID, folder)
    with _broken("pyannote 读不了这个模型", folder):
        pipeline = audio.Pipeline.from_pretrained(folder)
        wanted = device if device != "auto" else ("cuda" if torch.cuda.is_available() else "cpu")
        pipeline.to(torch.device(wanted))
    return Diarizer(pipeline, _fingerprint(folder, config))


def _checked_config(folder: Path) -> bytes:
    """The folder's `config.yaml`, if nothing in it leads out of the folder or to another program."""
    path = folder / _CONFIG
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _problem(f"没有能读的 {_CONFIG}", _FETCH, ProblemCode.MODEL_UNAVAILABLE, folder) from error
    try:
        config = yaml.safe_load(content)
        pipeline = config["pipeline"]
        params = pipeline["params"]
        named = [params[name] for name in _MODELS]  # what is not named pyannote would download
        wrong = [key for key in config if key not in _KEYS]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise _problem(f"{_CONFIG} 不是 pyannote 的模型设置", _FETCH, ProblemCode.MODEL_INVALID, path) from error
    if wrong or pipeline.get("name") not in _PIPELINES:
        what = f"{_CONFIG} 里有不允许的内容:{'、'.join(map(str, wrong)) or pipeline.get('name')}"
        raise _problem(what, "只支持 pyannote 的 SpeakerDiarization,请使用原版模型", ProblemCode.MODEL_INVALID, path)
    outside = [str(one) for one in named if not _inside(one, folder)]
    if outside:
        what = f"{_CONFIG} 指向了文件夹之外:{'、'.join(outside)}"
        remedy = f"请把所需的模型放进同一个文件夹,写成 {_HERE}/子文件夹;zhijian 不联网下载"
        raise _problem(what, remedy, ProblemCode.PATH_OUTSIDE, path)
    return content


def _inside(named: object, folder: Path) -> bool:
    """Whether a model is named by the folder's own `$model/...` and is there; all else pyannote would download."""
    if isinstance(named, Mapping) or not str(named).startswith(f"{_HERE}/"):
        return False
    path = (folder / str(named).removeprefix(f"{_HERE}/")).resolve()
    return path.is_relative_to(folder.resolve()) and path.exists()


def _refused(path: Path, torch: Any) -> Iterator[Problem]:
    remedy = "请只使用从 pyannote 官方取得、未经改动的模型"
    try:
        unsafe = set(torch.serialization.get_unsafe_globals_in_checkpoint(path)) - _NEEDED
    except Exception as error:
        what = f"权重文件损坏,或是无法检查的旧格式({error})"
        yield Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=remedy, file=str(path))
        return
    if unsafe:
        what = f"权重文件里有打开时会运行的程序,已拒绝打开:{'、'.join(sorted(unsafe))}"
        yield Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=remedy, file=str(path))


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())


def _fingerprint(folder: Path, config: bytes) -> str:
    digest = hashlib.sha256(config)
    for path in _files(folder, _WEIGHTS | {".npz"}):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"pyannote-{version('pyannote.audio')}-{digest.hexdigest()[:12]}"


@contextmanager
def _broken(what: str, folder: Path | None = None) -> Iterator[None]:
    """Says in our words what went wrong in pyannote."""
    try:
        yield
    except Exception as error:
        remedy = "请核对模型与 pyannote 的版本是否相配;显存不足时请用 --device cpu"
        raise _problem(f"{what}:{type(error).__name__}: {error}", remedy, ProblemCode.MODEL_INVALID, folder) from error


def _problem(what: str, remedy: str, code: ProblemCode, file: Path | None = None) -> ModelError:
    return ModelError(Problem(code=code, what=what, remedy=remedy, file=str(file) if file else None))
