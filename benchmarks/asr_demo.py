"""What the embedded speech model reaches on sentences it never saw: `python -m benchmarks.asr_demo [--model FOLDER]`.

Everything goes through the engine as a call does (voice detection, windows, beam search), at 8 kHz over the line
qualities of `training.voice.channel`. Needs espeak-ng; the sentences are held out of training by their hash.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import jiwer
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipeline.domain.errors import ModelError
from pipeline.rulepack.joined import join
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.operators.words import PhraseParams
from pipeline.rulepack.phrases import PhraseIndex
from pipeline.text import normalise
from pipeline.transcribe import Engine, EngineOptions, Segment, load_engine
from pipeline.transcribe.guard.guard import BUILT_IN
from pipeline.transcribe.turns import sifted
from training.asr_demo.lines import draw_line, read_lines
from training.asr_demo.windows import Window, make_window
from training.voice import RATE_HZ, VARIANTS_SEEN, VARIANTS_UNSEEN, require_espeak
from training.voice.channel import Quality, degrade
from training.voice.sounds import hold_music, noise, ring_tone

VOICES = {"seen": VARIANTS_SEEN, "unseen": VARIANTS_UNSEEN}
WINDOWS = 60
"""For each kind of voice and quality: half hold one line, half four."""
ENGINE_HZ = 16_000
SOUNDLESS_S = 600
console = Console()


@dataclass(frozen=True, slots=True)
class Heard:
    """A window's truth and what the engine wrote, as (character, start in ms) pairs without punctuation."""

    truth: tuple[tuple[str, int], ...]
    written: tuple[tuple[str, int], ...]

    @property
    def texts(self) -> tuple[str, str]:
        return _text(self.truth), _text(self.written)


