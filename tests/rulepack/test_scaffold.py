"""A new rule stands on its own feet at once, and spoils nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.errors import RuleError
from pipeline.domain.verdict import RuleKind, Severity
from pipeline.emotion import load_default
from pipeline.rulepack.cases import load_cases, run_cases
from pipeline.rulepack.lint import lint
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.scaffold import NewRule, add_rule
from pipeline.score.inspect import verdicts_of


def _new(rule_id: str = "mine.banned.shirk", **change: Any) -> NewRule:
    values: dict[str, Any] = {
        "title": "推诿",
        "phrases": ("不归我管",),
        "kind": RuleKind.BANNED,
        "severity": Severity.MAJOR,
        "since": date(2026, 11, 1),
    }
    return NewRule(id=rule_id, **(values | change))


@pytest.mark.parametrize("kind", RuleKind)
@pytest.mark.parametrize("role", ["agent", "customer", "any"])
def test_a_new_rule_lints_and_its_cases_are_green(tmp_path: Path, kind: RuleKind, role: Any) -> None:
    written = add_rule(tmp_path, _new(kind=kind, role=role))
    assert [f.name for f in written.files] == ["pack.yml", "banned.yml", "banned.cases.yml"]
    rules = load_rules([tmp_path / "mine"])
    (rule,) = rules.rules
    assert (rule.spec.kind, rule.spec.severity, rule.spec.status) == (kind, Severity.MAJOR, "experimental")
    assert rule.forbids is (kind in (RuleKind.BANNED, RuleKind.BEHAVIOUR, RuleKind.RISK))
    cases = load_cases(rules.packs[0])
    results = list(run_cases(cases, verdicts_of(rules, load_default())))
    assert {r.verdict.value for r in results} == {"violated", "passed"}
    assert not any(r.failed for r in results)
    assert lint(rules.packs[0], cases) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_what_stands_in_the_files_stays_as_it_is(tmp_path: Path, newline: str, end: str) -> None:
    add_rule(tmp_path, _new())
    topic, cases = tmp_path / "mine/banned.yml", tmp_path / "mine/banned.cases.yml"
    before = {}
    for path in (topic, cases):
        text = "# 班组自己的注释\n" + path.read_text(encoding="utf-8").rstrip("\n") + "  # 行尾注释" + end
        path.write_bytes(text.replace("\n", newline).encode())
        before[path] = path.read_bytes()
    pack = (tmp_path / "mine/pack.yml").read_bytes()
    written = add_rule(tmp_path, _new("mine.banned.refuse", phrases=("我们做不到",)))
    assert [f.name for f in written.files] == ["banned.yml", "banned.cases.yml"]
    for path, old in before.items():
        now = path.read_bytes()
        assert now.startswith(old)
        assert now.count(b"\n") == now.count(newline.encode())
    assert (tmp_path / "mine/pack.yml").read_bytes() == pack
    assert [r.spec.id for r in load_rules([tmp_path / "mine"]).rules] == ["mine.banned.refuse", "mine.banned.shirk"]


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (_new(), "已经有了,不会覆盖"),
        (_new("mine.banned"), "不能作规则编号"),
        (_new("../x.a.b"), "不能作规则编号"),
        (_new("mine.pack.x"), "不能作规则编号"),
        (_new("mine.evidence.x"), "不能作规则编号"),
        (_new("mine.banned.short", phrases=("滚",)), "只有 1 个字"),
        (_new("mine.banned.empty", phrases=("。",)), "没有内容"),
        (_new("mine.banned.none", phrases=()), "没有写要找的词句"),
        (_new("mine.banned.lines", phrases=("一行\n又一行",)), "写在一行里"),
        (_new("mine.flow.x"), "YAML"),
        (_new("mine.broken.x"), "YAML"),
    ],
    ids=lambda value: value.id if isinstance(value, NewRule) else None,
)
def test_what_cannot_be_added_leaves_every_file_alone(tmp_path: Path, new: NewRule, said: str) -> None:
    add_rule(tmp_path, _new())
    if new.id == "mine.broken.x":
        (tmp_path / "mine/other.yml").write_text("- id: [\n", encoding="utf-8")
    if new.id == "mine.flow.x":
        (tmp_path / "mine/flow.yml").write_text("[]\n", encoding="utf-8")
    before = _files(tmp_path)
    with pytest.raises(RuleError, match=said):
        add_rule(tmp_path, new)
    assert _files(tmp_path) == before


def test_the_schema_line_is_written_where_the_schema_lies(tmp_path: Path) -> None:
    (tmp_path / "schema").mkdir()
    for name in ("rule", "cases", "pack"):
        (tmp_path / f"schema/{name}.schema.json").write_text("{}", encoding="utf-8")
    for path in add_rule(tmp_path, _new()).files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        file = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / file).is_file()


@settings(max_examples=40, deadline=None)
@given(title=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20))
def test_a_title_of_any_signs_is_kept(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    root = tmp_path_factory.mktemp("rules")
    add_rule(root, _new(title=title))
    (rule,) = load_rules([root / "mine"]).rules
    assert rule.spec.title == title.strip()
