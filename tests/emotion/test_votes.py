"""Words and voice as two votes: what they say together, and that neither is lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn
from pipeline.emotion import EmotionModel, emotions_of
from pipeline.emotion.voice import RAISED_SHARE
from pipeline.emotion.votes import (
    CALM_WORDS_RAISED_VOICE,
    HEATED_WORDS_EVEN_VOICE,
    RAISED_WHEN,
    WORDS_SURE,
    joined,
)

SATISFIED, CALM, ANXIOUS, DISSATISFIED, ANGRY = EmotionLabel
WORSE = {ANXIOUS, DISSATISFIED, ANGRY}
HOW_OFTEN = {SATISFIED: 0.05, CALM: 0.75, ANXIOUS: 0.05, DISSATISFIED: 0.1, ANGRY: 0.05}
"""The card of the model of words: to what its confidence is calibrated."""

VOICES = st.builds(VoiceVote, st.floats(0, 1))
SHARES = st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any)


def words(shares: Mapping[EmotionLabel, float]) -> TurnEmotion:
    total = sum(shares.values())
    probabilities = {label: shares.get(label, 0) / total for label in EmotionLabel}
    label = max(probabilities, key=probabilities.__getitem__)
    return TurnEmotion(label, probabilities[label], probabilities)


WORDS = SHARES.map(lambda shares: words(dict(zip(EmotionLabel, shares, strict=True))))


@given(WORDS, VOICES)
def test_both_votes_stay_beside_what_they_say_together(emotion: TurnEmotion, voice: VoiceVote) -> None:
    together = joined(emotion, voice)
    assert (together.words, together.voice) == (emotion.probabilities, voice)
    assert list(together.probabilities) == list(EmotionLabel)
    assert sum(together.probabilities.values()) == pytest.approx(1.0, abs=1e-9)
    assert min(together.probabilities.values()) >= 0
    assert together.confidence == together.probabilities[together.label]
    assert together.confidence == pytest.approx(max(together.probabilities.values()), abs=1e-9)


@given(WORDS, st.floats(0, 1), st.floats(0, 1))
def test_the_more_raised_the_more_angry_and_the_less_calm(emotion: TurnEmotion, one: float, other: float) -> None:
    less, more = (joined(emotion, VoiceVote(raised)).probabilities for raised in sorted((one, other)))
    assert more[ANGRY] >= less[ANGRY] - 1e-12
    assert more[CALM] <= less[CALM] + 1e-12


@given(WORDS, VOICES)
def test_the_voice_alone_never_makes_good_words_bad_nor_bad_words_good(emotion: TurnEmotion, voice: VoiceVote) -> None:
    assert (joined(emotion, voice).label in WORSE) is (emotion.label in WORSE)


@given(WORDS)
def test_a_voice_that_is_as_likely_raised_as_any_changes_nothing(emotion: TurnEmotion) -> None:
    together = joined(emotion, VoiceVote(RAISED_SHARE))
    assert together.label is emotion.label
    assert together.probabilities == pytest.approx(emotion.probabilities)


@given(WORDS, VOICES)
def test_the_same_votes_say_the_same(emotion: TurnEmotion, voice: VoiceVote) -> None:
    assert joined(emotion, voice) == joined(emotion, voice)


@given(WORDS, st.sampled_from([0.0, 1.0]))
def test_a_voice_heard_for_certain_is_weighed_by_bayes_rule_up_to_where_its_say_ends(
    emotion: TurnEmotion, raised: float
) -> None:
    """So that what was calibrated stays so where `RAISED_WHEN` is right."""
    together = joined(emotion, VoiceVote(raised)).probabilities
    heard = {label: when if raised else 1 - when for label, when in RAISED_WHEN.items()}
    exact = {label: share * heard[label] for label, share in emotion.probabilities.items()}
    bayes = {label: share / sum(exact.values()) for label, share in exact.items()}
    across = max(share for label, share in together.items() if (label in WORSE) is not (emotion.label in WORSE))
    assert together == pytest.approx(bayes) or across == pytest.approx(together[emotion.label])


def test_the_emotions_of_a_centre_make_the_share_of_raised_turns() -> None:
    """Else ordinary voices would, on the whole, make calls angrier or calmer than their words."""
    assert sum(HOW_OFTEN[label] * RAISED_WHEN[label] for label in EmotionLabel) == pytest.approx(RAISED_SHARE)


def test_agreement_raises_the_confidence() -> None:
    angry = words({ANGRY: 0.6, DISSATISFIED: 0.2, CALM: 0.2})
    assert joined(angry, VoiceVote(0.9)).confidence > 0.75
    assert joined(angry, VoiceVote(0.9)).note == ""
    glad = words({SATISFIED: 0.6, CALM: 0.4})
    assert joined(glad, VoiceVote(0.9)).confidence > 0.7
    assert joined(glad, VoiceVote(0.9)).label is SATISFIED


def test_a_raised_voice_tells_how_bad_bad_words_are() -> None:
    torn = words({DISSATISFIED: 0.5, ANGRY: 0.4, CALM: 0.1})
    assert (joined(torn, VoiceVote(0.9)).label, joined(torn, VoiceVote(0.02)).label) == (ANGRY, DISSATISFIED)


def test_calm_words_in_a_raised_voice_stay_calm_and_say_so() -> None:
    calm = words({CALM: 0.9, ANGRY: 0.03, DISSATISFIED: 0.05, ANXIOUS: 0.02})
    together = joined(calm, VoiceVote(0.95))
    assert (together.label, together.note) == (CALM, CALM_WORDS_RAISED_VOICE)
    assert 0.03 < together.probabilities[ANGRY] < 0.2
    assert 0.6 < together.confidence < 0.9


def test_angry_words_in_an_even_voice_are_a_little_less_sure_and_say_so() -> None:
    angry = words({ANGRY: 0.8, DISSATISFIED: 0.15, CALM: 0.05})
    together = joined(angry, VoiceVote(0.02))
    assert (together.label, together.note) == (ANGRY, HEATED_WORDS_EVEN_VOICE)
    assert 0.7 < together.confidence < 0.8


@pytest.mark.parametrize(
    ("shares", "raised"),
    [
        ({CALM: 0.9, ANGRY: 0.1}, 0.4),
        ({CALM: 0.45, ANGRY: 0.3, ANXIOUS: 0.25}, 0.9),
        ({SATISFIED: 0.9, CALM: 0.1}, 0.9),
        ({DISSATISFIED: 0.9, CALM: 0.1}, 0.01),
        ({ANGRY: 0.9, CALM: 0.1}, 0.3),
        ({ANGRY: 0.45, CALM: 0.3, ANXIOUS: 0.25}, 0.01),
    ],
    ids=str,
)
def test_no_note_where_the_votes_agree_or_one_is_unsure(shares: dict[EmotionLabel, float], raised: float) -> None:
    emotion = words(shares)
    assert emotion.confidence >= WORDS_SURE or emotion.confidence == pytest.approx(0.45)
    assert joined(emotion, VoiceVote(raised)).note == ""


SAID = (
    Turn(0, Role.AGENT, "您好,请问有什么可以帮您"),
    Turn(1, Role.CUSTOMER, "气死我了,你们太过分了"),
    Turn(2, Role.CUSTOMER, "谢谢观看", quarantine=Quarantine.STOCK),
    Turn(3, Role.CUSTOMER, "……"),
    Turn(4, Role.CUSTOMER, "我只是想问一下账单"),
)


def test_without_a_voice_the_emotions_are_those_of_the_words(model: EmotionModel) -> None:
    transcript = Transcript(turns=SAID, engine="given")
    emotions = emotions_of(model, transcript, Signals(rates_cpm=(180.0, 400.0, None, None, 200.0)))
    assert emotions == model.predict(SAID)
    assert all(e is None or (e.words, e.voice, e.note) == (None, None, "") for e in emotions)


def test_only_turns_whose_voice_was_measured_change(model: EmotionModel) -> None:
    signals = Signals(loudness_db=(None, 8.0, 8.0, 8.0, 8.0))
    alone = model.predict(SAID)
    emotions = emotions_of(model, Transcript(turns=SAID, engine="x"), signals)
    assert emotions[0] == alone[0]
    assert emotions[2:4] == (None, None)
    for index in (1, 4):
        emotion, before = emotions[index], alone[index]
        assert emotion is not None
        assert before is not None
        assert emotion.words == before.probabilities
        assert emotion.probabilities[ANGRY] > before.probabilities[ANGRY]
    assert [e.note for e in emotions if e is not None] == ["", "", CALM_WORDS_RAISED_VOICE]
