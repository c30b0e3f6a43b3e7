"""Calls of a lake as they can be judged again: the call and its transcript, and what was not kept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import LakeError, Problem, ProblemCode
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn, Word
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from pipeline.transcribe import TranscriptCache

if TYPE_CHECKING:
    import pandas as pd

WORDS_LOST = (
    "数据湖的表里没有逐字的时间和把握:每轮的字按平均把握、匀速重排,轮内的时间、停顿和语速,"
    "以及单个字的把握与当时可能不同"
)
"""Said of a recording whose transcript is no longer in the lake's cache."""

_TEXTS = ("agent_id", "agent_name", "team", "customer_id", "direction", "queue", "ticket_id")
_VERDICT = ["call_id", "rule_id", "rule_version", "verdict", "reason", "rules_digest"]
_NOTHING = slice(0)
_SETTINGS = (None, 0, 1)
"""With which agent channel a recording may have been transcribed; the lake does not keep the command's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """What the lake holds as the verdict of a rule on the call."""

    rule_version: int
    value: str
    reason: str
    rules_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """A call read back. `gaps` says in Chinese what the lake did not keep of it; empty where nothing is missing.

    `emotion_digest` names the model whose emotions the lake holds. Only the strongest emotion of a turn is kept, of the
    words and of words and voice together, so who judges again asks both again: a turn keeps its level and pitch.
    """

    call: Call
    transcript: Transcript
    verdicts: Mapping[str, StoredVerdict]
    emotion_digest: str
    gaps: tuple[str, ...] = ()


def stored_calls(lake: Lake) -> Iterator[StoredCall]:
    """All calls of the lake, day by day and in order of id. Raises LakeError."""
    for day in sorted(lake.read(Table.CALLS, columns=["day"])["day"].unique()):
        calls = lake.read(Table.CALLS, day=day)
        turns, verdicts = lake.read(Table.TURNS, day=day), lake.read(Table.VERDICTS, columns=_VERDICT, day=day)
        turns_of, verdicts_of = _stretches(turns), _stretches(verdicts)
        for at, call_id in enumerate(calls["call_id"]):
            yield _stored(
                lake,
                _plain(calls.iloc[at : at + 1])[0],
                _plain(turns.iloc[turns_of.get(call_id, _NOTHING)]),
                _plain(verdicts.iloc[verdicts_of.get(call_id, _NOTHING)]),
            )


def _stretches(rows: pd.DataFrame) -> dict[str, slice]:
    """Where the rows of each call are: one after the other, since a table is in the order of its key."""
    places = rows.groupby("call_id", sort=False).indices
    return {str(call_id): slice(int(at[0]), int(at[-1]) + 1) for call_id, at in places.items()}


def stored_call(lake: Lake, call_id: str) -> StoredCall:
    """One call of the lake. Raises LakeError when it has no such call."""
    calls = lake.read(Table.CALLS)
    found = calls[calls["call_id"] == call_id]
    if found.empty:
        what = f"数据湖里没有通话“{call_id}”"
        remedy = "请核对编号;未能质检的通话见 failures 表"
        raise LakeError(Problem(code=ProblemCode.LAKE_INVALID, what=what, remedy=remedy, call_id=call_id))
    row = _plain(found)[0]
    return _stored(lake, row, _of(lake, Table.TURNS, row), _of(lake, Table.VERDICTS, row))


def _stored(
    lake: Lake, row: Mapping[str, Any], turns: Sequence[Mapping[str, Any]], verdicts: Sequence[Mapping[str, Any]]
) -> StoredCall:
    engine = str(turns[0]["engine"]) if turns else "given"
    call = _call(row)
    cached = _cached(lake, call, engine)
    transcript = cached or Transcript(
        turns=tuple(_turn(t) for t in turns),
        engine=engine,
        duration_ms=row["duration_ms"],
        roles_known=row["roles_known"],
        roles_note=row["roles_note"],
        one_channel=row["one_channel"],
    )
    if call.audio_path is None:
        call = replace(call, turns=transcript.turns)
    lost = cached is None and any(t["mean_probability"] is not None for t in turns)
    return StoredCall(
        call=call,
        transcript=transcript,
        verdicts={
            v["rule_id"]: StoredVerdict(
                rule_version=v["rule_version"], value=v["verdict"], reason=v["reason"], rules_digest=v["rules_digest"]
            )
            for v in verdicts
        },
        emotion_digest=str(turns[0]["emotion_digest"]) if turns else "",
        gaps=(WORDS_LOST,) if lost else (),
    )


def _of(lake: Lake, table: Table, call: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = lake.read(table, day=call["day"])
    return _plain(rows[rows["call_id"] == call["call_id"]])


def _plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with None for what is missing and whole numbers as int, as they went in."""
    import pandas as pd

    return [
        {str(k): None if pd.api.types.is_scalar(v) and pd.isna(v) else _whole(str(k), v) for k, v in row.items()}
        for row in rows.to_dict("records")
    ]


def _whole(name: str, value: Any) -> Any:
    return int(value) if name.endswith("_ms") or name in ("turn", "agent_channel") else value


def _cached(lake: Lake, call: Call, engine: str) -> Transcript | None:
    if call.audio_path is None:
        return None
    cache = TranscriptCache(lake.root / "_state" / "transcripts")
    settings = dict.fromkeys((call.agent_channel, *_SETTINGS))
    return next((t for s in settings if (t := cache.get(call.content_hash, engine, s)) is not None), None)


def _call(row: Mapping[str, Any]) -> Call:
    return Call(
        call_id=row["call_id"],
        channel=Channel(row["channel"]),
        source=row["source"],
        content_hash=row["content_hash"],
        audio_path=None if row["audio_path"] is None else Path(row["audio_path"]),
        turns=() if row["audio_path"] is None else None,
        started_at=None if row["started_at"] is None else row["started_at"].to_pydatetime(),
        answered_after_s=row["answered_after_s"],
        csat=row["csat"],
        agent_channel=row["agent_channel"],
        metadata=json.loads(row["metadata"]),
        **{name: row[name] for name in _TEXTS},
    )


def _turn(row: Mapping[str, Any]) -> Turn:
    turn = Turn(
        index=row["turn"],
        role=Role(row["role"]),
        text=row["text"],
        start_ms=row["start_ms"],
        end_ms=row["end_ms"],
        quarantine=None if row["quarantine"] is None else Quarantine(row["quarantine"]),
        role_confidence=row["role_confidence"],
        back_channel=row["back_channel"],
        level_dbfs=row["level_dbfs"],
        pitch_hz=row["pitch_hz"],
    )
    return replace(turn, words=_even_words(turn, row["mean_probability"]))


def _even_words(turn: Turn, probability: float | None) -> tuple[Word, ...]:
    """One word per character, evenly spread over the turn; none where the source gave none."""
    start, end, n = turn.start_ms, turn.end_ms, len(turn.text)
    if probability is None or start is None or end is None or not n:
        return ()
    at = [start + (end - start) * i // n for i in range(n + 1)]
    return tuple(Word(c, at[i], at[i + 1], probability, i, i + 1) for i, c in enumerate(turn.text))
