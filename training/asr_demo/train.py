"""Training of what is written and what sounds, resumable: a step depends on its number and the checkpoint alone.

The network works in bfloat16, which is two to three times as fast as float32 where the processor knows it; the weights
that are learnt, the losses and the optimiser stay in float32.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.asr_demo.batches import Batch, Batcher
from training.asr_demo.model import Recogniser, Shape
from training.asr_demo.shards import Example, read_shard
from training.asr_demo.sounds import IGNORED, sound_loss

CHECKPOINT = "checkpoint.pt"
_BLOCK = 100
"""Steps drawn from the same few shards; checkpoints fall between blocks."""
_SHARDS_PER_BLOCK = 3
_WRITING, _SOUNDS, _GUIDE = 0.5, 0.3, 0.1
_GUIDED_LAYERS = 2
_WHOLE_FROM, _WHOLE_FULL, _WHOLE_SHARE = 0.15, 0.5, 0.6
"""Single lines come first: on long windows from the start nothing is learnt in the same time. Between these parts of
the course the share of steps on whole windows rises to the last."""
_RISING_STEPS = 400
_REFINING_RATE, _REFINING_WHOLE_SHARE = 0.4, 0.7
_REFINING_STAMPED_SHARE, _REFINING_CUT_SHARE = 0.5, 0.25
_AVERAGE = 0.998


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long and how fast. The numbers of steps decide the schedule: a resumed training must be given the same.

    `steps` from nothing; `refining_steps` after them, from a lower rate down again, mostly on whole windows, among them
    spacious ones, more often with timestamps, and on single lines some of which are cut.
    """

    steps: int
    refining_steps: int = 0
    peak_rate: float = 1.5e-3
    seed: int = 1
    device: str = "cpu"

    @property
    def all_steps(self) -> int:
        return self.steps + self.refining_steps

    def pace(self, step: int) -> float:
        """The share of the peak rate: in each stage a short rise, then half a cosine down."""
        begun, steps, top, last = 0, self.steps, 1.0, 0.03
        if step >= self.steps:
            begun, steps, top, last = self.steps, self.refining_steps, _REFINING_RATE, 0.01
        rise = min(1.0, (step - begun + 1) / _RISING_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - begun) / steps)))
        return rise * (last + (top - last) * fall)

    def whole_share(self, step: int) -> float:
        """The share of steps on whole windows."""
        if step >= self.steps:
            return _REFINING_WHOLE_SHARE
        return _WHOLE_SHARE * min(1.0, max(0.0, (step / self.steps - _WHOLE_FROM) / (_WHOLE_FULL - _WHOLE_FROM)))


@dataclass(slots=True)
class Trainer:
    """The network, its copy that works, its running average (which is exported), the optimisers, the steps done."""

    model: Recogniser
    working: Recogniser
    average: Recogniser
    optimisers: tuple[torch.optim.Optimizer, ...]
    batcher: Batcher
    course: Course
    step: int = 0

    @staticmethod
    def start(shape: Shape, batcher: Batcher, course: Course) -> Trainer:
        torch.manual_seed(course.seed)
        model = Recogniser(shape).to(course.device)
        average = deepcopy(model).requires_grad_(requires_grad=False)
        working = deepcopy(model).to(torch.bfloat16)
        return Trainer(model, working, average, _optimisers(model, course.peak_rate), batcher, course)

    def run(
        self, shards: Sequence[Path], spacious: Sequence[Path], report: Callable[[int, dict[str, float]], None]
    ) -> Iterator[int]:
        """Train to the end; yields the number of steps after each block. `spacious` shards are for the second stage."""
        while self.step < self.course.all_steps:
            for batch in self._block(shards, spacious):
                losses = self._learn(batch)
                report(self.step, losses)
            yield self.step

    def _block(self, shards: Sequence[Path], spacious: Sequence[Path]) -> Iterator[Batch]:
        generator = random.Random(f"{self.course.seed}/{self.step}")  # noqa: S311 - an order, not a secret
        chosen = generator.sample(shards, min(_SHARDS_PER_BLOCK, len(shards)))
        batcher = self.batcher
        if self.step >= self.course.steps:
            chosen += generator.sample(spacious, min(1, len(spacious)))
            batcher = replace(batcher, stamped_share=_REFINING_STAMPED_SHARE, cut_share=_REFINING_CUT_SHARE)
        examples = [example for path in chosen for example in _kept_shard(path)]
        made = {whole: batcher.batches(examples, generator, whole=whole) for whole in (False, True)}
        for _ in range(_BLOCK):
            yield next(made[generator.random() < self.course.whole_share(self.step)])

    def _learn(self, batch: Batch) -> dict[str, float]:
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.course.peak_rate * self.course.pace(self.step)
        learnt, working = list(self.model.parameters()), list(self.working.parameters())
        with torch.no_grad():
            torch._foreach_copy_(working, learnt)
        losses = self._losses(batch)
        total = _WRITING * losses["writing"] + _SOUNDS * losses["sounds"] + _GUIDE * losses["guide"]
        self.working.zero_grad(set_to_none=True)
        total.backward()
        for mine, found in zip(learnt, working, strict=True):
            mine.grad = None if found.grad is None else found.grad.float()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        with torch.no_grad():
            kept = min(_AVERAGE, self.step / (self.step + 10))
            torch._foreach_lerp_(list(self.average.parameters()), learnt, 1 - kept)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        device = self.course.device
        encoded = self.working.encode(batch.frames.to(device, torch.bfloat16), start=batch.start)
        logits, scores = self.working.decode(batch.tokens.to(device), encoded)
        writing = functional.cross_entropy(
            logits.flatten(0, 1).float(), batch.targets.to(device).flatten(), ignore_index=IGNORED
        )
        spans = batch.spans.to(device)
        guide = torch.stack([_guide(layer.float(), spans) for layer in scores[-_GUIDED_LAYERS:]]).mean()
        sounds, wrong = sound_loss(self.working.sound_head(encoded), batch.sounds.to(device))
        return {"writing": writing, "sounds": sounds, "guide": guide, "wrong finals": wrong}

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        state = {
            "shape": asdict(self.model.shape),
            "course": asdict(self.course),
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same shape."""
        state: dict[str, Any] = torch.load(path, map_location=self.course.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.step = state["step"]


def _optimisers(model: Recogniser, rate: float) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the matrices inside the layers, AdamW for all else, at one rate."""
    inside = [*model.encoder.parameters(), *model.decoder.parameters()]
    matrices = [weight for weight in inside if weight.ndim == 2]
    others = [weight for weight in model.parameters() if not any(weight is matrix for matrix in matrices)]
    return (
        torch.optim.Muon(matrices, rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, rate, betas=(0.9, 0.98), weight_decay=0.01),
    )


@cache
def _kept_shard(path: Path) -> list[Example]:
    """All shards fit into the memory of the machines that train: 75 to 160 MB each."""
    return read_shard(path)


def _guide(scores: Tensor, spans: Tensor) -> Tensor:
    """How far the guided heads' weights are from lying evenly on the frames in which the target sounds."""
    weights = scores.log_softmax(-1)
    places = torch.arange(weights.shape[-1], device=weights.device)
    sounding = (places >= spans[..., :1]) & (places < spans[..., 1:])
    length = sounding.sum(-1)
    even = (weights.mean(1) * sounding).sum(-1) / length.clamp(min=1)
    log_length = length.clamp(min=1).log()
    return -((even + log_length) * (length > 0)).sum() / (length > 0).sum().clamp(min=1)
