"""From examples to tensors: what the recogniser sees, what it should write, and where each character sounds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.asr_demo.model import MELS
from training.asr_demo.shards import Example
from training.asr_demo.syllables import Syllables
from training.asr_demo.tokens import Tokens
from training.asr_demo.windows import Said

WHOLE_WINDOW = 3000
"""Frames of 30 s, up to which faster-whisper fills every window with zeros."""
_SHORT = 1000
"""Frames of 10 s: a single line is a short window if it ends before."""
_MEL_MS = 10
_PAUSE_MS = (50, 600)
_FRAME_MS = 20
"""The encoder halves the 100 frames of a second."""
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Batch:
    """`frames`: batch x frames x mels; `tokens`: batch x positions, each input followed by its target.

    `spans`: batch x targets x 2, the encoder frames in which the target sounds, 0 and 0 where it does not;
    `targets`: tokens shifted by one, -100 where nothing is asked. `sounds` and `lengths` (encoder frames) are for CTC.
    """

    frames: Tensor
    tokens: Tensor
    targets: Tensor
    spans: Tensor
    sounds: list[list[int]]
    lengths: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batcher:
    """`frames_per_batch` bounds the memory of a step; `warm_up` takes single short lines only, without filling."""

    tokens: Tokens
    syllables: Syllables
    frames_per_batch: int = 7000

    def batches(self, examples: Sequence[Example], generator: random.Random, *, warm_up: bool) -> Iterator[Batch]:
        """Examples of like length together, in a drawn order, each once; some filled up as faster-whisper does."""
        if warm_up:
            chosen = [line for example in examples for line in _lines(example, generator)]
        else:
            chosen = [e for e in examples if _is_short(e) or generator.random() < _long_share(e)]
        chosen.sort(key=lambda example: len(example.frames) + generator.randint(0, 40))
        groups: list[tuple[list[Example], int]] = []
        at = 0
        while at < len(chosen):
            filled = 0 if warm_up else self._filled(generator)
            group: list[Example] = []
            while at < len(chosen):
                longest = max(filled, len(chosen[at].frames))
                if group and longest * (len(group) + 1) > self.frames_per_batch:
                    break
                group.append(chosen[at])
                at += 1
            groups.append((group, filled))
        generator.shuffle(groups)
        for group, filled in groups:
            yield self.batch(group, generator, filled=filled, plain=warm_up, masked=True)

    def batch(
        self, group: Sequence[Example], generator: random.Random, *, filled: int, plain: bool, masked: bool = False
    ) -> Batch:
        """`filled`: the least number of frames; `plain`: no prompt and no timestamps; `masked`: as SpecAugment does."""
        longest = max(filled, *(len(example.frames) for example in group))
        frames = np.zeros((len(group), longest + longest % 2, MELS), np.float32)
        for row, example in zip(frames, group, strict=True):
            row[: len(example.frames)] = example.frames
            if masked and generator.random() < 0.5:
                _mask(row[: len(example.frames)], generator)
        written = [self._written(example, generator, plain=plain) for example in group]
        width = max(len(tokens) for tokens, _, _ in written)
        tokens = torch.full((len(group), width), self.tokens.id("<|endoftext|>"))
        targets = torch.full((len(group), width - 1), _IGNORED)
        spans = torch.zeros((len(group), width - 1, 2), dtype=torch.long)
        for i, (line, wanted, sounding) in enumerate(written):
            tokens[i, : len(line)] = torch.tensor(line)
            targets[i, : len(wanted)] = torch.tensor(wanted)
            spans[i, : len(sounding)] = torch.tensor(sounding)
        return Batch(
            frames=torch.from_numpy(frames),
            tokens=tokens[:, :-1],
            targets=targets,
            spans=spans,
            sounds=[self.syllables.ids(s for line in example.said for s in line.sounds) for example in group],
            lengths=[(len(example.frames) + 1) // 2 for example in group],
        )

    def _filled(self, generator: random.Random) -> int:
        share = generator.random()
        if share < 0.08:
            return WHOLE_WINDOW
        return generator.randint(1000, WHOLE_WINDOW) if share < 0.16 else 0

    def _written(
        self, example: Example, generator: random.Random, *, plain: bool
    ) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        """Tokens, targets (one fewer), and the encoder frames in which each target sounds."""
        of = self.tokens.id
        line: list[tuple[int, tuple[int, int]]] = []
        stamped = not plain and generator.random() < 0.35
        for said in example.said:
            characters = [(of(char), (a // _FRAME_MS, -(-b // _FRAME_MS))) for char, a, b in said.characters]
            edges = [self.tokens.timestamp(ms) for ms in (said.characters[0][1], said.characters[-1][2])]
            line += [(edges[0], (0, 0)), *characters, (edges[1], (0, 0))] if stamped else characters
        if stamped and not line:
            line = [(of("<|0.00|>"), (0, 0))]
        head = [of("<|startoftranscript|>"), of("<|zh|>"), of("<|transcribe|>")]
        prompt = [] if plain else self._prompt(example, generator)
        start = [*prompt, *head, *([] if stamped else [of("<|notimestamps|>")])]
        tokens = [*start, *(token for token, _ in line), of("<|endoftext|>")]
        first = of("<|zh|>") if example.said else of("<|nospeech|>")
        targets = [_IGNORED] * (len(start) - 1) + tokens[len(start) :]
        targets[len(prompt)] = first
        spans = [(0, 0)] * (len(start) - 1) + [span for _, span in line]
        return tokens, targets, spans

    def _prompt(self, example: Example, generator: random.Random) -> list[int]:
        """Now and then words that are said in the window (as hotwords are) or are not (as a script may be)."""
        if generator.random() > 0.1:
            return []
        text = "".join(said.text for said in example.said)
        start = generator.randint(0, max(0, len(text) - 4))
        words = text[start : start + generator.randint(2, 8)]
        if generator.random() < 0.5:
            words = "".join(generator.sample(text, len(text)))
        return [self.tokens.id("<|startofprev|>"), *(self.tokens.id(char) for char in words)]


def _lines(example: Example, generator: random.Random) -> Iterator[Example]:
    """Each line of a window for itself, with a little of the pauses around it."""
    starts = [said.characters[0][1] for said in example.said]
    ends = [said.characters[-1][2] for said in example.said]
    for said, start, end, before, after in zip(
        example.said, starts, ends, [0, *ends], [*starts[1:], len(example.frames) * _MEL_MS], strict=False
    ):
        first = max(before, start - generator.randint(*_PAUSE_MS)) // _MEL_MS
        last = min(after, end + generator.randint(*_PAUSE_MS)) // _MEL_MS
        if last - first <= _SHORT:
            moved = tuple((char, a - first * _MEL_MS, b - first * _MEL_MS) for char, a, b in said.characters)
            yield Example(example.frames[first:last], (Said(moved, said.sounds),))


def _is_short(example: Example) -> bool:
    return len(example.said) == 1 and len(example.frames) <= _SHORT


def _long_share(example: Example) -> float:
    """How many of the longer windows are taken, so that they fill less than half of the batches."""
    return 0.5 if len(example.frames) <= 1400 else 0.25


def _mask(frames: np.ndarray, generator: random.Random) -> None:
    """SpecAugment: one band of up to 10 mels and two stretches of up to 150 ms are hidden."""
    band = generator.randint(0, MELS - 10)
    frames[:, band : band + generator.randint(0, 10)] = 0
    for _ in range(2):
        start = generator.randint(0, max(1, len(frames) - 20))
        frames[start : start + generator.randint(0, 15)] = 0
