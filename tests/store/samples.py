"""Inspected calls to store: small, whole, and told apart by what a test varies."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from pipeline.domain.call import Call, Channel
from pipeline.domain.course import (
    CallCourse,
    ChangePoint,
    CurvePoint,
    EmpathyOrder,
    Grade,
    Recovery,
    SideCourse,
    Sign,
    Trait,
    TraitKind,
)
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.score import CallScore, ScoreItem
from pipeline.domain.signals import Overlap, OverlapKind, Signals, Silence
from pipeline.domain.transcript import Role, Transcript, Turn, Word
from pipeline.domain.verdict import Finding, MatchKind, RuleKind, Severity, Verdict, VerdictValue
from pipeline.store.inspected import InspectedCall, Provenance, RuleInfo
from pipeline.store.lake import Lake, Published
from pipeline.store.rows import batch_rows, failure_row
from pipeline.store.schemas import Row

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon of 2 March in Shanghai

COURSE = CallCourse(
    customer=SideCourse(
        role=Role.CUSTOMER,
        points=(CurvePoint(1, -0.8, -0.7, 1.0), CurvePoint(3, -0.1, -0.2, 0.5)),
        changes=(ChangePoint(3, -0.8, -0.1),),
        peak=EmotionLabel.ANGRY,
        peak_turn=1,
        end=EmotionLabel.CALM,
    ),
    agent=None,
    empathy_turns=(2,),
    order=EmpathyOrder(kept=True, reason="先致歉", upset_turn=1, empathy_turn=2, solution_turn=4),
    recovery=Recovery(empathy_turn=2, before=-0.8, after=-0.1, turns=1),
    recovery_reason="",
)
NO_COURSE = CallCourse(
    customer=None,
    agent=None,
    empathy_turns=(),
    order=EmpathyOrder(kept=None, reason="没有不满"),
    recovery=None,
    recovery_reason="没有不满",
)
TRAIT = Trait(
    kind=TraitKind.IMPATIENT,
    role=Role.CUSTOMER,
    grade=Grade.SIGNS,
    strength=0.5,
    strength_at_most=0.8,
    signs=(
        Sign(
            code="urging",
            title="催促的话",
            unit="句",
            threshold=2,
            weight=0.85,
            value=3,
            strength=0.667,
            turns=(1, 3),
            explanation="催促的话:3 句",
        ),
        Sign(
            code="fast_speech",
            title="语速快",
            unit="字/分",
            threshold=300,
            weight=0.4,
            value=None,
            strength=None,
            explanation="语速快:无法测量",
        ),
    ),
    explanation="急躁型:有迹象",
)


def provenance(run_id: str = "run-1") -> Provenance:
    return Provenance(
        run_id=run_id,
        packs=("general@3", "banking@1"),
        rules_digest="rules",
        sheet_id="standard",
        sheet_version="2",
        sheet_digest="sheet",
        emotion_digest="emotion",
    )


def voice_call(
    call_id: str = "c1",
    *,
    started_at: datetime | None = NOON,
    score: str = "87.5",
    run_id: str = "run-1",
    n_turns: int = 2,
) -> InspectedCall:
    """A recording with a violated and a suspected rule, one interruption, and one silence of more than 3 s."""
    turns = tuple(_turn(index) for index in range(n_turns))
    finding = Finding(
        rule_id="general.banned.shirk",
        check="shirk",
        operator="phrase",
        match=MatchKind.SOUND,
        confidence=0.75,
        explanation="说了“不归我管”",
        turn=0,
        role=Role.AGENT,
        start_ms=0,
        end_ms=900,
        char_start=0,
        char_end=4,
        text="不归我管",
        matched="不归我管",
        wanted="不归我管",
    )
    verdicts = (
        Verdict(
            rule_id="general.banned.shirk",
            rule_version=3,
            value=VerdictValue.VIOLATED,
            reason="推诿",
            findings=(finding, finding),
        ),
        Verdict(rule_id="general.closing", rule_version=1, value=VerdictValue.SUSPECTED, reason="听不清"),
    )
    return InspectedCall(
        call=Call(
            call_id=call_id,
            channel=Channel.VOICE,
            source="名单.csv",
            content_hash="hash-" + call_id,
            audio_path=Path("录音") / f"{call_id}.wav",
            agent_id="a7",
            agent_name="小李",
            team="一组",
            started_at=started_at,
            csat=4.0,
            agent_channel=0,
            metadata={"区域": "华东"},
        ),
        transcript=Transcript(turns=turns, engine="whisper@1", duration_ms=60_000),
        signals=Signals(
            duration_ms=60_000,
            silences=(
                Silence(1_000, 4_000, after_turn=0, before_turn=1),
                Silence(9_000, 13_000, after_turn=1, before_turn=None),
            ),
            overlaps=(
                Overlap(800, 1_000, by=Role.CUSTOMER, turn=1, over_turn=0, held_ms=800, kind=OverlapKind.BACK_CHANNEL),
                Overlap(5_000, 5_500, by=Role.AGENT, turn=0, over_turn=1, held_ms=2_000, kind=OverlapKind.INTERRUPTION),
            ),
            rates_cpm=(200.0,) * n_turns,
            agent_rate_cpm=210.0,
            silence_ms=7_000,
            longest_silence_ms=4_000,
        ),
        emotions=tuple(
            TurnEmotion(EmotionLabel.ANGRY, 0.6, {EmotionLabel.ANGRY: 0.6, EmotionLabel.CALM: 0.4}) if i == 0 else None
            for i in range(n_turns)
        ),
        verdicts=verdicts,
        score=CallScore(
            score=Decimal(score),
            score_if_confirmed=Decimal("80.0"),
            grade="B",
            fatal=False,
            flagged=True,
            judged_weight=0.9,
            items=(
                _item("general.closing", VerdictValue.SUSPECTED, points="0", lost="0"),
                _item("general.banned.shirk", VerdictValue.VIOLATED, points="12.5", lost="12.5"),
            ),
            reasons=("推诿 −12.5",),
            flag_reasons=("一项待确认",),
        ),
        course=COURSE,
        traits=(TRAIT,),
        rules={
            "general.banned.shirk": RuleInfo("禁语：推诿", RuleKind.BANNED, Severity.CRITICAL),
            "general.closing": RuleInfo("结束语", RuleKind.SCRIPTED, Severity.MINOR),
        },
        provenance=provenance(run_id),
    )


def bare_chat(call_id: str = "chat-1") -> InspectedCall:
    """A chat of which next to nothing is known: no times, no agent, no rule, no score."""
    turns = (Turn(0, Role.CUSTOMER, "在吗"),)
    return InspectedCall(
        call=Call(
            call_id=call_id, channel=Channel.CHAT, source="聊天.json", content_hash="hash-" + call_id, turns=turns
        ),
        transcript=Transcript(turns=turns, engine="given"),
        signals=Signals(),
        emotions=(None,),
        verdicts=(),
        score=CallScore(
            score=None,
            score_if_confirmed=None,
            grade=None,
            fatal=False,
            flagged=False,
            judged_weight=0.0,
            items=(),
            reasons=(),
            flag_reasons=(),
        ),
        course=NO_COURSE,
        traits=(),
        rules={},
        provenance=provenance(),
    )


def publish(lake: Lake, *calls: InspectedCall, run_id: str = "run-1") -> Published:
    lake.stage("batch", batch_rows(calls), run_id=run_id)
    return lake.publish()


def failure(source: str, *, call_id: str | None = None, run_id: str = "run-1", what: str = "坏了") -> Row:
    problem = Problem(code=ProblemCode.BAD_VALUE, what=what, remedy="请改正", call_id=call_id)
    return failure_row(problem, source=source, run_id=run_id)


def _turn(index: int) -> Turn:
    text = "不归我管" if index % 2 == 0 else "怎么这样"
    start_ms = index * 1_000
    words = tuple(
        Word(c, start_ms + i * 100, start_ms + i * 100 + 100, 0.5 + 0.1 * i, i, i + 1) for i, c in enumerate(text)
    )
    return Turn(index, (Role.AGENT, Role.CUSTOMER)[index % 2], text, start_ms, start_ms + 900, words)


def _item(rule_id: str, verdict: VerdictValue, *, points: str, lost: str) -> ScoreItem:
    return ScoreItem(
        dimension="attitude",
        dimension_title="服务态度",
        rule_id=rule_id,
        title=rule_id,
        verdict=verdict,
        judged=verdict is VerdictValue.VIOLATED,
        points=Decimal(points),
        lost=Decimal(lost),
        fatal=False,
        reason="",
    )
