"""A lake with one call, inspected as a run inspects it, for the tests of `zhijian rules explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Transcript, Turn
from pipeline.emotion import load_default
from pipeline.rulepack.load import RuleSet
from pipeline.score.inspect import Inspector, inspect_call
from pipeline.score.sheet import load_sheet
from pipeline.store.inspected import InspectedCall, Provenance, RuleInfo
from pipeline.store.lake import Lake
from pipeline.store.rows import batch_rows


def written_call(turns: tuple[Turn, ...] | None, **more: Any) -> Call:
    return Call(
        call_id="c1",
        channel=Channel.VOICE,
        source="清单.csv",
        content_hash="hash-1",
        turns=turns,
        started_at=datetime(2026, 3, 2, 4, 0, tzinfo=UTC),
        metadata={"网点": "一号"},
        **more,
    )


def transcript_of(turns: tuple[Turn, ...], engine: str) -> Transcript:
    return Transcript(turns=turns, engine=engine, duration_ms=7_000)


def lake_with(
    folder: Path, call: Call, transcript: Transcript, rules: RuleSet, *, rules_digest: str | None = None
) -> Lake:
    """A lake with the call inspected as a run inspects it."""
    model = load_default()
    ids = [r.spec.id for r in rules.rules]
    sheet = load_sheet(asset("rules/scoresheets/standard.yml"), rule_ids=ids)
    found = inspect_call(call, transcript, Inspector(rules=rules, sheet=sheet, emotion_model=model))
    one = InspectedCall(
        call=call,
        transcript=transcript,
        signals=found.signals,
        emotions=found.emotions,
        verdicts=found.verdicts,
        score=found.score,
        course=found.course,
        traits=found.traits,
        rules={r.spec.id: RuleInfo(r.spec.title, r.spec.kind, r.spec.severity) for r in rules.rules},
        provenance=Provenance(
            run_id="run-1",
            packs=("general@1.0.0",),
            rules_digest=rules_digest or rules.digest,
            sheet_id=sheet.id,
            sheet_version="1",
            sheet_digest=sheet.digest,
            emotion_digest=model.digest,
        ),
    )
    lake = Lake(folder / "lake")
    lake.stage("b", batch_rows([one]), run_id="run-1")
    lake.publish()
    return lake
