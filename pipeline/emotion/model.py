"""The emotion of a turn from its words: a calibrated linear model over words and character runs, then the neighbours.

What it cannot do is in its card, `models/emotion-zh/README.md`: words alone say little of a voice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise, repeat
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.scope import own_feelings
from pipeline.text.classify.features import plain_all

if TYPE_CHECKING:
    from pipeline.emotion.context import Context
    from pipeline.text.classify.weights import Array, Weights

SERVICE_SIDE = frozenset({Role.AGENT, Role.SYSTEM})
_LABELS = tuple(EmotionLabel)


class EmotionModel:
    """Says of each turn how calm, satisfied, anxious, dissatisfied or angry its words are, and those around it.

    `digest` is the SHA-256 (hex) that names the model; it stands in every row the model had a part in. Without
    `context`, turns are judged each by itself. Safe to use from several threads.
    """

    def __init__(self, weights: Weights, digest: str, context: Context | None = None) -> None:
        from pipeline.emotion.context import no_context
        from pipeline.text.classify.linear import LinearModel

        self.digest = digest
        self._model = LinearModel(weights)
        self._context = context or no_context(len(_LABELS))

    @classmethod
    def load(cls, folder: Path) -> EmotionModel:
        """The model in `folder`. Raises ModelError when it is missing, damaged or not one of ours."""
        from pipeline.emotion.adapter import ADAPTER, load_adapted
        from pipeline.emotion.files import read_weights

        if (folder / ADAPTER).is_file():
            return load_adapted(folder)
        weights, context, digest = read_weights(folder)
        return cls(weights, digest, context)

    def predict(self, turns: Sequence[Turn]) -> tuple[TurnEmotion | None, ...]:
        """One entry per turn of one call, in order: neighbours have a say, so give no turns of several calls.

        None where there is nothing to judge: quarantined text, or no spoken character.
        """
        return self.predict_calls([turns])[0]

    def predict_calls(self, calls: Sequence[Sequence[Turn]]) -> list[tuple[TurnEmotion | None, ...]]:
        """`predict` of each call, the words of all in one pass: the faster way where there are many."""
        from pipeline.emotion.context import in_context
        from pipeline.text.classify.linear import softmax

        turns = [turn for call in calls for turn in call]
        texts = own_feelings(plain_all(["" if turn.quarantined else turn.text for turn in turns]))
        spoken = [n for n, text in enumerate(texts) if text]
        roles = [turns[n].role for n in spoken]
        logits = self._model.logits([texts[n] for n in spoken], [role in SERVICE_SIDE for role in roles])
        emotions: list[TurnEmotion | None] = [None] * len(turns)
        bounds = list(accumulate(map(len, calls), initial=0))
        places = list(accumulate((bool(text) for text in texts), initial=0))
        for begin, end in pairwise(bounds):
            part = slice(places[begin], places[end])
            shares, alone = in_context(logits[part], roles[part], self._context), softmax(logits[part])
            for n, emotion in zip(spoken[part], emotions_from(shares, alone), strict=True):
                emotions[n] = emotion
        return [tuple(emotions[begin:end]) for begin, end in pairwise(bounds)]


def load_default() -> EmotionModel:
    """The model that ships with zhijian. Raises ModelError."""
    return EmotionModel.load(asset("models/emotion-zh"))


def emotions_from(shares: Array, alone: Array) -> Iterator[TurnEmotion]:
    """One for each row of `shares` (turns, labels), all of one call; `alone` are those without the neighbours' say."""
    likeliest, confidences = shares.argmax(axis=1).tolist(), shares.max(axis=1).tolist()
    own = _by_label(alone) if len(shares) > 1 else repeat(None)
    for best, confidence, probabilities, by_itself in zip(likeliest, confidences, _by_label(shares), own, strict=False):
        yield TurnEmotion(_LABELS[best], confidence, probabilities, alone=by_itself)


def _by_label(shares: Array) -> list[dict[EmotionLabel, float]]:
    satisfied, calm, anxious, dissatisfied, angry = _LABELS
    # Written out, for there is one for every turn of every call: three times as fast as zipping.
    return [
        {satisfied: first, calm: second, anxious: third, dissatisfied: fourth, angry: fifth}
        for first, second, third, fourth, fifth in shares.tolist()
    ]
