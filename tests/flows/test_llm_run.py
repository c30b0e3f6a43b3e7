"""Runs over calls whose rules ask a language model, without Prefect: a real server, real tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from flows.options import RunOptions
from flows.work import RunSummary, RunWork
from pipeline.assets import asset
from tests.rulepack.conftest import PACK, RULE
from tests.rulepack.llm.server import Reply, Server, answered, running

CHECKS = {"shirk": {"llm": {"prompt": "客服把客户推给别的部门"}, "role": "agent"}}
Inspect = Callable[..., RunSummary]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with running() as server:
        yield server


@pytest.fixture
def configured(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIJIAN_LLM_URL", server.url)
    monkeypatch.setenv("ZHIJIAN_LLM_MODEL", "test-model")
    monkeypatch.setattr("pipeline.rulepack.llm.client.LONGEST_WAIT_S", 0.0)


@pytest.fixture
def inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inspect:
    """One run over a chat, in the same lake each time."""
    pack = tmp_path / "t"
    pack.mkdir()
    (pack / "pack.yml").write_text(yaml.safe_dump(PACK, allow_unicode=True), encoding="utf-8")
    rule = RULE | {"checks": CHECKS, "forbid": "shirk"}
    (pack / "a.yml").write_text(yaml.safe_dump([rule], allow_unicode=True), encoding="utf-8")
    turns = [{"role": "customer", "text": "发票开错了"}, {"role": "agent", "text": "这个不归我们管,您找财务吧"}]
    chats = tmp_path / "chats.jsonl"
    chats.write_text(json.dumps({"call_id": "c1", "turns": turns}, ensure_ascii=False), encoding="utf-8")
    numbers = iter(range(100))

    def run() -> RunSummary:
        options = RunOptions(sources=(chats,), lake=tmp_path / "lake", packs=(pack, asset("rules/general")))
        work = RunWork(options, f"run-{next(numbers)}", lambda *_: None)
        with work.lake.writing():
            work.open()
            for batch in range(work.discover()):
                work.transcribe(batch, last_try=True)
                work.inspect(batch)
            return work.publish()

    return run


def verdict(lake: Path) -> tuple[str, str]:
    """What the tables say of the rule."""
    rows = pd.read_parquet(lake / "verdicts")
    (row,) = rows[rows["rule_id"] == RULE["id"]].to_dict("records")
    return row["verdict"], row["reason"]


YES = answered("yes", "这个不归我们管", "推给财务")


@pytest.mark.usefixtures("configured")
def test_what_the_model_found_is_in_the_tables_and_it_is_asked_once_in_a_lakes_life(
    inspect: Inspect, server: Server, tmp_path: Path
) -> None:
    server.replies = [YES]
    assert inspect().inspected == 1
    value, reason = verdict(tmp_path / "lake")
    assert value == "suspected"
    assert "test-model" in reason
    assert inspect().skipped == 1
    assert len(server.bodies) == 1


def test_without_configuration_nothing_is_sent_and_configuring_it_judges_the_call(
    inspect: Inspect, server: Server, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server.replies = [YES]
    assert inspect().inspected == 1
    assert verdict(tmp_path / "lake")[0] == "undetermined"
    assert server.bodies == []
    request.getfixturevalue("configured")
    assert inspect().inspected == 1
    assert verdict(tmp_path / "lake")[0] == "suspected"


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("trouble", [[Reply(503)] * 3, [Reply(401)]], ids=["down", "refused"])
def test_a_call_that_the_server_left_unanswered_is_published_unjudged_and_taken_up_by_the_next_run(
    trouble: list[Reply], inspect: Inspect, server: Server, tmp_path: Path
) -> None:
    server.replies = [*trouble, YES]
    assert inspect().inspected == 1
    assert verdict(tmp_path / "lake")[0] == "undetermined"
    assert inspect().inspected == 1
    assert verdict(tmp_path / "lake")[0] == "suspected"
    assert inspect().skipped == 1
    assert pd.read_parquet(tmp_path / "lake" / "scores")["call_id"].tolist() == ["c1"]
