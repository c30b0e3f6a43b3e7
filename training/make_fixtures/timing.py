"""When each utterance and pause of a scene takes place, in ms from the start of the recording."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.errors import InputError, Problem, ProblemCode
from training.make_fixtures.script import Script, Utterance

LEAD_IN_MS = 500
GAP_MS = (300, 900)
"""The usual silence between two turns: 300 to 900 ms, each drawn evenly."""
CHAT_READ_MS, CHAT_TYPE_MS = 3_000, 250
"""A chat message takes three seconds to begin and a quarter of a second per character."""


@dataclass(frozen=True, slots=True)
class Span:
    """`[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int


def schedule(script: Script, *, lengths_ms: Sequence[int], gaps_ms: Sequence[int]) -> tuple[Span, ...]:
    """One span per item of the script.

    `lengths_ms` and `gaps_ms` have one entry per utterance: how long it lasts, and the silence kept before it
    (unused where a pause or an overlap says otherwise). An utterance starts when all before it have ended.

    Raises InputError when an overlap reaches back beyond the turn that it cuts into, or into that turn's own overlap.
    """
    lengths, gaps = iter(lengths_ms), iter(gaps_ms)
    spans: list[Span] = []
    now_ms = before_last_ms = 0
    after_pause = False
    for item in script:
        if isinstance(item, Utterance):
            length_ms, gap_ms = next(lengths), next(gaps)
            if item.overlap_ms:
                start_ms = spans[-1].end_ms - item.overlap_ms
                if start_ms <= spans[-1].start_ms or start_ms < before_last_ms:
                    raise InputError(
                        Problem(
                            code=ProblemCode.BAD_VALUE,
                            what=f"“{item.text}”抢话 {item.overlap_ms} 毫秒,超出了对方能被打断的那句话",
                            remedy="请缩短抢话,或把对方那句话写长",
                        )
                    )
            else:
                start_ms = now_ms + (0 if after_pause else gap_ms)
            span = Span(start_ms, start_ms + length_ms)
        else:
            span = Span(now_ms, now_ms + item.length_ms)
        after_pause = not isinstance(item, Utterance)
        before_last_ms, now_ms = now_ms, max(now_ms, span.end_ms)
        spans.append(span)
    return tuple(spans)


def voice_gaps_ms(call_id: str, count: int) -> tuple[int, ...]:
    """The silences before `count` utterances of a recording, the same for the same call."""
    draw = random.Random(seed(call_id, "gaps"))  # noqa: S311 - a performance, not a secret
    return (LEAD_IN_MS, *(draw.randint(*GAP_MS) for _ in range(count - 1)))


def chat_gaps_ms(texts: Sequence[str]) -> tuple[int, ...]:
    """The time before each message of a chat: reading and typing; the first one opens the chat."""
    return (0, *(CHAT_READ_MS + CHAT_TYPE_MS * len(text) for text in texts[1:]))


def seed(call_id: str, purpose: str) -> int:
    """A seed that depends on nothing but its arguments."""
    return int.from_bytes(hashlib.sha256(f"{call_id}/{purpose}".encode()).digest()[:8], "big")
