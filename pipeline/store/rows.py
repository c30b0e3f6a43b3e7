"""From an inspected call to the rows of the lake: pure functions, one per table."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from pipeline.domain.emotion import OWN_SHARE, WORSE_THAN_CALM, TurnEmotion
from pipeline.domain.errors import Problem
from pipeline.domain.transcript import Turn
from pipeline.domain.verdict import VerdictValue
from pipeline.domain.wording import EMOTION_NAMES
from pipeline.store.course_rows import course_row, sign_rows, trait_rows
from pipeline.store.inspected import InspectedCall
from pipeline.store.schemas import CALL_TABLES, Row, Table
from pipeline.store.signal_row import signal_row


def batch_rows(inspected: Iterable[InspectedCall]) -> dict[Table, list[Row]]:
    """The rows of all tables that a batch of calls yields, ready for `Lake.stage`."""
    rows: dict[Table, list[Row]] = {table: [] for table in CALL_TABLES}
    for one in inspected:
        rows[Table.CALLS].append(call_row(one))
        rows[Table.TURNS].extend(turn_rows(one))
        rows[Table.FINDINGS].extend(finding_rows(one))
        rows[Table.VERDICTS].extend(verdict_rows(one))
        rows[Table.SCORES].append(score_row(one))
        rows[Table.SCORE_ITEMS].extend(score_item_rows(one))
        rows[Table.SIGNALS].append(signal_row(one))
        rows[Table.COURSES].append(course_row(one))
        rows[Table.TRAITS].extend(trait_rows(one))
        rows[Table.TRAIT_SIGNS].extend(sign_rows(one))
    return rows


def call_row(one: InspectedCall) -> Row:
    """The call as the user handed it in; its turns are the table `turns`, its `metadata` is JSON text."""
    call, transcript = one.call, one.transcript
    return {
        "call_id": call.call_id,
        "channel": str(call.channel),
        "source": call.source,
        "content_hash": call.content_hash,
        "audio_path": None if call.audio_path is None else call.audio_path.as_posix(),
        "agent_id": call.agent_id,
        "agent_name": call.agent_name,
        "team": call.team,
        "customer_id": call.customer_id,
        "started_at": call.started_at,
        "direction": call.direction,
        "queue": call.queue,
        "answered_after_s": call.answered_after_s,
        "csat": call.csat,
        "ticket_id": call.ticket_id,
        "agent_channel": call.agent_channel,
        "metadata": _json(dict(call.metadata)),
        "duration_ms": transcript.duration_ms,
        "roles_known": transcript.roles_known,
        "one_channel": transcript.one_channel,
        "roles_note": transcript.roles_note,
        "n_turns": len(transcript.turns),
        "quarantined_share": round(transcript.quarantined_share, 4),
        "run_id": one.provenance.run_id,
    }


def turn_rows(one: InspectedCall) -> list[Row]:
    """What was said, with the emotion, speaking rate and recogniser's mean word probability of each turn.

    `emotion` is what words and voice say together, `words_emotion` what the words say alone: the same where no voice
    was measured, and `voice_raised` is None. `emotion_note` is None where the two do not disagree and the turn
    would be taken for the same by itself.
    """
    turns = one.transcript.turns
    none = (None,) * len(turns)
    signals = one.signals
    rates, with_pauses = signals.rates_cpm or none, signals.rates_with_pauses_cpm or none
    louder, higher = signals.loudness_db or none, signals.pitch_semitones or none
    shouted = signals.shouted or none
    lengths, gaps = signals.lengths_chars or none, signals.gaps_ms or none
    replies = {reply.turn: reply.wait_ms for reply in signals.replies or ()}
    return [
        {
            "call_id": one.call.call_id,
            "turn": turn.index,
            "role": str(turn.role),
            "start_ms": turn.start_ms,
            "end_ms": turn.end_ms,
            "text": turn.text,
            **_emotion_columns(emotion),
            "rate_cpm": rate,
            "rate_with_pauses_cpm": with_pauses[turn.index],
            "reply_ms": replies.get(turn.index),
            "gap_ms": gaps[turn.index],
            "length_chars": lengths[turn.index],
            "level_dbfs": turn.level_dbfs,
            "pitch_hz": turn.pitch_hz,
            "loudness_db": louder[turn.index],
            "pitch_semitones": higher[turn.index],
            "raised": None if emotion is None else emotion.raised,
            "shouted": shouted[turn.index],
            "mean_probability": _mean_probability(turn),
            "quarantine": None if turn.quarantine is None else str(turn.quarantine),
            "back_channel": turn.back_channel,
            "role_confidence": turn.role_confidence,
            "engine": one.transcript.engine,
            "emotion_digest": one.provenance.emotion_digest,
            "run_id": one.provenance.run_id,
        }
        for turn, emotion, rate in zip(turns, one.emotions, rates, strict=True)
    ]


def finding_rows(one: InspectedCall) -> list[Row]:
    """The evidence of every verdict; `n` counts from 1 within the rule."""
    return [
        {
            "call_id": one.call.call_id,
            "rule_id": verdict.rule_id,
            "rule_version": verdict.rule_version,
            "verdict": str(verdict.value),
            "n": n,
            "check": finding.check,
            "operator": finding.operator,
            "turn": finding.turn,
            "role": None if finding.role is None else str(finding.role),
            "start_ms": finding.start_ms,
            "end_ms": finding.end_ms,
            "char_start": finding.char_start,
            "char_end": finding.char_end,
            "text": finding.text,
            "matched": finding.matched,
            "wanted": finding.wanted,
            "match": str(finding.match),
            "confidence": finding.confidence,
            "explanation": finding.explanation,
            "rules_digest": one.provenance.rules_digest,
            "run_id": one.provenance.run_id,
        }
        for verdict in one.verdicts
        for n, finding in enumerate(verdict.findings, start=1)
    ]


def verdict_rows(one: InspectedCall) -> list[Row]:
    """Exactly one row per rule: the proof that the call was checked."""
    return [
        {
            "call_id": one.call.call_id,
            "rule_id": verdict.rule_id,
            "rule_version": verdict.rule_version,
            "rule_title": one.rules[verdict.rule_id].title,
            "kind": str(one.rules[verdict.rule_id].kind),
            "severity": str(one.rules[verdict.rule_id].severity),
            "verdict": str(verdict.value),
            "reason": verdict.reason,
            "rules_digest": one.provenance.rules_digest,
            "run_id": one.provenance.run_id,
        }
        for verdict in one.verdicts
    ]


def score_row(one: InspectedCall) -> Row:
    """The one row of a call. `score_digest` is SHA-256 (hex) over all of it but the run: equal digest, equal row."""
    call, score, origin = one.call, one.score, one.provenance
    verdicts = Counter(verdict.value for verdict in one.verdicts)
    row: dict[str, Any] = {
        "call_id": call.call_id,
        "agent_id": call.agent_id,
        "agent_name": call.agent_name,
        "team": call.team,
        "channel": str(call.channel),
        "started_at": call.started_at,
        "queue": call.queue,
        "direction": call.direction,
        "csat": call.csat,
        "score": _float(score.score),
        "score_if_confirmed": _float(score.score_if_confirmed),
        "grade": score.grade,
        "flagged": score.flagged,
        "fatal": score.fatal,
        "judged_weight": score.judged_weight,
        "violated": verdicts[VerdictValue.VIOLATED],
        "suspected": verdicts[VerdictValue.SUSPECTED],
        "undetermined": verdicts[VerdictValue.UNDETERMINED],
        "reasons": list(score.reasons),
        "flag_reasons": list(score.flag_reasons),
        "sheet_id": origin.sheet_id,
        "sheet_version": origin.sheet_version,
        "sheet_digest": origin.sheet_digest,
        "packs": list(origin.packs),
        "rules_digest": origin.rules_digest,
        "emotion_digest": origin.emotion_digest,
        "engine": one.transcript.engine,
        "content_hash": call.content_hash,
    }
    digest = hashlib.sha256(_json(row).encode()).hexdigest()
    return row | {"score_digest": digest, "run_id": origin.run_id}


def score_item_rows(one: InspectedCall) -> list[Row]:
    """The lines of the score sheet in its order, `n` from 1."""
    return [
        {
            "call_id": one.call.call_id,
            "n": n,
            "dimension": item.dimension,
            "dimension_title": item.dimension_title,
            "rule_id": item.rule_id,
            "title": item.title,
            "verdict": str(item.verdict),
            "judged": item.judged,
            "points": float(item.points),
            "lost": float(item.lost),
            "fatal": item.fatal,
            "reason": item.reason,
            "rules_digest": one.provenance.rules_digest,
            "sheet_digest": one.provenance.sheet_digest,
            "run_id": one.provenance.run_id,
        }
        for n, item in enumerate(one.score.items, start=1)
    ]


def failure_row(problem: Problem, *, source: str, run_id: str) -> Row:
    """Why something could not be inspected. `source` is the input that a repeated run would name again."""
    return {
        "source": source,
        "call_id": problem.call_id,
        "code": str(problem.code),
        "message": problem.what,
        "remedy": problem.remedy,
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "run_id": run_id,
    }


def _emotion_columns(emotion: TurnEmotion | None) -> Row:
    if emotion is None:
        columns = ("emotion", "emotion_confidence", "words_emotion", "words_confidence", "voice_raised", "emotion_note")
        return dict.fromkeys(columns)
    words = emotion.words or emotion.probabilities
    words_label = max(words, key=words.__getitem__)
    return {
        "emotion": str(emotion.label),
        "emotion_confidence": emotion.confidence,
        "words_emotion": str(words_label),
        "words_confidence": words[words_label],
        "voice_raised": emotion.voice and emotion.voice.raised,
        "emotion_note": _emotion_note(emotion),
    }


def _emotion_note(emotion: TurnEmotion) -> str | None:
    """Where words and voice disagree, and where a turn's own words would not say what its neighbours make of it."""
    surely = emotion.confidence >= OWN_SHARE
    beside = surely and emotion.label in WORSE_THAN_CALM and not emotion.says(emotion.label)
    notes = (emotion.note, f"前后的话使它显得{EMOTION_NAMES[emotion.label]}" if beside else "")
    return ";".join(filter(None, notes)) or None


def _mean_probability(turn: Turn) -> float | None:
    return sum(word.probability for word in turn.words) / len(turn.words) if turn.words else None


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_iso)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")
