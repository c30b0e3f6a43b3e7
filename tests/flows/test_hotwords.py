"""The terms that the recogniser is told to expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.hotwords import expected_words
from flows.options import RunOptions, default_packs
from flows.work import RunWork
from pipeline.rulepack.load import load_rules
from pipeline.transcribe import EngineOptions

PACK = "id: mine\nversion: 1.0.0\ntitle: 我的\nowner: 我\nlanguage: zh\ncovers: 试\n"
HEAD = "  kind: scripted\n  status: test\n  version: 1\n  since: 2026-01-01\n  guidance: 请说\n"
RULES = f"""
- id: mine.a.minor
  title: 轻
  severity: minor
{HEAD}
  expect: said
  checks:
    said: {{phrase: [感谢您的来电, 您好, 祝您生活愉快, 这句话太长了所以放不进去], role: agent, }}
- id: mine.b.critical
  title: 重
  severity: critical
{HEAD}
  applies: raised
  expect: told
  checks:
    raised: {{phrase: [我要投诉], role: customer}}
    told: {{phrase: [通话有录音, 感谢您的来电], unless: [没有录音的], role: agent}}
- id: mine.c.banned
  title: 禁
  severity: critical
{HEAD}
  forbid: rude
  checks:
    rude: {{phrase: [不归我管], role: agent}}
- id: mine.d.absent
  title: 不该有
  severity: critical
{HEAD}
  expect: not promised
  checks:
    promised: {{phrase: [保证收益], role: agent}}
- id: mine.e.pattern
  title: 句式
  severity: critical
{HEAD}
  expect: pattern
  checks:
    pattern: {{regex: '工号\\d+', role: agent}}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pack.yml").write_text(PACK, encoding="utf-8")
    (folder / "a.yml").write_text(RULES, encoding="utf-8")
    return folder


def test_what_should_be_said_comes_first_by_gravity_and_nothing_that_would_cost_the_agent(pack: Path) -> None:
    assert expected_words(load_rules([pack])) == ("通话有录音", "感谢您的来电", "祝您生活愉快")


def test_the_packs_that_ship_give_words_of_many_rules_and_none_that_they_forbid() -> None:
    rules = load_rules(default_packs())
    words = expected_words(rules)
    banned = {p for r in rules.rules if r.forbids for c in r.checks.values() for p in getattr(c.params, "phrase", ())}
    assert len(words) > 50
    assert len(set(words)) == len(words)
    assert banned
    assert not banned & set(words)
    assert expected_words(load_rules(default_packs())) == words


@pytest.mark.parametrize("rule_words", [True, False])
def test_a_run_tells_the_recogniser_what_its_rules_expect(
    rule_words: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[EngineOptions] = []

    def load(options: EngineOptions) -> None:
        given.append(options)
        raise InterruptedError

    monkeypatch.setattr("flows.work.load_engine", load)
    (tmp_path / "call.wav").write_bytes(b"RIFF")
    options = RunOptions(
        sources=(tmp_path / "call.wav",),
        lake=tmp_path / "lake",
        engine=EngineOptions(hotwords=("先",), glossary=("光猫",)),
        rule_words=rule_words,
    )
    work = RunWork(options, "run-1", lambda *_: None)
    with work.lake.writing():
        work.open()
        with pytest.raises(InterruptedError):
            work.discover()
    words = expected_words(load_rules(default_packs())) if rule_words else ()
    assert given == [EngineOptions(hotwords=("先", *words), glossary=("光猫",))]
