"""Calls whose transcript another system wrote, handed in as a file or named by a manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.domain.call import Channel
from pipeline.intake.fields import Cell, Fields
from pipeline.intake.foreign import Fault, TranscriptError, read_said_by_others
from pipeline.intake.place import Items, Place, Refusal, RefusedError, quoted
from pipeline.intake.recordings import display, locate, unreadable
from pipeline.intake.said import finish
from pipeline.intake.values import as_text

DEFAULT_AGENT_CHANNEL = 0


def read_transcript(path: Path, name: str, *, agent_channel: int | None) -> Items:
    """The call of a transcript file, a voice call; or everything that is wrong with it.

    Raises:
        OSError: the file cannot be read.
    """
    fields = Fields(Place(name), {"channel": Channel.VOICE})
    try:
        said = read_said_by_others(path, agent_channel=_agent(fields, agent_channel))
    except TranscriptError as error:
        for fault in error.faults:
            yield Place(name, fault.spot.row).problem(fault.refusal, column=fault.spot.key)
    else:
        yield from finish(fields, said)


def read_named(fields: Fields, cell: Cell, *, bases: Sequence[Path], agent_channel: int | None) -> Items:
    """The call of a manifest's row that names a transcript; or everything that is wrong with both."""
    fields.values["channel"] = Channel.VOICE
    text = as_text(cell.value) or ""
    try:
        file = locate(text, bases=bases, what="转写文件")
        said = read_said_by_others(file, agent_channel=_agent(fields, agent_channel))
    except RefusedError as refused:
        fields.refuse(refused.refusal, column=cell.header)
    except OSError as error:
        fields.refuse(_within(text, Fault(unreadable(error))), column=cell.header)
    except TranscriptError as error:
        for fault in error.faults:
            fields.refuse(_within(text, fault), column=cell.header)
    else:
        yield from finish(fields, said)
        return
    yield from fields.problems


def _agent(fields: Fields, agent_channel: int | None) -> int:
    chosen = (fields.values.get("agent_channel"), agent_channel, DEFAULT_AGENT_CHANNEL)
    return next(int(channel) for channel in chosen if channel is not None)


def _within(file: str, fault: Fault) -> Refusal:
    """The fault as a manifest's row tells it: with the file and the place in it."""
    at = [f"第 {fault.spot.row} 行"] if fault.spot.row is not None else []
    at += [fault.spot.key] if fault.spot.key is not None else []
    where = " ".join((f"转写文件 {quoted(display(Path(file)))}", *at))
    return Refusal(f"{where}: {fault.refusal.what}", fault.refusal.remedy, code=fault.refusal.code)
