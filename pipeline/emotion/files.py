"""The folder of an emotion model: the files of `pipeline.text.classify.weights`, each by itself, and its context."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.emotion.context import KINDS, Context, no_context
from pipeline.text.classify.weights import NAMES, Weights, from_files, from_npy, name_of, to_files, to_npy

FORMAT = "zhijian-emotion-2"
# The usual shares, then the weights of the neighbours.
CONTEXT = "context.npy"
MAX_FILE_BYTES = 10_000_000

_LABELS = tuple(label.value for label in EmotionLabel)
_REMEDY = "请恢复随程序发布的模型文件夹,或用 python -m training.emotion 重新训练"


def write_weights(folder: Path, weights: Weights, context: Context | None = None) -> None:
    """Write the model into `folder`; the same weights give the same bytes. Without `context`, turns stand alone."""
    context = context or no_context(len(_LABELS))
    more = {CONTEXT: to_npy(np.vstack([context.usual, context.weights]))}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in to_files(weights, form=FORMAT, labels=_LABELS, more=more).items():
        (folder / name).write_bytes(content)


def read_weights(folder: Path) -> tuple[Weights, Context, str]:
    """The weights in `folder`, their context, and the SHA-256 (hex) that names them.

    Raises ModelError, naming every file that is missing or not what it should be.
    """
    if not folder.is_dir():
        raise ModelError(
            Problem(code=ProblemCode.MODEL_UNAVAILABLE, what="情绪模型文件夹不存在", remedy=_REMEDY, file=str(folder))
        )
    contents: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in (*NAMES, CONTEXT):
        content = _read(folder / name)
        if isinstance(content, Problem):
            problems.append(content)
        else:
            contents[name] = content
    if problems:
        raise ModelError(problems)
    try:
        weights, labels = from_files(contents, form=FORMAT)
        if labels != _LABELS:
            raise ValueError("标签不符")
        rows = from_npy(contents[CONTEXT])
        if rows.shape != (1 + KINDS * len(labels), len(labels)):
            raise ValueError(f"{CONTEXT} 的大小不符")
    except ValueError as error:
        raise ModelError(_invalid(folder, f"情绪模型已损坏或不是本程序的模型({error})")) from error
    return weights, Context(rows[0], rows[1:]), name_of(contents)


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


def _invalid(path: Path, what: str) -> Problem:
    return Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=_REMEDY, file=str(path))
