"""The schemas for editors accept what ships, refuse what the loader refuses, and are current."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from pipeline.assets import asset
from pipeline.rulepack import wording
from pipeline.rulepack.editor import param_text
from pipeline.rulepack.load import load_pack, topic_files
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.yamlfile import read_yaml
from pipeline.score.editor import editor_files
from pipeline.text.classify.classifier import write_classifier
from pipeline.text.classify.fit import fit
from tests.rulepack.conftest import PACK, RULE, WritePack
from tests.text.classify.samples import EXAMPLES

SCHEMAS = asset("rules/schema")
PACKS = sorted(p.parent for p in asset("rules").glob("*/pack.yml"))
TOPICS = [path for pack in PACKS for path in topic_files(pack)]
CASES = [path for pack in PACKS for path in sorted(pack.glob("*.cases.yml"))]
SHEETS = sorted(asset("rules/scoresheets").glob("*.yml"))


@cache
def _validator(name: str) -> Draft7Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def _plain(value: Any) -> Any:
    """As an editor sees YAML: a date is text."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


def _wrong(name: str, value: Any) -> list[str]:
    return [e.message for e in _validator(name).iter_errors(_plain(value))]


def test_the_schemas_that_ship_are_what_the_program_would_write() -> None:
    assert {p.name: p.read_text(encoding="utf-8") for p in SCHEMAS.iterdir()} == editor_files()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(name, path, id=f"{path.parent.name}/{path.name}")
        for name, paths in (
            ("rule", TOPICS),
            ("cases", CASES),
            ("pack", [p / "pack.yml" for p in PACKS]),
            ("sheet", SHEETS),
        )
        for path in paths
    ],
)
def test_every_file_that_ships_is_valid(name: str, path: Path) -> None:
    assert _wrong(name, read_yaml(path).value) == []


GOOD: dict[str, Any] = RULE | {"checks": {"a": {"phrase": ["不归我管"]}}, "forbid": "a"}


def _check(check: dict[str, Any]) -> list[dict[str, Any]]:
    return [GOOD | {"checks": {"a": check}}]


def _without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in value.items() if k != key}


CASE = {"rule": "t.a.rule", "name": "一", "verdict": "passed", "dialogue": "客服: 喂"}
BAND = {"min": 0, "grade": "A", "title": "优"}
DIMENSION = {"id": "d", "title": "维度", "weight": 100, "items": [{"rule": "t.a.rule", "points": 1}]}
SHEET: dict[str, Any] = {"id": "s", "version": 1, "title": "表", "dimensions": [DIMENSION], "bands": [BAND]}


def test_a_sheet_that_extends_another_need_not_be_whole() -> None:
    added = {"extends": "standard.yml", "dimensions": [{"id": "d", "deductions": [{"rule": "t.a.rule", "deduct": 5}]}]}
    assert _wrong("sheet", added) == []
    assert _wrong("sheet", _without(added, "extends"))
    assert _wrong("sheet", added | {"dimensions": [{"deductions": []}]})


