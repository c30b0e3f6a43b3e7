"""Where a model's files are: a folder that the user names, one that ships under `models/`, or the model hub's cache.

The hub is asked only for a name that no folder has, and only after its cache.
"""

from __future__ import annotations

import hashlib
import logging
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pipeline.assets import asset
from pipeline.domain.errors import ModelError, Problem, ProblemCode

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
_OPTIONAL = ("preprocessor_config.json",)


def model_folder(name: str) -> Path:
    """The checked folder of a model.

    `name` is the name of a folder under `models/`, the path of a folder, a Whisper size (`large-v3`) or the id of a
    CTranslate2 conversion on the model hub (`Systran/faster-whisper-small`); the first that fits, in this order.

    Raises:
        ModelError: MODEL_UNAVAILABLE when there is no such model here or on the hub, MODEL_INVALID when the folder
            lacks files.
    """
    shipped = asset("models") / name
    if _FOLDER_NAME.fullmatch(name) and shipped.is_dir():
        return _checked(shipped)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _checked(folder)
    repository = _SIZES.get(name, name)
    if not _HUB_ID.fullmatch(repository):
        raise _unavailable(
            f"找不到模型“{name}”",
            f"请填模型文件夹的路径、models/ 下的文件夹名,或 Whisper 的型号({'、'.join(_SIZES)})",
        )
    return _checked(_from_hub(repository))


def model_digest(folder: Path) -> str:
    """SHA-256 (hex) over the names and bytes of the files that make the model; read once per process."""
    files = [folder / name for name in (*_REQUIRED, *_VOCABULARIES, *_OPTIONAL) if (folder / name).is_file()]
    return _digest(tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files))


@lru_cache
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    whole = hashlib.sha256()
    for file, _, _ in files:
        with file.open("rb") as content:
            whole.update(f"{file.name} {hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()


def _missing(folder: Path) -> list[str]:
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    return missing if any((folder / name).is_file() for name in _VOCABULARIES) else [*missing, _VOCABULARIES[0]]


def _checked(folder: Path) -> Path:
    if missing := _missing(folder):
        what = f"文件夹里缺少模型文件 {'、'.join(missing)}"
        remedy = "请放入 CTranslate2 格式的完整模型;其他格式的 Whisper 要先用 ct2-transformers-converter 转换"
        raise ModelError(Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=remedy, file=str(folder)))
    return folder


def _from_hub(repository: str) -> Path:
    """The model's folder in the hub's cache, downloaded when it is not there yet."""
    import huggingface_hub
    from huggingface_hub.errors import RepositoryNotFoundError

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    files = [*_REQUIRED, *_VOCABULARIES, *_OPTIONAL]
    with suppress(OSError, ValueError):
        cached = Path(huggingface_hub.snapshot_download(repository, allow_patterns=files, local_files_only=True))
        if not _missing(cached):  # a download that broke off leaves a part
            return cached
    try:
        # Asked first because the download itself knows no short limit on connecting.
        huggingface_hub.HfApi().model_info(repository, timeout=_HUB_TIMEOUT_S)
        log.info("模型 %s 不在本机,开始下载", repository)
        return Path(huggingface_hub.snapshot_download(repository, allow_patterns=files))
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
