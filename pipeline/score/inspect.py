"""The one path from a transcript to a score. Flows, rule cases and back-tests all come through here."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.call import Call
from pipeline.domain.course import CallCourse, Trait
from pipeline.domain.emotion import TurnEmotion
from pipeline.domain.score import CallScore
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import Verdict
from pipeline.emotion import EmotionModel, emotions_of
from pipeline.emotion.course_of_call import course_of_call
from pipeline.emotion.customer import DEFAULT_OPTIONS, CustomerOptions, traits_of
from pipeline.emotion.seen import CallSeen
from pipeline.rulepack.cases import Judge
from pipeline.rulepack.judge import judge
from pipeline.rulepack.llm.question import LanguageModel
from pipeline.rulepack.load import RuleSet
from pipeline.rulepack.view import CallView, view_call
from pipeline.score.scoring import score_call
from pipeline.score.sheet import ScoreSheet
from pipeline.signals import measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """What calls are inspected with; loaded once, used for any number of calls.

    `language_model` answers the `llm` checks of rules; None where none is configured: then they are not judged.
    `customers` says which columns of a manifest tell a customer's level.
    """

    rules: RuleSet
    sheet: ScoreSheet
    emotion_model: EmotionModel
    timezone: str = "Asia/Shanghai"
    language_model: LanguageModel | None = None
    customers: CustomerOptions = DEFAULT_OPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything that was found out about one call."""

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    verdicts: tuple[Verdict, ...]
    score: CallScore
    course: CallCourse
    traits: tuple[Trait, ...]


def inspect_call(call: Call, transcript: Transcript, inspector: Inspector) -> Inspection:
    """Measures, judges and scores one call. The same inputs, and answers of a language model, give the same result."""
    view = view_of(
        call,
        transcript,
        inspector.rules,
        inspector.emotion_model,
        timezone=inspector.timezone,
        language_model=inspector.language_model,
    )
    verdicts = judge(inspector.rules, view)
    specs = {r.spec.id: r.spec for r in inspector.rules.rules}
    score = score_call(
        inspector.sheet,
        verdicts,
        severities={i: s.severity for i, s in specs.items()},
        titles={i: s.title for i, s in specs.items()},
        quarantined=transcript.quarantined_share,
    )
    seen = CallSeen(
        call=call,
        transcript=transcript,
        signals=view.signals,
        emotions=view.emotions,
        verdicts={v.rule_id: v for v in verdicts},
    )
    course = course_of_call(seen)
    return Inspection(
        call=call,
        transcript=transcript,
        signals=view.signals,
        emotions=view.emotions,
        verdicts=verdicts,
        score=score,
        course=course,
        traits=traits_of(seen, course, inspector.customers),
    )


def verdicts_of(rules: RuleSet, model: EmotionModel, *, timezone: str = "Asia/Shanghai") -> Judge:
    """The same path up to the verdicts, for rule cases: no score sheet is needed."""

    def verdicts(
        call: Call, transcript: Transcript, *, language_model: LanguageModel | None = None
    ) -> tuple[Verdict, ...]:
        view = view_of(call, transcript, rules, model, timezone=timezone, language_model=language_model)
        return judge(rules, view)

    return verdicts


def view_of(
    call: Call,
    transcript: Transcript,
    rules: RuleSet,
    model: EmotionModel,
    *,
    timezone: str = "Asia/Shanghai",
    language_model: LanguageModel | None = None,
) -> CallView:
    """The call as rules see it: measured, felt, and searched for the rules' phrases."""
    signals = measure(transcript, channel=call.channel)
    return view_call(
        call,
        transcript,
        signals,
        emotions_of(model, transcript, signals),
        rules.index,
        timezone=timezone,
        language_model=language_model,
    )
