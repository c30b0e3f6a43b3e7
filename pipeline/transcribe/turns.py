"""From words with times to turns: who speaks until the other one does."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.transcript import Quarantine, Role, Turn, Word
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.guard import BUILT_IN, Guard

# A speaker's own pause that ends a turn. Longer than the second or so that conversation tolerates (Jefferson 1989,
# "standard maximum silence") so that a script read with breaths stays one turn, and shorter than any silence that a
# rule counts, so that those lie between turns.
MAX_PAUSE_MS = 1500
# The other one's words end a turn only when they fall into a pause of this length: over fluent speech they overlap.
MIN_GAP_MS = 300


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a voice, and those set apart, which say why; each in time order."""

    words: Sequence[HeardWord]
    apart: Sequence[HeardWord] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """What one role says. `confidence`: how likely it is that this voice has this role."""

    role: Role
    heard: Heard
    confidence: float = 1.0


def build_turns(voices: Sequence[Voice]) -> tuple[Turn, ...]:
    """The turns of all voices by start, end and role.

    A turn ends when the same speaker pauses for more than 1.5 s, or when the other speaks in a pause of at least 0.3 s.
    Where both speak at once both turns stay and overlap. What is set apart makes quarantined turns of its own, one for
    each reason, which break nobody's turn.
    """
    drafts: list[Turn] = []
    spoken_ms = sorted((word.start_ms + word.end_ms) // 2 for voice in voices for word in voice.heard.words)
    for voice in voices:
        drafts += [_turn(voice, run) for run in _runs(voice.heard.words, spoken_ms)]
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


def _turn(voice: Voice, heard: list[HeardWord]) -> Turn:
    text = ""
    words: list[Word] = []
    for word in heard:
        written = word.text.strip()
        if text and word.text[0].isspace() and text[-1].isascii() and written[0].isascii():
            text += " "
        start = len(text)
        text += written
        words.append(Word(written, word.start_ms, word.end_ms, word.probability, start, len(text)))
    certainty = sum(word.certainty for word in heard) / len(heard)
    return Turn(
        index=0,
        role=voice.role,
        text=text,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        words=tuple(words),
        quarantine=heard[0].quarantine,
        role_confidence=round(voice.confidence * certainty, 4),
    )
