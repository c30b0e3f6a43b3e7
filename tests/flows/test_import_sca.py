"""`zhijian rules import sca`: what comes over, what does not, and what is left to do. None of it is anybody's rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app, main
from pipeline.rulepack.load import load_rules


def _condition(cid: str, kind: str, **param: Any) -> dict[str, Any]:
    operators = [{"oid": "1", "type": kind, "param": param}]
    return {"cid": cid, "lambda": "1", "operators": operators, "check_range": {"role": "客服"}}


RUDE = _condition("1", "HIT_ANY_KEYWORDS", keywords=["没空管", "爱找谁找谁"])
ALIKE = _condition("2", "SIMILAR_MATCH", similarly_sentences=["您自己想办法"], score=80)
NAMED = _condition("3", "NER_MODEL")
RULES = [
    {"rid": "7", "name": "态度恶劣", "lambda": "1"},
    {"rid": "8", "name": "让客户自己想办法", "lambda": "2"},
    {"rid": "9", "name": "报姓名", "lambda": "3"},
]


def _file(folder: Path, *rules: dict[str, Any]) -> Path:
    path = folder / "规则.json"
    value = {"conditions": [RUDE, ALIKE, NAMED], "rules": list(rules)}
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def _import(folder: Path, *rules: dict[str, Any], code: int) -> str:
    arguments = ["rules", "import", "sca", _file(folder, *rules), "--out", folder / "mine", "--pack", "mine"]
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_a_pack_that_can_be_read_is_written_and_what_is_left_is_said(tmp_path: Path) -> None:
    said = _import(tmp_path, RULES[0], code=0)
    (pack,) = load_rules([tmp_path / "mine"]).packs
    assert [rule.spec.id for rule in pack.rules] == ["mine.imported.r7"]
    assert pack.rules[0].spec.title == "态度恶劣"
    assert (pack.spec.id, pack.spec.owner) == ("mine", "质检组")
    for told in ("完整导入 1 条", "没有应判“违规”的用例", "imported.cases.yml", "guidance", "zhijian rules backtest"):
        assert told in said
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_rule_that_is_left_out_ends_with_code_3_and_the_others_are_written(tmp_path: Path) -> None:
    said = _import(tmp_path, *RULES, code=3)
    assert "3 条规则:完整导入 1 条,有出入 1 条,没有导入 1 条" in said
    assert "NER_MODEL" in said
    assert len(load_rules([tmp_path / "mine"]).rules) == 2


def test_where_nothing_comes_over_nothing_is_written(tmp_path: Path) -> None:
    said = _import(tmp_path, RULES[2], code=3)
    assert "什么也没有写" in said
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--out", "{tmp}/there"], "已经有了"),
        (["--pack", "Mein-Paket"], "不能作包名"),
        (["--title", " "], "要有名称和负责人"),
        (["{tmp}/none.json"], "找不到文件"),
        (["--out", "{tmp}/file/x"], "写不了文件"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_overwrites_nothing(
    change: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "pack.yml").write_text("mine", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    written = {"": str(_file(tmp_path, RULES[0])), "--out": str(tmp_path / "mine"), "--pack": "mine", "--title": "导入"}
    name = change[0] if change[0].startswith("--") else ""
    written[name] = change[-1].format(tmp=tmp_path)
    arguments = [part for key, value in written.items() for part in (key, value) if part]
    with pytest.raises(SystemExit) as ended:
        main(["rules", "import", "sca", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "there" / "pack.yml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "mine").exists()
