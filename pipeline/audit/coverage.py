"""Proof that every rule gave every call exactly one verdict, by rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.store.evidence import read_by_day
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

if TYPE_CHECKING:
    import pandas as pd

_RULE = ["rule_id", "rule_version", "rule_title", "kind", "severity"]
_ROW = ["call_id", *_RULE, "verdict", "reason", "rules_digest", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCoverage:
    """How a rule came out over all calls of the lake.

    `calls` is all of them. They are the sum of the five verdicts, of `missing` (the call was inspected with a pack that
    holds the rule, and has no verdict of it) and of `outside` (the pack it was inspected with does not hold the rule).
    `surplus` counts verdict rows beyond the first of a call. `reasons` says why calls are undetermined, most frequent
    first. Title, kind and severity are those of the latest of the `versions`.
    """

    rule_id: str
    title: str
    kind: str
    severity: str
    versions: tuple[int, ...]
    calls: int
    passed: int
    violated: int
    suspected: int
    not_applicable: int
    undetermined: int
    missing: int
    outside: int
    surplus: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def complete(self) -> bool:
        """True when every call that the rule was to check has exactly one verdict of it."""
        return not (self.missing or self.surplus)


def coverage(lake: Lake, *, kinds: Collection[RuleKind] = tuple(RuleKind)) -> tuple[RuleCoverage, ...]:
    """One entry per rule of these kinds that gave any verdict, by id. Raises LakeError when the lake cannot be read.

    Which rules a pack holds is known from the verdicts given with its digest.
    """
    scores = lake.read(Table.SCORES, columns=["call_id", "rules_digest", "day"])
    calls_of = scores.groupby("rules_digest").size()
    counts = _counts(lake, scores, kinds)
    return tuple(
        _rule_coverage(str(rule_id), rows, calls_of, total=len(scores)) for rule_id, rows in counts.groupby("rule_id")
    )


def rules_of(lake: Lake) -> Mapping[str, frozenset[str]]:
    """The rules of each rules digest, as its verdicts show them."""
    pairs = read_by_day(lake, Table.VERDICTS, ["rules_digest", "rule_id"], lambda rows: rows.drop_duplicates())
    return {str(digest): frozenset(rules) for digest, rules in pairs.groupby("rules_digest")["rule_id"]}


def _counts(lake: Lake, scores: pd.DataFrame, kinds: Collection[RuleKind]) -> pd.DataFrame:
    """Verdict rows counted by rule, verdict and digest; `inspected_with` is the digest of the call's score."""
    digests = scores.drop_duplicates(["call_id", "day"]).rename(columns={"rules_digest": "inspected_with"})

    def counted(rows: pd.DataFrame) -> pd.DataFrame:
        ours = rows[rows["kind"].isin(kinds)].merge(digests, how="left", on=["call_id", "day"])
        undetermined = ours["verdict"] == VerdictValue.UNDETERMINED
        ours["reason"] = ours["reason"].where(undetermined, "")
        # A row beside a score of another day, or of none, is left over from somewhere.
        ours["surplus"] = ours.duplicated(["call_id", "rule_id"]) | ours["inspected_with"].isna()
        ours["inspected_with"] = ours["inspected_with"].fillna("")
        by = [*_RULE, "verdict", "reason", "rules_digest", "inspected_with", "surplus"]
        return ours.groupby(by, as_index=False).size()

    return read_by_day(lake, Table.VERDICTS, _ROW, counted)


def _rule_coverage(rule_id: str, rows: pd.DataFrame, calls_of: pd.Series, *, total: int) -> RuleCoverage:
    latest = rows.sort_values("rule_version", kind="stable").iloc[-1]
    single = rows[~rows["surplus"]]
    verdicts = single.groupby("verdict")["size"].sum()
    with_rule = calls_of[calls_of.index.isin(rows["rules_digest"])]
    given = single.groupby("inspected_with")["size"].sum()
    missing = with_rule - given.reindex(with_rule.index, fill_value=0)
    undetermined = single[single["verdict"] == VerdictValue.UNDETERMINED].groupby("reason")["size"].sum()
    reasons = sorted(undetermined.items(), key=lambda reason: (-reason[1], reason[0]))
    return RuleCoverage(
        rule_id=rule_id,
        title=str(latest["rule_title"]),
        kind=str(latest["kind"]),
        severity=str(latest["severity"]),
        versions=tuple(sorted(int(version) for version in rows["rule_version"].unique())),
        calls=total,
        **{str(value): int(verdicts.get(str(value), 0)) for value in VerdictValue},
        missing=int(missing.sum()),
        outside=total - int(single["size"].sum()) - int(missing.sum()),
        surplus=int(rows.loc[rows["surplus"], "size"].sum()),
        reasons=tuple((str(reason), int(n)) for reason, n in reasons),
    )
