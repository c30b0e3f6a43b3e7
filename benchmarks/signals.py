"""What the signals find where the times are known: `python -m benchmarks.signals [--model FOLDER]`.

Conversations put together from the fixtures' speech (`benchmarks.conversations`) go through the product's path: voice
detection, recogniser, turns, signals. A silence or an interruption is found when its start and its end are within
200 ms of the true ones; a silence less than 200 ms longer than the shortest that counts is right either way. Then
the time that a call of five minutes takes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.conversations import Conversation, conversations
from benchmarks.recordings import Recorded, recorded
from pipeline.domain.call import Channel
from pipeline.domain.signals import Overlap, OverlapKind, Signals, SilenceReason
from pipeline.domain.transcript import Role, Transcript
from pipeline.signals import measure
from pipeline.signals.silence import MIN_SILENCE_MS
from pipeline.transcribe import Engine, EngineOptions, load_engine, transcribe_calls
from pipeline.transcribe.engine import HeardWord, Samples
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.sound.levels import levels_dbfs
from pipeline.transcribe.sound.quality import line_quality
from pipeline.transcribe.turns import Heard, Voice, build_turns
from pipeline.transcribe.voices.delivery import with_delivery
from pipeline.transcribe.voices.edges import with_edges
from pipeline.transcribe.voices.tones import line_sounds

WITHIN_MS = 200
RATE_WITHIN = 0.05
FIVE_MINUTES_MS = 300_000
SIDES = (Role.AGENT, Role.CUSTOMER)
Span = tuple[int, int, Role | None]
console = Console()


@dataclass(slots=True)
class Found:
    """How many were right, missed, and found where there was none."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.wrong)

    def add(self, true: Sequence[Span], found: Sequence[Span], counts: Callable[[Span], bool] = bool) -> None:
        """Match each true one with the nearest found; those for which `counts` is False may be missed or found."""
        left = list(found)
        for span in true:
            near = [one for one in left if _near(span, one)]
            if near:
                left.remove(min(near, key=lambda one: abs(one[0] - span[0])))
                self.right += 1
            else:
                self.missed += counts(span)
        self.wrong += sum(map(counts, left))

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f} ({self.right} right, {self.missed} missed, {self.wrong} where there is none)"


@dataclass(slots=True)
class Tally:
    """What all conversations give together. `rates` are the errors of each speaker's rate."""

    silences: Found = field(default_factory=Found)
    interruptions: Found = field(default_factory=Found)
    kinds: Counter[tuple[OverlapKind, str]] = field(default_factory=Counter)
    rates: list[float] = field(default_factory=list)
    music: Counter[str] = field(default_factory=Counter)
    unknown: int = 0


