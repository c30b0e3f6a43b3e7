"""Where a model's files are: a folder that the user names, one that ships under `models/`, or the model hub's cache.

The hub is asked only for a name that no folder has, and only after its cache.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pipeline.assets import asset
from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.recogniser.model_settings import SETTINGS_FILE
from pipeline.transcribe.recogniser.options import DEMO_MODEL

log = logging.getLogger(__name__)

# Multilingual conversions for CTranslate2, by Whisper's name for the size.
_SIZES = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
_HUB_ID = re.compile(r"\w[\w.-]*/[\w.-]+")
_FOLDER_NAME = re.compile(r"\w[\w.-]*")
_HUB_TIMEOUT_S = 5
_REQUIRED = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_OPTIONAL = ("preprocessor_config.json", SETTINGS_FILE)
_FILES = (*_REQUIRED, *_VOCABULARIES, *_OPTIONAL)
_CACHE_PREFIX = "models--"  # of the folders in the hub's cache; a "--" stands for the slash of the id


class Origin(StrEnum):
    """Where a model on this machine was found."""

    SHIPPED = "shipped"
    MODELS = "models"
    FOLDER = "folder"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A speech model on this machine. `name` is what `--model` takes. `missing`: files that it still lacks."""

    name: str
    folder: Path
    origin: Origin
    missing: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """Of the files that make the model."""
        return sum((self.folder / name).stat().st_size for name in _FILES if (self.folder / name).is_file())


def model_folder(name: str) -> Path:
    """The checked folder of a model.

    `name` is the name of a folder under `models/`, the path of a folder, a Whisper size (`large-v3`) or the id of a
    CTranslate2 conversion on the model hub (`Systran/faster-whisper-small`); the first that fits, in this order.

    Raises:
        ModelError: MODEL_UNAVAILABLE when there is no such model here or on the hub, MODEL_INVALID when the folder
            lacks files.
    """
    if (here := local_folder(name)) is not None:
        return here
    repository = _repository(name)
    if repository is None:
        raise _unavailable(
            f"找不到模型“{name}”",
            f"请填模型文件夹的路径、models/ 下的文件夹名,或 Whisper 的型号({'、'.join(_SIZES)})",
        )
    return _checked(_from_hub(repository))


def local_folder(name: str) -> Path | None:
    """As `model_folder`, but without the network: None for a model that is not on this machine.

    Raises:
        ModelError: MODEL_INVALID when there is a folder of that name which lacks files.
    """
    shipped = asset("models") / name
    if _FOLDER_NAME.fullmatch(name) and shipped.is_dir():
        return _checked(shipped)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _checked(folder)
    repository = _repository(name)
    return None if repository is None else _cached(repository)


def local_models(folders: Sequence[Path] = ()) -> list[LocalModel]:
    """The speech models under `models/`, in `folders` (each a model or a folder of models), and in the hub's cache.

    Raises:
        ModelError: FILE_UNREADABLE when one of `folders` cannot be listed.
    """
    found = [_found(model.name, model, Origin.MODELS) for model in _below(asset("models"))]
    for folder in folders:
        try:
            here = [folder] if _is_model(folder) else list(_below(folder))
        except OSError as error:
            what = f"打不开这个文件夹({error.strerror})"
            problem = Problem(code=ProblemCode.FILE_UNREADABLE, what=what, remedy="请核对路径和权限", file=str(folder))
            raise ModelError(problem) from error
        found += [_found(str(model), model, Origin.FOLDER) for model in here]
    return found + [_found(name, folder, Origin.CACHE) for name, folder in _all_cached()]


def _found(name: str, folder: Path, origin: Origin) -> LocalModel:
    return LocalModel(name, folder, Origin.SHIPPED if name == DEMO_MODEL else origin, _missing(folder))


def _is_model(folder: Path) -> bool:
    """Whether it looks like one: two of the files, since other models have a config.json as well."""
    return sum((folder / name).is_file() for name in _FILES) >= 2


def _below(folder: Path) -> Iterator[Path]:
    return (each for each in sorted(folder.iterdir()) if each.is_dir() and _is_model(each))


def _repository(name: str) -> str | None:
    """The hub's id of a size or an id, None for what is neither."""
    repository = _SIZES.get(name, name)
    return repository if _HUB_ID.fullmatch(repository) else None


def model_digest(folder: Path) -> str:
    """SHA-256 (hex) over the names and bytes of the files that make the model; read once per process."""
    files = [folder / name for name in _FILES if (folder / name).is_file()]
    return _digest(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))


@lru_cache
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for file, _, _ in files:
        with file.open("rb") as content:
            whole.update(f"{file.name} {hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _missing(folder: Path) -> tuple[str, ...]:
    missing = tuple(name for name in _REQUIRED if not (folder / name).is_file())
    return missing if any((folder / name).is_file() for name in _VOCABULARIES) else (*missing, _VOCABULARIES[0])


def _checked(folder: Path) -> Path:
    if missing := _missing(folder):
        what = f"文件夹里缺少模型文件 {'、'.join(missing)}"
        remedy = "请放入 CTranslate2 格式的完整模型;其他格式的 Whisper 要先用 ct2-transformers-converter 转换"
        raise ModelError(Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=remedy, file=str(folder)))
    return folder


def _cached(repository: str) -> Path | None:
    """The folder in the hub's cache of a model that is there whole."""
    import huggingface_hub

    with suppress(OSError, ValueError):
        folder = Path(huggingface_hub.snapshot_download(repository, allow_patterns=[*_FILES], local_files_only=True))
        if not _missing(folder):  # a download that broke off leaves a part
            return folder
    return None


def _all_cached() -> Iterator[tuple[str, Path]]:
    from huggingface_hub import constants

    for entry in sorted(Path(constants.HF_HUB_CACHE).glob(f"{_CACHE_PREFIX}*")):
        repository = entry.name.removeprefix(_CACHE_PREFIX).replace("--", "/")
        if _HUB_ID.fullmatch(repository) and (folder := _cached(repository)) is not None:
            yield repository, folder


def _from_hub(repository: str) -> Path:
    """The model's folder in the hub's cache, after the download."""
    import huggingface_hub
    from huggingface_hub.errors import RepositoryNotFoundError

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        # Asked first because the download itself knows no short limit on connecting.
        huggingface_hub.HfApi().model_info(repository, timeout=_HUB_TIMEOUT_S)
        log.info("模型 %s 不在本机,开始下载", repository)
        return Path(huggingface_hub.snapshot_download(repository, allow_patterns=[*_FILES]))
    except RepositoryNotFoundError as error:
        remedy = "请检查名字;私有模型请先下载到本机,再填文件夹的路径"
        raise _unavailable(f"本机没有文件夹“{repository}”,模型站点上也没有这个模型", remedy) from error
    except Exception as error:  # the hub's client leaks its transport's exceptions, which change between versions
        raise _unavailable(
            f"模型 {repository} 不在本机,也连不上模型站点({type(error).__name__})",
            f"请在能上网的机器上下载 {repository} 的全部文件,把文件夹复制到本机,再把文件夹的路径填作模型",
        ) from error


def _unavailable(what: str, remedy: str) -> ModelError:
    return ModelError(Problem(code=ProblemCode.MODEL_UNAVAILABLE, what=what, remedy=remedy))
