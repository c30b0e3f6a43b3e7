"""`zhijian rules explain`: how one judgement came about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import emotion
from flows.commands.rules.packs import PackOption, find_rule, folders

if TYPE_CHECKING:
    from flows.explaining import Explained


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[通话编号] [规则编号]", help="--lake 要两个;--file 只有一通时写规则编号即可;--case 都不用写"
        ),
    ] = None,
    lake: Annotated[Path | None, typer.Option("--lake", help="zhijian run 写出的数据湖文件夹")] = None,
    case: Annotated[
        str | None, typer.Option("--case", help="用例:文件和用例名,如 rules/general/opening.cases.yml:接起先问好")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="会话文件或别的系统的转写(JSONL/CSV/SRT/VTT/JSON)")
    ] = None,
    packs: PackOption = None,
    emotion_model: emotion.Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON,供程序读")] = False,
) -> None:
    """解释一次判定:条件怎样逐步得出,每项检查看了哪里、看到什么、为什么算准或存疑。

    例:zhijian rules explain C001 general.opening.greeting --lake lake
    """
    from flows.view.trace import print_explained, write_json

    explained = _explained(names or [], lake, case, file, packs, emotion_model)
    if as_json:
        typer.echo(write_json(explained))
    else:
        print_explained(explained)


def _explained(
    names: list[str],
    lake: Path | None,
    case: str | None,
    file: Path | None,
    packs: list[Path] | None,
    emotions: Path | None,
) -> Explained:
    from flows import explaining

    if sum(source is not None for source in (lake, case, file)) != 1:
        raise _wrong("--lake、--case、--file 要写其中一个", "请写明通话从哪里来")
    if case is not None:
        if names or packs:
            raise _wrong("--case 已经写明了规则和规则包", "请去掉其余的编号和 --pack")
        return explaining.explain_case(case)
    wanted = (2,) if lake is not None else (1, 2)
    if len(names) not in wanted:
        raise _wrong("要写通话编号和规则编号", "例:zhijian rules explain C001 general.opening.greeting --lake lake")
    from pipeline.rulepack.load import load_rules

    rules = load_rules(folders(packs))
    rule = find_rule(rules, names[-1])
    if lake is not None:
        return explaining.explain_stored(rules, rule, lake, names[0], emotions=emotions)
    assert file is not None
    return explaining.explain_file(rules, rule, file, names[0] if len(names) == 2 else None, emotions=emotions)


def _wrong(what: str, remedy: str) -> Exception:
    from pipeline.domain.errors import InputError, Problem, ProblemCode

    return InputError(Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy=remedy))
