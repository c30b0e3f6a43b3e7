"""What a user's own turns add to a model that is there: plain arrays beside it, and the neighbours' words too.

The model that is there stays as it is. To the logarithms of its probabilities for a turn the adapter adds what the
turn's own words say, what the same side said before, and what the other side says after it, the nearer the more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.files import MAX_FILE_BYTES, read_weights
from pipeline.emotion.model import SERVICE_SIDE, EmotionModel, emotions_from
from pipeline.emotion.scope import own_feelings
from pipeline.text.classify.features import plain_all
from pipeline.text.classify.linear import LinearModel, softmax
from pipeline.text.classify.weights import NAMES, Array, Weights, from_files, name_of, to_files

FORMAT = "zhijian-emotion-adapter-1"
ADAPTER, BASE, OWN = "adapter.json", "base", "own"
DECAY = 0.75
"""Of the weight of a neighbouring turn, what the next further one has: as in the shipped model's context."""
REACH = 12
BLOCKS = ("own", "before", "after")
LABELS = tuple(EmotionLabel)
_COLUMNS = tuple(f"{block}:{label.value}" for block in BLOCKS for label in LABELS)
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Adapter:
    """`weights` has a column for each label of each of `BLOCKS`, and an intercept of zeros.

    `factors` (labels, labels) and `intercept` (labels,) calibrate the sum.
    """

    weights: Weights
    factors: Array
    intercept: Array


class AdaptedModel(EmotionModel):
    """A model with an adapter; its `digest` names both."""

    def __init__(self, base: EmotionModel, adapter: Adapter, digest: str) -> None:
        self.digest = digest
        self._base = base
        self._adapter = adapter
        self._words = LinearModel(adapter.weights)

    def predict_calls(self, calls: Sequence[Sequence[Turn]]) -> list[tuple[TurnEmotion | None, ...]]:
        """As the base model's; each call is judged by itself."""
        return [self._call(turns, given) for turns, given in zip(calls, self._base.predict_calls(calls), strict=True)]

    def _call(self, turns: Sequence[Turn], given: Sequence[TurnEmotion | None]) -> tuple[TurnEmotion | None, ...]:
        spoken = [n for n, emotion in enumerate(given) if emotion is not None]
        if not spoken:
            return tuple(given)
        found = [emotion for emotion in given if emotion is not None]
        own = [turns[n] for n in spoken]
        says = self._words.logits(*texts_of(own))
        shares = softmax(logits(self._adapter, log_shares([e.probabilities for e in found]), says, *mixing(own)))
        nobody = csr_matrix((len(own), len(own)))
        by_themselves = log_shares([e.alone or e.probabilities for e in found])
        alone = softmax(logits(self._adapter, by_themselves, says, nobody, nobody))
        answers: list[TurnEmotion | None] = [None] * len(turns)
        for n, emotion in zip(spoken, emotions_from(shares, alone), strict=True):
            answers[n] = emotion
        return tuple(answers)


def log_shares(given: Sequence[Mapping[EmotionLabel, float]]) -> Array:
    """(turns, labels) logarithms of a model's probabilities."""
    shares = np.array([[probabilities[label] for label in LABELS] for probabilities in given])
    found: Array = np.log(np.maximum(shares.reshape(len(given), len(LABELS)), _LEAST_SHARE))
    return found


def texts_of(turns: Sequence[Turn]) -> tuple[list[str], list[bool]]:
    """The plain texts, with `own_feelings`, of turns with a spoken character, and which are of the service side."""
    return own_feelings(plain_all([turn.text for turn in turns])), [turn.role in SERVICE_SIDE for turn in turns]


