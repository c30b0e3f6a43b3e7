"""`zhijian rules explain` and `rules test`: how a judgement came about, from every place a call can come from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app, main
from pipeline.assets import asset
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Verdict
from pipeline.emotion import load_default
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.score.inspect import Inspector, inspect_call
from pipeline.score.sheet import load_sheet
from pipeline.store.lake import Lake
from pipeline.store.stored import stored_call
from pipeline.transcribe import TranscriptCache
from tests.flows.explain_lake import lake_with, transcript_of, written_call

SAID = """
客服 [0.0-2.0]: 您好,很高兴为您服务
客户 [2.0-4.0]: 我的手机号是13912345678
客服 [4.0-6.0]: 这个不归我管
"""
SHIRK = "general.banned.shirk"
GREETING = "general.opening.greeting"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([asset("rules/general")])


def _explain(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["rules", "explain", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def _json(*arguments: object) -> dict[str, Any]:
    value = json.loads(_explain(*arguments, "--json"))
    assert isinstance(value, dict)
    return value


def _turns() -> tuple[Turn, ...]:
    turns = (replace(t, words=(), level_dbfs=-20.5, pitch_hz=180.0) for t in parse_dialogue(SAID))
    return tuple(replace(t, role_confidence=0.9) if t.index == 1 else t for t in turns)


@pytest.fixture(scope="module")
def chat_lake(tmp_path_factory: pytest.TempPathFactory, rules: RuleSet) -> Lake:
    """A call that came with its text: there were never any words."""
    turns = _turns()
    return lake_with(tmp_path_factory.mktemp("chat"), written_call(turns), transcript_of(turns, "given"), rules)


def test_a_call_comes_back_from_the_lake_as_it_was(chat_lake: Lake, rules: RuleSet) -> None:
    turns = _turns()
    found = stored_call(chat_lake, "c1")
    assert found.call == written_call(turns)
    assert found.transcript == transcript_of(turns, "given")
    assert found.gaps == ()
    assert set(found.verdicts) == {r.spec.id for r in rules.rules}


def test_every_verdict_of_a_call_with_its_text_is_reproduced(chat_lake: Lake, rules: RuleSet) -> None:
    stored = stored_call(chat_lake, "c1").verdicts
    for rule in (SHIRK, GREETING, "general.behaviour.rate"):
        value = _json("c1", rule, "--lake", chat_lake.root)
        assert value["verdict"] == stored[rule].value == value["stored"]["verdict"]
        assert value["stored"]["same_rules"] is True


def test_the_page_shows_rule_verdict_logic_place_and_sight(chat_lake: Lake) -> None:
    page = _explain("c1", SHIRK, "--lake", chat_lake.root)
    for said in ("违规", SHIRK, "不得成立 forbid", "找什么", "看哪里", "第 3 句 00:04", "不归我", "逐字", "算准"):
        assert said in page
    assert "数据湖里的判定:违规,同一套规则" in page


def test_what_was_said_is_masked(chat_lake: Lake) -> None:
    rule = "general.risk.customer_emotion"
    for page in (
        _explain("c1", rule, "--lake", chat_lake.root),
        json.dumps(_json("c1", rule, "--lake", chat_lake.root)),
    ):
        assert "13912345678" not in page


def test_words_come_from_the_cache_of_transcripts_while_it_is_there(tmp_path: Path, rules: RuleSet) -> None:
    turns = parse_dialogue(SAID, word_probability=0.8)
    call = written_call(None, audio_path=Path("a.wav"))
    transcript = transcript_of(turns, "whisper@1")
    lake = lake_with(tmp_path, call, transcript, rules)
    TranscriptCache(lake.root / "_state" / "transcripts").put("hash-1", "whisper@1", 1, transcript)
    found = stored_call(lake, "c1")
    assert found.transcript == transcript
    assert found.gaps == ()


def test_without_the_cache_the_page_says_what_is_missing(tmp_path: Path, rules: RuleSet) -> None:
    turns = parse_dialogue(SAID, word_probability=0.8)
    lake = lake_with(tmp_path, written_call(None, audio_path=Path("a.wav")), transcript_of(turns, "whisper@1"), rules)
    value = _json("c1", SHIRK, "--lake", lake.root)
    assert "没有逐字的时间和把握" in value["gaps"][0]
    assert value["verdict"] == "violated"
    assert {round(h["confidence"], 6) for c in value["checks"] for h in c["hits"]} == {0.9}
    assert "注意" in _explain("c1", SHIRK, "--lake", lake.root)


def test_a_verdict_of_other_rules_is_told_apart(tmp_path: Path, rules: RuleSet) -> None:
    turns = tuple(replace(t, words=()) for t in parse_dialogue(SAID))
    lake = lake_with(tmp_path, written_call(turns), transcript_of(turns, "given"), rules, rules_digest="other")
    assert "当时的规则包与现在的不同" in _explain("c1", SHIRK, "--lake", lake.root)


def test_a_verdict_that_comes_out_differently_now_is_told(chat_lake: Lake, tmp_path: Path) -> None:
    pack = tmp_path / "general"
    pack.mkdir()
    for name, text in (
        ("pack.yml", (asset("rules/general") / "pack.yml").read_text(encoding="utf-8")),
        (
            "banned.yml",
            f"- {{id: {SHIRK}, title: 推诿, kind: banned, severity: major, status: test, version: 2,\n"
            "   since: 2026-01-01, guidance: 请处理, checks: {said: {phrase: [不关我们的事]}}, forbid: said}\n",
        ),
    ):
        (pack / name).write_text(text, encoding="utf-8")
    page = _explain("c1", SHIRK, "--lake", chat_lake.root, "--pack", pack)
    assert "判定 通过" in page
    assert "当时的规则包与现在的不同(那时是第 2 版)" in page
    assert "与它不同" in page


def test_a_case_is_explained_by_its_name() -> None:
    cases = asset("rules/general/opening.cases.yml")
    page = _explain("--case", f"{cases}:没有问候直接说事")
    assert "判定 违规" in page
    assert "没有看到:客服在开场问候" in page


@pytest.mark.parametrize(("answer", "verdict"), [("yes", "suspected"), ("no", "passed")])
def test_a_case_is_explained_with_the_language_models_answer_that_it_writes(
    answer: str, verdict: str, tmp_path: Path
) -> None:
    pack = tmp_path / "mine"
    pack.mkdir()
    (pack / "pack.yml").write_text(
        "{id: mine, version: 1.0.0, title: 我的, owner: 我, language: zh, covers: 试}\n", encoding="utf-8"
    )
    (pack / "a.yml").write_text(
        "- {id: mine.a.cold, title: 冷淡, kind: behaviour, severity: minor, status: test, version: 1,\n"
        "   since: 2026-01-01, guidance: 请热情, forbid: cold,\n"
        "   checks: {cold: {llm: {prompt: 坐席说话冷淡}, role: agent}}}\n",
        encoding="utf-8",
    )
    (pack / "a.cases.yml").write_text(
        f"- {{rule: mine.a.cold, name: 一, verdict: {verdict}, dialogue: '客服: 你自己去看',\n"
        f"   llm: {{cold: {{answer: {answer}, quote: 你自己去看}}}}}}\n",
        encoding="utf-8",
    )
    value = _json("--case", f"{pack}/a.cases.yml:一")
    assert value["verdict"] == verdict
    assert [c["operator"] for c in value["checks"]] == ["llm"]


def test_a_written_transcript_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    said = [{"role": "agent", "text": "您好"}, {"role": "customer", "text": "查件"}]
    lines = [json.dumps({"call_id": name, "channel": "chat", "turns": said}, ensure_ascii=False) for name in "ab"]
    path.write_text("\n".join(lines[:1]), encoding="utf-8")
    assert _json(GREETING, "--file", path)["verdict"] == "passed"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert _json("b", GREETING, "--file", path)["call_id"] == "b"


def test_the_json_names_every_step_with_codes(chat_lake: Lake) -> None:
    value = _json("c1", GREETING, "--lake", chat_lake.root)
    assert value["applies"]["truth"] == "true"
    assert value["expect"] == {"kind": "check", "text": "hello", "truth": "true", "stance": "generous", "parts": []}
    hello = next(c for c in value["checks"] if c["name"] == "hello")
    assert hello["turns"] == [0, 2]
    assert {"turn": 0, "match": "exact", "doubts": []}.items() <= hello["hits"][0].items()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["c1", SHIRK], "--lake、--case、--file"),
        (["c1", SHIRK, "--lake", "{lake}", "--file", "x"], "--lake、--case、--file"),
        ([SHIRK, "--lake", "{lake}"], "要写通话编号和规则编号"),
        (["c2", SHIRK, "--lake", "{lake}"], "没有通话“c2”"),
        (["c1", "general.banned.shrk", "--lake", "{lake}"], "您是否想写“general.banned.shirk”"),
        (["--case", "没有.cases.yml:x"], "不是用例"),
        (["--case", "{rules}/opening.cases.yml:没有问候就说事"], "您是否想写“没有问候直接说事”"),
        (["x", "--case", "{rules}/opening.cases.yml:没有问候直接说事"], "请去掉其余的编号"),
        ([SHIRK, "--file", "{tmp}/none.jsonl"], "none.jsonl"),
    ],
)
def test_a_users_mistake_is_a_sentence(
    arguments: list[str], said: str, chat_lake: Lake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(
            ["rules", "explain"]
            + [a.format(lake=chat_lake.root, rules=asset("rules/general"), tmp=tmp_path) for a in arguments]
        )
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_an_unjudged_verdict_says_why(tmp_path: Path, rules: RuleSet) -> None:
    turns = (Turn(0, Role.AGENT, "您好"), Turn(1, Role.CUSTOMER, "查件"))
    transcript = Transcript(turns=turns, engine="given", roles_known=False, roles_note="分不出谁是客服")
    lake = lake_with(tmp_path, written_call(turns), transcript, rules)
    page = _explain("c1", GREETING, "--lake", lake.root)
    assert "判定 无法判断" in page
    assert "为什么不能判:分不出谁是客服" in page


def test_the_verdict_type_of_a_stored_call_is_the_judges(chat_lake: Lake, rules: RuleSet) -> None:
    stored = stored_call(chat_lake, "c1")
    found = inspect_call(
        stored.call,
        stored.transcript,
        Inspector(
            rules=rules,
            sheet=load_sheet(asset("rules/scoresheets/standard.yml"), rule_ids=[r.spec.id for r in rules.rules]),
            emotion_model=load_default(),
        ),
    )
    again: dict[str, Verdict] = {v.rule_id: v for v in found.verdicts}
    assert {r: (v.value, v.reason) for r, v in stored.verdicts.items()} == {
        r: (str(v.value), v.reason) for r, v in again.items()
    }


def test_of_cases_with_the_same_name_one_is_picked_by_its_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mine.banned.one", "mine.banned.two"):
        phrase = f"不归我管{name[-3:]}"
        with pytest.raises(SystemExit):
            main(["rules", "new", name, "--title", name, "--phrase", phrase, "--kind", "banned", "--in", str(tmp_path)])
    file = tmp_path / "mine" / "banned.cases.yml"
    with pytest.raises(SystemExit) as ended:
        main(["rules", "explain", "--case", f"{file}:说了"])
    assert ended.value.code == 2
    assert "有 2 个用例都叫“说了”" in (said := capsys.readouterr().err)
    assert f"{file.name}:mine.banned.one:说了" in said.replace("\n", "")
    assert _json("--case", f"{file}:mine.banned.two:说了")["rule"] == "mine.banned.two"
