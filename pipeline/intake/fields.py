"""The fields of a call, from the cells of a row or the keys of an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import Problem
from pipeline.domain.transcript import Turn
from pipeline.intake.place import Place, Refusal, RefusedError
from pipeline.intake.recordings import derived_id
from pipeline.intake.values import Parser, as_text, clean

_AMONG_METADATA = frozenset({"hangup_by"})
"""Columns whose headers and values we know and that still stand in a call's metadata, under our name."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value under the header (or key) that the user wrote."""

    header: str
    value: object


@dataclass(slots=True)
class Fields:
    """What was read of one call, under the names of `Call`, and everything wrong with it."""

    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def call(self, digest: str, *, audio_path: Path | None = None, turns: tuple[Turn, ...] | None = None) -> Call:
        """The call of these fields. Without an id it gets one from its content; turns count as chat unless told."""
        return Call(
            call_id=self.call_id or derived_id(digest),
            channel=self.values.get("channel", Channel.CHAT) if audio_path is None else Channel.VOICE,
            source=self.place.source,
            content_hash=digest,
            audio_path=audio_path,
            turns=turns,
            metadata=self.metadata,
            **{name: value for name, value in self.values.items() if name not in ("call_id", "channel")},
        )

    @property
    def call_id(self) -> str | None:
        return self.values.get("call_id")

    def take(self, column: str, cell: Cell, parse: Parser, *, place: Place | None = None) -> None:
        """Parse the cell into `column`; blank cells are left out, bad ones become problems."""
        if as_text(cell.value) is None:
            return
        try:
            value = parse(cell.value)
            if column in _AMONG_METADATA:
                self.metadata[column] = str(value)
            else:
                self.values[column] = value
        except RefusedError as refused:
            self.refuse(refused.refusal, column=cell.header, place=place)

    def keep(self, header: str, value: object) -> None:
        """Keep a value of a column that we do not know, as text."""
        if (text := as_text(value)) is not None:
            self.metadata[clean(header)] = clean(text)

    def refuse(self, refusal: Refusal, *, column: str | None = None, place: Place | None = None) -> None:
        self.problems.append((place or self.place).problem(refusal, column=column, call_id=self.call_id))


def read_fields(
    place: Place, known: Mapping[str, Cell], extra: Mapping[str, object], parsers: Mapping[str, Parser]
) -> Fields:
    """All known cells that have a parser, and the rest as metadata. `call_id` comes first, to stand in problems."""
    fields = Fields(place)
    for column, parse in parsers.items():
        if column in known:
            fields.take(column, known[column], parse)
    for header, value in extra.items():
        fields.keep(header, value)
    return fields
