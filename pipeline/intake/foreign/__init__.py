"""Transcripts that other systems wrote: subtitles, plain text, and the JSON of the common recognisers.

Each format has a reader that gives `Spoken`; `settle` checks it and makes turns of it. A JSON file is known by its
shape: the first reader that does not answer None has it. To add a recogniser, write a reader and add its line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.domain.errors import ProblemCode
from pipeline.intake.foreign import alibaba, aws, azure, google, iflytek, tencent, whisper
from pipeline.intake.foreign.document import read_json
from pipeline.intake.foreign.plaintext import may_be_transcript, turns
from pipeline.intake.foreign.settle import Fault, TranscriptError, settle
from pipeline.intake.foreign.spoken import Spoken
from pipeline.intake.foreign.subtitles import cues
from pipeline.intake.place import RefusedError
from pipeline.intake.said import Said

__all__ = ["SUFFIXES", "Fault", "TranscriptError", "may_be_transcript", "read_said_by_others"]

_RECOGNISERS: dict[str, Callable[[object], list[Spoken] | None]] = {
    "阿里云智能语音": alibaba.sentences,
    "阿里云百炼": alibaba.transcripts,
    "通义听悟": alibaba.paragraphs,
    "腾讯云": tencent.details,
    "讯飞": iflytek.lattice,
    "Amazon Contact Lens": aws.conversation,
    "Amazon Transcribe": aws.items,
    "Azure": azure.phrases,
    "Google": google.results,
    "Whisper/whisperX": whisper.segments,
}


def _recognised(path: Path) -> list[Spoken]:
    document = read_json(path)
    for reader in _RECOGNISERS.values():
        if (spoken := reader(document)) is not None:
            return spoken
    known = "、".join(_RECOGNISERS)
    raise RefusedError("不认识这种 JSON", f"可以读 {known} 的转写结果;其他的请转成 SRT", code=ProblemCode.BAD_FORMAT)


_READERS: dict[str, Callable[[Path], list[Spoken]]] = {
    ".json": _recognised,
    ".vtt": cues,
    ".srt": cues,
    ".txt": turns,
}
SUFFIXES = tuple(_READERS)
"""The suffixes of transcripts, first those that say most: words and speakers before bare text."""


def read_said_by_others(path: Path, *, agent_channel: int) -> list[Said]:
    """The turns in a transcript file. Roles are told by names, else by the two channels, `agent_channel` (0-based)
    being the agent's; where neither tells them they are `other`.

    Raises:
        TranscriptError: the file cannot be used; with everything that is wrong with it.
        OSError: it cannot be read.
    """
    try:
        reader = _READERS.get(path.suffix.casefold())
        if reader is None:
            raise RefusedError(
                f"不支持 {path.suffix or '没有后缀'} 的转写文件",
                f"可用: {' '.join(SUFFIXES)}",
                code=ProblemCode.BAD_FORMAT,
            )
        return settle(reader(path), agent_channel=agent_channel)
    except RefusedError as refused:
        raise TranscriptError([Fault(refused.refusal)]) from refused
