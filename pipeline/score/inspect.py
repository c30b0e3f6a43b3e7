"""The one path from a transcript to a score. Flows, rule cases and back-tests all come through here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.call import Call
from pipeline.domain.emotion import TurnEmotion
from pipeline.domain.score import CallScore
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import Verdict
from pipeline.emotion import EmotionModel
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import RuleSet
from pipeline.rulepack.view import CallView, view_call
from pipeline.score.scoring import score_call
from pipeline.score.sheet import ScoreSheet
from pipeline.signals import measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """What calls are inspected with; loaded once, used for any number of calls."""

    rules: RuleSet
    sheet: ScoreSheet
    emotion_model: EmotionModel
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything that was found out about one call."""

    call: Call
    transcript: Transcript
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    verdicts: tuple[Verdict, ...]
    score: CallScore


def inspect_call(call: Call, transcript: Transcript, inspector: Inspector) -> Inspection:
    """Measures, judges and scores one call. Pure: the same inputs give the same result."""
    judged = _judge(call, transcript, inspector.rules, inspector.emotion_model, inspector.timezone)
    specs = {r.spec.id: r.spec for r in inspector.rules.rules}
    score = score_call(
        inspector.sheet,
        judged.verdicts,
        severities={i: s.severity for i, s in specs.items()},
        titles={i: s.title for i, s in specs.items()},
        quarantined=transcript.quarantined_share,
    )
    return Inspection(
        call=call,
        transcript=transcript,
        signals=judged.signals,
        emotions=judged.emotions,
        verdicts=judged.verdicts,
        score=score,
    )


def verdicts_of(
    rules: RuleSet, model: EmotionModel, *, timezone: str = "Asia/Shanghai"
) -> Callable[[Call, Transcript], tuple[Verdict, ...]]:
    """The same path up to the verdicts, for rule cases: no score sheet is needed."""
    return lambda call, transcript: _judge(call, transcript, rules, model, timezone).verdicts


@dataclass(frozen=True, slots=True)
class _Judged:
    signals: Signals
    emotions: tuple[TurnEmotion | None, ...]
    verdicts: tuple[Verdict, ...]


def view_of(
    call: Call, transcript: Transcript, rules: RuleSet, model: EmotionModel, *, timezone: str = "Asia/Shanghai"
) -> CallView:
    """The call as rules see it: measured, felt, and searched for the rules' phrases."""
    signals = measure(transcript, channel=call.channel)
    return view_call(call, transcript, signals, model.predict(transcript.turns), rules.index, timezone=timezone)


def _judge(call: Call, transcript: Transcript, rules: RuleSet, model: EmotionModel, timezone: str) -> _Judged:
    view = view_of(call, transcript, rules, model, timezone=timezone)
    return _Judged(view.signals, view.emotions, judge(rules, view))