def main() -> None:
    """Measures and prints four tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=EngineOptions().model)
    require_espeak()
    engine = load_engine(EngineOptions(model=parser.parse_args().model))
    console.print(engine.fingerprint)
    _lines(engine)
    _keywords(engine)
    _soundless(engine)
    _speed(engine)


def _lines(engine: Engine) -> None:
    files = read_lines()
    table = Table("voices", "line", "characters", "character error", "syllable error", "word start, median", "95 %")
    apart: list[int] = []
    for kind, variants in VOICES.items():
        for quality in get_args(Quality):
            generator = random.Random(f"{kind}/{quality}")  # noqa: S311 - a choice of sentences, not a secret
            heard = []
            for number in track(range(WINDOWS), f"{kind} {quality}", console=console, transient=True):
                window = make_window(
                    lambda r: draw_line(files, r, for_measuring=True),
                    variants,
                    generator,
                    quality=quality,
                    lines=1 if number % 2 else 4,
                )
                heard.append(_hear(engine, window))
            errors = [error for one in heard for error in _start_errors(one)]
            apart += errors
            table.add_row(kind, quality, *_figures(heard, errors))
    console.print(table)
    console.print(f"word start, all: median {np.median(apart):.0f} ms, 95 % {np.percentile(apart, 95):.0f} ms")


def _figures(heard: Sequence[Heard], errors: Sequence[int]) -> Iterable[str]:
    truth, written = zip(*(one.texts for one in heard), strict=True)
    yield str(sum(map(len, truth)))
    yield f"{jiwer.cer(list(truth), list(written)):.1%}"
    yield f"{jiwer.wer([_syllables(t) for t in truth], [_syllables(t) for t in written]):.1%}"
    yield f"{np.median(errors):.0f} ms"
    yield f"{np.percentile(errors, 95):.0f} ms"


def _keywords(engine: Engine) -> None:
    """Each phrase of the pack beside a held-out line; the phrase itself may have been trained on."""
    rules = load_rules([Path(__file__).parents[1] / "rules" / "general"]).rules
    checks = [check.params for rule in rules for check in rule.checks.values()]
    phrases = sorted({phrase for params in checks if isinstance(params, PhraseParams) for phrase in params.phrase})
    files = read_lines()
    table = Table("voices", "phrases", "exact", "by sound", "nearly by sound", "missed", "found")
    for kind, variants in VOICES.items():
        found: Counter[str] = Counter()
        missed = []
        generator = random.Random(kind)  # noqa: S311 - as above
        for phrase in track(phrases, f"phrases, {kind}", console=console, transient=True):
            line = f"{phrase}\uff0c{draw_line(files, generator, for_measuring=True)}"
            heard = _hear(engine, make_window(lambda _, line=line: line, variants, generator, lines=1))  # type: ignore[misc]
            hits = PhraseIndex([phrase]).find(join([normalise(heard.texts[1])])).of(phrase)
            found[hits[0].kind.value if hits else "missed"] += 1
            if not hits:
                missed.append((phrase, heard.texts[1]))
        shares = [f"{found[k] / len(phrases):.1%}" for k in ("exact", "sound", "close", "missed")]
        table.add_row(kind, str(len(phrases)), *shares, f"{1 - found['missed'] / len(phrases):.1%}")
        console.print(missed)
    console.print(table)


def _soundless(engine: Engine) -> None:
    rng = np.random.default_rng(0)
    sounds = {
        "silence": np.zeros(SOUNDLESS_S * RATE_HZ),
        "line noise": rng.standard_normal(SOUNDLESS_S * RATE_HZ) * 0.01,
        "street noise": np.concatenate([noise(60, seed) for seed in range(SOUNDLESS_S // 60)]),
        "hold music": np.concatenate([hold_music(60, seed) for seed in range(SOUNDLESS_S // 60)]),
        "ring tone": ring_tone(SOUNDLESS_S),
    }
    table = Table("10 minutes of", "characters written", "left by the guard")
    for name, sound in sounds.items():
        segments = _segments(engine, _at_engine_rate(degrade(sound[None].astype(np.float64), "good", 0)[0]))
        left = sum(len(word.text) for word in sifted(segments, BUILT_IN).words)
        table.add_row(name, str(sum(len(s.text) for s in segments)), str(left))
    console.print(table)


def _speed(engine: Engine) -> None:
    files = read_lines()
    generator = random.Random(5)  # noqa: S311 - as above

    def draw(generator: random.Random) -> str:
        return draw_line(files, generator, for_measuring=True)

    windows = [make_window(draw, VARIANTS_SEEN, generator, quality="good", lines=4) for _ in range(40)]
    audio = np.concatenate([window.audio for window in windows])
    started = time.perf_counter()
    _segments(engine, audio)
    taken = time.perf_counter() - started
    console.print(
        f"speed: {taken / (len(audio) / ENGINE_HZ):.4f} of real time, {len(audio) / ENGINE_HZ:.0f} s of speech"
    )


def _hear(engine: Engine, window: Window) -> Heard:
    segments = _segments(engine, window.audio)
    truth = ((char, start) for said in window.said for char, start, _ in said.characters)
    words = ((char, word.start_ms) for s in segments for word in s.words for char in word.text)
    return Heard(tuple(truth), tuple(pair for pair in words if pair[0].isalnum()))


def _segments(engine: Engine, audio: NDArray[np.float32]) -> list[Segment]:
    (result,) = engine.transcribe([[audio]])
    if isinstance(result, ModelError):
        raise result
    return result[0]


def _text(pairs: Sequence[tuple[str, int]]) -> str:
    return normalise("".join(char for char, _ in pairs)).text


def _syllables(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style.NORMAL))


def _start_errors(heard: Heard) -> list[int]:
    """How far apart, in ms, the starts of the characters are that were written rightly."""
    truth, written = ("".join(char for char, _ in pairs) for pairs in (heard.truth, heard.written))
    blocks = Levenshtein.opcodes(truth, written)
    return [
        abs(heard.truth[block.src_start + i][1] - heard.written[block.dest_start + i][1])
        for block in blocks
        if block.tag == "equal"
        for i in range(block.src_end - block.src_start)
    ]


def _at_engine_rate(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(sound, 2, 1), dtype=np.float32)


if __name__ == "__main__":
    main()
