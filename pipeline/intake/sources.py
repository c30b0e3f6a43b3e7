"""What a handed path consists of: the files to read, by their names relative to the path's parent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.foreign import SUFFIXES, may_be_transcript
from pipeline.intake.place import Place, Refusal
from pipeline.intake.recordings import AUDIO_SUFFIXES, contained, display, unreadable, walk

_MANIFESTS = frozenset({"manifest.csv", "manifest.xlsx", "manifest.jsonl", "manifest.parquet"})
_TRANSCRIPTS = ("chats*.jsonl", "transcripts*.jsonl")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `name` is how it is spoken of: relative, so that it is the same on every machine."""

    path: Path
    name: str


def expand(handed: Path, root: Path | None) -> Iterator[Source | Problem]:
    """The files behind a handed path, in a fixed order.

    A folder without a manifest gives its recordings, at any depth, and the transcripts of other systems that lie in it
    itself: not those beside a recording of the same name, which is transcribed here (a manifest can name the transcript
    instead), and of several with the same name only the one that says most (`.json`, `.vtt`, `.srt`, `.txt`): systems
    write the same call in several formats. A `.txt` without any line that begins with a time or `name:` is none.

    Raises:
        InputError: there is nothing at the path, nothing usable in the folder, or more than one manifest.
        OSError: the folder cannot be listed.
    """
    handed = Path(os.path.abspath(handed))  # noqa: PTH100 - resolve() would rename what is handed as a link
    top = Source(handed, display(Path(handed.name or handed)))
    if not handed.exists():
        raise Place(top.name).error(Refusal("找不到这个文件或文件夹", "请核对路径", code=ProblemCode.FILE_MISSING))
    if not handed.is_dir():
        yield top
        return
    files = sorted(path for path in handed.iterdir() if path.is_file())
    manifests = [path for path in files if path.name.casefold() in _MANIFESTS]
    if len(manifests) > 1:
        what = f"文件夹里有 {len(manifests)} 个清单: {'、'.join(path.name for path in manifests)}"
        refusal = Refusal(what, "请只保留一个,或直接指定要用的清单文件", code=ProblemCode.BAD_FORMAT)
        raise Place(top.name).error(refusal)
    found: list[Source | Problem] = [_below(handed, path) for path in manifests]
    if not manifests:
        found += _recordings(handed, root)
        found += _transcripts(handed, files, root)
    found += [_below(handed, p) for p in files if any(fnmatchcase(p.name.casefold(), like) for like in _TRANSCRIPTS)]
    if not found:
        what = f"文件夹里没有录音、清单(manifest)、对话(chats*.jsonl)或转写文件({' '.join(SUFFIXES)})"
        raise Place(top.name).error(Refusal(what, "请放入文件后再试", code=ProblemCode.NO_CALLS))
    yield from found


def _below(handed: Path, path: Path) -> Source:
    return Source(path, display(path.relative_to(handed.parent)))


def _recordings(handed: Path, root: Path | None) -> Iterator[Source | Problem]:
    paths, errors = walk(handed)
    for error in errors:
        yield Place(_below(handed, Path(error.filename)).name).problem(unreadable(error))
    yield from _inside(handed, paths, root)


def _transcripts(handed: Path, files: Sequence[Path], root: Path | None) -> Iterator[Source | Problem]:
    visible = [path for path in files if not path.name.startswith(".")]
    audio = [path for path in visible if path.suffix.casefold() in AUDIO_SUFFIXES]
    taken = {name.casefold() for path in audio for name in (path.stem, path.name)}  # a.wav.json beside a.wav too
    best: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in visible:
            stem = path.stem.casefold()
            if path.suffix.casefold() == suffix and stem not in taken and (suffix != ".txt" or _says_who(path)):
                best.setdefault(stem, path)
    yield from _inside(handed, sorted(best.values()), root)


def _says_who(path: Path) -> bool:
    try:
        return may_be_transcript(path)
    except OSError:
        return True  # for the reader to tell why it cannot be read


def _inside(handed: Path, paths: Iterable[Path], root: Path | None) -> Iterator[Source | Problem]:
    bases = [base.resolve() for base in (handed, root) if base is not None]
    for path in paths:
        source = _below(handed, path)
        try:
            if path.is_dir():
                yield Place(source.name).problem(_LINKED_FOLDER)
            elif contained(path, bases) is None:
                yield Place(source.name).problem(_LINK_OUT)
            else:
                yield source
        except (OSError, RuntimeError) as error:  # links in a circle
            yield Place(source.name).problem(unreadable(error))


_LINKED_FOLDER = Refusal("是指向别处的文件夹链接,没有进入", "请直接指定它指向的文件夹", code=ProblemCode.PATH_OUTSIDE)
_LINK_OUT = Refusal(
    "是指向文件夹之外的链接", "请放入文件本身,或用 --recordings 指定录音目录", code=ProblemCode.PATH_OUTSIDE
)
