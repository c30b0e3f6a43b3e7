"""Recordings on disk: found below a folder, located for a manifest without leaving its folder, and hashed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.place import Refusal, RefusedError, quoted

AUDIO_SUFFIXES = frozenset(
    ".wav .mp3 .m4a .aac .flac .ogg .oga .opus .amr .awb .gsm .wma .mp4 .webm .mkv .mka .mov .avi .3gp .caf .aif"
    " .aiff .au".split()
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_DERIVED_HEX = 12  # 48 bits: two of a million recordings clash with a chance of 0.2 %, and then it is told


def derived_id(content_hash: str) -> str:
    """The id of a call that was given none: the same content has the same id."""
    return f"c-{content_hash[:_DERIVED_HEX]}"


def display(path: Path) -> str:
    """The path as printable text with `/`; a name in GBK bytes, as old zip tools leave it, is read as such."""
    name = path.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", "backslashreplace")
    return name


def walk(folder: Path) -> tuple[list[Path], list[OSError]]:
    """The audio files below the folder in a fixed order, and the folders that could not be listed.

    Hidden files are skipped. Links to folders are not followed but listed among the files, so that the caller
    can tell of them: passing over either would leave calls unchecked.
    """
    found: list[Path] = []
    errors: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=errors.append):
        here = Path(parent)
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if (here / name).is_symlink()]
        audio = [n for n in files if not n.startswith(".") and Path(n).suffix.casefold() in AUDIO_SUFFIXES]
        found += [here / name for name in (*links, *audio)]
    return sorted(found, key=lambda path: path.relative_to(folder).parts), errors


def locate(text: str, *, bases: Sequence[Path], what: str = "录音") -> Path:
    """The existing file that `text` means: absolute, or relative to the first base that has it.

    Links are followed first; what then lies in none of the bases is refused. `bases` are resolved folders; `what` is
    how the file is called in messages.

    Raises:
        RefusedError: outside of the bases, missing, or not a path.
    """
    if _CONTROL.search(text):
        raise RefusedError(f"路径 {quoted(text)} 含有控制字符", "请删除不可见字符")
    wanted = Path(text.replace("\\", "/"))  # manifests are written on Windows more often than read there
    if os.name != "nt" and _DRIVE.match(text):
        raise RefusedError.of(_outside(text, what))
    try:
        inside = [real for base in bases if (real := contained(base / wanted, bases)) is not None]
        if not inside:
            raise RefusedError.of(_outside(text, what))
        for real in inside:
            if real.exists():
                return real
    except (OSError, RuntimeError) as error:  # a name too long, links in a circle
        raise RefusedError.of(unreadable(error)) from error
    raise RefusedError(
        f"找不到{what} {quoted(text)}", "请核对文件名,或用 --recordings 指定录音目录", code=ProblemCode.FILE_MISSING
    )


def contained(path: Path, bases: Sequence[Path]) -> Path | None:
    """The path with links resolved, None if it lies in none of the bases."""
    real = path.resolve()
    return real if any(real.is_relative_to(base) for base in bases) else None


def content_hash(path: Path) -> str:
    """The SHA-256 (hex) of the file's bytes.

    Raises:
        RefusedError: the file is empty, unreadable, or not a plain file.
    """
    name = quoted(display(Path(path.name)))
    try:
        if not path.is_file():
            raise RefusedError(f"{name} 不是普通文件", "请填录音文件本身的路径", code=ProblemCode.FILE_UNREADABLE)
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise RefusedError(f"{name} 是空文件(0 字节)", "请重新导出这段录音", code=ProblemCode.FILE_EMPTY)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RefusedError.of(unreadable(error)) from error


def unreadable(error: Exception) -> Refusal:
    """The refusal of a file or folder that the system would not open."""
    reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return Refusal(f"读不了({reason})", "请检查文件是否完好、是否有读取权限", code=ProblemCode.FILE_UNREADABLE)


def _outside(text: str, what: str) -> Refusal:
    return Refusal(
        f"路径 {quoted(text)} 在清单所在目录之外",
        f"请把{what}放到清单的目录下,或用 --recordings 指定录音目录",
        code=ProblemCode.PATH_OUTSIDE,
    )
