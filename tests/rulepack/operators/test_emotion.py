"""Nobody is judged by what was said around a sentence."""

from __future__ import annotations

import pytest

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import VerdictValue
from pipeline.emotion import load_default
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.view import view_call
from pipeline.signals import measure

RULE = "general.behaviour.agent_emotion"


def feeling(angry: float) -> dict[EmotionLabel, float]:
    return dict.fromkeys(EmotionLabel, 0.0) | {EmotionLabel.ANGRY: angry, EmotionLabel.CALM: 1 - angry}


@pytest.mark.parametrize(
    ("alone", "value", "says"),
    [
        (0.9, VerdictValue.VIOLATED, ""),
        (None, VerdictValue.VIOLATED, ""),
        (0.1, VerdictValue.SUSPECTED, "连同前后的话,这一句本身只有 10%"),
    ],
    ids=["its own words say so", "it has no neighbours", "its neighbours say so"],
)
def test_a_turn_that_only_its_neighbours_make_angry_is_for_a_person_to_decide(
    alone: float | None, value: VerdictValue, says: str
) -> None:
    turns = (Turn(0, Role.CUSTOMER, "我想查一下订单"), Turn(1, Role.AGENT, "您的订单昨天已经发出"))
    own = None if alone is None else feeling(alone)
    felt = (None, TurnEmotion(EmotionLabel.ANGRY, 0.95, feeling(0.95), alone=own))
    transcript = Transcript(turns=turns, engine="given")
    call = Call(call_id="c", channel=Channel.VOICE, source="s", content_hash="h", turns=turns)
    rules = load_rules([asset("rules/general")])
    view = view_call(call, transcript, measure(transcript, channel=Channel.VOICE), felt, rules.index)
    verdict = next(v for v in judge(rules, view) if v.rule_id == RULE)
    assert verdict.value is value
    assert says in verdict.reason


def test_the_model_keeps_what_a_turn_says_by_itself() -> None:
    angry, calm = Turn(0, Role.CUSTOMER, "你们这帮骗子我要投诉你们"), Turn(1, Role.CUSTOMER, "我昨天下的单")
    model = load_default()
    (single,) = model.predict([calm])
    _, beside = model.predict([angry, calm])
    assert single is not None
    assert beside is not None
    assert single.alone is None
    assert beside.alone == pytest.approx(single.probabilities)
    assert beside.probabilities != beside.alone
