"""What a verdict rests on, in words that may be passed on: personal data is masked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pipeline.domain.verdict import Finding, Verdict
from pipeline.domain.wording import ROLE_NAMES
from pipeline.privacy.frames import masked_part
from pipeline.privacy.mask import mask
from pipeline.store.evidence import place

MOST_EVIDENCE = 3
"""Pieces of evidence told of one verdict."""


def evidence_of(findings: Sequence[Finding]) -> str:
    """A line for each of the first pieces: `00:21–00:23 客服：…`; empty where nothing that was said is evidence."""
    lines = list(dict.fromkeys(_lines(findings)))
    more = [f"(另有 {len(lines) - MOST_EVIDENCE} 处)"] if len(lines) > MOST_EVIDENCE else []
    return "\n".join([*lines[:MOST_EVIDENCE], *more])


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.text:
            who = "" if finding.role is None else f"{ROLE_NAMES[finding.role]}："
            where = place(_number(finding.start_ms), _number(finding.end_ms), _number(finding.turn))
            yield f"{where} {who}{mask(finding.text)}"


def masked_reason(verdict: Verdict) -> str:
    """The verdict's reason; a piece of a number that it quotes is masked as it is in what was said."""
    reason = verdict.reason
    for finding in verdict.findings:
        hit = masked_part(finding.text, finding.matched, _number(finding.char_start), _number(finding.char_end))
        if finding.matched and hit != finding.matched:
            reason = reason.replace(finding.matched, hit)
    return mask(reason)


def _number(value: int | None) -> float:
    return math.nan if value is None else value
