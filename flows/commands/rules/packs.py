"""What the commands of `zhijian rules` share: which packs, which exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.rulepack.load import Rule, RuleSet

EXIT_FAILED = 3

Packs = Annotated[list[Path] | None, typer.Argument(help="规则包文件夹;默认是自带的全部规则包")]
PackOption = Annotated[list[Path] | None, typer.Option("--pack", help="规则包文件夹,可多次给出;默认用自带的全部规则包")]


def folders(packs: list[Path] | None) -> tuple[Path, ...]:
    """The packs that were named, else all that ship."""
    from flows.options import shipped_packs

    return tuple(packs) if packs else shipped_packs()


def find_rule(rules: RuleSet, rule_id: str) -> Rule:
    """The rule of this id. Raises RuleError, which suggests the nearest name."""
    from pipeline.domain.errors import Problem, ProblemCode, RuleError
    from pipeline.rulepack.yamlfile import nearest

    by_id = {r.spec.id: r for r in rules.rules}
    if rule_id not in by_id:
        near = nearest(rule_id, by_id)
        remedy = f"您是否想写“{near}”?" if near else "请核对编号;自己的规则包请用 --pack 给出"
        raise RuleError(Problem(code=ProblemCode.RULE_INVALID, what=f"没有规则“{rule_id}”", remedy=remedy))
    return by_id[rule_id]
