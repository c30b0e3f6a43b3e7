"""The one form in which every reader of a foreign format hands over what was said, and what the readers share."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

# A speaker's own pause that ends a turn where a file has only words: the same as in recordings transcribed here.
MAX_PAUSE_MS = 1500
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")  # Han, kana, wide marks
_MARK = re.compile(r"[,.;:!?%)\]}'’]")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in the file: its 1-based line, or its key in the JSON."""

    row: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A word; times in ms from the start of the recording: None where the file has none, NaN where it has no number."""

    text: str
    start_ms: float | None
    end_ms: float | None
    probability: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What one speaker said, unchecked. Times as in `Heard`.

    `speaker` is the name or number that the file gives, `channel` the 0-based audio channel; both None where it gives
    none.
    """

    spot: Spot
    text: str
    start_ms: float | None = None
    end_ms: float | None = None
    speaker: str | None = None
    channel: int | None = None
    words: tuple[Heard, ...] = ()


def scaled(value: object, ms: float = 1) -> float | None:
    """A number (or one in a string) in units of `ms` as milliseconds; None where there is none, NaN for what is none.

    >>> scaled("1.5", 1000), scaled(None)
    (1500.0, None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value) * ms
    except (ValueError, OverflowError):
        return math.nan


def plus(start_ms: float | None, length_ms: float | None) -> float | None:
    """The end of what begins at `start_ms`."""
    return None if start_ms is None or length_ms is None else start_ms + length_ms


def likely(value: object) -> float:
    """A recogniser's probability; 1.0 where it gives none."""
    number = scaled(value)
    return number if number is not None and 0 <= number <= 1 else 1.0


def name(value: object) -> str | None:
    """A speaker's name or number as text, None where there is none."""
    return str(value).strip() or None if isinstance(value, str | int) and not isinstance(value, bool) else None


def whole(value: object) -> int | None:
    """A channel's number, also one in a string or behind a prefix (`ch_1`)."""
    found = re.search(r"\d{1,4}\Z", str(value), re.ASCII) if isinstance(value, str | int) else None
    return int(found[0]) if found and not isinstance(value, bool) else None


def joined(parts: Iterable[str]) -> str:
    """The parts as one text, with spaces where the script has them.

    >>> joined(["您好", ",", "Windows", "11", "!"])
    '您好, Windows 11!'
    """
    text: list[str] = []
    last = ""
    for part in (stripped for raw in parts if (stripped := raw.strip())):
        apart = last and not _UNSPACED.match(last) and not _UNSPACED.match(part) and not _MARK.match(part)
        if apart:
            text.append(" ")
        text.append(part)
        last = part[-1]
    return "".join(text)


def in_runs(words: Iterable[Spoken]) -> Iterator[Spoken]:
    """Single words, each with its speaker, joined until the speaker changes or pauses for more than 1.5 s.

    A word without times is punctuation: it belongs to the words before it.
    """
    run: list[Spoken] = []
    until_ms: float | None = None
    for word in words:
        changed = run and (word.speaker, word.channel) != (run[0].speaker, run[0].channel)
        paused = until_ms is not None and word.start_ms is not None and word.start_ms - until_ms > MAX_PAUSE_MS
        if word.start_ms is not None and (changed or paused):
            yield _one(run)
            run = []
        run.append(word)
        until_ms = word.end_ms if word.end_ms is not None else until_ms
    if run:
        yield _one(run)


def _one(run: Sequence[Spoken]) -> Spoken:
    words = tuple(heard for word in run for heard in word.words)
    return replace(run[0], text=joined(word.text for word in run), start_ms=None, end_ms=None, words=words)


def share_out(words: Iterable[tuple[int | None, Heard]], sentences: Sequence[Spoken]) -> list[Spoken]:
    """The sentences with the words, each with its channel, in whose time (and on whose channel) their middle lies."""
    taken: list[list[Heard]] = [[] for _ in sentences]
    order: dict[int | None, list[tuple[float, int]]] = {}
    for at, sentence in enumerate(sentences):
        order.setdefault(sentence.channel, []).append((sentence.start_ms or 0, at))
    for starts in order.values():
        starts.sort()
    for channel, word in words:
        if word.start_ms is None or word.end_ms is None:
            continue
        middle = (word.start_ms + word.end_ms) / 2
        starts = order.get(channel, [])
        if found := bisect_right(starts, (middle, len(sentences))):
            taken[starts[found - 1][1]].append(word)
    return [replace(one, words=tuple(own)) for one, own in zip(sentences, taken, strict=True)]
