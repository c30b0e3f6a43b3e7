"""One call through everything: the verdicts of rules reach the types, and nothing is told that was not measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.domain.course import Grade, Trait, TraitKind
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.emotion import load_default
from pipeline.emotion.customer import CustomerOptions
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import Inspection, Inspector, inspect_call
from pipeline.score.sheet import load_sheet

SAID = (
    (Role.AGENT, "您好请问有什么可以帮您"),
    (Role.CUSTOMER, "你们太过分了等了三天都没有人管我非常生气"),
    (Role.AGENT, "非常抱歉给您带来不便"),
    (Role.CUSTOMER, "今天再不给我处理我就打12315投诉你们"),
    (Role.AGENT, "我马上帮您申请退款"),
    (Role.CUSTOMER, "我已经给12315打过电话了你们看着办"),
)


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    rules = load_rules((asset("rules/general"),))
    sheet = load_sheet(asset("rules/scoresheets/standard.yml"), rule_ids=[r.spec.id for r in rules.rules])
    return Inspector(rules=rules, sheet=sheet, emotion_model=load_default())


def inspected(inspector: Inspector, **metadata: str) -> Inspection:
    turns = tuple(Turn(n, role, text) for n, (role, text) in enumerate(SAID))
    call = Call(
        call_id="c1", channel=Channel.CHAT, source="会话.jsonl", content_hash="h", turns=turns, metadata=metadata
    )
    return inspect_call(call, Transcript(turns=turns, engine="given"), inspector)


def trait(of: Inspection, kind: TraitKind) -> Trait:
    return next(t for t in of.traits if t.kind is kind)


def test_what_the_rules_found_reaches_the_threats_with_its_words(inspector: Inspector) -> None:
    threat = trait(inspected(inspector), TraitKind.THREAT_REGULATOR)
    assert threat.grade is Grade.CLEAR
    assert threat.turns == (3, 5)
    assert "12315" in threat.explanation


def test_the_course_is_that_of_the_calls_emotions(inspector: Inspector) -> None:
    course = inspected(inspector).course
    assert (course.order.kept, course.order.upset_turn, course.order.solution_turn) == (True, 1, 4)
    assert course.customer is not None
    assert course.customer.peak_turn in (1, 3, 5)


def test_the_columns_that_name_good_customers_are_the_inspectors(inspector: Inspector) -> None:
    assert trait(inspected(inspector, 级别="A3"), TraitKind.PREMIUM).grade is Grade.UNDETERMINED
    own = replace(inspector, customers=CustomerOptions.of(["级别"], ["A3"]))
    assert trait(inspected(own, 级别="A3"), TraitKind.PREMIUM).grade is Grade.CLEAR


def test_the_same_call_gives_the_same_course_and_types(inspector: Inspector) -> None:
    one, other = inspected(inspector), inspected(inspector)
    assert (one.course, one.traits) == (other.course, other.traits)
