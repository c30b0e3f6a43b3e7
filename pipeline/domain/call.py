"""A call: one contact with a customer, a phone recording or a chat or mail thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pipeline.domain.transcript import Turn


class Channel(StrEnum):
    """How the customer reached us."""

    VOICE = "voice"
    CHAT = "chat"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One contact as the user handed it in, before anything was measured.

    Exactly one of `audio_path` and `turns` is set: a recording still to be transcribed, or a ready
    transcript (chat, mail, or a voice call transcribed elsewhere).

    `content_hash` is the SHA-256 (hex) of the audio file's bytes, or of the turns' canonical JSON.
    `started_at` is timezone-aware UTC. `agent_channel` is the 0-based audio channel that holds the agent.
    `metadata` keeps every further column of the manifest as text. `source` names the file (and row) it came from.
    """

    call_id: str
    channel: Channel
    source: str
    content_hash: str
    audio_path: Path | None = None
    turns: tuple[Turn, ...] | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    customer_id: str | None = None
    started_at: datetime | None = None
    direction: str | None = None
    queue: str | None = None
    answered_after_s: float | None = None
    csat: float | None = None
    ticket_id: str | None = None
    agent_channel: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.audio_path is None) == (self.turns is None):
            raise ValueError(f"call {self.call_id}: exactly one of audio_path and turns must be set")
