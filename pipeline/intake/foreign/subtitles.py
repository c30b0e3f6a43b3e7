"""SubRip (.srt) and WebVTT (.vtt): cues with times, and speakers where somebody wrote them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.foreign.clock import TIME, clock_ms
from pipeline.intake.foreign.document import text_lines
from pipeline.intake.foreign.labels import leading_label
from pipeline.intake.foreign.settle import Fault, TranscriptError
from pipeline.intake.foreign.spoken import Spoken, Spot, joined
from pipeline.intake.place import Refusal, quoted
from pipeline.intake.textfile import Line

_TIMING = re.compile(rf"\s*({TIME})\s*-->\s*({TIME})(?:\s.*)?", re.DOTALL)
_NOT_CUES = re.compile(r"(WEBVTT|NOTE|STYLE|REGION)(\s|$)")
_VOICE = re.compile(r"<v(?:\.[^<>\s]{0,100})?\s+([^<>]{1,200})>")
_FORMATTING = re.compile(
    r"</?(?:v|c|b|i|u|s|lang|ruby|rt|font)\b[^<>]{0,500}>|<\d\d[\d:.]{0,20}>|\{\\[^{}]{0,100}\}", re.I
)


def cues(path: Path) -> list[Spoken]:
    """What the cues say, in the order of the file; cues may overlap.

    The speaker is that of a voice tag (`<v 客服>`) or of a label before the text (`客服: …`, see `labels`); a cue in
    which several speak gives a turn to each, with the times of the cue. Formatting is taken off. Comments and styles
    are passed over.

    Raises:
        TranscriptError: a time line cannot be read, or there is no cue.
    """
    found: list[tuple[Spoken, list[Line]]] = []
    faults: list[Fault] = []
    for block in _blocks(text_lines(path)):
        at = [index for index, line in enumerate(block) if "-->" in line.text]
        if not at and found and block and not _is_number(block[0]):  # an empty line within the text of a cue
            found[-1][1].extend(block)
        for index, until in pairwise([*at, len(block)]):
            text = block[index + 1 : until]
            if until < len(block) and text and _is_number(text[-1]):
                text = text[:-1]  # the number of the next cue: there is no empty line between them
            cue = _cue(block[index])
            if isinstance(cue, Fault):
                faults.append(cue)
            else:
                found.append((cue, text))
    if not (found or faults):
        faults.append(Fault(_NO_CUES))
    if faults:
        raise TranscriptError(faults)
    return [part for cue, lines in found for part in _parts(lines, cue)]


_NO_CUES = Refusal(
    "没有一条字幕(找不到 00:00:01,000 --> 00:00:02,000 这样的时间行)", "请重新导出字幕", code=ProblemCode.NO_CALLS
)


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if line.text.strip():
            block.append(line)
        elif block:
            yield from _kept(block)
            block = []
    if block:
        yield from _kept(block)


def _kept(block: list[Line]) -> Iterator[list[Line]]:
    heading = _NOT_CUES.match(block[0].text)
    if heading is None:
        yield block
    elif heading[1] == "WEBVTT":
        yield block[1:]  # some write the first cue right below


def _is_number(line: Line) -> bool:
    return line.text.strip().isdecimal()


def _cue(line: Line) -> Spoken | Fault:
    found = _TIMING.fullmatch(line.text)
    times = [clock_ms(found[1]), clock_ms(found[2])] if found else [None]
    if None in times:
        what = f"时间行 {quoted(line.text.strip())} 看不懂"
        remedy = "请写成 00:00:01,000 --> 00:00:02,000 这样的形式"
        return Fault(Refusal(what, remedy, code=ProblemCode.BAD_FORMAT), Spot(row=line.number))
    start_ms, end_ms = times
    return Spoken(spot=Spot(row=line.number), text="", start_ms=start_ms, end_ms=end_ms)


def _parts(lines: Sequence[Line], cue: Spoken) -> list[Spoken]:
    """The cue with the text of the lines, once for each speaker."""
    parts: list[tuple[str | None, list[str]]] = [(None, [])]
    for line in lines:
        opening, *voices = _VOICE.split(line.text)
        label, rest = leading_label(_plain(opening))
        if label:
            parts.append((label, []))
        parts[-1][1].append(rest)
        parts += [(who.strip(), [_plain(said)]) for who, said in zip(voices[::2], voices[1::2], strict=True)]
    said = [(who, joined(texts)) for who, texts in parts]
    return [replace(cue, text=text, speaker=who) for who, text in said if text]


def _plain(text: str) -> str:
    return html.unescape(_FORMATTING.sub("", text)).strip()
