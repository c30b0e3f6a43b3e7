"""All schemas that are published for editors, that of the score sheet among them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel

from pipeline.rulepack.editor import Schema, cases_schema, definitions, file_schema, pack_schema, rule_schema
from pipeline.score.extends import KEY as EXTENDS
from pipeline.score.sheet import Band, Deduction, Dimension, Flag, Item, ScoreSheet

_TEXTS: Mapping[type[BaseModel], Mapping[str, str]] = {
    ScoreSheet: {
        "id": "评分表的编号",
        "version": "版本号,改了就加一",
        "title": "名称",
        "dimensions": "各维度,weight 之和必须是 100",
        "fatal": "一票否决的规则:违规即整通 0 分",
        "bands": "等级,从哪一分起;要有一个从 0 分起",
        "flag": "什么样的通话要人工复核",
    },
    Dimension: {
        "id": "维度的编号",
        "title": "名称",
        "weight": "占满分 100 分中的多少",
        "items": "应做到的:points 按比例分配本维度的 weight",
        "deductions": "不应出现的:每出现一项扣去 deduct 分",
    },
    Item: {"rule": "规则编号", "points": "占本维度的份额"},
    Deduction: {"rule": "规则编号", "deduct": "扣几分"},
    Band: {"min": "从多少分起", "grade": "等级,如 A", "title": "名称,如 优秀"},
    Flag: {
        "score_below": "得分低于多少",
        "violated": "有这些严重程度的规则违规",
        "suspected": "有这些严重程度的规则存疑",
        "rules": "这些规则违规(多是客户一方的风险,不扣坐席的分)",
        "judged_below": "能判定的权重不到多少,0 到 1",
        "quarantined_above": "识别文字里可能不是人说的超过多少,0 到 1",
    },
}


def sheet_schema() -> Schema:
    """Of a score sheet."""
    defs = definitions(list(_TEXTS), _TEXTS)
    whole, dimension = defs["ScoreSheet"], defs["Dimension"]
    defs["AddedDimension"] = dimension | {"required": ["id"]}
    added = whole["properties"]["dimensions"] | {"items": {"$ref": "#/$defs/AddedDimension"}}
    extends = {"type": "string", "minLength": 1, "description": "在同一文件夹里的哪一份评分表上添加,如 standard.yml"}
    defs["AddedSheet"] = whole | {
        "properties": {EXTENDS: extends, **whole["properties"], "dimensions": added},
        "required": [EXTENDS],
    }
    defs["Sheet"] = {"anyOf": [{"$ref": "#/$defs/ScoreSheet"}, {"$ref": "#/$defs/AddedSheet"}]}
    return file_schema("质检评分表", "Sheet", defs, many=False)


def editor_files() -> dict[str, str]:
    """The content of every schema file by its name."""
    schemas = {"rule": rule_schema(), "cases": cases_schema(), "pack": pack_schema(), "sheet": sheet_schema()}
    return {
        f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in schemas.items()
    }
