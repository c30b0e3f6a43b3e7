"""A back-test as tables: Parquet for programs, a workbook for people, who can write their reviews into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.domain.wording import RISK_FOUND, VERDICT_NAMES
from pipeline.insight.changes import Backtest, CallChange, Change, ComparedRule, RuleChange, ScoreChange, SideCount
from pipeline.insight.reviews import REVIEW_HEADER, Review
from pipeline.store.excel import Column, Kind, Sheet, write_workbook
from pipeline.store.files import replacing

CHANGE_NAMES: Mapping[Change, str] = {
    Change.NEWLY_HIT: "新命中",
    Change.NO_LONGER_HIT: "不再命中",
    Change.OTHER: "其他变化",
}
REVIEW_NAMES: Mapping[Review, str] = {Review.RIGHT: "确认", Review.WRONG: "误判"}

WORKBOOK = "backtest.xlsx"

_COUNTS = ("newly_hit", "newly_right", "newly_wrong", "no_longer_hit", "lost_right", "lost_wrong", "other")
_SIDES = ("before", "after")

_RULE_COLUMNS = (
    Column("rule_id", "规则编号", 30),
    Column("title", "规则", 30),
    Column("version_before", "旧版", 7, Kind.INT),
    Column("version_after", "新版", 7, Kind.INT),
    Column("hits_before", "旧命中", 9, Kind.INT),
    Column("hits_after", "新版命中", 9, Kind.INT),
    Column("newly_hit", "新命中", 9, Kind.INT),
    Column("no_longer_hit", "不再命中", 9, Kind.INT),
    Column("other", "其他变化", 9, Kind.INT),
    Column("suspected_before", "旧存疑", 9, Kind.INT),
    Column("suspected_after", "新版存疑", 9, Kind.INT),
    Column("reviewed_before", "旧命中已复核", 9, Kind.INT),
    Column("precision_before", "旧准确率", 9, Kind.PERCENT),
    Column("reviewed_after", "新版命中已复核", 9, Kind.INT),
    Column("precision_after", "新版准确率", 9, Kind.PERCENT),
    Column("precision_after_low", "95% 区间下限", 9, Kind.PERCENT),
    Column("precision_after_high", "95% 区间上限", 9, Kind.PERCENT),
    Column("lost_right", "丢了确认的", 9, Kind.INT),
    Column("newly_wrong", "新误判", 9, Kind.INT),
)
_CHANGE_COLUMNS = (
    Column("call_id", "通话编号", 20),
    Column("rule_id", "规则编号", 30),
    Column("title", "规则", 26),
    Column("change_name", "变化", 10),
    Column("before_name", "旧判定", 9),
    Column("after_name", "新判定", 9),
    Column("evidence", "原话", 50, Kind.WRAP),
    Column("reason_before", "旧版的理由", 36, Kind.WRAP),
    Column("reason_after", "新版的理由", 36, Kind.WRAP),
    Column("known_review", "已有的复核", 10),
    Column("review", REVIEW_HEADER, 16),
    Column("review_note", "复核说明", 30, Kind.WRAP),
)
_SCORE_COLUMNS = (
    Column("call_id", "通话编号", 20),
    Column("before", "旧得分", 9, Kind.SCORE),
    Column("after", "新得分", 9, Kind.SCORE),
    Column("difference", "相差", 9, Kind.SCORE),
    Column("grade_before", "旧等级", 8),
    Column("grade_after", "新等级", 8),
    Column("flagged_before", "旧版要复核", 9),
    Column("flagged_after", "新版要复核", 9),
)
_NOTES = (
    "“命中”是判为违规的通话数；存疑的另计，不算命中。",
    "准确率只算命中里有人复核过的：确认和部分成立算对，误判算错。复核的多是被标记的通话，不等于全部通话上的准确率。",
    "可以在“判定变化”里填“复核结论”：这通话确实违反这条规则写“确认”，没有违反写“误判”（不论新版旧版怎么判）。"
    "填好后用 zhijian rules backtest … --reviews 这个文件，再算一次准确率。",
    "电话、证件、卡号和邮箱已打码。",
)


def write_tables(result: Backtest, out: Path, *, timezone: ZoneInfo) -> tuple[Path, ...]:
    """Three Parquet tables and a workbook in the folder `out`; the same back-test gives the same files.

    Raises UserError when the workbook cannot be written, OSError when a table cannot.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    real, whole, text, flag = pa.float64(), pa.int64(), pa.string(), pa.bool_()
    rules = [_rule_row(rule) for rule in result.rules]
    changes = [asdict(change) for change in result.changes]
    scores = [_score_row(change) for change in result.scores.changes]
    versions = {
        "rule_id": text,
        "title": text,
        "kind": text,
        "version_before": whole,
        "version_after": whole,
        "stable": flag,
    }
    counts = dict.fromkeys([*(_side_names(whole=True)), *_COUNTS], whole)
    tables = {
        "backtest_rules": (rules, versions | counts | dict.fromkeys(_side_names(whole=False), real)),
        "backtest_changes": (changes, {f.name: text for f in fields(CallChange)}),
        "backtest_scores": (
            scores,
            {"call_id": text, "before": real, "after": real, "difference": real}
            | {"grade_before": text, "grade_after": text, "flagged_before": flag, "flagged_after": flag},
        ),
    }
    written = []
    for name, (rows, columns) in tables.items():
        path = out / f"{name}.parquet"
        with replacing(path) as file:
            pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(columns.items())), file)
        written.append(path)
    write_workbook(out / WORKBOOK, _sheets(result, rules, scores), timezone=timezone, title="规则回测", notes=_NOTES)
    return (*written, out / WORKBOOK)


