"""`zhijian rules new`: a rule to start from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows.commands.rules.packs import EXIT_FAILED

_Kind = Literal["scripted", "banned", "behaviour", "process", "risk"]
_Severity = Literal["critical", "major", "minor"]
_Role = Literal["agent", "customer", "any"]


def command(
    rule_id: Annotated[str, typer.Argument(metavar="包.主题.名字", help="新规则的编号,例如 mine.banned.shirk")],
    title: Annotated[str, typer.Option("--title", help="规则的名称,给人看")],
    phrases: Annotated[list[str], typer.Option("--phrase", help="要找的词句,可多次给出")],
    kind: Annotated[
        _Kind,
        typer.Option(
            "--kind",
            help="scripted 规范话术、process 服务流程:必须说;banned 禁语、behaviour 通话行为、risk 客户风险:不得说",
        ),
    ] = "scripted",
    severity: Annotated[_Severity, typer.Option("--severity", help="critical 严重、major 重要、minor 一般")] = "minor",
    role: Annotated[_Role | None, typer.Option("--role", help="谁说;默认 agent 客服,risk 默认 customer 客户")] = None,
    guidance: Annotated[str | None, typer.Option("--guidance", help="给坐席的指导;不写则按词句拟一句")] = None,
    owner: Annotated[str, typer.Option("--owner", help="新规则包的负责人")] = "质检组",
    root: Annotated[Path, typer.Option("--in", help="放规则包的文件夹")] = Path("rules"),
) -> None:
    """新建一条规则和两个用例(一个违规、一个通过),写进对应的规则包和主题文件;已有的内容和注释原样保留。

    例:zhijian rules new mine.banned.shirk --title 推诿 --kind banned --severity major --phrase 不归我管
    """
    from flows.explaining import trace_case
    from flows.view.cases import print_results
    from pipeline.domain.verdict import RuleKind, Severity
    from pipeline.emotion import load_default
    from pipeline.rulepack.cases import run_cases
    from pipeline.rulepack.load import load_rules
    from pipeline.rulepack.scaffold import NewRule, add_rule
    from pipeline.score.inspect import verdicts_of

    new = NewRule(
        id=rule_id,
        title=title,
        phrases=tuple(phrases),
        kind=RuleKind(kind),
        severity=Severity(severity),
        role=role or ("customer" if kind == "risk" else "agent"),
        guidance=guidance,
        since=datetime.now().astimezone().date(),
        owner=owner,
    )
    written = add_rule(root, new)
    for file in written.files:
        typer.echo(f"已写入 {file}")
    rules = load_rules([root / rule_id.split(".")[0]])

    results = run_cases(written.cases, verdicts_of(rules, load_default()))
    if not print_results(results, lambda case: trace_case(rules, case)):
        raise typer.Exit(EXIT_FAILED)
    typer.echo("接下来:补上真实的说法和近似而不该命中的用例,再运行 zhijian rules lint 和 zhijian rules test")
