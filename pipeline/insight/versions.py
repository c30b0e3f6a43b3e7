"""What a lake holds of the rules that its calls were judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding, MatchKind, RuleKind, Severity, VerdictValue
from pipeline.insight.changes import CallChange
from pipeline.insight.said import evidence_of
from pipeline.store.evidence import read_by_day
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

_FOUND = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)
_FINDING = "call_id rule_id n check operator turn role start_ms end_ms text match confidence explanation".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """A rule as the lake knows it: of its newest version that judged a call there."""

    title: str
    kind: RuleKind
    severity: Severity
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """Rules by which `calls` of a lake were judged. `current`: they are the very rules that are compared with it."""

    packs: tuple[str, ...]
    rules_digest: str
    calls: int
    current: bool


def stored_rules(lake: Lake, pack_id: str) -> dict[str, StoredRule]:
    """The rules of a pack of which the lake holds a verdict, by id. Raises LakeError."""
    columns = ["rule_id", "rule_version", "rule_title", "kind", "severity"]
    rows = read_by_day(
        lake,
        Table.VERDICTS,
        columns,
        lambda day: day[day["rule_id"].str.startswith(f"{pack_id}.")].drop_duplicates(["rule_id", "rule_version"]),
    )
    newest = rows.sort_values(["rule_id", "rule_version"], kind="stable").drop_duplicates("rule_id", keep="last")
    return {
        row["rule_id"]: StoredRule(
            title=row["rule_title"],
            kind=RuleKind(row["kind"]),
            severity=Severity(row["severity"]),
            version=int(row["rule_version"]),
        )
        for row in newest.to_dict("records")
    }


def stored_versions(lake: Lake, digest: str) -> tuple[StoredVersion, ...]:
    """By which rules the lake's calls were judged, the most calls first; `digest` is that of the rules of today."""
    rows = lake.read(Table.SCORES, columns=["packs", "rules_digest"])
    counts = Counter(zip(rows["rules_digest"], rows["packs"].map(tuple), strict=True))
    found = [
        StoredVersion(packs=packs, rules_digest=stored, calls=calls, current=stored == digest)
        for (stored, packs), calls in sorted(counts.items())
    ]
    return tuple(sorted(found, key=lambda version: -version.calls))


def with_stored_evidence(lake: Lake, changes: Sequence[CallChange]) -> tuple[CallChange, ...]:
    """The changes with what was said as the lake holds it, where the older version alone found something."""
    wanted = {(c.call_id, c.rule_id) for c in changes if not c.evidence and c.before in _FOUND}
    if not wanted:
        return tuple(changes)
    calls, rules = ({key[at] for key in wanted} for at in (0, 1))
    rows = read_by_day(
        lake, Table.FINDINGS, _FINDING, lambda day: day[day["call_id"].isin(calls) & day["rule_id"].isin(rules)]
    )
    findings: dict[tuple[str, str], list[Finding]] = {}
    for row in rows.sort_values(["call_id", "rule_id", "n"], kind="stable").to_dict("records"):
        findings.setdefault((row["call_id"], row["rule_id"]), []).append(_finding({str(k): v for k, v in row.items()}))
    return tuple(
        replace(c, evidence=evidence_of(findings.get((c.call_id, c.rule_id), ())))
        if (c.call_id, c.rule_id) in wanted
        else c
        for c in changes
    )


def _finding(row: dict[str, Any]) -> Finding:
    whole = {name: None if row[name] != row[name] else int(row[name]) for name in ("turn", "start_ms", "end_ms")}
    return Finding(
        rule_id=row["rule_id"],
        check=row["check"],
        operator=row["operator"],
        match=MatchKind(row["match"]),
        confidence=row["confidence"],
        explanation=row["explanation"],
        role=Role(row["role"]) if isinstance(row["role"], str) else None,
        text=row["text"],
        turn=whole["turn"],
        start_ms=whole["start_ms"],
        end_ms=whole["end_ms"],
    )
