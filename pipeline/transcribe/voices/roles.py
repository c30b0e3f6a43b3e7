"""Who of two voices is the agent, by what they say: agents greet, give a number, ask, apologise and look things up.

A recording's channels may be swapped, and a separated mono recording has nameless voices. The cues are in
`role_cues.txt`; how sure they are is part of the answer.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.text import normalise

_CUES = Path(__file__).with_name("role_cues.txt")
_WORTH = 0.35
"""Cues of one voice go together, so each counts less than if it stood alone."""
_MOST_TIMES = 4
"""A cue that is repeated more often than this says nothing new."""


@dataclass(frozen=True, slots=True)
class AgentVoice:
    """`index` of the voice that is the agent's; `confidence` from 0.5 (nothing told them apart) to 1."""

    index: int
    confidence: float


def find_agent(first: str, second: str) -> AgentVoice:
    """Which of two voices is the agent, from all that each says."""
    difference = _evidence(first) - _evidence(second)
    confidence = 1 / (1 + math.exp(-abs(difference) * _WORTH))
    return AgentVoice(0 if difference >= 0 else 1, round(confidence, 4))


def roles_fingerprint() -> str:
    """Changes whenever an answer could."""
    return hashlib.sha256(f"{_WORTH} {_MOST_TIMES} {_CUES.read_text(encoding='utf-8')}".encode()).hexdigest()[:8]


def _evidence(text: str) -> float:
    """The logarithm of how much likelier the agent says this than the customer, had each cue stood alone."""
    said = normalise(text).text
    return sum(weight * min(len(pattern.findall(said)), _MOST_TIMES) for weight, pattern in _cues())


@cache
def _cues() -> tuple[tuple[float, re.Pattern[str]], ...]:
    cues = []
    for line in _CUES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            weight, words = line.split(maxsplit=1)
            parts = (re.escape(normalise(part).text) for part in words.split("*"))
            cues.append((float(weight), re.compile(".{0,8}".join(parts))))
    return tuple(cues)
