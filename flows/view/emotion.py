"""An emotion model's figures: tables in the terminal, and a page to read and pass on."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from flows.emotion_evaluation import EmotionEvaluation
from flows.emotion_training import Trained
from flows.view.console import wide_console
from flows.view.emotion_card import interval
from pipeline.domain.wording import EMOTION_NAMES, ROLE_NAMES
from pipeline.insight.emotions import EmotionFigures
from pipeline.store.files import replacing

MOST_ROWS = 15
"""Problems printed; the page holds more."""

_MEASURES = (
    ("宏平均 F1", "macro_f1"),
    ("判对的份额", "accuracy"),
    ("愤怒的召回率", "angry_recall"),
    ("校准误差 ECE", "calibration_error"),
)


def print_training(trained: Trained, out: Path) -> None:
    """Figures before and after, what was decided and why, and where the model lies."""
    console = wide_console()
    table = RichTable("", "标注:之前", "标注:之后", "留出话语:之前", "留出话语:之后", title="训练之前与之后(95% 区间)")
    sides = (trained.before, trained.after, trained.kept_before, trained.kept_after)
    for name, field in _MEASURES:
        table.add_row(name, *(interval(getattr(side, field)) for side in sides))
    for number, label in enumerate(EMOTION_NAMES.values()):
        row = (f"{side.by_label[number].f1:.3f}({side.by_label[number].truly})" for side in sides)
        table.add_row(f"{label} F1(数量)", *row)
    console.print(table)
    console.print(
        f"{trained.calls} 通,标了情绪的 {trained.examples} 轮;“之后”的数都来自没有学过那一通的模型", highlight=False
    )
    console.print(escape(trained.decision.why) + "。", highlight=False)
    if not trained.written:
        where = "原有的模型没有动" if trained.present is not None else "没有写出"
        console.print(f"[yellow]没有替换:{where}。确实要用新的,请加 --force[/yellow]")
        return
    if not trained.decision.better:
        console.print("[yellow]按 --force 替换[/yellow]")
    console.print(f"模型:{escape(str(out))},说明卡:{escape(str(out / 'README.md'))}", highlight=False)
    console.print(f"使用:zhijian run … --emotion-model {escape(str(out))}", highlight=False)


def print_emotions(found: EmotionEvaluation, out: Path) -> None:
    """Figures, confusion and calibration of every part, and what could not be used."""
    console = wide_console()
    console.print(f"模型:{escape(found.model)}", highlight=False)
    for title, figures in found.parts.items():
        _print_part(console, title, figures)
    if found.left_out:
        console.print(f"另有 {found.left_out} 轮所在的通话模型训练时学过,没有计入", highlight=False)
    for problem in found.failures[:MOST_ROWS]:
        console.print(f"[yellow]{escape(str(problem))}[/yellow]")
    if len(found.failures) > MOST_ROWS:
        console.print(f"……另有 {len(found.failures) - MOST_ROWS} 条,见网页报告")
    console.print(f"网页报告:{escape(str(out / 'emotion.html'))}", highlight=False)


def write_page(found: EmotionEvaluation, out: Path) -> None:
    """`emotion.html`: the same tables, and the surest wrong answers with their words; personal data is masked."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    page = environment.get_template("emotion.html").render(
        found=found, measures=_MEASURES, interval=interval, emotions=EMOTION_NAMES, roles=ROLE_NAMES
    )
    with replacing(out / "emotion.html") as file:
        file.write(page.encode())


def _print_part(console: Console, title: str, figures: EmotionFigures) -> None:
    told = ";".join(f"{name} {interval(getattr(figures, field))}" for name, field in _MEASURES)
    confusion = RichTable("人判的 \\ 模型判的", *EMOTION_NAMES.values(), "精确率", "召回率", "F1", title=title)
    for each, counts in zip(figures.by_label, figures.confusion, strict=True):
        shares = ("—" if share is None else f"{share:.3f}" for share in (each.precision, each.recall))
        confusion.add_row(EMOTION_NAMES[each.label], *map(str, counts), *shares, f"{each.f1:.3f}")
    console.print(confusion)
    console.print(f"{figures.judged} 个判断,{figures.groups} 通。{told}", highlight=False)
    if figures.bins:
        bins = RichTable("把握", "数量", "平均把握", "判对的份额")
        for each_bin in figures.bins:
            row = (str(each_bin.answers), f"{each_bin.confidence:.3f}", f"{each_bin.right:.3f}")
            bins.add_row(f"{each_bin.low:.1f}–{each_bin.high:.1f}", *row)
        console.print(bins)
