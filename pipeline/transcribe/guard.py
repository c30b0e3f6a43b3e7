"""What the recogniser probably invented: kept with its times, set apart, never judged.

Over silence, music and noise Whisper writes fluent lines that nobody said, some of them at high confidence. Voice
detection removes most of the occasions; this finds what is left. It cannot find an invented line that is fluent,
confident and not stock.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord, Segment

# Whisper's own limits for a failed decode and for silence (transcribe.py of openai/whisper).
MIN_LOG_PROBABILITY = -1.0
MAX_COMPRESSION_RATIO = 2.4
MAX_NO_SPEECH_PROBABILITY = 0.6
# Stricter when it also believes that nobody speaks; ours, not measured against people's speech.
MIN_LOG_PROBABILITY_IN_SILENCE = -0.5

_STOCK_SHARE = 0.5
_PHRASES = Path(__file__).with_name("stock_phrases.txt")


def sift(segment: Segment) -> list[HeardWord]:
    """The words of the segment; those that were probably invented say why."""
    invented = _reason(segment)
    return [
        replace(word, quarantine=reason)
        if (reason := invented or (None if word.in_speech else Quarantine.NO_VOICE))
        else word
        for word in segment.words
    ]


def _reason(segment: Segment) -> Quarantine | None:
    """Why the whole segment was probably invented; None where nothing says so."""
    if is_stock(segment.text):
        return Quarantine.STOCK
    if segment.compression_ratio > MAX_COMPRESSION_RATIO:
        return Quarantine.REPEATED
    doubtful = segment.no_speech_probability > MAX_NO_SPEECH_PROBABILITY
    if doubtful and segment.mean_log_probability < MIN_LOG_PROBABILITY_IN_SILENCE:
        return Quarantine.SILENCE
    return Quarantine.UNSURE if segment.mean_log_probability < MIN_LOG_PROBABILITY else None


def is_stock(text: str) -> bool:
    """Whether at least half of the text are lines that Whisper is known to invent."""
    letters = _letters(text)
    covered = sum(len(match.group()) for match in _stock_pattern().finditer(letters))
    return bool(letters) and covered >= _STOCK_SHARE * len(letters)


def guard_fingerprint() -> str:
    """Changes whenever what is set apart could."""
    limits = (MIN_LOG_PROBABILITY, MAX_COMPRESSION_RATIO, MAX_NO_SPEECH_PROBABILITY, MIN_LOG_PROBABILITY_IN_SILENCE)
    return hashlib.sha256(f"{limits} {_STOCK_SHARE} {_stock_pattern().pattern}".encode()).hexdigest()[:8]


@cache
def _stock_pattern() -> re.Pattern[str]:
    lines = (line.strip() for line in _PHRASES.read_text(encoding="utf-8").splitlines())
    return _compile(line for line in lines if line and not line.startswith("#"))


def _compile(phrases: Iterable[str]) -> re.Pattern[str]:
    """Longest first, so that the phrase that covers most of a segment is the one that counts."""
    patterns = [".{0,20}".join(_letters(part) for part in phrase.split("*")) for phrase in phrases]
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
