"""From examples to tensors: what the recogniser sees, what it should write, and where each character sounds."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.asr_demo.model import ENCODER_POSITIONS, MELS
from training.asr_demo.shards import Example
from training.asr_demo.sounds import FRAME_MS, IGNORED, sound_classes
from training.asr_demo.tokens import Tokens
from training.asr_demo.windows import Said

WHOLE_WINDOW = 3000
"""Frames of 30 s, up to which faster-whisper fills every window with zeros."""
_PADDED = 1000
"""Frames of 10 s, up to which the pipeline fills windows for this model; single lines are no longer than that."""
_LENGTHS: tuple[int, ...] = (
    *range(128, 512, 64),
    512,
    640,
    768,
    896,
    _PADDED,
    1152,
    1344,
    1600,
    1856,
    2176,
    2560,
    WHOLE_WINDOW,
)
_POSITIONS = 8
"""Batches have these lengths in frames and multiples of this in tokens: each new shape costs the first step with it."""
_MEL_MS = 10
_PAUSE_MS = (50, 600)
_JUDGED_AFTER = 25
"""Encoder frames after the end of a window that are still taught to be silent."""
_MISREAD_SHARE = 0.05
"""Characters given wrongly, so that the decoder trusts what it hears above what it wrote."""


@dataclass(frozen=True, slots=True)
class Batch:
    """`frames`: batch x frames x mels; `tokens`: batch x positions, each input followed by its target.

    `start`: the encoder position of the first frame; `sounds`: batch x encoder frames x 3, see
    `training.asr_demo.sounds`; `spans`: batch x targets x 2, the encoder frames in which the target sounds, 0 and 0
    where it does not; `targets`: tokens shifted by one, `IGNORED` where nothing is asked.
    """

    frames: Tensor
    start: int
    sounds: Tensor
    tokens: Tensor
    targets: Tensor
    spans: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Batcher:
    """`frames_per_batch` bounds the memory of a step.

    `stamped_share` of the whole windows are to be written with timestamps; `cut_share` of the single lines begin at a
    random character, for voice detection and phrases cut off what came before.
    """

    tokens: Tokens
    frames_per_batch: int = 7000
    stamped_share: float = 0.35
    cut_share: float = 0.0

    def batches(self, examples: Sequence[Example], generator: random.Random, *, whole: bool) -> Iterator[Batch]:
        """Endless: the examples in ever other batches, those of like length together.

        `whole` windows, some filled up as faster-whisper does, with prompts and timestamps now and then; otherwise
        their lines one by one, at any place of the window.
        """
        while True:
            chosen = (
                [*examples] if whole else [line for example in examples for line in self._lines(example, generator)]
            )
            if not chosen:
                raise ValueError("no line in these shards is shorter than 10 s")
            generator.shuffle(chosen)
            groups = list(self._groups(chosen, generator, whole=whole))
            generator.shuffle(groups)
            for group, length in groups:
                yield self.batch(group, generator, length=length, plain=not whole, learning=True)

    def _lines(self, example: Example, generator: random.Random) -> Iterator[Example]:
        """Each line of a window for itself, with a little of the pauses around it."""
        starts = [said.characters[0][1] for said in example.said]
        ends = [said.characters[-1][2] for said in example.said]
        for said, start, end, before, after in zip(
            example.said, starts, ends, [0, *ends], [*starts[1:], len(example.frames) * _MEL_MS], strict=False
        ):
            first = max(before, start - generator.randint(*_PAUSE_MS)) // _MEL_MS
            last = min(after, end + generator.randint(*_PAUSE_MS)) // _MEL_MS
            if last - first > _PADDED:
                continue
            characters, sounds = said.characters, said.sounds
            if generator.random() < self.cut_share:
                place = generator.randrange(len(characters))
                characters = characters[place:]
                first = max(first, characters[0][1] // _MEL_MS)
                sounds = tuple(sound for sound in sounds if sound[1] >= characters[0][1])
            moved, heard = (
                tuple((t, max(0, a - first * _MEL_MS), b - first * _MEL_MS) for t, a, b in timed)
                for timed in (characters, sounds)
            )
            yield Example(example.frames[first:last], (Said(moved, heard),))

    def _groups(
        self, examples: Iterable[Example], generator: random.Random, *, whole: bool
    ) -> Iterator[tuple[list[Example], int]]:
        """As many of like length as a step can hold, and that length; what is left over joins the next longer."""
        group: list[Example] = []
        length = filled = 0
        for example in sorted(examples, key=lambda example: _length(len(example.frames))):
            longer = max(filled, _length(len(example.frames)))
            if group and (len(group) + 1) * longer > self.frames_per_batch:
                yield group, length
                group = []
            if not group:
                filled = self._filled(generator) if whole else 0
                longer = max(filled, _length(len(example.frames)))
            group.append(example)
            length = longer
        if group:
            yield group, length

    def batch(
        self, group: Sequence[Example], generator: random.Random, *, length: int, plain: bool, learning: bool = False
    ) -> Batch:
        """`length`: even, frames to fill up to; `plain`: no prompt and no timestamps.

        `learning`: parts are hidden, as SpecAugment does, some characters given wrongly, and plain lines moved.
        """
        frames = np.zeros((len(group), length, MELS), np.float32)
        sounds = np.full((len(group), length // 2, 3), IGNORED, np.int64)
        for row, heard, example in zip(frames, sounds, group, strict=True):
            row[: len(example.frames)] = example.frames
            judged = min(length, len(example.frames)) // 2 + _JUDGED_AFTER
            heard[:judged] = sound_classes(example.said, length // 2)[:judged]
            if learning and generator.random() < 0.5:
                _mask(row[: len(example.frames)], generator)
        written = [self._written(example, generator, plain=plain) for example in group]
        width = -(-max(len(tokens) for tokens, _, _ in written) // _POSITIONS) * _POSITIONS + 1
        tokens = torch.full((len(group), width), self.tokens.id("<|endoftext|>"))
        targets = torch.full((len(group), width - 1), IGNORED)
        spans = torch.zeros((len(group), width - 1, 2), dtype=torch.long)
        for i, (line, wanted, sounding) in enumerate(written):
            tokens[i, : len(line)] = torch.tensor(self._misread(line, generator) if learning else line)
            targets[i, : len(wanted)] = torch.tensor(wanted)
            spans[i, : len(sounding)] = torch.tensor(sounding)
        moved = learning and plain and generator.random() < 0.5
        return Batch(
            frames=torch.from_numpy(frames),
            start=generator.randint(0, ENCODER_POSITIONS - length // 2) if moved else 0,
            sounds=torch.from_numpy(sounds),
            tokens=tokens[:, :-1],
            targets=targets,
            spans=spans,
        )

    def _misread(self, line: list[int], generator: random.Random) -> list[int]:
        characters = len(self.tokens.characters)
        return [
            generator.randrange(characters) if token < characters and generator.random() < _MISREAD_SHARE else token
            for token in line
        ]

    def _filled(self, generator: random.Random) -> int:
        share = generator.random()
        if share < 0.08:
            return WHOLE_WINDOW
        if share < 0.4:
            return _PADDED
        return generator.choice(_LENGTHS) if share < 0.5 else 0

    def _written(
        self, example: Example, generator: random.Random, *, plain: bool
    ) -> tuple[list[int], list[int], list[tuple[int, int]]]:
        """Tokens, targets (one fewer), and the encoder frames in which each target sounds."""
        of = self.tokens.id
        line: list[tuple[int, tuple[int, int]]] = []
        stamped = not plain and generator.random() < self.stamped_share
        for said in example.said:
            characters = [(of(char), (a // FRAME_MS, -(-b // FRAME_MS))) for char, a, b in said.characters]
            edges = [self.tokens.timestamp(ms) for ms in (said.characters[0][1], said.characters[-1][2])]
            line += [(edges[0], (0, 0)), *characters, (edges[1], (0, 0))] if stamped else characters
        if stamped and not line:
            line = [(of("<|0.00|>"), (0, 0))]
        head = [of("<|startoftranscript|>"), of("<|zh|>"), of("<|transcribe|>")]
        prompt = [] if plain else self._prompt(example, generator)
        start = [*prompt, *head, *([] if stamped else [of("<|notimestamps|>")])]
        tokens = [*start, *(token for token, _ in line), of("<|endoftext|>")]
        first = of("<|zh|>") if example.said else of("<|nospeech|>")
        targets = [IGNORED] * (len(start) - 1) + tokens[len(start) :]
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


def _length(frames: int) -> int:
    return _LENGTHS[bisect_left(_LENGTHS, frames)]


def _mask(frames: np.ndarray, generator: random.Random) -> None:
    """SpecAugment: one band of up to 10 mels and two stretches of up to 150 ms are hidden."""
    band = generator.randint(0, MELS - 10)
    frames[:, band : band + generator.randint(0, 10)] = 0
    for _ in range(2):
        start = generator.randint(0, max(1, len(frames) - 20))
        frames[start : start + generator.randint(0, 15)] = 0
