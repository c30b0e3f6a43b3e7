"""One explicit Arrow schema per table of the lake: columns keep their type even where every value is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

SCHEMA_VERSION = 5
"""Raised when a column is added, renamed or retyped; stands in the metadata of every file."""

Row = Mapping[str, Any]
"""One row of a table: exactly the table's columns."""


class Table(StrEnum):
    """The tables of the lake."""

    CALLS = "calls"
    TURNS = "turns"
    FINDINGS = "findings"
    VERDICTS = "verdicts"
    SCORES = "scores"
    SCORE_ITEMS = "score_items"
    SIGNALS = "signals"
    COURSES = "courses"
    TRAITS = "traits"
    TRAIT_SIGNS = "trait_signs"
    SCORE_REVISIONS = "score_revisions"
    FAILURES = "failures"


CALL_TABLES = (
    Table.CALLS,
    Table.TURNS,
    Table.FINDINGS,
    Table.VERDICTS,
    Table.SCORES,
    Table.SCORE_ITEMS,
    Table.SIGNALS,
    Table.COURSES,
    Table.TRAITS,
    Table.TRAIT_SIGNS,
)
"""The tables whose rows an inspected call yields; `score_revisions` follows from `scores`."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`key` is unique in the table and is the order of its rows."""

    schema: pa.Schema
    key: tuple[str, ...]


_TEXT, _BOOL = pa.string(), pa.bool_()
# Parquet's own name for a list's entries: any other would change when a file is read and written again.
_TEXTS = pa.list_(pa.field("element", pa.string()))
_INT, _MS, _REAL = pa.int32(), pa.int64(), pa.float64()
_INTS, _REALS = (pa.list_(pa.field("element", kind)) for kind in (_INT, _REAL))
_TIME = pa.timestamp("us", tz="UTC")


def _must(kind: pa.DataType, *names: str) -> list[pa.Field]:
    return [pa.field(name, kind, nullable=False) for name in names]


def _may(kind: pa.DataType, *names: str) -> list[pa.Field]:
    return [pa.field(name, kind) for name in names]


def _by_side(*names: str) -> list[str]:
    return [f"{side}_{name}" for name in names for side in ("agent", "customer")]


def _spec(table: Table, key: Sequence[str], *groups: list[pa.Field]) -> TableSpec:
    metadata = {"zhijian.table": str(table), "zhijian.schema_version": str(SCHEMA_VERSION)}
    return TableSpec(pa.schema([field for group in groups for field in group], metadata=metadata), tuple(key))


_SPAN = _may(_MS, "start_ms", "end_ms")

_SCORE = (
    *_may(_TEXT, "agent_id", "agent_name", "team"),
    *_must(_TEXT, "channel"),
    *_may(_TIME, "started_at"),
    *_may(_TEXT, "queue", "direction"),
    *_may(_REAL, "csat", "score", "score_if_confirmed"),
    *_may(_TEXT, "grade"),
    *_must(_BOOL, "flagged", "fatal"),
    *_must(_REAL, "judged_weight"),
    *_must(_INT, "violated", "suspected", "undetermined"),
    *_must(_TEXTS, "reasons", "flag_reasons"),
    *_must(_TEXT, "sheet_id", "sheet_version", "sheet_digest"),
    *_must(_TEXTS, "packs"),
    *_must(_TEXT, "rules_digest", "emotion_digest", "engine", "content_hash", "score_digest", "run_id"),
)

