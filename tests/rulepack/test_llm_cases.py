"""Cases of rules with `llm` checks: the model's answer stands in the case, and no case ever asks a real one."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from pipeline.domain.errors import RuleError
from pipeline.emotion import load_default
from pipeline.rulepack.cases import CaseResult, load_cases, run_cases
from pipeline.rulepack.lint import lint
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import verdicts_of
from tests.rulepack.conftest import WritePack

CHECK: dict[str, Any] = {"prompt": "客服把客户推给别的部门"}
DIALOGUE = "客户: 发票开错了\n客服: 这个不归我们管"


def rule(**params: Any) -> dict[str, Any]:
    return {"checks": {"shirk": {"llm": CHECK | params, "role": "agent"}}, "forbid": "shirk"}


def run(write_pack: WritePack, rule: dict[str, Any], *cases: str) -> list[CaseResult]:
    folder = write_pack(rule)
    (folder / "a.cases.yml").write_text("".join(cases), encoding="utf-8")
    rules = load_rules([folder])
    return list(run_cases(load_cases(rules.packs[0]), verdicts_of(rules, load_default())))


def case(verdict: str, llm: str) -> str:
    written = {"rule": "t.a.rule", "name": "例", "verdict": verdict, "dialogue": DIALOGUE}
    return yaml.safe_dump([written], allow_unicode=True) + llm


@pytest.mark.parametrize(
    ("llm", "verdict"),
    [
        ("  llm: {shirk: {answer: yes, quote: 这个不归我们管}}\n", "suspected"),
        ("  llm: {shirk: {answer: no}}\n", "passed"),
        ('  llm: {shirk: {answer: "no"}}\n', "passed"),
        ("  llm: {shirk: {answer: unsure}}\n", "undetermined"),
        ("  llm: {shirk: {answer: yes, quote: 客服没说过的话}}\n", "undetermined"),
        ("", "undetermined"),
    ],
)
def test_a_case_says_what_the_model_shall_have_answered(
    llm: str, verdict: str, write_pack: WritePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIJIAN_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ZHIJIAN_LLM_MODEL", "m")
    (result,) = run(write_pack, rule(), case(verdict, llm))
    assert result.verdict.value == verdict, result.verdict.reason


@pytest.mark.parametrize(
    ("llm", "said"),
    [
        ("  llm: {shrk: {answer: no}}\n", "没有名为“shrk”的 llm 检查"),
        ("  llm: {shirk: {answer: maybe}}\n", "maybe"),
        ("  llm: {shirk: {answer: no, qote: x}}\n", "qote"),
    ],
)
def test_a_wrong_answer_in_a_case_is_a_problem_with_its_line(llm: str, said: str, write_pack: WritePack) -> None:
    with pytest.raises(RuleError, match=said) as caught:
        run(write_pack, rule(), case("passed", llm))
    assert [(p.file, p.row) for p in caught.value.problems] == [("t/a.cases.yml", 7)]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"prompt": "是?"}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": "长" * 1001}, "prompt"),
        ({"sure": "maybe"}, "sure"),
        ({"promt": "x"}, "promt"),
    ],
)
def test_a_wrong_parameter_is_refused(params: dict[str, Any], said: str, write_pack: WritePack) -> None:
    with pytest.raises(RuleError, match=said):
        load_rules([write_pack(rule(**params))])


@pytest.mark.parametrize(("params", "complaints"), [({}, 0), ({"sure": True}, 1)])
def test_a_rule_that_can_only_suspect_needs_no_case_that_violates(
    params: dict[str, Any], complaints: int, write_pack: WritePack
) -> None:
    folder = write_pack(rule(**params))
    yes = case("suspected", "  llm: {shirk: {answer: yes, quote: 这个不归我们管}}\n")
    (folder / "a.cases.yml").write_text(yes + case("passed", "  llm: {shirk: {answer: no}}\n"), encoding="utf-8")
    (pack,) = load_rules([folder]).packs
    assert len(lint(pack, load_cases(pack))) == complaints
