"""The text of a turn from the words that were heard: simplified, half width, numbers as figures, punctuated.

A recogniser's own punctuation is kept. Where it gives none, a comma stands at a pause, a full stop at a long one and at
the end, a question mark after 吗 and 呢.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.domain.transcript import Word
from pipeline.text.figures import Figure, figures
from pipeline.text.normal import simplify
from pipeline.text.numbers import NUMERALS
from pipeline.transcribe.engine import HeardWord

COMMA_MS = 175
"""Chosen on the fixtures' words: 99 % of the places where the next word begins so much late have a mark in the script,
and 56 % of the script's marks stand in one. Made voices pause by the rule; of people this says nothing."""
STOP_MS = 700
"""Ours, not measured: within a turn the fixtures' voices do not pause so long."""
LONG_RUN = 40
"""A turn in which the recogniser punctuates is left alone but for runs of as many words without any mark."""
_VERSION = 1
"""Raised when the same words could be written otherwise."""

_COMMA, _STOP, _QUESTION = "\uff0c\u3002\uff1f"
_MARK = re.compile(r"[\uff0c\u3002\uff1f\uff01\uff1b\uff1a\u3001\u2026,?!;]|\.(?![0-9A-Za-z])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]")
_HALF_WIDTH = {
    code: code - 0xFEE0 for code in (0xFF05, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
"""Letters, digits and the per cent sign; Chinese punctuation stays wide."""
_FIGURES = frozenset("0123456789%" + NUMERALS)

Span = tuple[int, int]


def written_fingerprint() -> str:
    """Changes whenever a text could."""
    return f"{_VERSION}/{COMMA_MS}/{STOP_MS}/{LONG_RUN}"


def written(heard: Sequence[HeardWord]) -> tuple[str, tuple[Word, ...]]:
    """The text of a turn and its words with their places in it; marks that are added belong to no word.

    A number that was said in several words becomes one, which keeps what was `spoken`, lasts from the first to the last
    of them and is as probable as the least probable: one wrong digit makes it wrong.
    """
    text, spans = _joined(heard)
    late_ms = _late_ms(heard, text, spans)
    marks = _marks(text, spans, late_ms)
    numbers = [number for number in figures(text) if number.dictated or not _pauses(number, spans, late_ms)]
    parts: list[str] = []
    words: list[Word] = []
    length = 0
    for first, last in _groups(spans, numbers):
        start, end = spans[first][0], spans[last][1]
        space = text[spans[first - 1][1] : start] if first else ""
        if first - 1 in marks:
            space = marks[first - 1]
        within = [number for number in numbers if start <= number.start < end]
        said = text[start:end]
        word = _in_figures(said, within, start)
        parts += [space, word]
        length += len(space)
        words.append(
            Word(
                text=word,
                start_ms=heard[first].start_ms,
                end_ms=heard[last].end_ms,
                probability=min(one.probability for one in heard[first : last + 1]),
                char_start=length,
                char_end=length + len(word),
                spoken=said if within else "",
            )
        )
        length += len(word)
    return "".join([*parts, marks.get(len(heard) - 1, "")]), tuple(words)


def _joined(heard: Sequence[HeardWord]) -> tuple[str, list[Span]]:
    """The words as one text, with each one's span; a space where a latin word begins after another."""
    text = ""
    spans: list[Span] = []
    for word in heard:
        stripped = word.text.strip().translate(_HALF_WIDTH)
        if text and word.text[0].isspace() and text[-1].isascii() and stripped[0].isascii():
            text += " "
        spans.append((len(text), len(text) + len(stripped)))
        text += stripped
    return simplify(text), spans


def _groups(spans: Sequence[Span], numbers: Sequence[Figure]) -> list[tuple[int, int]]:
    """First and last of the words that make one: those that share a number."""
    groups: list[tuple[int, int]] = []
    for index, (start, _) in enumerate(spans):
        if groups and any(number.start < start < number.end for number in numbers):
            groups[-1] = (groups[-1][0], index)
        else:
            groups.append((index, index))
    return groups


def _in_figures(said: str, numbers: Sequence[Figure], offset: int) -> str:
    for number in reversed(numbers):
        said = said[: number.start - offset] + number.written + said[number.end - offset :]
    return said


def _pauses(number: Figure, spans: Sequence[Span], late_ms: Sequence[int]) -> bool:
    """Whether the speaker pauses within: then it may be two."""
    ends = (end for (_, end), late in zip(spans, late_ms, strict=False) if late >= COMMA_MS)
    return any(number.start < end < number.end for end in ends)


def _marks(text: str, spans: Sequence[Span], late_ms: Sequence[int]) -> dict[int, str]:
    """What is to stand behind which word."""
    if _LATIN.search(text) and not _HAN.search(text):
        return {}
    marks: dict[int, str] = {}
    for first, last in _bare(text, spans):
        for index in range(first, last):
            between_digits = text[spans[index][1] - 1] in _FIGURES and text[spans[index + 1][0]] in _FIGURES
            if late_ms[index] >= COMMA_MS and not between_digits:
                marks[index] = _mark(text[spans[index][1] - 1], ends=late_ms[index] >= STOP_MS)
        if last == len(spans) - 1:
            marks[last] = _mark(text[-1], ends=True)
    return marks


def _mark(before: str, *, ends: bool) -> str:
    if before == "吗" or (ends and before == "呢"):
        return _QUESTION
    return _STOP if ends else _COMMA


def _bare(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """First and last word of each stretch that the recogniser should have punctuated."""
    runs: list[tuple[int, int]] = []
    first = 0
    for index, (start, _) in enumerate(spans):
        after = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        if _MARK.search(text, start, after):
            runs.append((first, index - 1))
            first = index + 1
    runs.append((first, len(spans) - 1))
    least = LONG_RUN if len(runs) > 1 else 1
    return [(first, last) for first, last in runs if last - first + 1 >= least]


def _late_ms(heard: Sequence[HeardWord], text: str, spans: Sequence[Span]) -> list[int]:
    """How much later than a speaker who does not pause each word's follower begins.

    Many recognisers let a word last until the next begins, so a pause shows as a long word: what it has beyond this
    turn's usual time for a syllable.
    """
    chinese = [_CHINESE.fullmatch(text, *span) is not None for span in spans]
    taken = [
        (after.start_ms - word.start_ms) / (end - start)
        for (word, after), (start, end), plain in zip(pairwise(heard), spans, chinese, strict=False)
        if plain
    ]
    usual_ms = median(taken) if taken else 0
    late: list[int] = []
    for (word, after), (start, end), plain in zip(pairwise(heard), spans, chinese, strict=False):
        drawn_ms = after.start_ms - word.start_ms - usual_ms * (end - start) if plain else 0
        late.append(max(round(drawn_ms), after.start_ms - word.end_ms))
    return late
