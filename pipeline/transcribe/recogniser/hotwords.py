"""Which terms to expect a model can be given, since they take room from what it may write."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_SEPARATOR = "、"
_MARK = "<|"  # begins Whisper's own marks: a term with one would steer the decoder


def as_hint(terms: Iterable[str]) -> str:
    """The terms as the text that Whisper takes as said before."""
    return _SEPARATOR.join(terms)


def fitting(terms: Iterable[str], tokens: Callable[[str], int], *, room: int) -> tuple[str, ...]:
    """Those of the terms, in their order and each once, whose hint is no more than `room` tokens in all.

    A term is taken whole or not at all; one that is too long does not keep out the shorter ones behind it.
    `tokens` counts the tokens of a text. faster-whisper puts a space before the hint, which counts.
    """
    kept: tuple[str, ...] = ()
    for term in dict.fromkeys(terms):
        more = (*kept, term)
        if term and _MARK not in term and tokens(" " + as_hint(more)) <= room:
            kept = more
    return kept
