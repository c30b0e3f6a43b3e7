"""What a run is told: one frozen object, each default stated once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.assets import asset
from pipeline.transcribe import EngineOptions

DEFAULT_TIMEZONE = "Asia/Shanghai"
DEFAULT_BATCH_SIZE = 32


def default_packs() -> tuple[Path, ...]:
    """Every pack that ships with zhijian."""
    return tuple(sorted(p.parent for p in asset("rules").glob("*/pack.yml")))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`sources`: recordings, folders, manifests, chats. `recordings`: the folder that a manifest's paths may point
    into beside its own. `agent_channel`: the 0-based channel of the agent where a manifest does not say.
    `ledger`: a SQLAlchemy URL for the run ledger instead of SQLite in the lake. `batch_size`: calls per task; a kill
    loses at most the work of one batch. `rule_words`: the recogniser is told which words the rules expect, where its
    model can be led by them. `stock_phrases`: lines that the user's recogniser is known to invent, beside the built-in.
    `diarizer`: a folder with pyannote's weights, to tell two voices on one channel apart.
    """

    sources: tuple[Path, ...]
    lake: Path
    packs: tuple[Path, ...] = field(default_factory=default_packs)
    sheet: Path = field(default_factory=lambda: asset("rules/scoresheets/standard.yml"))
    engine: EngineOptions = field(default_factory=EngineOptions)
    recordings: Path | None = None
    agent_channel: int | None = None
    ledger: str | None = None
    timezone: str = DEFAULT_TIMEZONE
    batch_size: int = DEFAULT_BATCH_SIZE
    rule_words: bool = False
    stock_phrases: tuple[str, ...] = ()
    diarizer: Path | None = None
