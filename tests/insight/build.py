"""Small lakes with planted findings, and the way back from a workbook to its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from pipeline.domain.call import Call, Channel
from pipeline.domain.course import CallCourse, EmpathyOrder, Trait
from pipeline.domain.score import CallScore, ScoreItem
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Finding, MatchKind, RuleKind, Severity, Verdict, VerdictValue
from pipeline.store.inspected import InspectedCall, Provenance, RuleInfo
from pipeline.store.lake import Lake
from pipeline.store.rows import batch_rows
from pipeline.store.schemas import Row

P = VerdictValue.PASSED
V = VerdictValue.VIOLATED
S = VerdictValue.SUSPECTED
N = VerdictValue.NOT_APPLICABLE
U = VerdictValue.UNDETERMINED

SHIRK, ABUSE, GREET, COMPLAINT = "t.banned.shirk", "t.banned.abuse", "t.opening.greet", "t.risk.complaint"
RULES = {
    SHIRK: RuleInfo("推卸责任", RuleKind.BANNED, Severity.MAJOR),
    ABUSE: RuleInfo("辱骂客户", RuleKind.BANNED, Severity.CRITICAL),
    GREET: RuleInfo("开场问候", RuleKind.SCRIPTED, Severity.MINOR),
    COMPLAINT: RuleInfo("客户扬言投诉", RuleKind.RISK, Severity.MAJOR),
}
NO_COURSE = CallCourse(
    customer=None,
    agent=None,
    empathy_turns=(),
    order=EmpathyOrder(kept=None, reason="客户没有明显不满,不作判断"),
    recovery=None,
    recovery_reason="客户没有明显不满,无从恢复",
)
"""Of a call in which no emotion was read."""

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Noon of 2 March 2026 in Shanghai."""


def hit(
    rule_id: str = SHIRK,
    *,
    said: str = "这个不归我管",
    matched: str = "不归我管",
    start_ms: int | None = 65_000,
    end_ms: int | None = 67_500,
    match: MatchKind = MatchKind.EXACT,
    confidence: float = 0.9,
    role: Role = Role.AGENT,
    turn: int | None = 3,
    explanation: str | None = None,
) -> Finding:
    """Evidence that `matched` was said."""
    start = said.find(matched)
    return Finding(
        rule_id=rule_id,
        check="said",
        operator="phrase",
        match=match,
        confidence=confidence,
        explanation=f"客服说“{matched}”" if explanation is None else explanation,
        turn=turn,
        role=role,
        start_ms=start_ms,
        end_ms=end_ms,
        char_start=start,
        char_end=start + len(matched),
        text=said,
        matched=matched,
        wanted=matched,
    )


def inspected(
    call_id: str,
    values: Mapping[str, VerdictValue] | None = None,
    *findings: Finding,
    score: str | None = "90.0",
    fatal: bool = False,
    flagged: bool = True,
    flag_reasons: Sequence[str] = ("得分低",),
    reasons: Sequence[str] = (),
    unjudged_reason: str = "角色分不清",
    team: str | None = "一组",
    agent_id: str | None = "A1",
    agent_name: str | None = "李静",
    started_at: datetime | None = NOON,
    channel: Channel = Channel.VOICE,
    queue: str | None = "售后",
    turns: tuple[Turn, ...] = (),
    engine: str = "whisper@1",
    roles_known: bool = True,
    rules: Mapping[str, RuleInfo] = RULES,
    rules_digest: str = "rules-1",
    course: CallCourse | None = None,
    traits: tuple[Trait, ...] = (),
) -> InspectedCall:
    """A call on which each of `rules` came out as in `values`, else passed, with these findings as its evidence."""
    given = {rule: (values or {}).get(rule, P) for rule in rules}
    verdicts = tuple(
        Verdict(
            rule_id=rule,
            rule_version=2,
            value=value,
            reason=unjudged_reason if value is U else f"{rules[rule].title}的原因",
            findings=tuple(f for f in findings if f.rule_id == rule),
        )
        for rule, value in given.items()
    )
    item = ScoreItem(
        dimension="d",
        dimension_title="服务态度",
        rule_id=next(iter(rules)),
        title="一项",
        verdict=P,
        judged=True,
        points=Decimal(100),
        lost=Decimal(0),
        fatal=False,
        reason="",
    )
    return InspectedCall(
        call=Call(
            call_id=call_id,
            channel=channel,
            source="清单.csv",
            content_hash=f"hash-{call_id}",
            audio_path=Path(f"{call_id}.wav"),
            agent_id=agent_id,
            agent_name=agent_name,
            team=team,
            started_at=started_at,
            queue=queue,
        ),
        transcript=Transcript(turns=turns, engine=engine, duration_ms=90_000, roles_known=roles_known),
        signals=Signals(duration_ms=90_000),
        emotions=(None,) * len(turns),
        verdicts=verdicts,
        score=CallScore(
            score=None if score is None else Decimal(score),
            score_if_confirmed=None if score is None else Decimal(score) - 5 * (S in given.values()),
            grade=None if score is None else "B",
            fatal=fatal,
            flagged=flagged,
            judged_weight=0.9,
            items=(item,),
            reasons=tuple(reasons),
            flag_reasons=tuple(flag_reasons) if flagged else (),
        ),
        course=course or NO_COURSE,
        traits=traits,
        rules=rules,
        provenance=Provenance(
            run_id="run-1",
            packs=("t@1.0.0",),
            rules_digest=rules_digest,
            sheet_id="standard",
            sheet_version="1",
            sheet_digest="sheet-1",
            emotion_digest="emotion-1",
        ),
    )


def lake_of(folder: Path, *calls: InspectedCall, failures: Sequence[Row] = ()) -> Lake:
    """A published lake with these calls."""
    lake = Lake(folder / "lake")
    lake.stage("batch", batch_rows(calls), run_id="run-1", failures=failures)
    lake.publish()
    return lake


def sheet_rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by their headers; none where the sheet says that it has none."""
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    headers = [str(header) for header in next(rows)]
    return [dict(zip(headers, row, strict=True)) for row in rows if row[0] != "没有记录"]


def all_cells(path: Path) -> list[Any]:
    """Every value of every sheet."""
    book = openpyxl.load_workbook(path)
    return [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None]
