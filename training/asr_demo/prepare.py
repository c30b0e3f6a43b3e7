"""Makes the shards of training windows, over the cores of this machine; those already there are kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from rich.progress import track

from training.asr_demo.lines import draw_line, read_lines
from training.asr_demo.shards import make_shard
from training.asr_demo.texts import Sources, Texts, choose_vocabulary, training_texts
from training.asr_demo.tokens import Tokens
from training.voice import VARIANTS_SEEN, VARIANTS_UNSEEN, require_espeak

TOKENS = "characters.json"
_HELD_OUT_WINDOWS = 200
_SPACIOUS_SEED = 10_000
_SHARDS_PER_SPACIOUS = 4


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Windows of one line each that is never trained on."""

    name: str
    file: str
    variants: Sequence[str]
    seed: int


HELD_OUT = (
    HeldOut("seen voices", "held-out-seen.npz", VARIANTS_SEEN, -1),
    HeldOut("unseen voices", "held-out-unseen.npz", VARIANTS_UNSEEN, -2),
)


def shard_paths(work: Path) -> list[Path]:
    """The shards of both stages made so far."""
    return sorted(work.glob("windows-*.npz"))


def spacious_paths(work: Path) -> list[Path]:
    """Those of long windows with long pauses, for the second stage."""
    return sorted(work.glob("spacious-*.npz"))


def prepare(work: Path, sources: Sources, *, shards: int, jobs: int) -> None:
    """Write the vocabulary, the held-out windows and `shards` shards (about 66 minutes of audio each) into `work`.

    For every four of them there is one more of spacious windows (about 130 minutes each).

    Raises InputError when espeak-ng is missing or a text cannot be used.
    """
    require_espeak()
    work.mkdir(parents=True, exist_ok=True)
    choose_vocabulary(sources).save(work / TOKENS)
    paths = {number: work / f"windows-{number:04}.npz" for number in range(shards)}
    spacious = {_SPACIOUS_SEED + n: work / f"spacious-{n:04}.npz" for n in range(-(-shards // _SHARDS_PER_SPACIOUS))}
    # A process per shard: espeak-ng keeps state from line to line, and a shard depends on its number alone.
    with get_context("spawn").Pool(jobs, maxtasksperchild=1) as pool:
        tasks = [pool.apply_async(_measuring, (work, held)) for held in HELD_OUT if not (work / held.file).exists()]
        for number, path in (paths | spacious).items():
            if not path.exists():
                tasks.append(pool.apply_async(_training, (work, sources, number, path)))
        for task in track(tasks, "合成训练语音", disable=not tasks):
            task.get()


def _measuring(work: Path, held: HeldOut) -> None:
    files = read_lines()

    def draw(generator: random.Random) -> str:
        return draw_line(files, generator, for_measuring=True)

    make_shard(work / held.file, held.seed, draw, held.variants, windows=_HELD_OUT_WINDOWS, lines=1)


def _training(work: Path, sources: Sources, seed: int, path: Path) -> None:
    make_shard(path, seed, _texts(work, sources), VARIANTS_SEEN, spacious=seed >= _SPACIOUS_SEED)


@cache
def _texts(work: Path, sources: Sources) -> Texts:
    return training_texts(sources, Tokens.load(work / TOKENS))