@pytest.mark.parametrize(
    ("name", "root"), [("rule", "RuleSpec"), ("cases", "CaseSpec"), ("pack", "PackSpec"), ("sheet", "Flag")]
)
def test_every_key_is_explained(name: str, root: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert [key for key, value in schema["$defs"][root]["properties"].items() if "description" not in value] == []


@pytest.mark.parametrize(
    "check",
    [
        {"phrase": ["x"], "min": "all", "match": "close", "unless": ["y"], "in": "turn"},
        {"phrase": {"phrase": ["x"], "min": 1}, "role": "agent"},
        {"regex": "x+", "label": "找 x"},
        {"regex": ["x+"], "unless": "y"},
        {"silence": {"longer_than": "2min", "after": "agent"}, "after": {"check": "b", "hit": 2, "within": "3 turns"}},
        {"silence": {"longer_than": 3000}},
        {"emotion": {"is": "angry"}, "within": {"last": "20%"}},
        {"metadata": {"field": "queue", "op": "in", "value": ["一", 2]}},
    ],
    ids=str,
)
def test_what_can_be_written_is_accepted(check: dict[str, Any]) -> None:
    assert _wrong("rule", _check(check)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rule", GOOD),
        ("rule", []),
        ("rule", [GOOD | {"sevrity": "minor"}]),
        ("rule", [GOOD | {"severity": "minr"}]),
        ("rule", [GOOD | {"expect": "a"}]),
        ("rule", [_without(GOOD, "forbid")]),
        ("rule", [_without(GOOD, "guidance")]),
        ("rule", [GOOD | {"id": "规则"}]),
        ("rule", [GOOD | {"checks": {}}]),
        ("rule", _check({"phrse": ["x"]})),
        ("rule", _check({"phrase": ["x"], "regex": "y"})),
        ("rule", _check({"phrase": []})),
        ("rule", _check({"phrase": ["x"], "role": "agnt"})),
        ("rule", _check({"phrase": ["x"], "match": "fuzzy"})),
        ("rule", _check({"phrase": ["x"], "within": {"first": "3 trns"}})),
        ("rule", _check({"phrase": ["x"], "within": {"first": "3s", "last": "3s"}})),
        ("rule", _check({"silence": {"longer_than": "10 sec"}})),
        ("rule", _check({"silence": {}})),
        ("rule", _check({"silence": {"longer_than": "10s"}, "unless": ["x"]})),
        ("rule", _check({"silence": {"longer_than": "10s"}, "role": "agent"})),
        ("rule", _check({"emotion": {"is": "sad"}})),
        ("rule", _check({"label": "没有算子"})),
        ("cases", [CASE | {"verdict": "pass"}]),
        ("cases", [_without(CASE, "dialogue")]),
        ("cases", [CASE | {"word_probability": 1.5}]),
        ("pack", PACK | {"version": "1"}),
        ("pack", _without(PACK, "owner")),
        ("pack", PACK | {"onwer": "我"}),
        ("sheet", SHEET | {"dimensions": [DIMENSION | {"weight": "100"}]}),
        ("sheet", SHEET | {"dimensions": [DIMENSION | {"weight": 0}]}),
        ("sheet", SHEET | {"flag": {"suspected": ["grave"]}}),
        ("sheet", SHEET | {"flag": {"judged_below": 50}}),
    ],
)
def test_what_is_wrong_is_refused(name: str, value: Any) -> None:
    assert _wrong("sheet", SHEET) == _wrong("cases", [CASE]) == _wrong("pack", PACK) == _wrong("rule", [GOOD]) == []
    assert _wrong(name, value)


@pytest.mark.parametrize(
    ("operator", "key"),
    [(name, f.alias or n) for name, o in OPERATORS.items() for n, f in o.params.model_fields.items()],
)
def test_every_parameter_of_every_operator_is_explained(operator: str, key: str) -> None:
    assert param_text(operator, key, OPERATORS[operator])


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_explained_and_its_examples_can_be_loaded(
    operator: str, write_pack: WritePack, tmp_path: Path
) -> None:
    if operator == "classifier":
        weights, labels, _ = fit(EXAMPLES)
        (tmp_path / "t/models").mkdir(parents=True)
        write_classifier(tmp_path / "t/models/推诿.npz", weights, labels)
    text = wording.OPERATOR_TEXTS[operator]
    if operator == "classifier":
        weights, labels, _ = fit(EXAMPLES)
        write_classifier(write_pack(GOOD) / "models" / "推诿.npz", weights, labels)
    assert text.summary
    assert text.examples
    for example in text.examples:
        rule = RULE | {"checks": {"a": dict(example)}, "forbid": "a"}
        assert _wrong("rule", [rule]) == []
        (loaded,) = load_pack(write_pack(rule)).rules
        assert loaded.checks["a"].operator == operator