TABLES: Mapping[Table, TableSpec] = {
    Table.CALLS: _spec(
        Table.CALLS,
        ["call_id"],
        _must(_TEXT, "call_id", "channel", "source", "content_hash"),
        _may(_TEXT, "audio_path", "agent_id", "agent_name", "team", "customer_id"),
        _may(_TIME, "started_at"),
        _may(_TEXT, "direction", "queue"),
        _may(_REAL, "answered_after_s", "csat"),
        _may(_TEXT, "ticket_id"),
        _may(_INT, "agent_channel"),
        _must(_TEXT, "metadata"),
        _may(_MS, "duration_ms"),
        _must(_BOOL, "roles_known", "one_channel"),
        _must(_TEXT, "roles_note"),
        _must(_INT, "n_turns"),
        _must(_REAL, "quarantined_share"),
        _must(_TEXT, "run_id"),
    ),
    Table.TURNS: _spec(
        Table.TURNS,
        ["call_id", "turn"],
        _must(_TEXT, "call_id"),
        _must(_INT, "turn"),
        _must(_TEXT, "role"),
        _SPAN,
        _must(_TEXT, "text"),
        _may(_TEXT, "emotion", "emotion_note", "words_emotion"),
        _may(_REAL, "emotion_confidence", "words_confidence", "voice_raised"),
        _may(_REAL, "rate_cpm", "rate_with_pauses_cpm", "mean_probability"),
        _may(_MS, "reply_ms", "gap_ms"),
        _may(_INT, "length_chars"),
        _may(_REAL, "level_dbfs", "pitch_hz", "loudness_db", "pitch_semitones"),
        _may(_BOOL, "raised", "shouted"),
        _may(_TEXT, "quarantine"),
        _must(_BOOL, "back_channel"),
        _must(_REAL, "role_confidence"),
        _must(_TEXT, "engine", "emotion_digest", "run_id"),
    ),
    Table.FINDINGS: _spec(
        Table.FINDINGS,
        ["call_id", "rule_id", "n"],
        _must(_TEXT, "call_id", "rule_id"),
        _must(_INT, "rule_version"),
        _must(_TEXT, "verdict"),
        _must(_INT, "n"),
        _must(_TEXT, "check", "operator"),
        _may(_INT, "turn"),
        _may(_TEXT, "role"),
        _SPAN,
        _may(_INT, "char_start", "char_end"),
        _must(_TEXT, "text", "matched", "wanted", "match"),
        _must(_REAL, "confidence"),
        _must(_TEXT, "explanation", "rules_digest", "run_id"),
    ),
    Table.VERDICTS: _spec(
        Table.VERDICTS,
        ["call_id", "rule_id"],
        _must(_TEXT, "call_id", "rule_id"),
        _must(_INT, "rule_version"),
        _must(_TEXT, "rule_title", "kind", "severity", "verdict", "reason", "rules_digest", "run_id"),
    ),
    Table.SCORES: _spec(Table.SCORES, ["call_id"], _must(_TEXT, "call_id"), [*_SCORE]),
    Table.SCORE_ITEMS: _spec(
        Table.SCORE_ITEMS,
        ["call_id", "n"],
        _must(_TEXT, "call_id"),
        _must(_INT, "n"),
        _must(_TEXT, "dimension", "dimension_title", "rule_id", "title", "verdict"),
        _must(_BOOL, "judged"),
        _must(_REAL, "points", "lost"),
        _must(_BOOL, "fatal"),
        _must(_TEXT, "reason", "rules_digest", "sheet_digest", "run_id"),
    ),
    Table.SIGNALS: _spec(
        Table.SIGNALS,
        ["call_id"],
        _must(_TEXT, "call_id"),
        _may(_MS, "duration_ms", "silence_ms", "longest_silence_ms"),
        _may(_INT, "silences_over_3s", "silences_over_3s_agent_expected", "silences_over_3s_customer_expected"),
        _may(_INT, "silences_over_3s_hold_phrase", "silences_over_3s_music"),
        _may(_INT, *_by_side("interruptions", "interruption_attempts", "backchannels")),
        _may(_INT, *_by_side("simultaneous_starts", "early_starts")),
        _may(_MS, "overlap_ms", *_by_side("talk_ms")),
        _may(_INT, *_by_side("chars")),
        _may(_REAL, *_by_side("talk_share", "rate_cpm", "rate_with_pauses_cpm", "median_reply_ms")),
        _may(_REAL, *_by_side("loudness_rise_db", "pitch_rise_semitones")),
        _may(_INT, *_by_side("raised_turns", "shouted_turns")),
        _may(_REAL, *_by_side("noise_dbfs", "snr_db", "clipped_share")),
        _may(_MS, "first_reply_ms", "longest_gap_ms"),
        _must(_TEXT, "engine", "run_id"),
    ),
    Table.COURSES: _spec(
        Table.COURSES,
        ["call_id"],
        _must(_TEXT, "call_id"),
        *(
            field
            for side in ("customer", "agent")
            for field in (
                _must(_INTS, f"{side}_turns"),
                _must(_REALS, f"{side}_valence", f"{side}_smoothed", f"{side}_weight"),
                _may(_TEXT, f"{side}_peak"),
                _may(_INT, f"{side}_peak_turn"),
                _may(_TEXT, f"{side}_end"),
                _must(_INTS, f"{side}_change_turns"),
                _must(_REALS, f"{side}_change_before", f"{side}_change_after"),
            )
        ),
        _must(_INTS, "empathy_turns"),
        _may(_BOOL, "empathy_before_solution"),
        _must(_TEXT, "empathy_reason"),
        _may(_INT, "upset_turn", "first_empathy_turn", "solution_turn"),
        _may(_INT, "recovery_empathy_turn"),
        _may(_REAL, "recovery_before", "recovery_after"),
        _may(_INT, "recovery_turns"),
        _must(_TEXT, "recovery_reason", "emotion_digest", "run_id"),
    ),
    Table.TRAITS: _spec(
        Table.TRAITS,
        ["call_id", "role", "trait"],
        _must(_TEXT, "call_id", "role", "trait", "title", "grade"),
        _must(_REAL, "strength", "strength_at_most"),
        _must(_INTS, "turns"),
        _must(_TEXTS, "unmeasured"),
        _must(_TEXT, "explanation", "emotion_digest", "rules_digest", "run_id"),
    ),
    Table.TRAIT_SIGNS: _spec(
        Table.TRAIT_SIGNS,
        ["call_id", "role", "trait", "n"],
        _must(_TEXT, "call_id", "role", "trait"),
        _must(_INT, "n"),
        _must(_TEXT, "sign", "title"),
        _may(_REAL, "value"),
        _must(_TEXT, "unit"),
        _must(_REAL, "threshold", "weight"),
        _may(_REAL, "strength"),
        _must(_INTS, "turns"),
        _must(_TEXT, "explanation", "run_id"),
    ),
    Table.SCORE_REVISIONS: _spec(
        Table.SCORE_REVISIONS,
        ["call_id", "revision"],
        _must(_TEXT, "call_id"),
        _must(_INT, "revision"),
        [*_SCORE],
    ),
    Table.FAILURES: _spec(
        Table.FAILURES,
        ["source", "row", "call_id", "file", "column", "code", "message", "remedy", "run_id"],
        _must(_TEXT, "source"),
        _may(_TEXT, "call_id"),
        _must(_TEXT, "code", "message", "remedy"),
        _may(_TEXT, "file"),
        _may(_INT, "row"),
        _may(_TEXT, "column"),
        _must(_TEXT, "run_id"),
    ),
}


def arrow_table(table: Table, rows: Sequence[Row]) -> pa.Table:
    """The rows as an Arrow table of the table's schema.

    Raises ValueError when a row has other columns than the table, lacks a required value, or holds a wrong type.
    """
    schema = TABLES[table].schema
    columns = set(schema.names)
    for row in rows:
        if row.keys() != columns:
            raise ValueError(f"{table}: columns {sorted(columns ^ row.keys())} are missing or unknown")
    try:
        result = pa.Table.from_pylist(list(rows), schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(f"{table}: {error}") from error
    for field in schema:
        if not field.nullable and result[field.name].null_count:
            raise ValueError(f"{table}: {field.name} is missing in a row")
    return result
