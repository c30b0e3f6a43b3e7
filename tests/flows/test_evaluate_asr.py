"""`zhijian evaluate asr`: real recordings, the demo model, references taken from the truth."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.cli import app, main

from .conftest import FIXTURES


def write_references(path: Path, *call_ids: str) -> None:
    lines = []
    for call_id in call_ids:
        truth = json.loads((FIXTURES / "truth" / f"{call_id}.json").read_text(encoding="utf-8"))
        turns = [{"role": turn["role"], "text": turn["text"]} for turn in truth["turns"]]
        lines.append(json.dumps({"call_id": call_id, "turns": turns}, ensure_ascii=False))
    path.write_text("\n".join(lines), encoding="utf-8")


def evaluate(recordings: Path, references: Path, out: Path) -> tuple[int, str]:
    result = CliRunner().invoke(
        app, ["evaluate", "asr", str(recordings), "--references", str(references), "--out", str(out)]
    )
    return result.exit_code, result.output


def test_errors_phrases_and_a_page_come_out_of_recordings_and_references(
    recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path
) -> None:
    references = tmp_path / "references.jsonl"
    first, second, third = (row["call_id"] for row in shortest)
    write_references(references, first, second)
    code, printed = evaluate(recordings, references, tmp_path / "out")
    assert code == 3  # one recording has no reference
    assert f"{third}" in printed.replace("\n", "")
    assert "没有参考文本" in printed.replace("\n", "")
    characters = pd.read_parquet(tmp_path / "out" / "asr_characters.parquet")
    whole = characters[characters["role"].isna() & characters["call_id"].notna()]
    assert set(whole["call_id"]) == {first, second}
    assert set(characters["role"].dropna()) == {"agent", "customer"}
    assert pd.isna(characters.iloc[-1]["call_id"])
    assert 0 <= characters.iloc[-1]["rate"] < 0.5
    keywords = pd.read_parquet(tmp_path / "out" / "asr_keywords.parquet")
    assert (keywords["said"] == keywords[["exact", "sound", "close", "missed"]].sum(axis=1)).all()
    page = (tmp_path / "out" / "asr.html").read_text(encoding="utf-8")
    worst = whole.sort_values("rate", ascending=False)["call_id"].tolist()
    assert page.index(f"<b>{worst[0]}</b>") < page.index(f"<b>{worst[1]}</b>")
    assert third in page


def test_references_that_fit_no_recording_are_an_error_that_says_what_to_do(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    references = tmp_path / "references.jsonl"
    turns = [{"role": "客服", "text": "您好"}]
    references.write_text(json.dumps({"call_id": "elsewhere", "turns": turns}, ensure_ascii=False), encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "asr", str(recordings), "--references", str(references), "--out", str(out)])
    assert ended.value.code == 2
    assert "通话编号" in capsys.readouterr().err
    assert not out.exists()


def test_a_diarizer_that_is_no_model_is_refused_before_anything_is_heard(
    recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    references = tmp_path / "references.jsonl"
    write_references(references, shortest[0]["call_id"])
    asked = ["--references", str(references), "--out", str(tmp_path / "out"), "--diarizer", str(tmp_path / "nowhere")]
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "asr", str(recordings), *asked])
    assert ended.value.code == 2
    assert "pyannote" in capsys.readouterr().err


def test_what_users_hand_in_is_inert_on_the_page(
    recordings: Path, shortest: tuple[dict[str, str], ...], tmp_path: Path
) -> None:
    hostile = "<script>alert(1)</script>"
    turns = [{"role": "客服", "text": hostile}, {"role": "客户", "text": "好"}]
    reference = {"call_id": shortest[0]["call_id"], "queue": hostile, "turns": turns}
    references = tmp_path / "references.jsonl"
    references.write_text(json.dumps(reference, ensure_ascii=False), encoding="utf-8")
    evaluate(recordings, references, tmp_path / "out")
    page = (tmp_path / "out" / "asr.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<script" not in page