def mixing(turns: Sequence[Turn]) -> tuple[Any, Any]:
    """(turns, turns) sparse weights of what the same side said before each turn, and the other side says after it.

    Sides are the customer and everybody else. The turns are those of one call.
    """
    ours = np.array([turn.role is Role.CUSTOMER for turn in turns], dtype=bool)
    before, after = [], []
    for distance in range(1, min(REACH, len(turns) - 1) + 1):
        same = ours[distance:] == ours[:-distance]
        earlier, theirs = np.flatnonzero(same), np.flatnonzero(~same)
        weight = DECAY ** (distance - 1)
        before.append((earlier + distance, earlier, np.full(len(earlier), weight)))
        after.append((theirs, theirs + distance, np.full(len(theirs), weight)))
    return _sparse(before, len(turns)), _sparse(after, len(turns))


def _sparse(entries: Sequence[tuple[Any, Any, Array]], size: int) -> Any:
    if not entries:
        return csr_matrix((size, size))
    rows, columns, values = map(np.concatenate, zip(*entries, strict=True))
    return csr_matrix((values, (rows, columns)), shape=(size, size))


def logits(adapter: Adapter, start: Array, says: Array, before: Any, after: Any) -> Array:
    """(turns, labels) from the base's logarithms, what the turns' words say in all blocks, and their `mixing`."""
    size = len(LABELS)
    total = start + says[:, :size] + before @ says[:, size : 2 * size] + after @ says[:, 2 * size :]
    found: Array = total @ adapter.factors + adapter.intercept
    return found


def to_folder(base: Path, adapter: Adapter) -> tuple[dict[str, bytes], str]:
    """The contents of the adapted model's folder by name, and its digest. The same adapter gives the same bytes."""
    contents = {f"{BASE}/{path.name}": path.read_bytes() for path in sorted(base.iterdir()) if _is_model_file(path)}
    own = to_files(adapter.weights, form=FORMAT, labels=_COLUMNS)
    contents |= {f"{OWN}/{name}": content for name, content in own.items()}
    description = {
        "format": FORMAT,
        "base": hashlib.sha256(contents[f"{BASE}/{NAMES[0]}"]).hexdigest(),
        "own": name_of(own),
        "factors": [[round(float(x), 6) for x in row] for row in adapter.factors],
        "intercept": [round(float(x), 6) for x in adapter.intercept],
    }
    contents[ADAPTER] = (json.dumps(description, indent=2) + "\n").encode()
    return contents, hashlib.sha256(contents[ADAPTER]).hexdigest()


def load_adapted(folder: Path) -> AdaptedModel:
    """The model of `to_folder`. Raises ModelError where it is damaged; nothing in it is run."""
    given, context, base_digest = read_weights(folder / BASE)
    base = EmotionModel(given, base_digest, context)
    try:
        raw = _read(folder / ADAPTER)
        description = json.loads(raw)
        contents = {name: _read(folder / OWN / name) for name in NAMES}
        weights, columns = from_files(contents, form=FORMAT)
        factors = np.array(description["factors"], dtype=np.float64)
        intercept = np.array(description["intercept"], dtype=np.float64)
        if description["format"] != FORMAT or columns != _COLUMNS:
            raise ValueError("格式不符")
        if (factors.shape, intercept.shape) != ((len(LABELS), len(LABELS)), (len(LABELS),)):
            raise ValueError("数组大小不符")
        if not (np.isfinite(factors).all() and np.isfinite(intercept).all()):
            raise ValueError("数组含有无效数值")
        if (description["base"], description["own"]) != (base.digest, name_of(contents)):
            raise ValueError("校验值不符")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"情绪模型已损坏或不是本程序的模型({error})"
        remedy = "请用 zhijian train emotion 重新训练"
        problem = Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy=remedy, file=str(folder))
        raise ModelError(problem) from error
    return AdaptedModel(base, Adapter(weights, factors, intercept), hashlib.sha256(raw).hexdigest())


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"{path.name} 大于 {MAX_FILE_BYTES // 1_000_000} MB")
    return path.read_bytes()


def _is_model_file(path: Path) -> bool:
    return path.name in NAMES or path.suffix == ".npy"
