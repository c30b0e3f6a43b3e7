"""What a person who writes no programs is told about a file that is no YAML."""

from pathlib import Path

import pytest

from pipeline.domain.errors import RuleError
from pipeline.rulepack.load import load_pack
from pipeline.rulepack.yamlfile import parse_yaml

_RULE = """\
- id: mine.banned.shirk
  title: 推诿
  kind: banned
  severity: major
  checks:
    said: {phrase: [不归我管, 不是我的事], role: agent}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "row", "told"),
    [
        ("kind: banned", "kind：banned", 4, "这里有中文标点“：”"),
        ("[不归我管, 不是我的事]", "[不归我管, 不是我的事】", 6, "方括号"),
        ("{phrase: [", "{phrase：[", 6, "这里有中文标点“：”"),
        ("  severity", "\tseverity", 4, "缩进用了 Tab"),
        ("  severity", "    severity", 4, "缩进不对"),
        ("  severity", " severity", 4, "缩进"),
        ("title: 推诿", 'title: "推诿', 2, "引号"),
        ("title: 推诿", "title: @推诿", 2, "加引号"),
        ("title: 推诿", 'title: "\\d推诿"', 2, "单引号"),
    ],
)
def test_a_file_that_is_no_yaml_is_explained_in_chinese(right: str, wrong: str, row: int, told: str) -> None:
    assert right in _RULE
    with pytest.raises(RuleError) as raised:
        parse_yaml(_RULE.replace(right, wrong), file="banned.yml")
    (problem,) = raised.value.problems
    said = str(problem)
    assert told in said
    assert problem.row == row
    assert not any(word in said for word in ("expected", "found", "mapping", "token"))


@pytest.mark.parametrize("name", ["more.yaml", "more.YML"])
def test_a_rule_file_that_would_never_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "pack.yml").write_text(
        "{id: mine, version: 1.0.0, title: 包, owner: 质检组, language: zh, covers: 试}", encoding="utf-8"
    )
    (tmp_path / name).write_text(_RULE, encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        load_pack(tmp_path)
    assert f"{tmp_path.name}/{name}" in str(raised.value)
    assert ".yml" in str(raised.value)
