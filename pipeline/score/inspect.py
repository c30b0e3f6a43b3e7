"""The one path from a transcript to a score. Flows, rule cases and back-tests all come through here."""

from __future__ import annotations

from collections.abc import Sequence
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
from pipeline.rulepack.view import view_call
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
    signals = measure(transcript, channel=call.channel)
    emotions = tuple(inspector.emotion_model.predict(transcript.turns))
    verdicts = judge_call(call, transcript, signals, emotions, inspector)
    specs = {r.spec.id: r.spec for r in inspector.rules.rules}
    score = score_call(
        inspector.sheet,
        verdicts,
        severities={i: s.severity for i, s in specs.items()},
        titles={i: s.title for i, s in specs.items()},
    )
    return Inspection(
        call=call, transcript=transcript, signals=signals, emotions=emotions, verdicts=verdicts, score=score
    )


def judge_call(
    call: Call,
    transcript: Transcript,
    signals: Signals,
    emotions: Sequence[TurnEmotion | None],
    inspector: Inspector,
) -> tuple[Verdict, ...]:
    """One verdict for every rule on the call."""
    view = view_call(call, transcript, signals, emotions, inspector.rules.index, timezone=inspector.timezone)
    return judge(inspector.rules, view)
