from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from typing import Any

import pytest

from pipeline.domain.call import Call
from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.score import ScoreItem
from pipeline.domain.signals import Reply, Silence, SilenceReason
from pipeline.domain.transcript import Line, Role
from pipeline.domain.verdict import Finding
from pipeline.store.rows import batch_rows, failure_row, score_row, turn_rows
from pipeline.store.schemas import CALL_TABLES, TABLES, Table, arrow_table
from pipeline.store.signal_row import signal_row

from .samples import bare_chat, voice_call


@pytest.mark.parametrize("table", CALL_TABLES)
def test_every_row_has_exactly_the_columns_of_its_table(table: Table) -> None:
    rows = batch_rows([voice_call(), bare_chat()])[table]
    stored = arrow_table(table, rows)
    assert stored.num_rows == len(rows) > 0
    assert stored.schema == TABLES[table].schema


@pytest.mark.parametrize(
    ("table", "noun", "elsewhere"),
    [
        (Table.CALLS, Call, {"turns"}),  # in the table `turns`
        (Table.FINDINGS, Finding, set()),
        (Table.SCORE_ITEMS, ScoreItem, set()),
    ],
)
def test_no_field_of_the_domain_is_left_out(table: Table, noun: Any, elsewhere: set[str]) -> None:
    assert {field.name for field in dataclasses.fields(noun)} - elsewhere <= set(TABLES[table].schema.names)


def test_each_table_names_itself_and_its_version() -> None:
    for table, spec in TABLES.items():
        assert spec.schema.metadata == {b"zhijian.table": table.encode(), b"zhijian.schema_version": b"5"}


def test_the_score_row_counts_verdicts_and_keeps_the_reasons() -> None:
    row = score_row(voice_call(score="87.5"))
    expected = {
        "score": 87.5,
        "score_if_confirmed": 80.0,
        "violated": 1,
        "suspected": 1,
        "undetermined": 0,
        "reasons": ["推诿 −12.5"],
        "packs": ["general@3", "banking@1"],
        "agent_name": "小李",
    }
    assert {key: row[key] for key in expected} == expected


def test_a_call_without_a_score_has_none_not_zero() -> None:
    row = score_row(bare_chat())
    assert (row["score"], row["score_if_confirmed"], row["grade"]) == (None, None, None)


def test_the_score_digest_tells_a_changed_row_and_is_blind_to_the_run() -> None:
    digest = score_row(voice_call())["score_digest"]
    assert score_row(voice_call(run_id="run-2"))["score_digest"] == digest
    assert score_row(voice_call(score="87.4"))["score_digest"] != digest
    assert score_row(voice_call(started_at=None))["score_digest"] != digest


def test_signals_count_what_takes_the_floor_and_silences_longer_than_three_seconds() -> None:
    row = signal_row(voice_call())
    expected = {
        "silences_over_3s": 1,
        "agent_interruptions": 1,
        "customer_interruptions": 0,
        "agent_backchannels": 0,
        "customer_backchannels": 1,
        "overlap_ms": 700,
    }
    assert {key: row[key] for key in expected} == expected


def test_a_silence_counts_for_who_was_expected_and_for_what_explains_it() -> None:
    call = voice_call()
    silences = (
        Silence(0, 4000, 0, 1, Role.AGENT, SilenceReason.HOLD_PHRASE),
        Silence(5000, 9000, 0, 1, Role.AGENT, SilenceReason.MUSIC),
        Silence(10_000, 14_000, 0, 1, Role.CUSTOMER),
        Silence(15_000, 18_000, 0, 1, Role.CUSTOMER),
        Silence(19_000, 29_000, 0, 1),
    )
    told = replace(call, signals=replace(call.signals, silences=silences))
    names = ("", "_agent_expected", "_customer_expected", "_hold_phrase", "_music")
    assert [signal_row(told)[f"silences_over_3s{name}"] for name in names] == [4, 2, 1, 1, 1]
    unknown = replace(told, transcript=replace(call.transcript, roles_known=False))
    assert [signal_row(unknown)[f"silences_over_3s{name}"] for name in names] == [4, None, None, 1, 1]


def test_the_line_is_that_of_the_roles_own_channel() -> None:
    call = voice_call()
    lines = (Line(0, Role.CUSTOMER, -20.0, -50.0, 0.25), Line(1, Role.AGENT, -22.0))
    row = signal_row(replace(call, signals=replace(call.signals, lines=lines)))
    assert (row["customer_noise_dbfs"], row["customer_snr_db"], row["customer_clipped_share"]) == (-50.0, 30.0, 0.25)
    assert (row["agent_noise_dbfs"], row["agent_snr_db"], row["agent_clipped_share"]) == (None, None, None)
    shared = signal_row(replace(call, signals=replace(call.signals, lines=(Line(0, None, -20.0, -50.0),))))
    assert (shared["agent_snr_db"], shared["customer_snr_db"]) == (30.0, 30.0)


def test_replies_and_marked_turns_are_those_of_their_role() -> None:
    call = voice_call()
    agent, customer = call.transcript.turns[0].role, call.transcript.turns[1].role
    replies = (Reply(customer, 0, 1, -300), Reply(agent, 1, None, 9000))
    signals = replace(call.signals, replies=replies, shouted=(False, None))
    heard = TurnEmotion(EmotionLabel.CALM, 1.0, {EmotionLabel.CALM: 1.0}, voice=VoiceVote(raised=0.5))
    told = replace(call, signals=signals, emotions=(heard, None))
    row = signal_row(told)
    assert (row[f"{customer}_median_reply_ms"], row[f"{agent}_median_reply_ms"]) == (-300.0, None)
    assert (row[f"{agent}_raised_turns"], row[f"{agent}_shouted_turns"], row[f"{customer}_raised_turns"]) == (
        1,
        0,
        None,
    )
    assert [(r["reply_ms"], r["raised"], r["shouted"]) for r in turn_rows(told)] == [
        (None, True, False),
        (-300, None, None),
    ]


