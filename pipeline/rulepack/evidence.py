"""What is known of a rule's reliability: `evidence.yml` of a pack, written by the back-test and kept with the rules.

An entry speaks of the rule as it was then: it names the digest of what the rule judges by, and no longer counts once
that has changed. A new title, guidance or status leaves it valid.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.rulepack.load import EVIDENCE_FILE, Rule
from pipeline.rulepack.schema import Strict, Text
from pipeline.rulepack.yamlfile import build, dump_yaml, read_yaml

MIN_CALLS = 200
"""Calls of a back-test that a stable rule needs; RULES.md, status is evidence."""
MIN_REVIEWED = 30
"""Hits that reviewers must have decided, or all hits where there are fewer. Ours: from here on the 95 % interval of a
precision is at most 34 points wide."""

_Z = 1.959963984540054
_CODE = ProblemCode.RULE_INVALID
_HEADER = "# 由 zhijian rules backtest 写出:每条规则在多少通话上试过、命中多少、复核了多少、其中判对多少。请勿手改。\n"


class Evidence(Strict):
    """One rule's back-test: `hits` of `calls` were hit, `reviewed` of the hits were decided by people, `right` of those
    were confirmed. `on` says which calls these were.
    """

    rule: Text
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    calls: Annotated[int, Field(ge=0)]
    hits: Annotated[int, Field(ge=0)]
    reviewed: Annotated[int, Field(ge=0)]
    right: Annotated[int, Field(ge=0)]
    date: date
    on: Text

    @model_validator(mode="after")
    def _counts_fit(self) -> Evidence:
        if not self.right <= self.reviewed <= self.hits <= self.calls:
            raise ValueError("应有 right ≤ reviewed ≤ hits ≤ calls")
        return self

    @property
    def precision(self) -> Precision | None:
        """None where nobody reviewed a hit."""
        return precision_of(self.right, self.reviewed)


@dataclass(frozen=True, slots=True)
class Precision:
    """The share of hits that are right, with its 95 % interval; all are 0 to 1."""

    share: float
    low: float
    high: float


def precision_of(right: int, reviewed: int) -> Precision | None:
    """The precision of `reviewed` hits of which `right` were confirmed; None where nobody reviewed any."""
    return Precision(right / reviewed, *wilson(right, reviewed)) if reviewed else None


def wilson(right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of `right` out of `n` > 0 (E. B. Wilson, JASA 22, 1927)."""
    share = right / n
    middle = share + _Z * _Z / (2 * n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    scale = 1 + _Z * _Z / n
    # At the ends the bound is exact, and rounding would put it a hair inside.
    return (middle - half) / scale if right else 0.0, (middle + half) / scale if right < n else 1.0


def rule_digest(rule: Rule) -> str:
    """SHA-256 (hex) of what the rule judges by: its checks, with the model files they use, and its expressions, not
    its wording, status or version."""
    spec = rule.spec
    content: dict[str, Any] = {"applies": spec.applies, "expect": spec.expect, "forbid": spec.forbid}
    content |= {"checks": spec.checks, "files": [d for c in rule.checks.values() for d in c.params.file_digests]}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_evidence(folder: Path) -> dict[str, Evidence]:
    """The evidence of a pack by rule id, empty where it has none. Raises RuleError with every problem of the file."""
    path = folder / EVIDENCE_FILE
    if not path.is_file():
        return {}
    document = read_yaml(path, name=f"{folder.name}/{path.name}")
    if not isinstance(document.value, list):
        raise RuleError(document.problem(_CODE, (), "证据文件应是列表", "请用 zhijian rules backtest 重新写出"))
    found: dict[str, Evidence] = {}
    problems: list[Problem] = []
    for i, entry in enumerate(document.value):
        try:
            evidence = build(Evidence, document, entry, (i,), code=_CODE)
        except RuleError as error:
            problems += error.problems
            continue
        if evidence.rule in found:
            problems.append(document.problem(_CODE, (i,), f"规则“{evidence.rule}”写了两次", "请删去旧的"))
        found[evidence.rule] = evidence
    if problems:
        raise RuleError(problems)
    return found


def write_evidence(folder: Path, found: Iterable[Evidence]) -> None:
    """Adds to a pack's evidence; what it had of the same rules is replaced, the rest stays. Raises RuleError."""
    merged = read_evidence(folder) | {e.rule: e for e in found}
    entries = [merged[rule].model_dump() for rule in sorted(merged)]
    text = _HEADER + dump_yaml(entries)
    temporary = folder / f".{EVIDENCE_FILE}.tmp"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / EVIDENCE_FILE)


def evidence_lacks(rule: Rule, evidence: Mapping[str, Evidence]) -> tuple[str, ...]:
    """What is missing in the evidence for the rule to be `stable`, in Chinese; empty where nothing is."""
    found = evidence.get(rule.spec.id)
    if found is None:
        return (f"没有回测证据(至少 {MIN_CALLS} 通,命中要有人复核)",)
    if found.digest != rule_digest(rule):
        return (f"规则在 {found.date} 回测之后改过,证据已过时",)
    lacks = []
    if found.calls < MIN_CALLS:
        lacks.append(f"回测只有 {found.calls} 通,要 {MIN_CALLS} 通")
    if found.hits == 0:
        lacks.append("回测没有命中,测不出准确率")
    elif found.reviewed < (needed := min(MIN_REVIEWED, found.hits)):
        lacks.append(f"命中只复核了 {found.reviewed} 处,要 {needed} 处")
    return tuple(lacks)
