"""Windows that training never sees, and how far the network still is from writing them: character error."""

from __future__ import annotations

import random
from collections.abc import Sequence

import jiwer
import torch

from training.asr_demo.batches import Batcher
from training.asr_demo.model import Recogniser
from training.asr_demo.shards import Example

_LONGEST_TEXT = 60
_AT_ONCE = 25


def character_error(model: Recogniser, examples: Sequence[Example], batcher: Batcher) -> float:
    """Errors per character of the truth, written greedily."""
    tokens = batcher.tokens
    device = next(model.parameters()).device
    end = tokens.id("<|endoftext|>")
    start = [tokens.id(f"<|{name}|>") for name in ("startoftranscript", "zh", "transcribe", "notimestamps")]
    truth: list[str] = []
    written: list[str] = []
    for at in range(0, len(examples), _AT_ONCE):
        group = examples[at : at + _AT_ONCE]
        longest = max(len(example.frames) for example in group)
        batch = batcher.batch(group, random.Random(0), length=longest + longest % 2, plain=True)  # noqa: S311
        with torch.inference_mode():
            encoded = model.encode(batch.frames.to(device))
            line = torch.tensor([start] * len(group), device=device)
            while line.shape[1] < len(start) + _LONGEST_TEXT and not bool((line == end).any(1).all()):
                following = model.decode(line, encoded)[0][:, -1].argmax(-1)
                line = torch.cat([line, following[:, None]], dim=1)
        for row, example in zip(line.tolist(), group, strict=True):
            ids = row[len(start) :]
            ids = ids[: ids.index(end)] if end in ids else ids
            written.append("".join(tokens.all[i] for i in ids if i < len(tokens.characters)))
            truth.append("".join(said.text for said in example.said))
    return float(jiwer.cer(truth, written))
