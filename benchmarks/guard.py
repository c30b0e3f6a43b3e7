"""Invented words set apart, and true ones left alone: `python -m benchmarks.guard [--model FOLDER]`.

Without speech: silence, noise, hold music, the ring and busy tones and dialled keys, each alone and in seeded mixes of
changing levels, over the line qualities of `training.voice.channel`; once as a call is heard, and once with voice
detection overruled, which shows what the guard would do where that fails. With speech: every recording of the fixtures,
the words that align with its truth.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.signal import resample_poly

from benchmarks.recordings import Recorded, hear, recorded
from pipeline.domain.errors import ModelError
from pipeline.domain.transcript import Quarantine, Role
from pipeline.transcribe import Engine, EngineOptions, Guard, Segment, load_engine, transcribe_call
from pipeline.transcribe.engine import SAMPLE_RATE_HZ
from pipeline.transcribe.recogniser.whisper import Whisper
from pipeline.transcribe.recogniser.windows import Span, Window
from pipeline.transcribe.turns import sifted
from pipeline.transcribe.voices.machines import without_machines
from pipeline.transcribe.voices.tones import line_sounds
from training.voice import RATE_HZ
from training.voice.channel import Quality, degrade
from training.voice.sounds import Samples, busy_tone, dialled_keys, hold_music, noise, ring_tone

ALONE_S = 60
MIXES, MIX_S = 60, 30
"""Thirty minutes."""
WINDOW_S = 10
LEVELS_DB = (-36.0, 0.0)
KINDS: Mapping[str, Callable[[float, int], Samples]] = {
    "silence": lambda seconds, _: np.zeros(round(seconds * RATE_HZ), np.float32),
    "line noise": lambda seconds, seed: _hiss(seconds, seed),
    "street noise": noise,
    "hold music": hold_music,
    "ring tone": lambda seconds, _: ring_tone(seconds),
    "busy tone": lambda seconds, _: busy_tone(seconds),
    "dialled keys": dialled_keys,
}
console = Console()

Listen = Callable[[NDArray[np.float32]], Iterable[Segment]]
Counts = Counter[Quarantine | None]
"""Words by the reason for which they are set apart; None for those that are not."""


def main() -> None:
    """Prints a table of the sounds and one of the recordings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=EngineOptions().model)
    engine = load_engine(EngineOptions(model=parser.parse_args().model))
    console.print(engine.fingerprint)
    console.print(f"guard {Guard().fingerprint}")
    _soundless(engine)
    _spoken(engine)


def _soundless(engine: Whisper) -> None:
    table = Table("without speech", "minutes", "words written", "set apart, by reason", "left")
    for kind, make in KINDS.items():
        sounds = [(make(ALONE_S, seed), quality, seed) for seed, quality in enumerate(get_args(Quality))]
        _row(table, kind, len(sounds) * ALONE_S, [_heard(partial(_as_a_call, engine), *sound) for sound in sounds])
    mixes = list(_mixes())
    for name, listen in (
        (f"{MIXES} mixes", partial(_as_a_call, engine)),
        ("… taken for speech throughout", partial(_all_of, engine)),
    ):
        heard = [_heard(listen, *mix) for mix in track(mixes, name, console=console, transient=True)]
        _row(table, name, MIXES * MIX_S, heard)
    console.print(table)


def _as_a_call(engine: Whisper, channel: NDArray[np.float32]) -> Iterable[Segment]:
    return hear(engine, [channel])[0]


def _all_of(engine: Whisper, channel: NDArray[np.float32]) -> Iterable[Segment]:
    """What is written when voice detection is overruled: windows of `WINDOW_S` from start to end."""
    size = WINDOW_S * SAMPLE_RATE_HZ
    cut = [(channel[start : start + size], start) for start in range(0, len(channel), size)]
    for segment in engine.recognise([Window(a, start, (Span(start, start + len(a)),)) for a, start in cut]):
        if isinstance(segment, ModelError):
            raise segment
        yield segment


