"""The folder of a retrained model: put in its place whole, and a record of what it has learnt from."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.domain.transcript import Role
from pipeline.emotion.adapter import ADAPTER, BASE, OWN

METRICS, CARD, SEEN = "metrics.json", "README.md", "seen.npy"
MAX_BYTES = 10_000_000
"""Of the whole folder."""
_OURS = frozenset({ADAPTER, BASE, OWN, METRICS, CARD, SEEN})


def fingerprint(role: Role, text: str) -> int:
    """32 bits of the SHA-256 of a plain text and who said it: enough to know a turn again, too few to read it from."""
    return int.from_bytes(hashlib.sha256(f"{role.value}:{text}".encode()).digest()[:4], "big")


def seen_bytes(prints: set[int]) -> bytes:
    """The contents of `seen.npy`."""
    buffer = io.BytesIO()
    np.save(buffer, np.array(sorted(prints), dtype="<u4"), allow_pickle=False)
    return buffer.getvalue()


def read_seen(folder: Path) -> frozenset[int]:
    """Fingerprints of the turns that the model has learnt from; empty where the folder says nothing of it.

    Raises ModelError where the file is damaged.
    """
    path = folder / SEEN
    if not path.is_file():
        return frozenset()
    try:
        prints = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
        if not isinstance(prints, np.ndarray) or prints.dtype != np.dtype("<u4") or prints.ndim != 1:
            raise ValueError("数组类型不符")
    except (OSError, ValueError, EOFError, MemoryError) as error:
        what = f"读不出模型学过哪些话({error})"
        problem = Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy="请删去这个文件夹,重新训练", file=str(path))
        raise ModelError(problem) from error
    return frozenset(int(one) for one in prints)


def check_target(folder: Path) -> None:
    """Ends what a killed training had begun. Raises ModelError where `folder` is no place for a model.

    Only a folder that holds nothing but a model is replaced: nobody's other files are lost.
    """
    _recover(folder)
    if not folder.exists():
        return
    what = ""
    if not folder.is_dir():
        what = "这里已经有一个文件,不是文件夹"
    elif others := sorted(path.name for path in folder.iterdir() if path.name not in _OURS):
        what = f"文件夹里有不属于模型的文件:{'、'.join(others[:5])}"
    if what:
        problem = Problem(
            code=ProblemCode.SETTING_INVALID, what=what, remedy="请用 --out 指定一个新的文件夹", file=str(folder)
        )
        raise ModelError(problem)


def replace_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put these files in the place of `folder`, all or none of them.

    They are written and synced beside it first. A kill between the two renames leaves the old folder under another
    name, from which `check_target` fetches it back.

    Raises:
        ModelError: they are larger than a model may be.
        OSError: they cannot be written.
    """
    if (size := sum(map(len, contents.values()))) > MAX_BYTES:
        what = f"模型有 {size / 1e6:.1f} MB,超过 {MAX_BYTES // 1_000_000} MB"
        raise ModelError(Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy="请减少样本", file=str(folder)))
    fresh, former = _beside(folder, "new"), _beside(folder, "old")
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        for name, content in contents.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            with (fresh / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        shutil.rmtree(former, ignore_errors=True)
        if folder.exists():
            folder.rename(former)
        fresh.rename(folder)
    except BaseException:
        _recover(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _recover(folder: Path) -> None:
    former = _beside(folder, "old")
    shutil.rmtree(_beside(folder, "new"), ignore_errors=True)
    if former.is_dir() and not folder.exists():
        former.rename(folder)
    shutil.rmtree(former, ignore_errors=True)


def _beside(folder: Path, what: str) -> Path:
    return folder.with_name(f".{folder.name}.{what}")
