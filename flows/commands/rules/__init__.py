"""`zhijian rules`: checks, tests, explains and starts rule packs. One module per command or pair of commands."""

from __future__ import annotations

import typer

from flows.commands.rules import backtest, check, explain, importing, new, schema, status, train

app = typer.Typer(help="规则包:新建、检查、测试、回测、解释判定", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """规则包:新建规则,检查写法,运行用例,在存着的通话上回测,解释一次判定,看规则还缺什么证据。"""


app.command("new")(new.command)
app.command("lint")(check.lint)
app.command("test")(check.run_cases_of)
app.command("backtest")(backtest.command)
app.command("explain")(explain.command)
app.command("status")(status.command)
app.command("schema")(schema.command)
app.command("train-classifier")(train.command)
app.add_typer(importing.app, name="import")
