"""Plain text (.txt): a line for each turn, with the speaker before a colon and perhaps a time before that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.foreign.clock import TIME, clock_ms
from pipeline.intake.foreign.document import text_lines
from pipeline.intake.foreign.labels import COLON, LABEL, split_label, tells_a_speaker
from pipeline.intake.foreign.settle import Fault, TranscriptError
from pipeline.intake.foreign.spoken import Spoken, Spot, joined
from pipeline.intake.place import Refusal, quoted
from pipeline.intake.textfile import Line, lines

_SPAN = rf"[\[(【\uff08]?\s?({TIME})(?:\s?(?:-->|[-–~\uff5e至])\s?({TIME}))?\s?[\])】\uff09]?"
_TIME_FIRST = re.compile(rf"{_SPAN}\s*(.*)", re.DOTALL)
_TIME_AFTER = re.compile(rf"({LABEL}?)\s?{_SPAN}\s*({COLON}?)\s*(.*)", re.DOTALL)
_BRACKETS = "[(【\uff08"
_LOOKED_AT = 200  # lines of a file that may be no transcript


@dataclass(frozen=True, slots=True)
class _Read:
    """A line: its label, if it may be one, what it says, and its times as they are written."""

    line: Line
    label: str | None
    text: str
    times: tuple[str | None, str | None] = (None, None)


def turns(path: Path) -> list[Spoken]:
    """The turns. `客服: …`, `[00:01:02] 客户:…`, `说话人1 00:05` with the text below; other lines go on with the turn.

    A label that is no role (see `roles`) and no numbered speaker is one all the same where it has a time, or begins
    two lines or more; lines before the first turn are the file's heading. Lines that are indented go on.

    Raises:
        TranscriptError: no line names a speaker, or a time cannot be read.
    """
    read = [_read(line) for line in text_lines(path) if line.text.strip()]
    speakers = _speakers(read)
    found: list[list[_Read]] = []
    for one in read:
        if one.label in speakers:
            found.append([one])
        elif found:
            found[-1].append(replace(one, text=_further(one)))
    if not found:
        raise TranscriptError([Fault(_NO_SPEAKER)])
    spoken = [_spoken(turn) for turn in found]
    if faults := [one for one in spoken if isinstance(one, Fault)]:
        raise TranscriptError(faults)
    return [one for one in spoken if isinstance(one, Spoken)]


_NO_SPEAKER = Refusal(
    "看不出谁在说话,不像是转写",
    "请在每句前写上说话人和冒号,如 客服: …;若是清单或对话表,请检查表头",
    code=ProblemCode.BAD_FORMAT,
)


def may_be_transcript(path: Path) -> bool:
    """Whether one of the first lines begins with a time, or a short label and a colon.

    Raises:
        OSError: the file cannot be read.
    """
    return any(read.label or read.times[0] for read in map(_read, islice(lines(path), _LOOKED_AT)))


def _read(line: Line) -> _Read:
    text = line.text
    if text[:1].isspace():
        return _Read(line, None, text)
    if found := _TIME_FIRST.fullmatch(text):
        label, rest = split_label(found[3]) or (None, found[3])
        return _Read(line, label, rest, (found[1], found[2]))
    if found := _TIME_AFTER.fullmatch(text):
        label, colon, rest = found[1].strip(), found[4], found[5]
        if colon or not rest or tells_a_speaker(label):
            return _Read(line, label, rest, (found[2], found[3]))
    label, rest = split_label(text) or (None, text)
    return _Read(line, label, rest)


def _further(one: _Read) -> str:
    """The text of a line that goes on with a turn: a time that stands alone, or in brackets before it, is no text."""
    is_stamp = (
        one.times[0] is not None and one.label is None and (not one.text.strip() or one.line.text[0] in _BRACKETS)
    )
    return one.text if is_stamp else one.line.text


def _speakers(read: Sequence[_Read]) -> frozenset[str | None]:
    """The labels that are speakers; none at all where none of them is known to be one."""
    often = Counter(one.label for one in read if one.label)
    sure = {label for label in often if label and tells_a_speaker(label)}
    sure |= {one.label for one in read if one.label and _TIME_FIRST.match(one.line.text)}
    return frozenset(sure | {label for label, count in often.items() if count > 1}) if sure else frozenset()


def _spoken(turn: Sequence[_Read]) -> Spoken | Fault:
    first = turn[0]
    times = [None if written is None else clock_ms(written) for written in first.times]
    for written, ms in zip(first.times, times, strict=True):
        if written is not None and ms is None:
            what = f"时间 {quoted(written)} 看不懂"
            refusal = Refusal(what, "请写成 00:01:02 这样的形式", code=ProblemCode.BAD_FORMAT)
            return Fault(refusal, Spot(row=first.line.number))
    return Spoken(
        spot=Spot(row=first.line.number),
        text=joined(one.text for one in turn),
        start_ms=times[0],
        end_ms=times[1],
        speaker=first.label,
    )
