"""What the linter says, and what it lets pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.assets import asset
from pipeline.domain.errors import RuleError
from pipeline.rulepack.cases import load_cases
from pipeline.rulepack.lint import Level, Linted, Remark, lint, lint_folders
from pipeline.rulepack.load import load_pack
from tests.rulepack.conftest import WritePack

BANNED: dict[str, Any] = {"kind": "banned", "checks": {"a": {"phrase": ["不归我管"]}}, "forbid": "a"}
CASES = (("violated", "客服: 这个不归我管"), ("passed", "客服: 我来处理"))


def _with_cases(folder: Path, *cases: tuple[str, str], rule: str = "t.a.rule", **more: Any) -> Path:
    entries = [
        {"rule": rule, "name": f"{n}", "verdict": verdict, "dialogue": dialogue} | more
        for n, (verdict, dialogue) in enumerate(cases)
    ]
    (folder / "a.cases.yml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    return folder


def _remarks(folder: Path) -> list[Remark]:
    pack = load_pack(folder)
    return lint(pack, load_cases(pack))


def _three(name: str) -> dict[str, Any]:
    return {n: {"phrase": [f"{n}{name}的说法"]} for n in "abc"}


@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        ({"checks": {"a": {"phrase": ["操"]}}}, Level.ERROR, "只有 1 个字"),
        ({"checks": {"a": {"phrase": ["滚开"], "within": {"first": "3 turns"}}}}, Level.ERROR, "只有 2 个字"),
        ({"kind": "risk", "checks": {"a": {"phrase": ["告"]}}}, Level.ERROR, "只有 1 个字,又没有限定范围"),
        ({"kind": "risk", "checks": {"a": {"phrase": ["投诉"]}}}, Level.WARNING, "只有 2 个字,又没有限定范围"),
        ({"checks": {"a": {"phrase": ["我不归我管"], "unless": ["不归我管"]}}}, Level.ERROR, "永远不会命中"),
        ({"checks": {"a": {"phrase": ["不归我管"], "unless": ["不龟我"]}}}, Level.ERROR, "永远不会命中"),
        ({"checks": {"a": {"phrase": ["请稍等，别挂断"]}}}, Level.WARNING, "全角标点"),
        ({"checks": {"a": {"phrase": ["不归我管", "不归我管。"]}}}, Level.WARNING, "写了 2 次"),
        ({"checks": {"a": {"regex": "不归.管"}}}, Level.WARNING, "没有写 label"),
        ({"checks": _three("甲"), "forbid": "a or (a and b) or c"}, Level.ERROR, "“b”成立与否都不影响"),
        ({"checks": _three("甲"), "applies": "a", "forbid": "(a or b) and c"}, Level.ERROR, "“b”成立与否都不影响"),
        ({"checks": _three("甲"), "forbid": "a and not a and b and c"}, Level.ERROR, "都不会违规"),
        ({"checks": _three("甲"), "forbid": "a or not a or b or c"}, Level.ERROR, "凡适用就是违规"),
        ({"checks": _three("甲"), "applies": "a and not a", "forbid": "b and c"}, Level.ERROR, "永远不成立"),
        ({"status": "stable"}, Level.ERROR, "标为 stable,但没有回测证据"),
    ],
)
def test_what_is_unwise_is_told(write_pack: WritePack, change: dict[str, Any], level: Level, said: str) -> None:
    remarks = _remarks(_with_cases(write_pack(BANNED | change), *CASES))
    found = [r for r in remarks if said in r.problem.what]
    assert [(r.level, r.problem.file, r.problem.row) for r in found] == [(level, "t/a.yml", found[0].problem.row)]
    assert found[0].problem.what.startswith("t.a.rule:")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"checks": {"a": {"phrase": ["不归我管"], "unless": ["不是说不归我管"]}}},
        {"kind": "risk", "checks": {"a": {"phrase": ["投诉"], "unless": ["投诉电话"]}}},
        {"kind": "scripted", "checks": {"a": {"phrase": ["您好"], "within": {"first": "3 turns"}}}},
        {"checks": _three("甲"), "forbid": "2 of (a, b, c)"},
        {"checks": _three("甲"), "forbid": "a then b then c"},
    ],
)
def test_what_is_sound_is_left_alone(write_pack: WritePack, change: dict[str, Any]) -> None:
    assert _remarks(_with_cases(write_pack(BANNED | change), *CASES)) == []


@pytest.mark.parametrize(
    ("rule", "cases", "said"),
    [
        ({}, CASES[:1], "没有应判“通过”"),
        ({}, CASES[1:], "没有应判“违规”"),
        ({}, (CASES[0],) * 2 + CASES[1:], "只有 33% 的用例不应命中"),
        ({"applies": "a", "forbid": "b", "checks": _three("甲") | {"c": None}}, CASES, "没有“不适用”的用例"),
    ],
)
def test_every_rule_needs_its_proof(
    write_pack: WritePack, rule: dict[str, Any], cases: tuple[tuple[str, str], ...], said: str
) -> None:
    checks = {k: v for k, v in (BANNED | rule)["checks"].items() if v is not None}
    remarks = _remarks(_with_cases(write_pack(BANNED | rule | {"checks": checks}), *cases))
    assert [r.level for r in remarks if said in r.problem.what] == [Level.ERROR]


def test_a_case_that_is_known_to_go_wrong_is_no_proof(write_pack: WritePack) -> None:
    remarks = _remarks(_with_cases(write_pack(BANNED), *CASES, known_miss=True))
    assert {r.problem.what.split(":")[1] for r in remarks} == {"没有应判“违规”的用例", "没有应判“通过”的用例"}


def test_a_deprecated_rule_needs_no_cases(write_pack: WritePack) -> None:
    assert _remarks(_with_cases(write_pack(BANNED | {"status": "deprecated"}), *CASES[1:])) == []


def _said(linted: Linted) -> str:
    return "\n".join(str(r.problem) for r in linted.remarks)


def test_all_that_is_wrong_with_several_packs_is_told_at_once(write_pack: WritePack) -> None:
    first = write_pack(BANNED | {"severity": "minr"}, name="one")
    (first / "a.cases.yml").write_text("- {rule: t.a.rule, name: 一, verdict: pass, dialogue: '客服: 喂'}\n")
    second = _with_cases(write_pack(BANNED, name="two"), *CASES[:1])
    third = _with_cases(write_pack(BANNED, BANNED | {"id": "t.a.rle", "forbid": "b"}, name="three"), *CASES)
    fourth = _with_cases(write_pack(BANNED, name="four"), *CASES, rule="t.a.rul")
    fifth = _with_cases(write_pack(BANNED, name="five"), *CASES)
    linted = lint_folders([first, second, third, fourth, fifth])
    for said in (
        "one/a.yml 第",
        "“minr”不可用",
        "one/a.cases.yml 第",
        "您是否想写“passed”",
        "没有应判“通过”的用例",
        "没有名为“b”的检查",
        "您是否想写“t.a.rule”",
        "规则编号“t.a.rule”重复",
    ):
        assert said in _said(linted)
    assert all(r.problem.file and (r.problem.row or "通话" not in r.problem.what) for r in linted.remarks)


@pytest.mark.parametrize(
    ("change", "near"),
    [
        ({"checks": {"a": {"phrase": ["x"], "rol": "agent"}}}, "role"),
        ({"checks": {"a": {"phrase": ["x"], "unles": ["y"]}}}, "unless"),
        ({"checks": {"a": {"phrase": ["x"], "role": "agnt"}}}, "agent"),
        ({"checks": {"a": {"phrase": ["x"], "within": {"frst": "3s"}}}}, "first"),
        ({"checks": {"a": {"phrase": ["x"], "after": {"chek": "b"}}}}, "check"),
        ({"checks": {"a": {"emotion": {"iss": "angry"}}}}, "is"),
        ({"checks": {"a": {"silnce": {"longer_than": "3s"}}}}, "silence"),
        ({"checks": {"a": {"silence": {"longer_then": "3s"}}}}, "longer_than"),
        ({"forbid": "aa"}, "a"),
        ({"kind": "baned"}, "banned"),
    ],
)
def test_the_nearest_valid_name_is_suggested(write_pack: WritePack, change: dict[str, Any], near: str) -> None:
    linted = lint_folders([write_pack(BANNED | change)])
    assert f"您是否想写“{near}”?" in _said(linted)


def test_a_remark_on_words_names_the_line_of_their_check(write_pack: WritePack) -> None:
    folder = write_pack(
        BANNED | {"checks": {"a": {"phrase": ["不归我管"]}, "b": {"phrase": ["操"]}}, "forbid": "a or b"}
    )
    (remark,) = [r for r in _remarks(_with_cases(folder, *CASES)) if "操" in r.problem.what]
    text = (folder / "a.yml").read_text(encoding="utf-8").splitlines()
    assert remark.problem.row is not None
    assert text[remark.problem.row - 1].strip() == "b:"


def test_a_regex_that_the_engine_refuses_has_its_line(write_pack: WritePack) -> None:
    folder = write_pack(BANNED | {"checks": {"a": {"regex": ["x", "(?=y)"]}}})
    (problem,) = [r.problem for r in lint_folders([folder]).remarks if "正则" in r.problem.what]
    text = (folder / "a.yml").read_text(encoding="utf-8").splitlines()
    assert problem.row is not None
    assert "regex" in text[problem.row - 1]


def test_a_folder_that_is_no_pack_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"pack\.yml"):
        lint_folders([tmp_path])


def test_the_packs_that_ship_have_neither_errors_nor_warnings() -> None:
    folders = sorted(p.parent for p in asset("rules").glob("*/pack.yml"))
    assert [str(r.problem) for r in lint_folders(folders).remarks] == []
