"""`zhijian rules status`: what each rule still lacks to be stable."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.rules.packs import EXIT_FAILED, Packs, folders


def command(
    packs: Packs = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON,供程序读")] = False,
) -> None:
    """逐条规则显示:用例是否全对,在多少通话上试过,复核的准确率及其区间,离 stable 还缺什么。

    标为 stable 而证据不够、或有用例判错时,退出码为 3。
    """
    from flows.view.status import print_statuses, write_json
    from pipeline.emotion import load_default
    from pipeline.rulepack.cases import load_cases, run_cases
    from pipeline.rulepack.evidence import read_evidence
    from pipeline.rulepack.load import load_rules
    from pipeline.rulepack.status import statuses
    from pipeline.score.inspect import verdicts_of

    loaded = load_rules(folders(packs))
    cases = [case for pack in loaded.packs for case in load_cases(pack)]
    evidence = {rule: e for pack in loaded.packs for rule, e in read_evidence(pack.folder).items()}
    found = statuses(loaded.rules, run_cases(cases, verdicts_of(loaded, load_default())), evidence)
    if as_json:
        typer.echo(write_json(found))
    else:
        print_statuses(found)
    if any(s.unearned or s.failed for s in found):
        raise typer.Exit(EXIT_FAILED)
