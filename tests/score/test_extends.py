from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.domain.errors import RuleError
from pipeline.score import ScoreSheet, load_sheet
from tests.score.build import RULES, SHEET

BASE = (
    SHEET.replace("t.ban.command", "t.ban.shirk2")
    .replace("      - {rule: t.ban.shirk2, deduct: 7.5}\n", "")
    .replace("fatal: [t.ban.abuse, t.ban.threat]", "fatal: [t.ban.abuse]")
)
ADDED = """\
id: bank
version: 3
title: 银行评分表
extends: base.yml
dimensions:
  - id: attitude
    deductions:
      - {rule: t.ban.command, deduct: 7.5}
fatal: [t.ban.threat]
flag:
  score_below: 60
"""


def load(folder: Path, added: str = ADDED) -> ScoreSheet:
    (folder / "base.yml").write_text(BASE, encoding="utf-8")
    (folder / "bank.yml").write_text(added, encoding="utf-8")
    return load_sheet(folder / "bank.yml", rule_ids=RULES)


def test_a_sheet_adds_its_lines_to_the_one_that_it_extends(tmp_path: Path) -> None:
    sheet = load(tmp_path)
    base = load_sheet(tmp_path / "base.yml", rule_ids=RULES)
    assert (sheet.id, sheet.version, sheet.title) == ("bank", 3, "银行评分表")
    assert sheet.fatal == (*base.fatal, "t.ban.threat")
    assert [d.rules for d in sheet.dimensions[:-1]] == [d.rules for d in base.dimensions[:-1]]
    assert sheet.dimensions[-1].rules == (*base.dimensions[-1].rules, "t.ban.command")
    assert sheet.bands == base.bands
    assert sheet.flag.score_below == 60
    assert sheet.flag.rules == base.flag.rules
    assert sheet.digest != base.digest


FAULTS = [
    ("rule: t.ban.command", "rule: t.ban.comand", 8, "没有规则"),
    ("rule: t.ban.command", "rule: t.ban.shirk", 8, "重复出现"),
    ("deduct: 7.5", "deduct: 很多", 8, "应为数字"),
    ("id: attitude", "id: atitude", 6, "没有维度“atitude”"),
    ("fatal: [t.ban.threat]", "fatal: [t.ban.thread]", 9, "没有规则"),
    ("fatal: [t.ban.threat]", "fatal: t.ban.threat", 9, "应为列表"),
    ("score_below: 60", "scorebelow: 60", 11, "不认识的项"),
    ("extends: base.yml", "extends: ../base.yml", 4, "同一文件夹"),
    ("extends: base.yml", "extends: bank.yml", 4, "完整的评分表"),
    ("extends: base.yml", "extends: nowhere.yml", None, "找不到文件"),
]


@pytest.mark.parametrize(("old", "new", "line", "what"), FAULTS, ids=[f"{f[1]} {f[3]}" for f in FAULTS])
def test_a_fault_is_reported_with_its_line(tmp_path: Path, old: str, new: str, line: int | None, what: str) -> None:
    assert ADDED.count(old) == 1
    with pytest.raises(RuleError) as caught:
        load(tmp_path, ADDED.replace(old, new))
    assert [(p.row, what in p.what) for p in caught.value.problems] == [(line, True)]
