"""What the documents tell a reader to type exists, in both languages, and their links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from flows.cli import app
from tests.docs.markdown import ROOT, links, shell_commands

READMES = ("README.md", "README.zh-CN.md")
MANUALS = ("docs/zh/规则手册.md", "docs/zh/情绪与客户类型.md")
FOLDERS = ("benchmarks", "docs", "fixtures", "models", "rules", "training")


def _documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])


def _commands(group: TyperGroup, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, (*above, name))
        else:
            assert isinstance(command, TyperCommand)
            yield (*above, name), command


def _root_group() -> TyperGroup:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return root


COMMANDS = dict(_commands(_root_group()))


def _zhijian_lines(document: str) -> list[tuple[str, ...]]:
    return [words[1:] for words in shell_commands(ROOT / document) if Path(words[0]).name == "zhijian"]


@pytest.mark.parametrize(
    ("document", "words"),
    [pytest.param(d, words, id=f"{d}: {' '.join(words)}") for d in (*READMES, *MANUALS) for words in _zhijian_lines(d)],
)
def test_every_command_line_in_the_documents_is_one_that_zhijian_accepts(document: str, words: tuple[str, ...]) -> None:
    length = next((n for n in (3, 2, 1) if words[:n] in COMMANDS), None)
    assert length is not None, f"{document}: there is no command “{' '.join(words[:2])}”"
    # Parses names and values of options and arguments, raises for what is unknown or missing, and runs nothing.
    COMMANDS[words[:length]].make_context(" ".join(words[:length]), list(words[length:]))


@pytest.mark.parametrize("document", READMES)
def test_every_command_of_zhijian_is_named(document: str) -> None:
    written = (ROOT / document).read_text(encoding="utf-8")
    missing = [name for path in COMMANDS if not re.search(rf"\b{(name := 'zhijian ' + ' '.join(path))}\b", written)]
    assert not missing


def test_both_readmes_name_the_same_commands_in_the_same_order() -> None:
    english, chinese = (list(shell_commands(ROOT / document)) for document in READMES)
    assert ("make", "demo") in english
    assert english == chinese


@pytest.mark.parametrize("document", READMES)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = {words[1] for words in shell_commands(ROOT / document) if words[0] == "make"}
    assert named == {"demo", "test"}
    assert named <= set(targets)


def test_both_readmes_have_the_same_sections() -> None:
    def outline(document: str) -> list[str]:
        return re.findall(r"^(?:#+ |```\w*$|\|)", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)

    assert outline(READMES[0]) == outline(READMES[1])


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_point_to_files_of_the_repository(path: Path) -> None:
    for link in links(path):
        target = urlsplit(link)
        if target.scheme or not target.path:
            continue
        file = (path.parent / unquote(target.path)).resolve()
        assert file.is_relative_to(ROOT), f"{link} leaves the repository"
        assert file.exists(), f"{link} leads nowhere"
