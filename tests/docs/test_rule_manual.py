"""The rule manual under test: what it shows runs, and everything that can be written in a rule is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from pipeline.domain.call import Channel
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.verdict import RuleKind, Severity, Verdict, VerdictValue
from pipeline.emotion import load_default
from pipeline.rulepack.alignment import CLOSE_MIN_SYLLABLES, MIN_WEIGHT
from pipeline.rulepack.cases import CaseSpec, load_cases, run_cases
from pipeline.rulepack.confidence import FILLER_WITHIN, INTERJECTION_WITHIN, by_sound, by_weight
from pipeline.rulepack.evidence import MIN_CALLS, MIN_REVIEWED
from pipeline.rulepack.examples import read_examples
from pipeline.rulepack.lint import MIN_NEGATIVE_SHARE, lint
from pipeline.rulepack.llm.client import LlmSettings
from pipeline.rulepack.load import Pack, load_rules
from pipeline.rulepack.logic import parse
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.operators.emotion import END_TURNS
from pipeline.rulepack.operators.facts import MetadataParams
from pipeline.rulepack.operators.llm import LEAST_QUOTE
from pipeline.rulepack.operators.similar import DOUBT_BELOW
from pipeline.rulepack.operators.timing import TIMING_DOUBT_MS
from pipeline.rulepack.operators.words import SURE, UNLESS_REACH
from pipeline.rulepack.schema import SCOPE_KEYS, Anchor, PackSpec, RuleSpec, Within
from pipeline.rulepack.view import MIN_CLARITY, Stance
from pipeline.score.inspect import verdicts_of
from pipeline.score.scoring import score_call
from pipeline.score.sheet import Band, Deduction, Dimension, Flag, Item, ScoreSheet, load_sheet
from pipeline.signals.measure import MIN_TALK_CHARS, MIN_TALK_MS
from pipeline.signals.silence import SAID_BEFORE_MS
from pipeline.text.classify.classifier import write_classifier
from pipeline.text.classify.fit import LEAST_TEXTS, fit
from tests.docs.markdown import ROOT, Block, blocks

MANUAL = ROOT / "docs/zh/规则手册.md"
GENERAL = ROOT / "rules/general"
TEXT = MANUAL.read_text(encoding="utf-8")
BLOCKS = [b for b in blocks(MANUAL) if b.language == "yaml"]


def _marked(mark: str) -> list[Block]:
    return [b for b in BLOCKS if b.mark == mark]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manual's pack: one topic file and one file of cases for each example, and the model of its samples."""
    folder = tmp_path_factory.mktemp("manual") / "demo"
    folder.mkdir()
    (pack,) = _marked("规则包")
    (folder / "pack.yml").write_text(pack.text, encoding="utf-8")
    for rule, cases in zip(_marked("规则"), _marked("用例"), strict=True):
        (folder / f"line_{rule.line}.yml").write_text(rule.text, encoding="utf-8")
        (folder / f"line_{rule.line}.cases.yml").write_text(cases.text, encoding="utf-8")
    (samples,) = (b for b in blocks(MANUAL) if b.mark == "样本")
    (folder.parent / "samples.csv").write_text(samples.text, encoding="utf-8")
    weights, labels, _ = fit(read_examples(folder.parent / "samples.csv"))
    write_classifier(folder / "models" / "推诿.npz", weights, labels)
    return folder


@pytest.fixture(scope="module")
def pack(folder: Path) -> Pack:
    (pack,) = load_rules([folder]).packs
    return pack


def test_every_yaml_block_is_marked_and_each_rule_is_followed_by_its_cases() -> None:
    marks = [b.mark for b in BLOCKS]
    assert marks[0] == "规则包"
    assert marks[-1] == "评分表"
    assert marks[1:-1] == ["规则", "用例"] * len(_marked("规则"))


