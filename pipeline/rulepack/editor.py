"""JSON schemas of the rule files, so that editors complete, explain and check what is being written.

They come from the models that the loader uses and from the table of operators. What only the whole file shows (a name
that no check has, an id used twice) is left to `zhijian rules lint`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from pipeline.rulepack import wording
from pipeline.rulepack.cases import CaseSpec
from pipeline.rulepack.operators import OPERATORS, Operator
from pipeline.rulepack.schema import Anchor, PackSpec, RuleSpec, Scope, Within

Schema = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"
_TEXTS: Mapping[type[BaseModel], Mapping[str, str]] = {
    RuleSpec: wording.RULE_KEYS,
    Scope: wording.SCOPE_KEYS,
    Anchor: wording.ANCHOR_KEYS,
    Within: wording.WITHIN_KEYS,
    PackSpec: wording.PACK_KEYS,
    CaseSpec: wording.CASE_KEYS,
}


def rule_schema() -> Schema:
    """Of a topic file: a list of rules."""
    models: list[type[BaseModel]] = [RuleSpec, Scope, Anchor, Within, *(o.params for o in OPERATORS.values())]
    defs = definitions(models, _TEXTS)
    rule = defs["RuleSpec"]
    rule["properties"]["checks"] |= {"minProperties": 1, "additionalProperties": {"$ref": "#/$defs/check"}}
    rule["oneOf"] = [{"required": ["expect"]}, {"required": ["forbid"]}]
    defs["Within"]["oneOf"] = [{"required": ["first"]}, {"required": ["last"]}]
    scope = defs.pop("Scope")["properties"]
    for name, operator in OPERATORS.items():
        _describe_params(defs, name, operator)
    variants = [v for name, operator in OPERATORS.items() for v in _variants(defs, name, operator, scope)]
    defs["check"] = {"type": "object", "description": "一项检查:一个算子,和它看哪里", "anyOf": variants}
    return file_schema("质检规则(主题文件)", "RuleSpec", defs, many=True)


def cases_schema() -> Schema:
    """Of a file of cases."""
    return file_schema("规则用例", "CaseSpec", definitions([CaseSpec], _TEXTS), many=True)


def pack_schema() -> Schema:
    """Of `pack.yml`."""
    return file_schema("规则包", "PackSpec", definitions([PackSpec], _TEXTS), many=False)


def definitions(models: list[type[BaseModel]], texts: Mapping[type[BaseModel], Mapping[str, str]]) -> dict[str, Schema]:
    """The models' schemas by class name, each key described by `texts` and by nothing else."""
    _, whole = models_json_schema([(m, "validation") for m in models])
    defs: dict[str, Schema] = {name: _bare(schema) for name, schema in whole["$defs"].items()}
    for model in models:
        schema = defs[model.__name__]
        for key in _one_or_more(model):
            listed = schema["properties"][key]
            schema["properties"][key] = {"anyOf": [listed, listed["items"]]}
        for key, described in schema["properties"].items():
            if text := texts.get(model, {}).get(key):
                described["description"] = text
    return defs


def file_schema(title: str, root: str, defs: Mapping[str, Schema], *, many: bool) -> Schema:
    """A file that holds one `root`, or a list of them."""
    one: Schema = {"$ref": f"#/$defs/{root}"}
    body: Schema = {"type": "array", "minItems": 1, "items": one} if many else {"allOf": [one]}
    return {"$schema": _DIALECT, "title": title, **body, "$defs": {name: defs[name] for name in sorted(defs)}}


def _bare(schema: Any) -> Any:
    """Without the titles and the English descriptions that pydantic takes from the code."""
    if isinstance(schema, list):
        return [_bare(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if not (k in ("title", "description") and isinstance(v, str))}
    if kept.get("type") == "number" and isinstance(kept.get("default"), str):
        kept["default"] = float(kept["default"])
    return {k: _bare(v) for k, v in kept.items()}


def _one_or_more(model: type[BaseModel]) -> Iterator[str]:
    """The keys of lists that may also be written as a single value: those that a validator takes up first."""
    for decorator in model.__pydantic_decorators__.field_validators.values():
        if decorator.info.mode == "before":
            for name in decorator.info.fields:
                yield model.model_fields[name].alias or name


def _describe_params(defs: Mapping[str, Schema], name: str, operator: Operator) -> None:
    schema = defs[operator.params.__name__]
    text = wording.OPERATOR_TEXTS.get(name)
    if text is not None:
        schema["description"] = text.summary
    for key, described in schema["properties"].items():
        if said := param_text(name, key, operator):
            described["description"] = said


def param_text(name: str, key: str, operator: Operator) -> str | None:
    """What a parameter of an operator means; None where nobody has said."""
    own = {f.alias or n: f.description for n, f in operator.params.model_fields.items()}
    text = wording.OPERATOR_TEXTS.get(name)
    return own.get(key) or (text and text.params.get(key)) or wording.COMMON_PARAMS.get(key)


def _variants(
    defs: Mapping[str, Schema], name: str, operator: Operator, scope: Mapping[str, Schema]
) -> Iterator[Schema]:
    """The ways to write a check: parameters inside the operator, or the main one there and the others beside it."""
    params = defs[operator.params.__name__]
    text = wording.OPERATOR_TEXTS.get(name)
    around = {key: scope[key] for key in sorted(operator.params.scope_keys)}
    about = {} if text is None else {"description": text.summary, "examples": [dict(e) for e in text.examples]}
    required = set(params.get("required", ()))
    if name in params["properties"]:
        beside = {key: value for key, value in params["properties"].items() if key != name}
        yield _object({name: params["properties"][name], **beside, **around}, {name} | required, about)
    inside = {"$ref": f"#/$defs/{operator.params.__name__}"}
    yield _object({name: inside, **around}, {name}, about)


def _object(properties: Mapping[str, Schema], required: set[str], about: Mapping[str, Any]) -> Schema:
    return {
        **about,
        "type": "object",
        "properties": dict(properties),
        "required": sorted(required),
        "additionalProperties": False,
    }
