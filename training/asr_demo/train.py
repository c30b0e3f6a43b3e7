"""Joint CTC and attention training, resumable: a step depends on its number and the checkpoint before it alone."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.asr_demo.batches import Batch, Batcher
from training.asr_demo.model import Recogniser, Shape
from training.asr_demo.shards import Example, read_shard

CHECKPOINT = "checkpoint.pt"
_BLOCK = 100
"""Steps drawn from the same few shards; checkpoints fall between blocks."""
_SHARDS_PER_BLOCK = 3
_ATTENTION, _CTC, _GUIDE = 0.5, 0.4, 0.1
_GUIDED_LAYERS = 2
_WARM_UP_SHARE = 0.7
"""The first steps see single short lines only: on long windows from the start nothing is learnt in the same time."""
_AVERAGE = 0.998


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long and how fast. `steps` decides the schedule, so a resumed training must be given the same."""

    steps: int
    peak_rate: float = 1.5e-3
    seed: int = 1
    device: str = "cpu"


@dataclass(slots=True)
class Trainer:
    """The network, its running average (which is exported), the optimiser, and the number of steps done."""

    model: Recogniser
    average: Recogniser
    optimisers: tuple[torch.optim.Optimizer, ...]
    batcher: Batcher
    course: Course
    step: int = 0

    @staticmethod
    def start(shape: Shape, batcher: Batcher, course: Course) -> Trainer:
        torch.manual_seed(course.seed)
        model = Recogniser(shape).to(course.device)
        average = Recogniser(shape).to(course.device).requires_grad_(requires_grad=False)
        average.load_state_dict(model.state_dict())
        return Trainer(model, average, _optimisers(model, course.peak_rate), batcher, course)

    def run(self, shards: Callable[[], list[Path]], report: Callable[[int, dict[str, float]], None]) -> Iterator[int]:
        """Train to the end; yields the number of steps after each block."""
        while self.step < self.course.steps:
            for batch in self._block(shards()):
                losses = self._learn(batch)
                report(self.step, losses)
            yield self.step

    def _block(self, shards: list[Path]) -> Iterator[Batch]:
        generator = random.Random(f"{self.course.seed}/{self.step}")  # noqa: S311 - an order, not a secret
        warm_up = self.step < self.course.steps * _WARM_UP_SHARE
        left = _BLOCK
        while left:
            chosen = generator.sample(shards, min(_SHARDS_PER_BLOCK, len(shards)))
            examples: list[Example] = [example for path in chosen for example in read_shard(path)]
            for batch in self.batcher.batches(examples, generator, warm_up=warm_up):
                yield batch
                left -= 1
                if not left:
                    return

    def _learn(self, batch: Batch) -> dict[str, float]:
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.course.peak_rate * _pace(self.step, self.course.steps)
        losses = self._losses(batch)
        total = _ATTENTION * losses["attention"] + _CTC * losses["ctc"] + _GUIDE * losses["guide"]
        self.model.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        with torch.no_grad():
            kept = min(_AVERAGE, self.step / (self.step + 10))
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1 - kept)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        device = self.course.device
        encoded = self.model.encode(batch.frames.to(device))
        logits, weights = self.model.decode(batch.tokens.to(device), encoded)
        attention = functional.cross_entropy(logits.flatten(0, 1), batch.targets.to(device).flatten())
        spans = batch.spans.to(device)
        guide = torch.stack([_guide(layer, spans) for layer in weights[-_GUIDED_LAYERS:]]).mean()
        syllables = self.batcher.syllables
        spelled = syllables.logits(self.model.syllable_head(encoded)).log_softmax(-1).transpose(0, 1)
        ctc = functional.ctc_loss(
            spelled,
            torch.tensor([sound for sounds in batch.sounds for sound in sounds], device=device),
            torch.tensor(batch.lengths),
            torch.tensor([len(sounds) for sounds in batch.sounds]),
            blank=syllables.blank,
            zero_infinity=True,
        )
        return {"attention": attention, "ctc": ctc, "guide": guide}

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


def _guide(weights: Tensor, spans: Tensor) -> Tensor:
    """How far the guided heads' weights are from lying evenly on the frames in which the target sounds."""
    places = torch.arange(weights.shape[-1], device=weights.device)
    sounding = (places >= spans[..., :1]) & (places < spans[..., 1:])
    length = sounding.sum(-1)
    even = (weights.mean(1) * sounding).sum(-1) / length.clamp(min=1)
    log_length = length.clamp(min=1).log()
    return -((even + log_length) * (length > 0)).sum() / (length > 0).sum().clamp(min=1)


def _pace(step: int, steps: int) -> float:
    """The share of the peak rate: a short rise, then half a cosine down to 3 %."""
    rise = min(1.0, (step + 1) / 400)
    return rise * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))))
