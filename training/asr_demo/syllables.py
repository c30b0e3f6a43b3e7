"""The classes of the CTC head: toned syllables and letters, built of a base and a tone so that rare ones learn too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from pypinyin import Style, pinyin
from torch import Tensor

_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_TONES = 6
"""None (letters, the blank) and the five of Mandarin."""


@dataclass(frozen=True)
class Syllables:
    """`toned`: all classes, such as `ma1`; letters stand for themselves. The blank follows them."""

    toned: tuple[str, ...]

    @cached_property
    def bases(self) -> tuple[str, ...]:
        return (*sorted({_base(sound) for sound in self.toned}), "")

    @property
    def blank(self) -> int:
        return len(self.toned)

    @property
    def head_size(self) -> int:
        """Outputs of the head: one for each base, the blank's included, and one for each tone."""
        return len(self.bases) + _TONES

    @cached_property
    def _parts(self) -> Tensor:
        """Head outputs x classes: a one for the base and one for the tone of each class."""
        index = {base: i for i, base in enumerate(self.bases)}
        parts = torch.zeros(self.head_size, len(self.toned) + 1)
        for i, sound in enumerate((*self.toned, "")):
            parts[index[_base(sound)], i] = 1
            parts[len(self.bases) + _tone(sound), i] = 1
        return parts

    def logits(self, head: Tensor) -> Tensor:
        """From the head's outputs to one logit for each class, the blank last."""
        return head @ self._parts.to(head.device)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {sound: i for i, sound in enumerate(self.toned)}

    def ids(self, sounds: Iterable[str]) -> list[int]:
        """The classes of what is said; an English word counts as its letters, an unknown syllable is left out."""
        ids = []
        for sound in sounds:
            spelled = [sound] if sound in self._ids else list(sound.upper())
            ids += [self._ids[part] for part in spelled if part in self._ids]
        return ids


def syllables_of(characters: Iterable[str]) -> Syllables:
    """All syllables that the Chinese ones of `characters` may have, in every tone, and the letters."""
    chinese = (char for char in characters if "\u4e00" <= char <= "\u9fff")
    bases = {base for char in chinese for base in pinyin(char, style=Style.NORMAL, heteronym=True)[0]}
    return Syllables((*sorted(f"{base}{tone}" for base in bases for tone in range(1, 6)), *_LETTERS))


def _base(sound: str) -> str:
    return sound.rstrip("12345")


def _tone(sound: str) -> int:
    return int(sound[-1]) if sound[-1:].isdigit() else 0