def _sheets(
    result: Backtest, rules: Sequence[Mapping[str, Any]], scores: Sequence[Mapping[str, Any]]
) -> tuple[Sheet, ...]:
    rules_by_id = {rule.rule.rule_id: rule.rule for rule in result.rules}
    return (
        Sheet("规则", _RULE_COLUMNS, rules),
        Sheet("判定变化", _CHANGE_COLUMNS, (_change_row(c, rules_by_id[c.rule_id]) for c in result.changes)),
        Sheet("分数变化", _SCORE_COLUMNS, scores),
    )


def _side_names(*, whole: bool) -> list[str]:
    """The columns of both sides: counts, or precisions."""
    names = [f.name for f in fields(SideCount)]
    if whole:
        return [f"{name}_{side}" for side in _SIDES for name in names]
    return [f"precision_{side}{end}" for side in _SIDES for end in ("", "_low", "_high")]


def _rule_row(change: RuleChange) -> dict[str, Any]:
    row = asdict(change.rule) | {name: getattr(change, name) for name in _COUNTS}
    for side, counts in zip(_SIDES, (change.before, change.after), strict=True):
        row |= {f"{name}_{side}": value for name, value in asdict(counts).items()}
        if (precision := counts.precision) is not None:
            values = {"": precision.share, "_low": precision.low, "_high": precision.high}
            row |= {f"precision_{side}{end}": value for end, value in values.items()}
    return row


def _change_row(change: CallChange, rule: ComparedRule) -> dict[str, Any]:
    return {
        "call_id": change.call_id,
        "rule_id": change.rule_id,
        "title": rule.title,
        "change_name": CHANGE_NAMES[change.change],
        "before_name": verdict_name(change.before, rule.kind),
        "after_name": verdict_name(change.after, rule.kind),
        "evidence": change.evidence,
        "reason_before": change.reason_before,
        "reason_after": change.reason_after,
        "known_review": "" if change.review is None else REVIEW_NAMES[change.review],
    }


def verdict_name(value: VerdictValue | None, kind: RuleKind) -> str:
    """违规, 存疑 …; 风险 for a hit about the customer; where that side has no such rule, that."""
    if value is None:
        return "没有判定"
    return RISK_FOUND if value is VerdictValue.VIOLATED and kind is RuleKind.RISK else VERDICT_NAMES[value]


def _score_row(change: ScoreChange) -> dict[str, Any]:
    row = asdict(change) | {"difference": change.difference}
    return {
        name: float(v) if name in ("before", "after", "difference") and v is not None else v for name, v in row.items()
    }
