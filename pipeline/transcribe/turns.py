"""From words with times to turns: who speaks until the other one does."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.transcript import Quarantine, Role, Turn
from pipeline.text.back_channel import asks, only_acknowledges
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.guard.guard import BUILT_IN, Guard
from pipeline.transcribe.written import written

# A speaker's own pause that ends a turn. Longer than the second or so that conversation tolerates (Jefferson 1989,
# "standard maximum silence") so that a script read with breaths stays one turn, and shorter than any silence that a
# rule counts, so that those lie between turns.
MAX_PAUSE_MS = 1500
# The other one's words end a turn only when they fall into a pause of this length: over fluent speech they overlap.
MIN_GAP_MS = 300
_LAST_WORDS = 4
"""As many, a character or more each, as tell a question."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a voice, and those set apart, which say why; each in time order."""

    words: Sequence[HeardWord]
    apart: Sequence[HeardWord] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """What one role says, on `channel`. `confidence`: how likely it is that this voice has this role."""

    role: Role
    heard: Heard
    confidence: float = 1.0
    channel: int | None = None


def build_turns(voices: Sequence[Voice]) -> tuple[Turn, ...]:
    """The turns of all voices by start, end and role.

    A turn ends when the same speaker pauses for more than 1.5 s, or when the other speaks in a pause of at least 0.3 s.
    Where both speak at once both turns stay and overlap. What is set apart makes quarantined turns of its own, one for
    each reason, which break nobody's turn. A listener's 嗯 or 对 while another holds the floor is marked.
    """
    drafts: list[Turn] = []
    spoken_ms = sorted((word.start_ms + word.end_ms) // 2 for voice in voices for word in voice.heard.words)
    for voice in voices:
        others = [other.heard.words for other in voices if other is not voice]
        for run in _runs(voice.heard.words, spoken_ms):
            turn = _turn(voice, run)
            listens = only_acknowledges(turn.text) and any(_holds_floor(other, run) for other in others)
            drafts.append(replace(turn, back_channel=listens))
        for reason in Quarantine:
            drafts += [_turn(voice, run) for run in _runs([w for w in voice.heard.apart if w.quarantine is reason], [])]
    drafts.sort(key=lambda turn: (turn.start_ms, turn.end_ms, turn.role, turn.quarantine or ""))
    return tuple(replace(turn, index=index) for index, turn in enumerate(drafts))


def sifted(segments: Iterable[Segment], guard: Guard = BUILT_IN) -> Heard:
    """The words of a channel, a space before the first of each stretch of speech; what is empty is left out."""
    kept: list[HeardWord] = []
    apart: list[HeardWord] = []
    for words in guard.sift(segments):
        spoken = [word for word in words if word.text.strip()]
        for into, own in (
            (kept, [w for w in spoken if not w.quarantine]),
            (apart, [w for w in spoken if w.quarantine]),
        ):
            if own:  # a new stretch of speech starts a new word
                into += [replace(own[0], text=f" {own[0].text}"), *own[1:]]
    return Heard(tuple(kept), tuple(apart))


def _runs(words: Sequence[HeardWord], spoken_ms: list[int]) -> Iterator[list[HeardWord]]:
    """`words` cut at long pauses, and at shorter ones in which somebody speaks: `spoken_ms`, the middles of words."""
    run: list[HeardWord] = []
    for word in words:
        if run:
            gap = word.start_ms - run[-1].end_ms
            answered = bisect_right(spoken_ms, run[-1].end_ms) < bisect_left(spoken_ms, word.start_ms)
            if gap > MAX_PAUSE_MS or (gap >= MIN_GAP_MS and answered):
                yield run
                run = []
        run.append(word)
    if run:
        yield run


def _holds_floor(other: Sequence[HeardWord], run: Sequence[HeardWord]) -> bool:
    """Whether `other` speaks before and after `run`, without a pause that would have ended its turn or a question."""
    middle_ms = (run[0].start_ms + run[-1].end_ms) // 2
    after = bisect_left(other, middle_ms, key=lambda word: (word.start_ms + word.end_ms) // 2)
    if not 0 < after < len(other) or other[after].start_ms - other[after - 1].end_ms > MAX_PAUSE_MS:
        return False
    return not asks("".join(word.text for word in other[max(0, after - _LAST_WORDS) : after]))


def _turn(voice: Voice, heard: Sequence[HeardWord]) -> Turn:
    text, words = written(heard)
    certainty = sum(word.certainty for word in heard) / len(heard)
    return Turn(
        index=0,
        role=voice.role,
        text=text,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        words=words,
        quarantine=heard[0].quarantine,
        role_confidence=round(voice.confidence * certainty, 4),
    )
