"""The weights of a linear model, and its files: a vocabulary, two arrays and a description.

Plain arrays were chosen over a skops file. The model is linear and its calibration is affine, so both fold into one
matrix; nothing of scikit-learn's classes is stored, so a model outlives its versions, and nothing in its files can
be executed.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

DESCRIPTION, VOCABULARY, IDF, COEFFICIENTS = "model.json", "vocabulary.txt", "idf.npy", "coefficients.npy"
NAMES = (DESCRIPTION, VOCABULARY, IDF, COEFFICIENTS)

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """`vocabulary` names the rows of `idf` (features,) and `coefficients` (features, labels).

    The columns, and `intercept` (labels,), are in the order of the model's labels.
    """

    vocabulary: tuple[str, ...]
    idf: Array
    coefficients: Array
    intercept: Array


def to_files(
    weights: Weights, *, form: str, labels: Sequence[str], more: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """The contents of the model's files by name, the arrays in half precision; the same weights give the same bytes.

    `form` is the name and number of the format; `more` are further files, for whose bytes the description vouches too.
    """
    contents = {
        VOCABULARY: "".join(f"{name}\n" for name in weights.vocabulary).encode(),
        IDF: to_npy(weights.idf),
        COEFFICIENTS: to_npy(weights.coefficients),
    } | dict(more or {})
    description = {
        "format": form,
        "labels": list(labels),
        "intercept": [round(float(x), 6) for x in weights.intercept],
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    contents[DESCRIPTION] = (json.dumps(description, indent=2) + "\n").encode()
    return contents


def from_files(contents: Mapping[str, bytes], *, form: str) -> tuple[Weights, tuple[str, ...]]:
    """The weights and the labels. Raises ValueError (Chinese) for anything but what `to_files` gives for `form`."""
    try:
        return _parse(contents, form)
    except (KeyError, TypeError, EOFError, MemoryError, OverflowError, RecursionError) as error:
        raise ValueError(f"内容不完整或不成形:{error}") from error


def name_of(contents: Mapping[str, bytes]) -> str:
    """The SHA-256 (hex) that names the model: its description holds those of the other files."""
    return hashlib.sha256(contents[DESCRIPTION]).hexdigest()


def _parse(contents: Mapping[str, bytes], form: str) -> tuple[Weights, tuple[str, ...]]:
    description = json.loads(contents[DESCRIPTION])
    if description["format"] != form:
        raise ValueError("格式不符")
    labels = tuple(description["labels"])
    if len(labels) < 2 or len(set(labels)) != len(labels) or not all(isinstance(label, str) for label in labels):
        raise ValueError("标签不足两个或有重复")
    for name in contents.keys() - {DESCRIPTION}:
        if hashlib.sha256(contents[name]).hexdigest() != description["sha256"][name]:
            raise ValueError(f"{name} 的校验值不符")
    vocabulary = tuple(contents[VOCABULARY].decode().splitlines())
    weights = Weights(
        vocabulary=vocabulary,
        idf=from_npy(contents[IDF]),
        coefficients=from_npy(contents[COEFFICIENTS]),
        intercept=np.array(description["intercept"], dtype=np.float64),
    )
    shapes = (weights.idf.shape, weights.coefficients.shape, weights.intercept.shape)
    if shapes != ((len(vocabulary),), (len(vocabulary), len(labels)), (len(labels),)):
        raise ValueError("数组大小不符")
    if len(set(vocabulary)) != len(vocabulary) or not vocabulary:
        raise ValueError("词表为空或有重复")
    if not np.isfinite(weights.intercept).all():
        raise ValueError("数组含有无效数值")
    return weights, labels


def to_npy(array: Array) -> bytes:
    """The bytes of an array in half precision."""
    buffer = io.BytesIO()
    np.save(buffer, array.astype("<f2"), allow_pickle=False)
    return buffer.getvalue()


def from_npy(content: bytes) -> Array:
    """The array of `to_npy`. Raises ValueError (Chinese) for anything else; nothing is unpickled."""
    loaded = np.load(io.BytesIO(content), allow_pickle=False)
    if not isinstance(loaded, np.ndarray) or loaded.dtype != np.dtype("<f2"):
        raise ValueError("数组类型不符")
    if not np.isfinite(loaded).all():
        raise ValueError("数组含有无效数值")
    return loaded.astype(np.float64)
