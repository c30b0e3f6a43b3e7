"""Which headers mean which column. A header that is not in these tables is kept as metadata: nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain.errors import ProblemCode
from pipeline.intake.place import Refusal, RefusedError, quoted

# Case, spaces, underscores, hyphens, brackets and full or half width make no difference in a header.
_CALL: dict[str, tuple[str, ...]] = {
    "call_id": ("通话编号", "录音编号", "会话编号", "通话ID", "录音ID", "会话ID", "通话流水号", "录音流水号"),
    "agent_id": ("坐席工号", "座席工号", "客服工号", "工号", "坐席编号", "座席编号", "坐席ID"),
    "agent_name": ("坐席姓名", "座席姓名", "客服姓名"),
    "team": ("班组", "团队", "小组", "所属班组", "所属团队"),
    "customer_id": ("客户编号", "客户ID", "客户号"),
    "started_at": ("开始时间", "通话时间", "通话开始时间", "会话开始时间", "呼叫时间", "start_time"),
    "direction": ("呼叫方向", "通话方向"),
    "queue": ("队列", "技能组", "技能队列"),
    "answered_after_s": ("应答时长(秒)", "应答时间(秒)", "应答秒数", "应答时长(s)"),
    "csat": ("满意度", "满意度评分", "满意度得分"),
    "hangup_by": ("挂机方", "挂断方", "挂机人", "结束方"),
    "ticket_id": ("工单号", "工单编号", "工单ID"),
    "agent_channel": ("坐席声道", "座席声道", "客服声道"),
}
_PATH: dict[str, tuple[str, ...]] = {
    "path": (
        *("录音路径", "文件路径", "录音文件", "录音文件名", "录音文件路径", "文件名", "音频路径", "音频文件"),
        *("file_path", "file_name", "audio_path", "audio_file"),
    ),
}
_TRANSCRIPT: dict[str, tuple[str, ...]] = {
    "transcript_path": (
        *("转写文件", "文本文件", "转写文件路径", "转写文件名", "转写路径", "文本路径", "字幕文件"),
        *("transcript_file", "transcript_file_path"),
    ),
}
_TURN: dict[str, tuple[str, ...]] = {
    "role": ("角色", "说话人", "发言人", "speaker"),
    "text": ("文本", "内容", "消息内容", "对话内容", "content"),
    "start_ms": ("开始毫秒", "开始(毫秒)", "开始时间(毫秒)"),
    "end_ms": ("结束毫秒", "结束(毫秒)", "结束时间(毫秒)"),
}
_CHANNEL: dict[str, tuple[str, ...]] = {"channel": ("渠道", "沟通渠道")}
_TURNS: dict[str, tuple[str, ...]] = {"turns": ("对话",)}


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """The header as it is compared."""
    return re.sub(
        r"[\s_\-()\[\]\ufeff\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", unicodedata.normalize("NFKC", header)
    ).casefold()


class Columns:
    """The columns of one kind of table: what each is called, and what each header means."""

    def __init__(self, *parts: Mapping[str, tuple[str, ...]]) -> None:
        self.names = {column: (column, *others) for part in parts for column, others in part.items()}
        self.meaning = {plain(name): column for column, names in self.names.items() for name in names}


MANIFEST = Columns(_PATH, _TRANSCRIPT, _CALL)
TURN_TABLE = Columns(_CALL, _CHANNEL, _TURN)
THREAD = Columns(_CALL, _CHANNEL, _TURNS)
TURN = Columns(_TURN)
NAMES_A_CALL = frozenset({"path", "transcript_path"})
"""The columns of a manifest of which a row needs one: its recording or its transcript."""


def kind_of(headers: Iterable[str]) -> Columns | None:
    """Turns have a role and a text, a manifest has paths of recordings or transcripts; None for neither."""
    compared = {plain(header) for header in headers}
    if {"role", "text"} <= {TURN_TABLE.meaning.get(header) for header in compared}:
        return TURN_TABLE
    return MANIFEST if any(MANIFEST.meaning.get(header) in NAMES_A_CALL for header in compared) else None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column stands: `known` by our name, `extra` by the user's."""

    headers: tuple[str, ...]
    known: Mapping[str, int]
    extra: Mapping[str, int]


@lru_cache(maxsize=1024)
def lay_out(headers: tuple[str, ...], columns: Columns) -> Layout:
    """Recognise the headers; blank ones are left out.

    Raises:
        RefusedError: two headers are the same, or mean the same column.
    """
    first: dict[str, str] = {}
    known: dict[str, int] = {}
    extra: dict[str, int] = {}
    for position, header in enumerate(headers):
        if not (compared := plain(header) or header.strip()):
            continue
        column = columns.meaning.get(compared)
        meaning = column or compared
        if meaning in first:
            raise RefusedError(
                f"{quoted(first[meaning])} 和 {quoted(header)} 是同一列,不知道该用哪一个",
                "请只保留其中一列",
                code=ProblemCode.BAD_FORMAT,
            )
        first[meaning] = header
        if column is None:
            extra[header.strip()] = position
        else:
            known[column] = position
    return Layout(headers, known, extra)


def missing(needed: Sequence[str], headers: Sequence[str], columns: Columns) -> Refusal:
    """The refusal of a table that lacks columns: names what was found and what comes nearest."""
    from rapidfuzz import fuzz, process

    found = {plain(header): header.strip() for header in headers if plain(header)}
    hints = []
    for column in needed:
        matches = [process.extractOne(plain(name), found.keys(), scorer=fuzz.ratio) for name in columns.names[column]]
        near, score, _ = max((m for m in matches if m), key=lambda match: match[1], default=("", 0, 0))
        if score >= 50:  # below it, two headers share no more than a character
            hints.append(f",最接近 {column} 的是 {quoted(found[near])}")
    also = ";".join(f"{column} 可写作 {'、'.join(columns.names[column][1:4])}" for column in needed)
    return Refusal(
        f"缺少列 {'、'.join(needed)},现有的列: {'、'.join(found.values()) or '无'}{''.join(hints)}",
        f"请补上缺少的列或改正表头({also})",
        code=ProblemCode.MISSING_COLUMN,
    )
