"""How the votes of words and voice are joined, kept apart, and shown where they disagree."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Transcript
from pipeline.emotion.model import EmotionModel
from pipeline.emotion.voice import RAISED_SHARE, voice_votes

RAISED_WHEN: Mapping[EmotionLabel, float] = {
    EmotionLabel.SATISFIED: 0.15,
    EmotionLabel.CALM: 0.06,
    EmotionLabel.ANXIOUS: 0.25,
    EmotionLabel.DISSATISFIED: 0.15,
    EmotionLabel.ANGRY: 0.40,
}
"""How many turns of an emotion are raised. **Chosen, not measured**: no real calls with sound and labels were at hand.
Their order is what is known of voices (anger and joy raise them, anger most). With emotions as frequent as the model of
words takes them to be (its card: calm 75 %, dissatisfied 10 %, the others 5 % each) they make `RAISED_SHARE`."""

WORDS_SURE = 0.5
"""From here on the words' label is likelier than all others together, and a disagreement worth a note."""

CALM_WORDS_RAISED_VOICE = "话语平静,语气升高"
HEATED_WORDS_EVEN_VOICE = "话语激烈,语气平稳"

_SIDES = (
    frozenset({EmotionLabel.SATISFIED, EmotionLabel.CALM}),
    frozenset({EmotionLabel.ANXIOUS, EmotionLabel.DISSATISFIED, EmotionLabel.ANGRY}),
)


def emotions_of(model: EmotionModel, transcript: Transcript, signals: Signals) -> tuple[TurnEmotion | None, ...]:
    """The emotion of each turn, from its words and, where it was measured, its voice. `signals` are the transcript's.

    None where the words say nothing: a voice alone has no emotion. Without a voice it is what `model` says, unchanged.
    """
    words = model.predict(transcript.turns)
    voices = voice_votes(transcript.turns, signals)
    return tuple(
        emotion if emotion is None or voice is None else joined(emotion, voice)
        for emotion, voice in zip(words, voices, strict=True)
    )


def joined(emotion: TurnEmotion, voice: VoiceVote) -> TurnEmotion:
    """What words and voice say together; the words' own probabilities stay in `words`.

    Bayes' rule in logarithms: to the logarithm of the words' probability of each label comes that of how much likelier
    such a voice is with that label than with any, `raised` being itself only probable. So a voice raised with
    probability `RAISED_SHARE` changes nothing, and the result is as calibrated as the words are, as far as
    `RAISED_WHEN` is right and voice and words are independent given the emotion.

    The voice never takes the label from satisfied or calm to a worse one, nor back: its say ends where the two sides
    are equal. The more raised, the more probable is angry and the less calm, up to that end.
    """
    words = emotion.probabilities
    raised = _as_far_as_words_allow(emotion, voice.raised)
    shares = {label: share * _likelihood(label, raised) for label, share in words.items()}
    total = sum(shares.values())
    probabilities = {label: share / total for label, share in shares.items()}
    label = max((label for label in words if label in _side(emotion.label)), key=probabilities.__getitem__)
    return TurnEmotion(
        label=label,
        confidence=probabilities[label],
        probabilities=probabilities,
        words=words,
        voice=voice,
        note=_note(emotion, voice),
        alone=emotion.alone,
    )


def _likelihood(label: EmotionLabel, raised: float) -> float:
    """Of a voice that is raised with this probability, with the label against any label; linear in `raised`."""
    when = RAISED_WHEN[label]
    return raised * when / RAISED_SHARE + (1 - raised) * (1 - when) / (1 - RAISED_SHARE)


def _as_far_as_words_allow(emotion: TurnEmotion, raised: float) -> float:
    """`raised`, bounded so that no label of the other side becomes likelier than the words' label."""
    words, own = emotion.probabilities, emotion.label
    lowest, highest = 0.0, 1.0
    for other in words.keys() - _side(own):
        lead = words[own] - words[other]
        grows = words[own] * _slope(own) - words[other] * _slope(other)
        if grows < 0:
            highest = min(highest, RAISED_SHARE - lead / grows)
        elif grows > 0:
            lowest = max(lowest, RAISED_SHARE - lead / grows)
    return min(max(raised, lowest), highest)


def _slope(label: EmotionLabel) -> float:
    return _likelihood(label, 1.0) - _likelihood(label, 0.0)


def _side(label: EmotionLabel) -> frozenset[EmotionLabel]:
    return next(side for side in _SIDES if label in side)


def _note(words: TurnEmotion, voice: VoiceVote) -> str:
    if words.confidence < WORDS_SURE:
        return ""
    if words.label is EmotionLabel.CALM and voice.is_raised:
        return CALM_WORDS_RAISED_VOICE
    if words.label is EmotionLabel.ANGRY and voice.raised < RAISED_SHARE:
        return HEATED_WORDS_EVEN_VOICE
    return ""
