from pathlib import Path
from typing import Any

import pytest

from pipeline.assets import asset
from pipeline.domain.errors import RuleError
from pipeline.rulepack.load import load_pack, load_rules
from pipeline.rulepack.yamlfile import parse_yaml
from tests.rulepack.conftest import RULE, WritePack

GOOD: dict[str, Any] = {"checks": {"a": {"phrase": ["不归我管"]}}, "forbid": "a"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "重复"),
        ("a: &x [1]\nb: *x\n", "锚点"),
        ("a: !!python/object:os.system x\n", "YAML"),
        ("a: !mine {b: 1}\n", "标签"),
        ("[" * 60 + "]" * 60, "嵌套"),
        ("a: [1\n", "YAML"),
        ("? [1, 2]\n: x\n", "键必须是文字"),
        ("a: 1\n---\nb: 2\n", "YAML"),
        ("a: \x00\n", "YAML"),
    ],
)
def test_hostile_or_broken_yaml_is_refused(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        parse_yaml(text, file="x.yml")


def test_a_yaml_problem_names_its_line() -> None:
    with pytest.raises(RuleError) as caught:
        parse_yaml("a: 1\nb:\n  c: 1\n  c: 2\n", file="x.yml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.row) == ("x.yml", 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "minr"}, "minr"),
        ({"sevrity": "minor"}, "您是否想写“severity”"),
        ({"forbid": None}, "expect"),
        ({"expect": "a"}, "必须且只能写一个"),
        ({"forbid": "b"}, "没有名为“b”的检查"),
        ({"forbid": "a and"}, "缺少"),
        ({"applies": "x"}, "没有名为“x”的检查"),
        ({"id": "u.a.rule"}, "应以包名"),
        ({"id": "规则"}, "id"),
        ({"until": "2025-01-01"}, "早于"),
        ({"checks": {"a": {"phrse": ["x"]}}}, "您是否想写“phrase”"),
        ({"checks": {"a": {"phrase": ["x"], "regex": "y"}}}, "恰好写一个算子"),
        ({"checks": {"a": {"phrase": []}}}, "不能为空"),
        ({"checks": {"a": {"phrase": ["嗯……"]}}}, "没有内容"),
        ({"checks": {"a": {"phrase": ["字" * 201]}}}, "超过 200 字"),
        ({"checks": {"a": {"phrase": ["x", "y"], "min": 3}}}, "只有 2 个词句"),
        ({"checks": {"a": {"phrase": ["x"], "role": "agnt"}}}, "agnt"),
        ({"checks": {"a": {"phrase": ["x"], "within": {"first": "3 trns"}}}}, "不是范围"),
        ({"checks": {"a": {"phrase": ["x"], "within": {"first": "3s", "last": "3s"}}}}, "只能写 first 或 last"),
        ({"checks": {"a": {"regex": "(?=x)"}}}, "不支持回溯引用"),
        ({"checks": {"a": {"regex": "x*"}}}, "处处命中"),
        ({"checks": {"a": {"regex": "("}}}, "不能使用"),
        ({"checks": {"a": {"silence": {"longer_than": "10 sec"}}}}, "不是时长"),
        ({"checks": {"a": {"silence": {"longer_than": "10s"}, "unless": ["x"]}}}, "花括号里面"),
        ({"checks": {"a": {"rate": {"min_chars": 3}}}}, "需要 min 或 max"),
        ({"checks": {"a": {"rate": {"max": 300}}}}, "写明 role"),
        ({"checks": {"a": {"rate": {"max": 300}, "role": "agent", "within": {"first": "9s"}}}}, "不能限定范围"),
        ({"checks": {"a": {"silence": {"longer_than": "10s"}, "role": "agent"}}}, "role 对 silence 不起作用"),
        ({"checks": {"a": {"duration": {"max": "10s"}, "within": {"first": "9s"}}}}, "对 duration 不起作用"),
        ({"checks": {"a": {"emotion": {"is": "sad"}}}}, "sad"),
        ({"checks": {"a": {"metadata": {"field": "x", "op": "lt", "value": "大"}}}}, "应为数字"),
        ({"checks": {"a": {"phrase": ["x"]}, "b": {"phrase": ["y"]}}}, "没有被"),
        ({"checks": {"a": {"phrase": ["x"], "after": {"check": "a"}}}}, "绕成了圈"),
        ({"checks": {"a": {"phrase": ["x"], "after": {"check": "b"}}, "b": {"turns": {"min": 3}}}}, "没有位置"),
        ({"checks": {"a": {"turns": {"min": 3}}, "b": {"phrase": ["x"]}}, "forbid": "a then b"}, "没有位置"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_and_where(write_pack: WritePack, change: dict[str, Any], said: str) -> None:
    rule = {k: v for k, v in (GOOD | change).items() if v is not None}
    with pytest.raises(RuleError, match=said) as caught:
        load_pack(write_pack(rule))
    assert all(p.file == "t/a.yml" and p.row for p in caught.value.problems)


def test_all_problems_of_all_rules_are_reported_at_once(write_pack: WritePack) -> None:
    bad = {"severity": "x", "checks": {"a": {"phrse": ["x"]}, "b": {"regex": "("}}, "forbid": "a or b"}
    with pytest.raises(RuleError) as caught:
        load_pack(write_pack(bad, GOOD | {"id": "t.a.other", "kind": "x"}))
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert all(said in text for said in ("severity", "检查“a”", "正则", "kind"))
    assert all(p.row for p in caught.value.problems)


def test_a_rule_id_can_stand_only_once(write_pack: WritePack) -> None:
    with pytest.raises(RuleError, match="重复"):
        load_rules([write_pack(GOOD, GOOD)])


def test_a_folder_without_pack_yml_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"pack\.yml"):
        load_pack(tmp_path)


def test_a_rule_file_in_another_encoding_names_the_line(write_pack: WritePack) -> None:
    folder = write_pack(GOOD)
    (folder / "b.yml").write_bytes("- id: x\n  title: 禁语\n".encode("gbk"))
    with pytest.raises(RuleError, match="UTF-8") as caught:
        load_pack(folder)
    assert caught.value.problems[0].row == 2


def test_the_digest_follows_content_and_not_layout(write_pack: WritePack) -> None:
    first = load_pack(write_pack(GOOD)).digest
    folder = write_pack(GOOD)
    path = folder / "a.yml"
    path.write_text("# 注释\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_pack(folder).digest == first
    assert load_pack(write_pack(GOOD | {"title": "别的"})).digest != first


def test_the_packs_that_ship_load() -> None:
    folders = [p.parent for p in asset("rules").glob("*/pack.yml")]
    rules = load_rules(folders).rules
    assert len(rules) >= 25
    assert len({r.spec.id for r in rules}) == len(rules)
    assert RULE["id"] not in {r.spec.id for r in rules}
