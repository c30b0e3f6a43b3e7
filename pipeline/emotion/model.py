"""The emotion of a turn from its words: a calibrated linear model over words and character runs.

What it cannot do is in its card, `models/emotion-zh/README.md`: words alone say little of a voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn
from pipeline.text.classify.features import plain_all

if TYPE_CHECKING:
    from pipeline.text.classify.weights import Weights

SERVICE_SIDE = frozenset({Role.AGENT, Role.SYSTEM})
_LABELS = tuple(EmotionLabel)


class EmotionModel:
    """Says of each turn how calm, satisfied, anxious, dissatisfied or angry its words are.

    `digest` is the SHA-256 (hex) that names the model; it stands in every row the model had a part in.
    Safe to use from several threads.
    """

    def __init__(self, weights: Weights, digest: str) -> None:
        from pipeline.text.classify.linear import LinearModel

        self.digest = digest
        self._model = LinearModel(weights)

    @classmethod
    def load(cls, folder: Path) -> EmotionModel:
        """The model in `folder`. Raises ModelError when it is missing, damaged or not one of ours."""
        from pipeline.emotion.files import read_weights

        return cls(*read_weights(folder))

    def predict(self, turns: Sequence[Turn]) -> tuple[TurnEmotion | None, ...]:
        """One entry per turn, in one pass: give the turns of a call, or of many, at once.

        None where there is nothing to judge: quarantined text, or no spoken character.
        """
        texts = plain_all(["" if turn.quarantined else turn.text for turn in turns])
        keys = [(text, turn.role in SERVICE_SIDE) for turn, text in zip(turns, texts, strict=True)]
        distinct = list(dict.fromkeys(key for key in keys if key[0]))
        if not distinct:
            return (None,) * len(keys)
        shares = self._model.probabilities([text for text, _ in distinct], [service for _, service in distinct])
        emotions = dict(zip(distinct, map(_emotion, shares.tolist()), strict=True))
        return tuple(emotions.get(key) for key in keys)


def load_default() -> EmotionModel:
    """The model that ships with zhijian. Raises ModelError."""
    return EmotionModel.load(asset("models/emotion-zh"))


def _emotion(shares: list[float]) -> TurnEmotion:
    confidence = max(shares)
    return TurnEmotion(_LABELS[shares.index(confidence)], confidence, dict(zip(_LABELS, shares, strict=True)))
