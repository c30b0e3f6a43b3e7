"""How well a recogniser heard: tables in the terminal, and a page to read and pass on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.recognition import Evaluated
from flows.view.console import wide_console
from pipeline.domain.wording import ROLE_NAMES
from pipeline.insight.recognition import KeywordResult
from pipeline.insight.results import CharacterError
from pipeline.store.files import replacing

MOST_ROWS = 15
"""Rows printed of each table; the Parquet tables and the page hold more."""
MOST_CALLS = 200
"""Calls shown with their text on the page, worst first."""


def print_recognition(evaluated: Evaluated, out: Path) -> None:
    """Overall, by speaker and queue, the worst calls, the worst phrases, and what could not be used."""
    console = wide_console()
    result = evaluated.result
    _print_characters(console, "识别错字率", [row for row in result.characters if row.call_id is None])
    _print_characters(console, "错字率最高的通话", [result.of_call(call) for call in result.calls[:MOST_ROWS]])
    _print_keywords(console, result.keywords)
    for problem in evaluated.failures[:MOST_ROWS]:
        console.print(f"[yellow]{escape(str(problem))}[/yellow]")
    if len(evaluated.failures) > MOST_ROWS:
        console.print(f"……另有 {len(evaluated.failures) - MOST_ROWS} 条,见网页报告")
    if result.keyword_recall is not None:
        console.print(f"规则词句找回率:{result.keyword_recall:.1%}(逐字或同音)")
    console.print(f"网页报告:{out}/asr.html;表:{out}/asr_characters.parquet、asr_keywords.parquet", highlight=False)


def write_page(evaluated: Evaluated, out: Path) -> None:
    """`asr.html`: the same tables, and the worst calls with every difference marked; personal data is masked."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    result = evaluated.result
    page = environment.get_template("recognition.html").render(
        result=result,
        totals=[(_name(row), row) for row in result.characters if row.call_id is None],
        calls=[(result.of_call(call), result.pieces[call]) for call in result.calls[:MOST_CALLS]],
        left_out=max(0, len(result.calls) - MOST_CALLS),
        failures=evaluated.failures,
        engine=evaluated.engine,
    )
    with replacing(out / "asr.html") as file:
        file.write(page.encode())


def _name(row: CharacterError) -> str:
    if row.call_id is not None:
        return row.call_id
    if row.role is not None:
        return ROLE_NAMES[row.role]
    return "全部" if row.queue is None else f"队列 {row.queue}"


def _print_characters(console: Console, title: str, rows: Iterable[CharacterError]) -> None:
    table = RichTable("", "错字率", "参考字数", "错", "漏", "多", title=title)
    for row in rows:
        counts = (row.characters, row.substitutions, row.deletions, row.insertions)
        table.add_row(escape(_name(row)), f"{row.rate:.1%}", *map(str, counts))
    console.print(table)


def _print_keywords(console: Console, keywords: Sequence[KeywordResult]) -> None:
    wrong = [keyword for keyword in keywords if keyword.missed or keyword.close or keyword.extra]
    if not wrong:
        return
    table = RichTable("词句", "说了", "逐字", "同音", "近音", "漏", "多出", title="没有全部找回的规则词句")
    for keyword in wrong[:MOST_ROWS]:
        counts = (keyword.said, keyword.exact, keyword.sound, keyword.close, keyword.missed, keyword.extra)
        table.add_row(escape(keyword.phrase), *map(str, counts))
    console.print(table)
