"""Whisper's architecture in PyTorch, with a head on the encoder, for what sounds, that only training uses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MELS = 80
ENCODER_POSITIONS = 1500
DECODER_POSITIONS = 448
GUIDED_HEADS = 2
"""Heads of each decoder layer that are taught where each character sounds; their last layer gives words their times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of the network: about 4.5 million weights with a vocabulary of 4,500."""

    vocabulary: int
    sounds: int
    width: int = 192
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 3


class Attention(nn.Module):
    """Whisper's: keys have no bias. Gives the output and the scores (before softmax) of the guided heads.

    Scores are batch x heads x positions x memory positions. Written out, since on short lines that is faster on a
    processor than the fused kind.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """`hidden`: positions x memory positions, true where nothing may be seen."""
        query, key, value = (self._split(t) for t in (self.query(x), self.key(memory), self.value(memory)))
        scores = (query / math.sqrt(query.shape[-1])) @ key.transpose(-1, -2)
        if hidden is not None:
            scores = scores.masked_fill(hidden, -math.inf)
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
        return self.out(mixed), scores[:, :GUIDED_HEADS]

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Layer(nn.Module):
    """Attention to itself, in the decoder also to the encoder, then two linear layers; norms come first."""

    def __init__(self, shape: Shape, *, cross: bool) -> None:
        super().__init__()
        width = shape.width
        self.self_norm, self.self_attention = nn.LayerNorm(width), Attention(width, shape.heads)
        if cross:
            self.cross_norm, self.cross_attention = nn.LayerNorm(width), Attention(width, shape.heads)
        self.wide_norm = nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attend(self, x: Tensor, hidden: Tensor | None = None) -> Tensor:
        normed = self.self_norm(x)
        return x + self.self_attention(normed, normed, hidden)[0]

    def widened(self, x: Tensor) -> Tensor:
        return x + self.narrow(functional.gelu(self.widen(self.wide_norm(x))))


class Recogniser(nn.Module):
    """`encode` frames, `decode` tokens; `sound_head` goes from encoded frames to `training.asr_demo.sounds`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.conv1 = nn.Conv1d(MELS, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("positions", _sinusoids(ENCODER_POSITIONS, width))
        self.encoder = nn.ModuleList(Layer(shape, cross=False) for _ in range(shape.encoder_layers))
        self.encoder_norm = nn.LayerNorm(width)
        self.embedding = nn.Embedding(shape.vocabulary, width)
        self.places = nn.Embedding(DECODER_POSITIONS, width)
        self.decoder = nn.ModuleList(Layer(shape, cross=True) for _ in range(shape.decoder_layers))
        self.decoder_norm = nn.LayerNorm(width)
        self.sound_head = nn.Linear(width, shape.sounds)
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.normal_(self.places.weight, std=0.01)

    def encode(self, frames: Tensor, *, start: int = 0) -> Tensor:
        """Batch x frames x mels (an even number of frames) to batch x frames / 2 x width.

        `start` is the encoder position of the first frame, so that short lines teach all positions of a window.
        """
        x = functional.gelu(self.conv1(frames.transpose(1, 2)))
        x = functional.gelu(self.conv2(x)).transpose(1, 2)
        x = x + self.positions[start : start + x.shape[1]]
        for layer in self.encoder:
            x = layer.widened(layer.attend(x))
        encoded: Tensor = self.encoder_norm(x)
        return encoded

    def decode(self, tokens: Tensor, encoded: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Batch x positions to logits over the vocabulary, and the guided heads' scores of each layer."""
        length = tokens.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1)
        x = self.embedding(tokens) + self.places.weight[:length]
        scores = []
        for layer in self.decoder:
            x = layer.attend(x, later)
            seen, score = layer.cross_attention(layer.cross_norm(x), encoded)
            x = layer.widened(x + seen)
            scores.append(score)
        return self.decoder_norm(x) @ self.embedding.weight.T, scores


def _sinusoids(length: int, width: int) -> Tensor:
    scale = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * scale[None]
    return torch.cat([angles.sin(), angles.cos()], dim=1)