def main() -> None:
    """Prints the three parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=EngineOptions().model)
    engine = load_engine(EngineOptions(model=parser.parse_args().model))
    console.print(engine.fingerprint)
    with tempfile.TemporaryDirectory() as folder:
        _print_tally(*_conversations(engine, Path(folder)))
    _time()


def _conversations(engine: Engine, folder: Path) -> tuple[Tally, float, int]:
    tally, made = Tally(), list(conversations(folder))
    heard = _transcripts(engine, made)
    for one, transcript in heard:
        signals = measure(transcript, channel=Channel.VOICE)
        if signals.overlaps is None or signals.silences is None:
            tally.unknown += 1
            continue
        _count(tally, one, signals, signals.overlaps)
    return tally, sum(one.duration_ms for one in made) / 60_000, len(made)


def _transcripts(engine: Engine, made: Sequence[Conversation]) -> Iterator[tuple[Conversation, Transcript]]:
    for one, outcome in zip(made, transcribe_calls([one.call for one in made], engine), strict=True):
        if isinstance(outcome, Exception):
            raise outcome
        yield one, outcome


def _count(tally: Tally, one: Conversation, signals: Signals, overlaps: Sequence[Overlap]) -> None:
    found = [(s.start_ms, s.end_ms, None) for s in signals.silences or ()]
    true = [(start_ms, end_ms, None) for start_ms, end_ms in one.silences(MIN_SILENCE_MS)]
    tally.silences.add(true, found, lambda span: span[1] - span[0] >= MIN_SILENCE_MS + WITHIN_MS)
    took = [(o.start_ms, o.end_ms, o.by) for o in overlaps if o.kind is OverlapKind.INTERRUPTION]
    cut_in = [(o.start_ms, o.end_ms, o.by) for o in one.overlaps if o.kind is OverlapKind.INTERRUPTION]
    tally.interruptions.add(cut_in, took)
    for true_one in one.overlaps:
        at_once = [o for o in overlaps if o.start_ms < true_one.end_ms and true_one.start_ms < o.end_ms]
        nearest = min(at_once, key=lambda o: abs(o.start_ms - true_one.start_ms), default=None)
        tally.kinds[true_one.kind, "none" if nearest is None else str(nearest.kind)] += 1
    for role, rate in zip(SIDES, (signals.agent_rate_cpm, signals.customer_rate_cpm), strict=True):
        own = [said for said in one.said if said.role is role]
        spoken_ms = sum(said.end_ms - said.start_ms for said in own)
        if rate is not None:
            tally.rates.append(rate * spoken_ms / sum(said.syllables for said in own) / 60_000 - 1)
    for start_ms, end_ms in one.music:
        silence = next((s for s in signals.silences or () if s.start_ms < end_ms and start_ms < s.end_ms), None)
        tally.music["no silence" if silence is None else str(silence.explained_by or "nothing")] += 1
    for silence in signals.silences or ():
        if not any(start_ms < silence.end_ms and silence.start_ms < end_ms for start_ms, end_ms in one.music):
            tally.music["without music, called music"] += silence.explained_by is SilenceReason.MUSIC


def _near(true: Span, found: Span) -> bool:
    return true[2] is found[2] and all(abs(a - b) <= WITHIN_MS for a, b in zip(true[:2], found[:2], strict=True))


def _print_tally(tally: Tally, minutes: float, made: int) -> None:
    console.print(f"{made} conversations, {minutes:.0f} minutes; speakers not told apart in {tally.unknown}")
    console.print(f"silences: {tally.silences}")
    console.print(f"interruptions: {tally.interruptions}")
    names = [*map(str, OverlapKind), "none"]
    table = Table("what it is", *names)
    for kind in OverlapKind:
        if any(true is kind for true, _ in tally.kinds):
            table.add_row(str(kind), *(str(tally.kinds[kind, name]) for name in names))
    console.print(table)
    nods = sum(n for (kind, _), n in tally.kinds.items() if kind is OverlapKind.BACK_CHANNEL)
    taken = sum(tally.kinds[OverlapKind.BACK_CHANNEL, str(k)] for k in (OverlapKind.INTERRUPTION, OverlapKind.ATTEMPT))
    console.print(f"back-channels not taken for an interruption: {1 - taken / nods:.1%} of {nods}")
    errors = np.abs(tally.rates)
    console.print(
        f"rate: error {median(errors):.1%} (median), {errors.mean():.1%} (mean); within 5 % for "
        f"{(errors <= RATE_WITHIN).sum()} of {len(errors)} speakers; worst {errors.max():.1%}"
    )
    console.print("silences with music are explained by:", dict(tally.music))


def _time() -> None:
    """The longest stereo recording, cut to five minutes; what is computed for the signals, step by step."""
    stereo = (one for one in recorded() if one.call.agent_channel is not None)
    one = max(stereo, key=lambda one: one.said[-1].end_ms)
    assert one.call.audio_path is not None
    samples = FIVE_MINUTES_MS * 16
    channels: list[Samples] = [channel[:samples] for channel in read_audio(one.call.audio_path).channels]
    sides = {Role.AGENT: one.call.agent_channel or 0, Role.CUSTOMER: 1 - (one.call.agent_channel or 0)}
    voices = tuple(Voice(role, Heard(tuple(_words(one, role))), 1.0, side) for role, side in sides.items())
    best: dict[str, float] = {}
    for _ in range(5):
        for name, seconds in _steps(voices, channels, sides):
            best[name] = min(seconds, best.get(name, seconds))
    table = Table("five minutes, two channels", "seconds")
    for name, seconds in best.items():
        table.add_row(name, f"{seconds:.3f}")
    table.add_row("all that is computed for the signals", f"{sum(best.values()) - best[_SOUNDS]:.3f}", style="bold")
    console.print(table)


_SOUNDS = "music, tones and keys (found in any case, to tell machines from people)"


def _words(one: Recorded, role: Role) -> Iterator[HeardWord]:
    for said in one.said:
        if said.role is role and said.end_ms <= FIVE_MINUTES_MS:
            step = (said.end_ms - said.start_ms) / len(said.text)
            for at, char in enumerate(said.text):
                yield HeardWord(char, round(said.start_ms + at * step), round(said.start_ms + (at + 1) * step), 0.9)


def _steps(
    voices: tuple[Voice, ...], channels: Sequence[Samples], sides: dict[Role, int]
) -> Iterator[tuple[str, float]]:
    begun = time.perf_counter()
    sounds = [sound for side, audio in enumerate(channels) for sound in line_sounds(audio, side)]
    yield _SOUNDS, time.perf_counter() - begun
    begun = time.perf_counter()
    levels = [levels_dbfs(audio) for audio in channels]
    edged = with_edges(voices, levels)
    yield "levels, edges of words", time.perf_counter() - begun
    turns = build_turns(edged)
    begun = time.perf_counter()
    turns = with_delivery(turns, channels, sides)
    yield "loudness and pitch", time.perf_counter() - begun
    begun = time.perf_counter()
    lines = line_quality(turns, channels, levels, sounds, sides)
    yield "noise and clipping", time.perf_counter() - begun
    transcript = Transcript(turns=turns, engine="", duration_ms=FIVE_MINUTES_MS, sounds=tuple(sounds), lines=lines)
    begun = time.perf_counter()
    measure(transcript, channel=Channel.VOICE)
    yield "measure", time.perf_counter() - begun


if __name__ == "__main__":
    main()
