"""The card of a text classifier, for the folder where the model lies: what it was taught on and what to expect."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.text.classify.fit import FOLDS, Figures


def card(figures: Figures, *, name: str, source: str, source_sha256: str, digest: str) -> str:
    """The card as Markdown. It holds no text of the examples."""
    return "\n".join(_lines(figures, name, source, source_sha256, digest)) + "\n"


def _lines(figures: Figures, name: str, source: str, source_sha256: str, digest: str) -> Iterator[str]:
    yield f"# {name}:文本分类器"
    yield ""
    yield f"- 样本:{source},{figures.rows} 行,去掉重复后 {sum(figures.texts.values())} 句(SHA-256 {source_sha256})"
    yield f"- 模型:词、词对和一到四个字的片段上的线性模型,校准过;SHA-256 {digest}"
    yield f"- {FOLDS} 折交叉验证的宏平均 F1:**{figures.macro_f1:.3f}**(每句话都由没有见过它的模型来判)"
    yield "- 下面的数只对与样本相像的话成立;样本来自哪里、谁标的,请写在这里"
    yield ""
    yield "| 标签 | 句数 | F1 |"
    yield "|---|---|---|"
    for label, n in figures.texts.items():
        yield f"| {_cell(label)} | {n} | {figures.f1[label]:.3f} |"
    yield ""
    yield "规则里的 threshold 按下表选:精确率是判为这个标签的话里判对的份额,召回率是这个标签的话里找到的份额。"
    yield ""
    yield "| 标签 | threshold | 找到句数 | 精确率 | 召回率 |"
    yield "|---|---|---|---|---|"
    for label, rows in figures.thresholds.items():
        for at in rows:
            precision = "—" if at.precision is None else f"{at.precision:.3f}"
            yield f"| {_cell(label)} | {at.threshold} | {at.found} | {precision} | {at.recall:.3f} |"


def _cell(text: str) -> str:
    """Text that cannot break out of its cell."""
    return " ".join(text.split()).replace("|", "\\|")
