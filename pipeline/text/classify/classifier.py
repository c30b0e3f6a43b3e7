"""A text classifier in one file, `NAME.npz`: a zip of plain arrays and texts, nothing of which is run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.text.classify.features import plain_all

if TYPE_CHECKING:
    from pipeline.text.classify.weights import Weights

FORMAT = "zhijian-classifier-1"
SUFFIX = ".npz"
MAX_FILE_BYTES = 50_000_000


class Classifier:
    """Says of texts how probable each label is.

    `digest` is the SHA-256 (hex) that names the model. Safe to use from several threads.
    """

    def __init__(self, weights: Weights, labels: Sequence[str], digest: str) -> None:
        from pipeline.text.classify.linear import LinearModel

        self.labels = tuple(labels)
        self.digest = digest
        self._model = LinearModel(weights)

    def shares(self, texts: Sequence[str]) -> tuple[Mapping[str, float] | None, ...]:
        """The probability of each label for each text, in one pass; None for a text without a spoken character."""
        spoken = plain_all(texts)
        distinct = list(dict.fromkeys(filter(None, spoken)))
        if not distinct:
            return (None,) * len(texts)
        rows = self._model.probabilities(distinct)
        known = {
            text: dict(zip(self.labels, map(float, row), strict=True)) for text, row in zip(distinct, rows, strict=True)
        }
        return tuple(known.get(text) for text in spoken)


def write_classifier(path: Path, weights: Weights, labels: Sequence[str]) -> str:
    """Writes the file (its folder is made) and returns the model's digest; the same weights give the same bytes."""
    from pipeline.text.classify.weights import name_of, to_files

    contents = to_files(weights, form=FORMAT, labels=labels)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return name_of(contents)


def read_classifier(path: Path) -> Classifier:
    """The classifier of a file. Raises ValueError (Chinese) where it is damaged or none of ours, OSError otherwise."""
    from pipeline.text.classify.weights import from_files, name_of

    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"大于 {MAX_FILE_BYTES // 1_000_000} MB")
    contents = _members(path.read_bytes())
    weights, labels = from_files(contents, form=FORMAT)
    return Classifier(weights, labels, name_of(contents))


def _members(content: bytes) -> dict[str, bytes]:
    """Members are stored and not compressed, so that none can be larger than the file."""
    from pipeline.text.classify.weights import NAMES

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sorted(m.filename for m in members) != sorted(NAMES):
                raise ValueError("里面的文件不对")
            if any(m.compress_type != zipfile.ZIP_STORED or m.flag_bits & 1 for m in members):
                raise ValueError("里面的文件被压缩或加密过")
            return {m.filename: archive.read(m) for m in members}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"不是完整的文件:{error}") from error
