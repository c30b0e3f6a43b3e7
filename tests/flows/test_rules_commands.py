"""`zhijian rules new`, `test`, `status`, `lint` and `schema` as a person runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from flows.cli import app


def test_a_failing_case_is_shown_with_its_trace(tmp_path: Path) -> None:
    runner = CliRunner()
    shared = ["--title", "推诿", "--kind", "banned", "--phrase", "不归我管", "--in", str(tmp_path)]
    made = runner.invoke(app, ["rules", "new", "mine.banned.shirk", *shared])
    assert made.exit_code == 0, made.output
    assert "2 个用例,判错 0 个" in made.output
    cases = tmp_path / "mine/banned.cases.yml"
    cases.write_text(cases.read_text(encoding="utf-8").replace("客服: 不归我管", "客户: 不归我管吗"), encoding="utf-8")
    result = runner.invoke(app, ["rules", "test", str(tmp_path / "mine")])
    assert result.exit_code == 3
    for said in (
        "应判“违规”,实判“通过”",
        "不得成立 forbid",
        "没有看到",
        "没算:第 2 句 客户说“不归我管”",
        "不是客服说的",
    ):
        assert said in result.output


def test_status_shows_what_each_rule_lacks_and_fails_a_stable_one(tmp_path: Path) -> None:
    runner = CliRunner()
    shared = ["--title", "推诿", "--kind", "banned", "--phrase", "不归我管", "--in", str(tmp_path)]
    assert runner.invoke(app, ["rules", "new", "mine.banned.shirk", *shared]).exit_code == 0
    status = ["rules", "status", str(tmp_path / "mine")]
    result = runner.invoke(app, status)
    assert result.exit_code == 0, result.output
    assert "没有回测证据" in result.output
    (value,) = json.loads(runner.invoke(app, [*status, "--json"]).output)
    assert (value["rule"], value["cases"], value["failed"], value["evidence"]) == ("mine.banned.shirk", 2, 0, None)
    topic = tmp_path / "mine/banned.yml"
    topic.write_text(topic.read_text(encoding="utf-8").replace("experimental", "stable"), encoding="utf-8")
    result = runner.invoke(app, status)
    assert result.exit_code == 3
    assert re.search("证据不够 1 条", result.output)
    lint = runner.invoke(app, ["rules", "lint", str(tmp_path / "mine")])
    assert lint.exit_code == 3
    assert "标为 stable" in lint.output


def test_warnings_fail_only_where_they_are_asked_to(tmp_path: Path) -> None:
    runner = CliRunner()
    shared = ["--title", "投诉", "--kind", "risk", "--phrase", "投诉", "--in", str(tmp_path)]
    assert runner.invoke(app, ["rules", "new", "mine.risk.complain", *shared]).exit_code == 0
    result = runner.invoke(app, ["rules", "lint", str(tmp_path / "mine")])
    assert (result.exit_code, "警告" in result.output) == (0, True)
    assert runner.invoke(app, ["rules", "lint", "--strict", str(tmp_path / "mine")]).exit_code == 3


def test_the_schemas_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "schema", "--out", str(tmp_path / "s")])
    assert result.exit_code == 0
    names = {p.name for p in (tmp_path / "s").iterdir()}
    assert names == {f"{n}.schema.json" for n in ("rule", "cases", "pack", "sheet")}