def _row(table: Table, name: str, seconds: int, heard: Sequence[Counts]) -> None:
    counts: Counts = sum(heard, Counter())
    table.add_row(name, f"{seconds / 60:g}", str(counts.total()), _by_reason(counts), str(counts[None]))


def _mixes() -> Iterator[tuple[Samples, Quality, int]]:
    """Two to four sounds at a time, each at its own level and for its own while."""
    for seed in range(MIXES):
        draw = np.random.default_rng(seed)
        mix = np.zeros(MIX_S * RATE_HZ, np.float32)
        for kind in draw.choice(list(KINDS), size=int(draw.integers(2, 5)), replace=False):
            start, end = sorted(draw.integers(0, len(mix), 2))
            level = 10 ** (draw.uniform(*LEVELS_DB) / 20)
            mix[start:end] += KINDS[str(kind)](MIX_S, seed)[: end - start] * level
        quality: Quality = get_args(Quality)[seed % len(get_args(Quality))]
        yield np.clip(mix, -1, 1), quality, seed


def _heard(listen: Listen, sound: Samples, quality: Quality, seed: int) -> Counts:
    line = degrade(sound[None].astype(np.float64), quality, seed)[0]
    channel = _at_engine_rate(line)
    people, machines = without_machines([sifted(listen(channel), Guard())], [line_sounds(channel)])
    heard = [*people, *(voice.heard for voice in machines)]
    return Counter(word.quarantine for one in heard for word in (*one.words, *one.apart))


def _hiss(seconds: float, seed: int) -> Samples:
    draw = np.random.default_rng(seed)
    return (draw.standard_normal(round(seconds * RATE_HZ)) * 0.01).astype(np.float32)


def _at_engine_rate(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(resample_poly(sound, 2, 1), dtype=np.float32)


def _spoken(engine: Engine) -> None:
    true, elsewhere = Counts(), Counts()
    for one in track(list(recorded()), "recordings", console=console, transient=True):
        transcript = transcribe_call(one.call, engine)
        words = [(turn.role, word, turn.quarantine) for turn in transcript.turns for word in turn.words]
        for role in [None] if transcript.one_channel else [Role.AGENT, Role.CUSTOMER]:
            said = sorted(
                (
                    (word.start_ms, char, reason)
                    for who, word, reason in words
                    if role in (None, who)
                    for char in word.text
                ),
                key=lambda heard: heard[0],
            )
            true.update(_aligned(one, role, [(char, reason) for _, char, reason in said if char.isalnum()]))
        elsewhere.update(
            reason
            for who, word, reason in words
            if not one.speaks(None if transcript.one_channel else who, (word.start_ms + word.end_ms) / 2)
        )
    apart = true.total() - true[None]
    table = Table("with speech", "words", "set apart, by reason", "share")
    table.add_row("true ones", str(true.total()), _by_reason(true), f"{apart / max(1, true.total()):.2%}")
    table.add_row(
        "written where that speaker is silent",
        str(elsewhere.total()),
        _by_reason(elsewhere),
        f"{1 - elsewhere[None] / max(1, elsewhere.total()):.2%}",
    )
    console.print(table)


def _aligned(
    one: Recorded, role: Role | None, heard: Sequence[tuple[str, Quarantine | None]]
) -> Iterator[Quarantine | None]:
    """The reasons of the characters that agree with what the role, None for anybody, said."""
    truth = [char for turn in one.said if role in (None, turn.role) for char in turn.text if char.isalnum()]
    for block in Levenshtein.opcodes(truth, [char for char, _ in heard]):
        if block.tag == "equal":
            yield from (reason for _, reason in heard[block.dest_start : block.dest_end])


def _by_reason(counts: Counts) -> str:
    named: Iterable[str] = (f"{reason} {counts[reason]}" for reason in Quarantine if counts[reason])
    return ", ".join(named) or "none"


if __name__ == "__main__":
    main()
