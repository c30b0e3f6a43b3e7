"""The recordings of the fixtures, each with what is known to be said in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.assets import asset
from pipeline.domain.call import Call
from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Role
from pipeline.intake import read
from pipeline.transcribe import Engine, Segment
from pipeline.transcribe.engine import Samples

NEAR_MS = 300
"""How far a word may lie outside a turn and still belong to it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the truth."""

    role: Role
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call and its true turns in time order."""

    call: Call
    said: tuple[Said, ...]

    def speaks(self, role: Role | None, at_ms: float) -> bool:
        """Whether `role`, None for anybody, speaks about then."""
        return any(
            turn.start_ms - NEAR_MS <= at_ms <= turn.end_ms + NEAR_MS
            for turn in self.said
            if role is None or turn.role is role
        )


def recorded() -> Iterator[Recorded]:
    """Every recording of the fixtures, in the order of their folders and manifests."""
    for truth in sorted(asset("fixtures/audio").rglob("truth")):
        for call in read([truth.parent]).calls:
            if call.audio_path is not None:
                turns = json.loads((truth / f"{call.call_id}.json").read_text(encoding="utf-8"))["turns"]
                said = (Said(Role(t["role"]), t["text"], t["start_ms"], t["end_ms"]) for t in turns)
                yield Recorded(call, tuple(sorted(said, key=lambda turn: turn.start_ms)))


def hear(engine: Engine, channels: Sequence[Samples]) -> list[list[Segment]]:
    """The segments of each channel of one recording. Raises ModelError."""
    (result,) = engine.transcribe([channels])
    if isinstance(result, ModelError):
        raise result
    return result