def test_the_cases_in_the_manual_get_the_verdicts_it_says(folder: Path) -> None:
    rules = load_rules([folder])
    cases = load_cases(rules.packs[0])
    results = list(run_cases(cases, verdicts_of(rules, load_default())))
    wrong = [
        f"{r.case.spec.rule} {r.case.spec.name}: {r.verdict.value}, {r.verdict.reason}" for r in results if r.failed
    ]
    assert not wrong
    assert {r.verdict.value for r in results} == set(VerdictValue)


def test_the_rules_in_the_manual_have_nothing_for_the_linter_to_say(pack: Pack) -> None:
    assert lint(pack, load_cases(pack)) == []


def test_every_operator_and_every_scope_key_is_shown_in_an_example(pack: Pack) -> None:
    checks = [check for rule in pack.rules for check in rule.checks.values()]
    assert {check.operator for check in checks} == set(OPERATORS)
    shown = {key for check in checks for key in check.scope.model_dump(by_alias=True, exclude_unset=True)}
    assert shown == SCOPE_KEYS


def _keys(model: type[BaseModel]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())


def _named() -> Iterator[str]:
    yield from (*OPERATORS, *SCOPE_KEYS)
    for operator in OPERATORS.values():
        yield from _keys(operator.params)
    for model in (PackSpec, RuleSpec, CaseSpec, Within, Anchor):
        yield from _keys(model)
    for sheet in (ScoreSheet, Dimension, Item, Deduction, Band, Flag):
        yield from _keys(sheet)
    enums: Iterable[type[StrEnum]] = (VerdictValue, RuleKind, Severity, Channel, EmotionLabel)
    yield from (value.value for each in enums for value in each)
    for choice in (RuleSpec.model_fields["status"], MetadataParams.model_fields["op"]):
        yield from get_args(choice.annotation)


def _spoken_of() -> str:
    """Everything the manual's prose sets in code: keys in tables, and short examples."""
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    return " ".join(re.findall(r"`([^`\n]+)`", prose))


