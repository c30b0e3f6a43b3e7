import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app, main

COMMANDS = [[], ["run"], ["show"], ["export"], ["rules"], ["rules", "lint"], ["rules", "test"], ["rules", "new"],
            ["rules", "explain"], ["rules", "backtest"], ["rules", "import"], ["rules", "import", "sca"],
            ["rules", "status"], ["rules", "schema"], ["rules", "train-classifier"], ["evaluate"],
            ["evaluate", "fixtures"], ["manifest"], ["manifest", "template"], ["models"], ["models", "list"],
            ["models", "check"], ["models", "path"]]  # fmt: skip
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_chinese(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert re.search("[一-龥]{4}", result.output)


def test_help_loads_nothing_heavy() -> None:
    """What makes `--help` slow is imports; the time itself is stated in benchmarks/README.md."""
    heavy = ("pandas", "pyarrow", "prefect", "sklearn", "faster_whisper", "numpy", "pydantic", "sqlalchemy")
    code = f"import sys, flows.cli; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "没有这个文件夹", "--out", "{tmp}/lake"], "没有这个文件夹"),
        (["run", "{tmp}", "--out", "{tmp}/lake", "--pack", "{tmp}"], r"pack\.yml"),
        (["show", "x", "--from", "{tmp}"], "数据湖"),
        (["export", "flagged", "--from", "{tmp}/none", "--out", "{tmp}/a.xlsx"], "数据湖"),
        (["manifest", "template", "{tmp}/a.docx"], "docx"),
        (["run", "{tmp}", "--out", "{tmp}/lake", "--profile", "quick"], "quick.*demo、fast、accurate"),
        (["run", "{tmp}", "--out", "{tmp}/lake", "--glossary", "{tmp}/words.txt"], r"words\.txt.*词表"),
        (["run", "{tmp}", "--out", "{tmp}/lake", "--stock-phrases", "{tmp}/none.txt"], r"none\.txt.*套话表打不开"),
        (["models", "path", "{tmp}/none"], "本机没有模型"),
        (["models", "list", "{tmp}/none"], "文件夹"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_code_2(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([a.format(tmp=tmp_path) for a in arguments])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert re.search(said, error)
    assert "Traceback" not in error


def test_the_cases_of_the_packs_that_ship_are_green() -> None:
    result = CliRunner().invoke(app, ["rules", "test"])
    assert result.exit_code == 0, result.output
    assert re.search(r"\d{3,} 个用例,判错 0 个", result.output)


def test_the_packs_that_ship_pass_the_linter() -> None:
    result = CliRunner().invoke(app, ["rules", "lint"])
    assert result.exit_code == 0, result.output


def test_a_failing_case_is_shown_with_its_evidence(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pack.yml").write_text(
        "id: mine\nversion: 1.0.0\ntitle: 我的\nowner: 我\nlanguage: zh\ncovers: 试\n", encoding="utf-8"
    )
    (folder / "a.yml").write_text(
        "- id: mine.a.shirk\n  title: 推诿\n  kind: banned\n  severity: major\n  status: test\n  version: 1\n"
        "  since: 2026-01-01\n  guidance: 请处理\n  forbid: shirk\n"
        "  checks:\n    shirk: {phrase: [不归我管], role: agent}\n",
        encoding="utf-8",
    )
    (folder / "a.cases.yml").write_text(
        "- {rule: mine.a.shirk, name: 反了, verdict: passed, dialogue: '客服: 这个不归我管'}\n", encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["rules", "test", str(folder)])
    assert result.exit_code == 3
    assert "应判“通过”,实判“违规”" in result.output
    assert "不归我管" in result.output


def test_every_command_is_in_the_readme() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for command in ("run", "show", "export", "rules lint", "rules test", "manifest template", "models list"):
            assert f"zhijian {command}" in text, f"{name}: zhijian {command}"
        for target in ("make demo", "make test"):
            assert target in text
