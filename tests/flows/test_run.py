import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.audit.verify import verify
from pipeline.domain.errors import InputError, LakeError
from pipeline.store.lake import Lake
from pipeline.store.ledger import Ledger
from pipeline.store.schemas import CALL_TABLES, Table
from tests.flows.conftest import RunFlow, write_manifest


def tables(root: Path) -> dict[str, pd.DataFrame]:
    """All tables without the run's id, as plain pandas reads them."""
    return {
        t.value: pd.read_parquet(root / t.value).drop(columns=["run_id"], errors="ignore")
        for t in (*CALL_TABLES, Table.FAILURES)
    }


def test_recordings_and_chats_come_out_scored_with_a_verdict_for_every_rule(
    run_flow: RunFlow, recordings: Path, tmp_path: Path
) -> None:
    summary = run_flow(recordings)
    assert (summary.found, summary.inspected, summary.skipped, summary.failed) == (5, 5, 0, 0)
    scores = pd.read_parquet(tmp_path / "lake" / "scores")
    assert scores["call_id"].is_unique
    assert set(scores["channel"]) == {"voice", "chat"}
    assert scores["score"].between(0, 100).all()
    verdicts = pd.read_parquet(tmp_path / "lake" / "verdicts")
    assert (verdicts.groupby("call_id")["rule_id"].nunique() == verdicts["rule_id"].nunique()).all()
    assert verify(Lake(tmp_path / "lake")) == []
    chats = verdicts[verdicts["call_id"].isin(scores[scores["channel"] == "chat"]["call_id"])]
    timing = chats[chats["rule_id"].isin(["general.behaviour.silence", "general.behaviour.interrupt"])]
    assert set(timing["verdict"]) == {"not_applicable"}


def test_a_second_run_inspects_nothing_and_changes_no_table(
    run_flow: RunFlow, recordings: Path, tmp_path: Path
) -> None:
    run_flow(recordings)
    before = tables(tmp_path / "lake")
    again = run_flow(recordings)
    assert (again.inspected, again.skipped) == (0, 5)
    after = tables(tmp_path / "lake")
    assert all(before[name].equals(after[name]) for name in before)


def test_changed_facts_are_inspected_again_without_a_second_transcription(
    run_flow: RunFlow, recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run_flow(recordings)

    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} was decoded again")

    monkeypatch.setattr("pipeline.transcribe.sound.audio.read_audio", refuse)
    write_manifest(recordings, [dict(shortest[0]) | {"csat": "1"}, *shortest[1:]])
    again = run_flow(recordings)
    assert (again.inspected, again.skipped, again.failed) == (1, 4, 0)
    scores = pd.read_parquet(tmp_path / "lake" / "scores").set_index("call_id")
    assert scores.loc[shortest[0]["call_id"], "csat"] == 1.0


def test_recordings_are_inspected_again_when_the_user_names_lines_that_the_recogniser_invents(
    run_flow: RunFlow, recordings: Path, tmp_path: Path
) -> None:
    run_flow(recordings)
    assert "stock" not in set(pd.read_parquet(tmp_path / "lake" / "turns")["quarantine"])
    again = run_flow(recordings, stock_phrases=("您好*", "感谢*", "请问*"))
    assert (again.inspected, again.skipped, again.failed) == (3, 2, 0)
    assert "stock" in set(pd.read_parquet(tmp_path / "lake" / "turns")["quarantine"])
    assert pd.read_parquet(tmp_path / "lake" / "calls")["quarantined_share"].max() > 0


def test_bad_input_is_reported_and_the_rest_is_scored(
    run_flow: RunFlow, recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path
) -> None:
    first, second, third = ({**row} for row in shortest)
    whole = (recordings / second["path"]).read_bytes()
    (recordings / "half.mp3").write_bytes(_half_an_mp3())
    (recordings / "text.wav").write_text("这不是录音", encoding="utf-8")
    (recordings / "empty.wav").write_bytes(b"")
    rows = [
        first,
        second,
        third | {"call_id": "half", "path": "half.mp3"},
        third | {"call_id": "text", "path": "text.wav"},
        third | {"call_id": "empty", "path": "empty.wav"},
        third | {"call_id": "gone", "path": "gone.wav"},
        third | {"call_id": first["call_id"]},
        third | {"call_id": "when", "started_at": "昨天下午"},
    ]
    write_manifest(recordings, rows)
    summary = run_flow(recordings)
    assert (recordings / second["path"]).read_bytes() == whole
    assert (summary.inspected, summary.failed, summary.partly) == (4, 6, True)
    failures = pd.read_parquet(tmp_path / "lake" / "failures")
    assert sorted(failures["code"]) == [
        "audio_truncated", "bad_value", "duplicate_call", "file_empty", "file_missing", "not_audio",
    ]  # fmt: skip
    assert (failures["message"].str.len() > 0).all()
    assert (failures["remedy"].str.len() > 0).all()
    assert failures["row"].notna().all()
    with Ledger.open(tmp_path / "lake" / "_state" / "ledger.sqlite") as ledger:
        assert {c.call_id for c in ledger.failed()} == {"half", "text"}


def test_a_failure_that_was_mended_is_gone_after_the_next_run(
    run_flow: RunFlow, recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path
) -> None:
    path = recordings / shortest[0]["path"]
    whole = path.read_bytes()
    path.write_bytes(b"")
    assert run_flow(recordings).failed == 1
    path.write_bytes(whole)
    again = run_flow(recordings)
    assert (again.inspected, again.skipped, again.failed) == (1, 4, 0)
    assert pd.read_parquet(tmp_path / "lake" / "failures").empty


def test_how_calls_are_cut_into_batches_does_not_change_the_tables(
    run_flow: RunFlow, recordings: Path, tmp_path: Path
) -> None:
    run_flow(recordings, lake="one", batch_size=1)
    run_flow(recordings, lake="all", batch_size=100)
    one, together = tables(tmp_path / "one"), tables(tmp_path / "all")
    assert all(one[name].equals(together[name]) for name in one)


def test_nothing_to_inspect_is_an_error_that_says_so(run_flow: RunFlow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="录音"):
        run_flow(tmp_path / "empty")


def test_a_folder_that_holds_something_else_is_not_written_into(
    run_flow: RunFlow, recordings: Path, tmp_path: Path
) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "论文.docx").write_text("重要", encoding="utf-8")
    with pytest.raises(LakeError):
        run_flow(recordings)
    assert [p.name for p in (tmp_path / "lake").iterdir()] == ["论文.docx"]


def _half_an_mp3() -> bytes:
    from tests.flows.conftest import FIXTURES

    source = min(FIXTURES.glob("*.mp3"), key=lambda p: p.stat().st_size).read_bytes()
    return source[: len(source) // 2 + 37]


def test_a_run_in_which_no_failure_has_a_call_and_no_call_a_score_is_still_printed(
    run_flow: RunFlow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.view.results import print_run

    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "empty.jsonl").write_bytes(b"")
    chat = {"call_id": "c1", "channel": "chat", "turns": [{"role": "customer", "text": "在吗"}]}
    (folder / "chats.jsonl").write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")
    summary = run_flow(folder / "chats.jsonl", folder / "empty.jsonl")
    lake = tmp_path / "lake"
    assert list(pd.read_parquet(lake / "failures")["call_id"].isna()) == [True]
    print_run(lake, summary)
    printed = capsys.readouterr().out
    assert "未能质检" in printed
    assert "c1" in printed