def test_what_could_not_be_measured_is_missing_not_zero() -> None:
    row = signal_row(bare_chat())
    measured = {key: value for key, value in row.items() if key not in ("call_id", "engine", "run_id")}
    assert set(measured.values()) == {None}


def test_a_turn_carries_its_emotion_rate_and_mean_word_probability() -> None:
    first, second = turn_rows(voice_call())
    assert (first["emotion"], first["emotion_confidence"], first["rate_cpm"]) == ("angry", 0.6, 200.0)
    assert first["mean_probability"] == pytest.approx(0.65)
    assert (second["emotion"], second["emotion_confidence"]) == (None, None)
    assert turn_rows(bare_chat())[0]["mean_probability"] is None


def test_a_turn_carries_what_words_and_voice_say_each() -> None:
    words = {EmotionLabel.ANGRY: 0.4, EmotionLabel.DISSATISFIED: 0.6}
    together = TurnEmotion(
        EmotionLabel.ANGRY,
        0.7,
        {EmotionLabel.ANGRY: 0.7, EmotionLabel.DISSATISFIED: 0.3},
        words=words,
        voice=VoiceVote(0.9, loudness_db=8.0),
        note="话语激烈,语气平稳",
    )
    row, silent = turn_rows(dataclasses.replace(voice_call(), emotions=(together, None)))
    assert (row["emotion"], row["emotion_confidence"]) == ("angry", 0.7)
    assert (row["words_emotion"], row["words_confidence"]) == ("dissatisfied", 0.6)
    assert (row["voice_raised"], row["emotion_note"]) == (0.9, "话语激烈,语气平稳")
    assert {silent[name] for name in row if "emotion" in name and name != "emotion_digest"} == {None}
    assert silent["voice_raised"] is silent["words_confidence"] is None


@pytest.mark.parametrize(
    ("label", "own", "note"),
    [
        (EmotionLabel.ANGRY, 0.4, "前后的话使它显得愤怒"),
        (EmotionLabel.ANGRY, 0.5, None),
        (EmotionLabel.SATISFIED, 0.4, None),
    ],
)
def test_a_turn_that_its_neighbours_make_angry_says_so(label: EmotionLabel, own: float, note: str | None) -> None:
    alone = {EmotionLabel.CALM: 1 - own, label: own}
    felt = TurnEmotion(label, 0.7, {EmotionLabel.CALM: 0.3, label: 0.7}, alone=alone)
    row, _ = turn_rows(dataclasses.replace(voice_call(), emotions=(felt, None)))
    assert row["emotion_note"] == note
    heard = dataclasses.replace(felt, note="话语激烈,语气平稳")
    row, _ = turn_rows(dataclasses.replace(voice_call(), emotions=(heard, None)))
    assert row["emotion_note"] == ";".join(filter(None, ("话语激烈,语气平稳", note)))


def test_without_a_voice_the_words_are_the_emotion() -> None:
    first, _ = turn_rows(voice_call())
    assert (first["words_emotion"], first["words_confidence"]) == ("angry", 0.6)
    assert (first["voice_raised"], first["emotion_note"]) == (None, None)


def test_findings_and_score_items_are_numbered_from_one() -> None:
    rows = batch_rows([voice_call()])
    assert [row["n"] for row in rows[Table.FINDINGS]] == [1, 2]
    assert [(row["n"], row["rule_id"]) for row in rows[Table.SCORE_ITEMS]] == [
        (1, "general.closing"),
        (2, "general.banned.shirk"),
    ]


def test_metadata_is_json_that_people_can_read() -> None:
    text = batch_rows([voice_call()])[Table.CALLS][0]["metadata"]
    assert json.loads(text) == {"区域": "华东"}
    assert "华东" in text


def test_a_failure_says_what_where_and_what_to_do() -> None:
    problem = Problem(
        code=ProblemCode.FILE_EMPTY, what="录音是空的", remedy="请重新导出", file="名单.csv", row=3, call_id="c9"
    )
    row = failure_row(problem, source="名单.csv", run_id="run-1")
    assert arrow_table(Table.FAILURES, [row]).to_pylist() == [row]
    assert (row["code"], row["message"], row["remedy"], row["row"]) == ("file_empty", "录音是空的", "请重新导出", 3)


def test_an_emotion_for_each_turn_is_demanded() -> None:
    with pytest.raises(ValueError, match="one emotion"):
        dataclasses.replace(voice_call(), emotions=())


def test_a_verdict_of_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"general\.banned\.shirk"):
        dataclasses.replace(voice_call(), rules={})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"surprise": 1}, "surprise"),
        ({"channel": None}, "channel is missing"),
        ({"n_turns": "many"}, "calls"),
    ],
)
def test_a_row_that_does_not_fit_its_table_is_refused(change: dict[str, Any], complaint: str) -> None:
    row = {**batch_rows([voice_call()])[Table.CALLS][0], **change}
    with pytest.raises(ValueError, match=complaint):
        arrow_table(Table.CALLS, [row])
