"""The files of an emotion model: a vocabulary, two arrays and a description.

Plain arrays were chosen over a skops file. The model is linear and its calibration is affine, so both fold into one
matrix; nothing of scikit-learn's classes is stored, so a model outlives its versions, and nothing in the folder can
be executed. scikit-learn still counts the features, in training and in prediction.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import ModelError, Problem, ProblemCode

FORMAT = "zhijian-emotion-1"
DESCRIPTION, VOCABULARY, IDF, COEFFICIENTS = "model.json", "vocabulary.txt", "idf.npy", "coefficients.npy"
MAX_FILE_BYTES = 10_000_000

Array: TypeAlias = NDArray[np.float64]
_REMEDY = "请恢复随程序发布的模型文件夹,或用 python -m training.emotion 重新训练"


@dataclass(frozen=True, slots=True)
class Weights:
    """`vocabulary` names the rows of `idf` (features,) and `coefficients` (features, labels).

    The columns, and `intercept` (labels,), are in the order of `EmotionLabel`.
    """

    vocabulary: tuple[str, ...]
    idf: Array
    coefficients: Array
    intercept: Array


def write_weights(folder: Path, weights: Weights) -> None:
    """Write the model into `folder`, the arrays in half precision; the same weights give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        VOCABULARY: "".join(f"{name}\n" for name in weights.vocabulary).encode(),
        IDF: _npy(weights.idf),
        COEFFICIENTS: _npy(weights.coefficients),
    }
    description = {
        "format": FORMAT,
        "labels": [label.value for label in EmotionLabel],
        "intercept": [round(float(x), 6) for x in weights.intercept],
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    contents[DESCRIPTION] = (json.dumps(description, indent=2) + "\n").encode()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def read_weights(folder: Path) -> tuple[Weights, str]:
    """The weights in `folder` and the SHA-256 (hex) that names them.

    Raises ModelError, naming every file that is missing or not what it should be.
    """
    if not folder.is_dir():
        raise ModelError(
            Problem(code=ProblemCode.MODEL_UNAVAILABLE, what="情绪模型文件夹不存在", remedy=_REMEDY, file=str(folder))
        )
    contents: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in (DESCRIPTION, VOCABULARY, IDF, COEFFICIENTS):
        content = _read(folder / name)
        if isinstance(content, Problem):
            problems.append(content)
        else:
            contents[name] = content
    if problems:
        raise ModelError(problems)
    try:
        weights = _parse(contents)
    except (ValueError, KeyError, TypeError, EOFError) as error:
        raise ModelError(_invalid(folder, f"情绪模型已损坏或不是本程序的模型({error})")) from error
    return weights, hashlib.sha256(contents[DESCRIPTION]).hexdigest()


def _read(path: Path) -> bytes | Problem:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return _invalid(path, f"情绪模型文件大于 {MAX_FILE_BYTES // 1_000_000} MB,不是本程序的模型")
        return path.read_bytes()
    except OSError as error:
        return Problem(
            code=ProblemCode.MODEL_UNAVAILABLE,
            what=f"读不到情绪模型文件({error.strerror})",
            remedy=_REMEDY,
            file=str(path),
        )


def _parse(contents: Mapping[str, bytes]) -> Weights:
    """Raises ValueError, KeyError, TypeError or EOFError for anything but what `write_weights` writes."""
    description = json.loads(contents[DESCRIPTION])
    if description["format"] != FORMAT or description["labels"] != [label.value for label in EmotionLabel]:
        raise ValueError("格式或标签不符")
    for name in (VOCABULARY, IDF, COEFFICIENTS):
        if hashlib.sha256(contents[name]).hexdigest() != description["sha256"][name]:
            raise ValueError(f"{name} 的校验值不符")
    vocabulary = tuple(contents[VOCABULARY].decode().splitlines())
    weights = Weights(
        vocabulary=vocabulary,
        idf=_array(contents[IDF]),
        coefficients=_array(contents[COEFFICIENTS]),
        intercept=np.array(description["intercept"], dtype=np.float64),
    )
    labels = len(EmotionLabel)
    shapes = (weights.idf.shape, weights.coefficients.shape, weights.intercept.shape)
    if shapes != ((len(vocabulary),), (len(vocabulary), labels), (labels,)):
        raise ValueError("数组大小不符")
    if len(set(vocabulary)) != len(vocabulary) or not vocabulary:
        raise ValueError("词表为空或有重复")
    if not all(np.isfinite(a).all() for a in (weights.idf, weights.coefficients, weights.intercept)):
        raise ValueError("数组含有无效数值")
    return weights


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array.astype("<f2"), allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes) -> Array:
    loaded = np.load(io.BytesIO(content), allow_pickle=False)
    if not isinstance(loaded, np.ndarray) or loaded.dtype != np.dtype("<f2"):
        raise ValueError("数组类型不符")
    return loaded.astype(np.float64)


def _invalid(path: Path, what: str) -> Problem:
    return Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=_REMEDY, file=str(path))
