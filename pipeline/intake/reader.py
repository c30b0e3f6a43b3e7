"""The door: what a user hands in, read into calls and problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.intake.columns import MANIFEST, TURN_TABLE, kind_of, missing, plain
from pipeline.intake.csvfile import open_csv
from pipeline.intake.excel import open_excel
from pipeline.intake.fields import Fields
from pipeline.intake.foreign import SUFFIXES as TRANSCRIPT_SUFFIXES
from pipeline.intake.manifest import read_manifest
from pipeline.intake.parquetfile import open_parquet
from pipeline.intake.place import Found, Items, Place, Refusal, RefusedError, quoted
from pipeline.intake.recordings import AUDIO_SUFFIXES, content_hash, display, unreadable
from pipeline.intake.sources import Source, expand
from pipeline.intake.table import Table
from pipeline.intake.threads import read_jsonl
from pipeline.intake.transcripts import read_transcript
from pipeline.intake.turntable import read_turn_table
from pipeline.intake.values import Parser, call_parsers


@dataclass(frozen=True, slots=True)
class Intake:
    """What was found.

    `failures` holds every row and file that was refused; what is neither in `calls` nor there was not handed in.
    `sources` names the files examined, relative to the parent of the path handed in.
    """

    calls: tuple[Call, ...]
    failures: tuple[Problem, ...]
    sources: tuple[str, ...]


def read(
    paths: Sequence[Path],
    *,
    timezone: str = "Asia/Shanghai",
    root: Path | None = None,
    agent_channel: int | None = None,
) -> Intake:
    """Read recordings, folders, manifests (CSV, Excel, JSONL, Parquet), ready transcripts (JSONL, tables) and those of
    other systems (SRT, WebVTT, text, the JSON of recognisers; see `foreign`).

    Every bad row or file becomes a failure and the good ones go on. Of calls with the same id the first one stays.
    Rows are numbered as an editor or Excel shows them, the header being row 1; those of Parquet from 1.

    Args:
        paths: files or folders, read in this order; folders are walked in a fixed one.
        timezone: IANA name of the zone of times that name none.
        root: a folder that recordings and transcripts may also lie in; relative paths are sought there too.
        agent_channel: the agent's 0-based channel in transcripts of two channels for which no manifest names it; None
            is 0.

    Raises:
        InputError: nothing usable was found at all, or `timezone` or `root` is not one.
    """
    parsers = call_parsers(_zone(timezone))
    root = _folder(root)
    harvest = _Harvest()
    for handed in paths:
        try:
            for source in expand(handed, root):
                if isinstance(source, Problem):
                    harvest.add(source)
                else:
                    harvest.examine(source, _items(source, root, parsers, agent_channel))
        except InputError as error:
            harvest.failures += error.problems
        except OSError as error:
            harvest.failures.append(Place(display(Path(handed.name))).problem(unreadable(error)))
    return harvest.result()


@dataclass(slots=True)
class _Harvest:
    """What was gathered so far. `found` turns True with the first call, or the first row refused."""

    calls: list[Call] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    first: dict[str, Place] = field(default_factory=dict)
    found: bool = False

    def examine(self, source: Source, items: Items) -> None:
        self.sources.append(source.name)
        place = Place(source.name)
        empty = True
        try:
            for item in items:
                empty = False
                self.add(item)
            if empty:
                self.failures.append(place.problem(_NO_ROWS))
        except RefusedError as refused:
            self.failures.append(place.problem(refused.refusal))
        except InputError as error:
            self.failures += error.problems
        except OSError as error:
            self.failures.append(place.problem(unreadable(error)))

    def add(self, item: Found | Problem) -> None:
        self.found = True
        if isinstance(item, Problem):
            self.failures.append(item)
            return
        earlier = self.first.setdefault(item.call.call_id, item.place)
        if earlier is item.place:
            self.calls.append(item.call)
        else:
            refusal = Refusal(
                f"通话编号重复,首次出现在 {earlier.source}",
                "同一通请只提交一次;若是另一通,请改用别的编号",
                code=ProblemCode.DUPLICATE_CALL,
            )
            self.failures.append(item.place.problem(refusal, call_id=item.call.call_id))

    def result(self) -> Intake:
        if not self.found:
            raise InputError(self.failures or _NOTHING)
        return Intake(tuple(self.calls), tuple(self.failures), tuple(self.sources))


_NO_ROWS = Refusal("文件里没有数据", "请每行填一条后再提交", code=ProblemCode.NO_CALLS)
_NOTHING = Problem(
    code=ProblemCode.NO_CALLS, what="没有指定任何文件或文件夹", remedy="请给出录音、文件夹、清单、对话或转写文件"
)

_TABLES: dict[str, Callable[[Path], Table]] = {
    ".csv": open_csv,
    ".tsv": open_csv,
    ".txt": open_csv,  # Excel's "Unicode text"; any other is a transcript
    ".xlsx": open_excel,
    ".xlsm": open_excel,
    ".parquet": open_parquet,
}
_JSONL = frozenset({".jsonl", ".ndjson"})


def _items(source: Source, root: Path | None, parsers: Mapping[str, Parser], agent_channel: int | None) -> Items:
    suffix = source.path.suffix.casefold()
    bases = [base for base in (source.path.parent.resolve(), root) if base is not None]
    if suffix in AUDIO_SUFFIXES:
        yield _audio(source)
        return
    if suffix not in _JSONL and suffix not in _TABLES and suffix not in TRANSCRIPT_SUFFIXES:
        known = " ".join(sorted({*_JSONL, *_TABLES, *TRANSCRIPT_SUFFIXES}))
        raise RefusedError(
            f"不支持 {suffix or '没有后缀'} 的文件", f"录音之外可用: {known}", code=ProblemCode.BAD_FORMAT
        )
    if not source.path.stat().st_size:
        raise RefusedError("文件是空的(0 字节)", "请重新导出", code=ProblemCode.FILE_EMPTY)
    if suffix in TRANSCRIPT_SUFFIXES and not (suffix in _TABLES and _is_table(source.path)):
        yield from read_transcript(source.path, source.name, agent_channel=agent_channel)
        return
    if suffix in _JSONL:
        yield from read_jsonl(source.path, source.name, bases=bases, parsers=parsers, agent_channel=agent_channel)
        return
    table = _TABLES[suffix](source.path)
    if (kind := kind_of(table.headers)) is TURN_TABLE:
        yield from read_turn_table(table, source.name, parsers=parsers)
    elif kind is MANIFEST:
        yield from read_manifest(table, source.name, bases=bases, parsers=parsers, agent_channel=agent_channel)
    else:
        raise Place(source.name, table.header_row).error(_lacking(table))


def _is_table(path: Path) -> bool:
    try:
        return kind_of(open_csv(path).headers) is not None
    except RefusedError:
        return False


def _lacking(table: Table) -> Refusal:
    meant = {TURN_TABLE.meaning.get(plain(header)) for header in table.headers}
    if meant & {"role", "text"}:
        return missing([c for c in ("call_id", "role", "text") if c not in meant], table.headers, TURN_TABLE)
    return missing(["path"], table.headers, MANIFEST)


def _audio(source: Source) -> Found | Problem:
    place = Place(source.name)
    try:
        digest = content_hash(source.path)
    except RefusedError as refused:
        return place.problem(refused.refusal)
    return Found(place, Fields(place).call(digest, audio_path=source.path.resolve()))


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        what = f"不认识时区 {quoted(timezone)}"
        raise _setting(what, "请写成 Asia/Shanghai 这样的名称", "timezone") from error


def _folder(root: Path | None) -> Path | None:
    if root is not None and not root.is_dir():
        raise _setting(f"录音根目录 {quoted(display(root))} 不存在", "请核对路径", "root")
    return root and root.resolve()


def _setting(what: str, remedy: str, name: str) -> InputError:
    return InputError(Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy=remedy, column=name))
