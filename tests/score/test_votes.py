"""The one path from a transcript to a score gives the voice its vote, and a call without sound none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import Verdict, VerdictValue
from pipeline.emotion import EmotionModel, load_default
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.score.inspect import Inspection, Inspector, inspect_call
from pipeline.score.sheet import load_sheet

UPSET = """
客服 [0.0-2.0]: 您好,请问有什么可以帮您
客户 [2.2-4.0{}]: 气死我了,你们太过分了
客服 [4.2-6.0]: 我帮您查一下
客户 [6.2-8.0]: 昨天就说今天到
客服 [8.2-10.0]: 请您稍等
客户 [10.2-12.0]: 我的订单是昨天下的
客服 [12.2-14.0]: 已经为您查到
客户 [14.2-16.0{}]: 好的那我等一下
客户 [16.2-17.0]: 行
"""
RULE = "general.risk.customer_emotion"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules([asset("rules/general")])


@pytest.fixture(scope="module")
def model() -> EmotionModel:
    return load_default()


@pytest.fixture(scope="module")
def inspector(rules: RuleSet, model: EmotionModel) -> Inspector:
    sheet = load_sheet(asset("rules/scoresheets/standard.yml"), rule_ids=[r.spec.id for r in rules.rules])
    return Inspector(rules=rules, sheet=sheet, emotion_model=model)


def inspected(inspector: Inspector, dialogue: str, *, channel: Channel = Channel.VOICE) -> Inspection:
    return heard(inspector, Transcript(turns=parse_dialogue(dialogue), engine="given"), channel=channel)


def heard(inspector: Inspector, transcript: Transcript, *, channel: Channel = Channel.VOICE) -> Inspection:
    call = Call(call_id="c1", channel=channel, source="s", content_hash="h", turns=transcript.turns)
    return inspect_call(call, transcript, inspector)


def verdict(inspection: Inspection) -> Verdict:
    return next(v for v in inspection.verdicts if v.rule_id == RULE)


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.CHAT])
def test_a_call_without_sound_has_the_emotions_of_its_words(
    inspector: Inspector, model: EmotionModel, channel: Channel
) -> None:
    found = inspected(inspector, UPSET.format("", ""), channel=channel)
    assert found.emotions == model.predict(found.transcript.turns)
    assert all(e is None or e.voice is None for e in found.emotions)


def test_a_chat_has_no_voice_whatever_its_turns_carry(inspector: Inspector, model: EmotionModel) -> None:
    found = inspected(inspector, UPSET.format(" +8dB", ""), channel=Channel.CHAT)
    assert found.emotions == model.predict(found.transcript.turns)


def test_a_raised_voice_makes_angry_words_surer_and_stands_in_the_evidence(
    inspector: Inspector, model: EmotionModel
) -> None:
    found = inspected(inspector, UPSET.format(" +8dB +3st", ""))
    emotion, words = found.emotions[1], model.predict(found.transcript.turns)[1]
    assert emotion is not None
    assert words is not None
    assert (emotion.label, emotion.words) == (words.label, words.probabilities)
    assert emotion.confidence > words.confidence
    assert emotion.note == ""
    told = [f.explanation for f in verdict(found).findings if f.operator == "emotion"]
    assert [text for text in told if "语气升高,比平时响 8.0 分贝、高 3.0 个半音" in text]
    assert verdict(found).value is VerdictValue.VIOLATED


def test_the_evidence_names_only_what_was_measured(inspector: Inspector) -> None:
    turns = tuple(replace(t, pitch_hz=None) for t in parse_dialogue(UPSET.format(" +8dB", "")))
    found = heard(inspector, Transcript(turns=turns, engine="x"))
    told = "".join(f.explanation for f in verdict(found).findings if f.operator == "emotion")
    assert "语气升高,比平时响 8.0 分贝" in told
    assert "半音" not in told


def test_an_even_voice_leaves_angry_words_angry_and_says_so(inspector: Inspector) -> None:
    found = inspected(inspector, UPSET.format("", " +8dB"))
    emotion = found.emotions[1]
    assert emotion is not None
    assert emotion.note == "话语激烈,语气平稳"
    told = [f.explanation for f in verdict(found).findings if f.operator == "emotion"]
    assert all("话语激烈,语气平稳" in text and "分贝" not in text for text in told)


def test_calm_words_in_a_raised_voice_are_no_risk_but_noted(inspector: Inspector) -> None:
    calm = UPSET.replace("气死我了,你们太过分了", "我想问一下我的订单").format(" +8dB +3st", "")
    found = inspected(inspector, calm)
    assert found.emotions[1] is not None
    assert found.emotions[1].note == "话语平静,语气升高"
    assert verdict(found).value is VerdictValue.PASSED


def test_nobody_is_compared_with_another_where_roles_are_not_known(inspector: Inspector, model: EmotionModel) -> None:
    turns = parse_dialogue(UPSET.format(" +8dB", ""))
    found = heard(inspector, Transcript(turns=turns, engine="x", roles_known=False))
    assert found.emotions == model.predict(turns)


def test_a_turn_that_may_be_another_persons_keeps_its_words(inspector: Inspector, model: EmotionModel) -> None:
    turns = tuple(replace(t, role_confidence=0.6) for t in parse_dialogue(UPSET.format(" +8dB", "")))
    found = heard(inspector, Transcript(turns=turns, engine="x"))
    assert found.emotions == model.predict(turns)
