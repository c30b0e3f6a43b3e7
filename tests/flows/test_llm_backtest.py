"""A back-test of rules that ask a language model: a real server, asked once for each question."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.cli import app
from tests.flows.backtest_lake import SHIRK, rule, run_lake, words, write_pack, write_sheet
from tests.rulepack.llm.server import Reply, answered, running

ASKS = rule(checks={"said": {"llm": {"prompt": "客服把客户推给别的部门"}, "role": "agent"}})
CHATS = {"c1": ["客户: 发票开错了", "客服: 这个不归我们管,您找财务吧"]}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pipeline.rulepack.llm.client.LONGEST_WAIT_S", 0.0)
    old = write_pack(tmp_path / "old", rule(checks=words("绝无此话")))
    run_lake(tmp_path, old, sheet=write_sheet(tmp_path / "s.yml", deduct=[SHIRK]), chats=CHATS)
    write_pack(tmp_path / "new", ASKS)
    return tmp_path


def _run(place: Path, out: str) -> str:
    arguments = ["rules", "backtest", str(place / "new"), "--on", str(place / "lake"), "--out", str(place / out)]
    result = CliRunner().invoke(app, [*arguments, "--against", str(place / "old")], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def _after(place: Path, out: str) -> list[str]:
    return pd.read_parquet(place / out / "backtest_changes.parquet")["after"].tolist()


def test_a_question_is_asked_once_however_often_the_pack_is_tried(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setenv("ZHIJIAN_LLM_URL", server.url)
        monkeypatch.setenv("ZHIJIAN_LLM_MODEL", "test-model")
        server.replies = [answered("yes", "这个不归我们管", "推给财务")]
        for out in ("one", "two"):
            _run(place, out)
            assert _after(place, out) == ["suspected"]
        assert len(server.bodies) == 1


def test_what_the_model_left_unanswered_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setenv("ZHIJIAN_LLM_URL", server.url)
        monkeypatch.setenv("ZHIJIAN_LLM_MODEL", "test-model")
        server.replies = [Reply(503)] * 3
        assert "语言模型有 1 个问题没有回答" in _run(place, "out")
        assert _after(place, "out") == ["undetermined"]


def test_without_a_model_the_rule_is_not_judged(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIJIAN_LLM_URL", raising=False)
    _run(place, "out")
    assert _after(place, "out") == ["undetermined"]
