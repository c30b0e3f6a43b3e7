"""The model's vocabulary: characters, then Whisper's special tokens in the order that CTranslate2 counts on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LANGUAGES = ("zh", "en")
"""CTranslate2 counts languages as id(nospeech) - id(startoftranscript) - 5, so a second one must stand there."""
WINDOW_S = 30
TIMESTAMPS_PER_S = 50
_ALWAYS = "0123456789.%ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-' "
"""Digits and letters, and what faster-whisper itself puts through the tokenizer."""
_BLANKS = ("<unk>", "")
"""CTranslate2 calls a model multilingual when the empty token is there."""
_SPECIALS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """`characters` in the order of their ids; everything else follows from them."""

    characters: tuple[str, ...]
    _ids: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {token: index for index, token in enumerate(self.all)})

    @property
    def specials(self) -> tuple[str, ...]:
        stamps = (f"<|{i / TIMESTAMPS_PER_S:.2f}|>" for i in range(WINDOW_S * TIMESTAMPS_PER_S + 1))
        return (*_SPECIALS, *stamps)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.characters, *_BLANKS, *self.specials)

    def __len__(self) -> int:
        return len(self._ids)

    def id(self, token: str) -> int:
        """Raises KeyError for a token that is not in the vocabulary."""
        return self._ids[token]

    def knows(self, text: str) -> bool:
        return all(char in self._ids for char in text)

    def timestamp(self, time_ms: int) -> int:
        """The token of the nearest fiftieth of a second before `time_ms`, within the window."""
        return self.id("<|0.00|>") + min(max(time_ms * TIMESTAMPS_PER_S // 1000, 0), WINDOW_S * TIMESTAMPS_PER_S)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.characters, ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(path: Path) -> Tokens:
        return Tokens(tuple(json.loads(path.read_text(encoding="utf-8"))))


def choose_tokens(needed: Iterable[str], general: Iterable[str], *, at_least: int) -> Tokens:
    """All characters of the `needed` texts, and those seen `at_least` so often in the `general` ones."""
    counts = Counter("".join(general))
    chinese = set("".join(needed)) | {char for char, count in counts.items() if count >= at_least}
    return Tokens((*sorted(chinese - set(_ALWAYS)), *_ALWAYS))