@pytest.mark.parametrize("word", sorted(set(_named())))
def test_everything_that_can_be_written_is_named(word: str) -> None:
    assert re.search(rf"(?<![\w.]){word}(?![\w.])", _spoken_of())


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_has_a_section_that_names_all_its_parameters(operator: str) -> None:
    section = re.search(rf"^### {operator}：.*?(?=^##)", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert section is not None
    rows = re.findall(r"^\| (.+?) \|", section[0], flags=re.MULTILINE)
    assert set(_keys(OPERATORS[operator].params)) == {key for row in rows for key in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize(
    "statement",
    [
        f"相隔不到 {UNLESS_REACH} 个字",
        f"静默前 {SAID_BEFORE_MS // 1000} 秒内",
        f"超出不到 {TIMING_DOUBT_MS} 毫秒的只算存疑",
        f"超出不到 {TIMING_DOUBT_MS // 2} 毫秒的算存疑",
        f"超出不到 {TIMING_DOUBT_MS} 毫秒的算存疑；文字会话从",
        f"差不到 {DOUBT_BELOW} 的算存疑",
        f"电话不到 {MIN_TALK_MS // 1000} 秒，文字会话不到 {MIN_TALK_CHARS} 个字",
        f"只看这一方最后 {END_TURNS} 轮讲话",
        f"把握到 {SURE[Stance.STRICT, Severity.MINOR]} 才算确定",
        f"`critical` 的到 {SURE[Stance.STRICT, Severity.CRITICAL]}；",
        f"到 {SURE[Stance.GENEROUS, Severity.MINOR]} 就算说到了",
        f"`critical` 的到 {SURE[Stance.GENEROUS, Severity.CRITICAL]}，",
        f"声调也都相同 {by_sound(4, same_tones=True)}，不都相同 {by_sound(4, same_tones=False)}"
        f"（五个字起 {by_sound(5, same_tones=True)} 和 {by_sound(5, same_tones=False)}）",
        f"声调也都相同 {by_sound(3, same_tones=True)}，不都相同 {by_sound(3, same_tones=False)} |",
        f"声调也都相同 {by_sound(2, same_tones=True)}，不都相同 {by_sound(2, same_tones=False)} |",
        f"{by_weight(MIN_WEIGHT):.1f} 到 0.99",
        f"把握乘以 {INTERJECTION_WITHIN}；",
        f"乘以 {FILLER_WITHIN}。",
        f"平均把握低于 {MIN_CLARITY}",
        f"不少于 {MIN_NEGATIVE_SHARE:.0%}",
        f"不少于 {MIN_CALLS} 通真实或已存的通话",
        f"{MIN_REVIEWED} 处，不足 {MIN_REVIEWED} 处的全部",
        f"至少{'零一二三四五六'[CLOSE_MIN_SYLLABLES]}个字",
        f"每种标签至少 {LEAST_TEXTS} 句不同的话",
        f"至少 {LEAST_QUOTE} 个字，或整整一轮",
        f"等多少秒，默认 {LlmSettings(url='', model='').timeout_s:.0f}",
        f"最多多少词元，默认 {LlmSettings(url='', model='').max_tokens}",
        f"最多给它看多少字，默认 {LlmSettings(url='', model='').max_characters}",
        f"默认 {Flag().judged_below}",
        f"超过多少，默认 {Flag().quarantined_above}",
    ],
)
def test_the_figures_in_the_manual_are_those_of_the_program(statement: str) -> None:
    assert statement in TEXT


def _defaults(operator: str) -> Iterator[tuple[str, Any]]:
    for name, field in OPERATORS[operator].params.model_fields.items():
        if not field.is_required() and field.default not in (None, ()):
            yield field.alias or name, field.default


@pytest.mark.parametrize(
    ("operator", "key", "default"), [(name, key, value) for name in OPERATORS for key, value in _defaults(name)]
)
def test_the_defaults_in_the_manual_are_those_of_the_program(operator: str, key: str, default: Any) -> None:
    section = TEXT.split(f"### {operator}：", 1)[1]
    row = re.search(rf"^\| `{key}` \| `(\w+(?:\.\w+)?)` \|", section, flags=re.MULTILINE)
    assert row is not None
    written = {"500ms": "500", "1s": "1000", "2min": "120000", "false": "False"}.get(row[1], row[1])
    assert written == str(default)


@pytest.mark.parametrize(
    "expression", re.findall(r"^\| `(.+?)` \| .*$", TEXT.split("## 五、")[1].split("## 六、")[0], re.M)
)
def test_the_expressions_in_the_manual_can_be_read(expression: str) -> None:
    parse(expression)


@pytest.mark.parametrize("complained", [True, False])
def test_the_score_sheet_in_the_manual_gives_the_score_that_it_works_out(folder: Path, complained: bool) -> None:
    (written,) = _marked("评分表")
    path = folder.parent / "sheet.yml"
    path.write_text(written.text, encoding="utf-8")
    rules = load_rules([GENERAL, folder])
    specs = {rule.spec.id: rule.spec for rule in rules.rules}
    sheet = load_sheet(path, rule_ids=specs)
    values = dict.fromkeys(specs, VerdictValue.PASSED)
    values["demo.closing.thanks"] = values["demo.behaviour.cut_in"] = VerdictValue.VIOLATED
    if not complained:
        values["demo.empathy.order"] = VerdictValue.NOT_APPLICABLE
    score = score_call(
        sheet,
        [Verdict(rule_id=rule, rule_version=1, value=value, reason="") for rule, value in values.items()],
        severities={rule: spec.severity for rule, spec in specs.items()},
        titles={rule: spec.title for rule, spec in specs.items()},
    )
    assert f"得 {score.score:.0f} 分" in TEXT
    assert score.score == (79 if complained else 55)
