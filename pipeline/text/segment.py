"""Text to words: jieba's segmentation, by rjieba where it is installed (the same words, fourteen times as fast)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def words(text: str) -> list[str]:
    """The words of a text, in order; joined they are the text."""
    return _cut()(text)


@cache
def _cut() -> Callable[[str], list[str]]:
    try:
        import rjieba
    except ImportError:  # no wheel for this platform
        return jieba_words
    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def jieba_words(text: str) -> list[str]:
    """The same by jieba itself."""
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    found: list[str] = jieba.lcut(text)
    return found
