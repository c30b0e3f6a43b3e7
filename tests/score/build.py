"""Small score sheets and verdicts to score with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.domain.score import CallScore
from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.score import ScoreSheet, load_sheet, score_call

P = VerdictValue.PASSED
V = VerdictValue.VIOLATED
S = VerdictValue.SUSPECTED
N = VerdictValue.NOT_APPLICABLE
U = VerdictValue.UNDETERMINED

TITLES = {
    "t.open.greet": "问候",
    "t.open.name": "报姓名",
    "t.solve.ask": "确认需求",
    "t.solve.answer": "解答",
    "t.solve.sum": "总结",
    "t.ban.refuse": "直接拒绝",
    "t.ban.shirk": "推诿责任",
    "t.ban.command": "命令客户",
    "t.ban.rude": "态度恶劣",
    "t.ban.abuse": "辱骂客户",
    "t.ban.threat": "威胁客户",
    "t.risk.complain": "客户扬言投诉",
}
RULES = tuple(TITLES)

SEVERITIES = dict.fromkeys(RULES, Severity.MINOR) | {
    "t.ban.shirk": Severity.MAJOR,
    "t.ban.rude": Severity.CRITICAL,
    "t.ban.abuse": Severity.CRITICAL,
}

SHEET = """\
id: small
version: 1
title: 小评分表
dimensions:
  - id: opening
    title: 开场白
    weight: 20
    items:
      - {rule: t.open.greet, points: 3}
      - {rule: t.open.name, points: 1}
  - id: solving
    title: 解决
    weight: 50
    items:
      - {rule: t.solve.ask, points: 1}
      - {rule: t.solve.answer, points: 1}
      - {rule: t.solve.sum, points: 1}
    deductions:
      - {rule: t.ban.refuse, deduct: 10}
  - id: attitude
    title: 服务态度
    weight: 30
    deductions:
      - {rule: t.ban.shirk, deduct: 10}
      - {rule: t.ban.command, deduct: 7.5}
      - {rule: t.ban.rude, deduct: 20}
fatal: [t.ban.abuse, t.ban.threat]
bands:
  - {min: 90, grade: A, title: 优秀}
  - {min: 60, grade: C, title: 合格}
  - {min: 0, grade: D, title: 不合格}
flag:
  score_below: 75
  violated: [critical]
  suspected: [critical, major]
  rules: [t.risk.complain]
"""


def sheet_of(folder: Path, text: str = SHEET) -> ScoreSheet:
    """The sheet that `text` describes."""
    path = folder / "sheet.yml"
    path.write_text(text, encoding="utf-8")
    return load_sheet(path, rule_ids=RULES)


def verdicts_of(values: Mapping[str, VerdictValue], *, otherwise: VerdictValue = P) -> tuple[Verdict, ...]:
    """One verdict per rule of the small sheet."""
    return tuple(
        Verdict(rule_id=rule, rule_version=1, value=values.get(rule, otherwise), reason=f"{title}的原因")
        for rule, title in TITLES.items()
    )


def scored(sheet: ScoreSheet, values: Mapping[str, VerdictValue], *, otherwise: VerdictValue = P) -> CallScore:
    """The score of a call on which the rules came out as `values`, all others as `otherwise`."""
    return score_call(sheet, verdicts_of(values, otherwise=otherwise), SEVERITIES, TITLES)
