"""Transcripts that are already there, so that a second run over the same recordings recognises nothing again."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.transcript import Line, LineSound, Quarantine, Role, SoundKind, Transcript, Turn, Word

_FORMAT = 4


@dataclass(frozen=True, slots=True)
class TranscriptCache:
    """A folder with one gzipped JSON file per recording, engine and channel setting, spread over 256 sub-folders.

    Safe with several writers: a file appears whole or not at all, and all writers of one key write the same.
    """

    folder: Path

    def get(self, content_hash: str, fingerprint: str, channel_setting: int | None) -> Transcript | None:
        """The stored transcript; None when there is none or its file is damaged."""
        key = _key(content_hash, fingerprint, channel_setting)
        try:
            stored = json.loads(gzip.decompress(self._path(key).read_bytes()))
            return _transcript(stored["transcript"]) if stored["key"] == key else None
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
            return None

    def put(self, content_hash: str, fingerprint: str, channel_setting: int | None, transcript: Transcript) -> None:
        """Store a transcript. Raises OSError when the folder cannot be written."""
        key = _key(content_hash, fingerprint, channel_setting)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"key": key, "transcript": asdict(transcript)}, ensure_ascii=False, separators=(",", ":"))
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(gzip.compress(text.encode(), mtime=0))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _path(self, key: list[Any]) -> Path:
        name = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.json.gz"


def _key(content_hash: str, fingerprint: str, channel_setting: int | None) -> list[Any]:
    return [_FORMAT, content_hash, fingerprint, channel_setting]


def _transcript(stored: dict[str, Any]) -> Transcript:
    turns = tuple(
        Turn(
            **{
                **turn,
                "role": Role(turn["role"]),
                "words": tuple(Word(**word) for word in turn["words"]),
                "quarantine": turn["quarantine"] and Quarantine(turn["quarantine"]),
            }
        )
        for turn in stored["turns"]
    )
    # An older version kept neither sounds nor lines.
    sounds, lines = stored.get("sounds"), stored.get("lines")
    return Transcript(
        **{
            **stored,
            "turns": turns,
            "sounds": None
            if sounds is None
            else tuple(LineSound(**{**s, "kind": SoundKind(s["kind"])}) for s in sounds),
            "lines": None
            if lines is None
            else tuple(Line(**{**x, "role": x["role"] and Role(x["role"])}) for x in lines),
        }
    )
