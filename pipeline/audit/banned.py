"""The banned-phrase audit for compliance: every hit with its evidence, and the proof that every call was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pipeline.audit.coverage import RuleCoverage, coverage, rules_of
from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.domain.wording import CHANNEL_NAMES, SEVERITY_NAMES
from pipeline.privacy import mask
from pipeline.privacy.frames import masked
from pipeline.store.evidence import (
    EVIDENCE_COLUMNS,
    gravest_first,
    in_order_of,
    read_by_day,
    read_verdicts,
    readable,
    records,
    with_evidence,
)
from pipeline.store.excel import Column, Kind, Sheet, write_workbook
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from pipeline.store.staging import UNKNOWN_DAY

if TYPE_CHECKING:
    import pandas as pd

_CALL = (
    Column("call_id", "通话编号", 20),
    Column("started_at", "开始时间", 19, Kind.DATETIME),
    Column("agent_id", "坐席编号", 10),
    Column("agent_name", "坐席姓名", 10),
    Column("team", "班组", 12),
    Column("channel_name", "渠道", 9),
    Column("queue", "队列", 10),
)
_TRACE = (
    Column("rule", "规则编号@版本", 30),
    Column("rules_digest", "规则包摘要", 20),
    Column("engine", "转写引擎", 24),
    Column("content_hash", "录音/文本摘要", 20),
    Column("run_id", "运行编号", 20),
)
_HITS = (*_CALL, *EVIDENCE_COLUMNS, *_TRACE)
_UNJUDGED = (*_CALL, Column("rule_title", "规则", 28), Column("why", "为何未能判断", 50, Kind.WRAP), *_TRACE)
_COVERAGE = (
    Column("rule_id", "规则编号", 28),
    Column("title", "规则", 28),
    Column("severity", "严重程度", 9),
    Column("versions", "版本", 8),
    Column("calls", "通话总数", 9, Kind.INT),
    Column("passed", "未发现", 8, Kind.INT),
    Column("violated", "违规", 7, Kind.INT),
    Column("suspected", "存疑", 7, Kind.INT),
    Column("not_applicable", "不适用", 8, Kind.INT),
    Column("undetermined", "无法判断", 9, Kind.INT),
    Column("missing", "缺少判定", 9, Kind.INT),
    Column("outside", "规则包不含此规则", 11, Kind.INT),
    Column("surplus", "重复判定", 9, Kind.INT),
    Column("complete", "每通恰有一个判定", 11),
    Column("reasons", "无法判断的原因（通数）", 60, Kind.WRAP),
)
_FAILURES = (
    Column("call_id", "通话编号", 20),
    Column("source", "来源", 30),
    Column("file", "文件", 30),
    Column("row", "行", 6, Kind.INT),
    Column("message", "原因", 40, Kind.WRAP),
    Column("remedy", "怎么办", 40, Kind.WRAP),
    Column("code", "代码", 18),
    Column("run_id", "运行编号", 20),
)

_BANNED = (RuleKind.BANNED,)
_NO_VERDICT = "没有这条规则的判定记录"
_NOTES = (
    "禁语命中：每处证据一行，含违规和存疑；存疑的可能是识别有误，需要人工确认。",
    "覆盖证明：每条禁语规则在全部通话上的结果，没有命中的规则也在内；每行的七种结果之和等于通话总数。",
    "未能判断：没有违规不等于已检查。这里逐通列出没能作出判断的禁语规则和原因。",
    "未检失败：完全没能质检的录音或记录；它们不在通话总数里。",
    "电话、证件、卡号和邮箱已打码。摘要为 SHA-256，可据此找回所用的规则包、评分表和录音。",
)


def export_banned(lake: Lake, out: Path, *, timezone: ZoneInfo | None = None) -> int:
    """Write the audit of all banned-phrase rules to the workbook `out`; gives the number of rows of 禁语命中.

    Times of day are in `timezone`, None means the lake's own. Raises LakeError when the lake cannot be read,
    UserError when `out` cannot be written.
    """
    import pandas as pd

    scores = lake.read(Table.SCORES).sort_values(["started_at", "call_id"], na_position="last", kind="stable")
    covered = coverage(lake, kinds=_BANNED)
    hits = readable(with_evidence(gravest_first(_with_call(scores, read_verdicts(lake, kinds=_BANNED))), lake))
    undetermined = read_verdicts(lake, values=(VerdictValue.UNDETERMINED,), kinds=_BANNED)
    unjudged = _with_call(scores, pd.concat([undetermined, _without_verdict(lake, scores, covered)]))
    failures = lake.read(Table.FAILURES)
    texts = ["source", "file", "message", "remedy"]
    sheets = (
        Sheet("禁语命中", _HITS, records(hits, _HITS)),
        Sheet("覆盖证明", _COVERAGE, [_coverage_row(rule) for rule in covered]),
        Sheet("未能判断", _UNJUDGED, records(unjudged.assign(why=masked(unjudged["reason"])), _UNJUDGED)),
        Sheet("未检失败", _FAILURES, records(failures.assign(**{t: masked(failures[t]) for t in texts}), _FAILURES)),
    )
    notes = (*_summary(scores, failures), *_NOTES)
    write_workbook(out, sheets, timezone=timezone or lake.timezone, title="禁语审计", notes=notes)
    return len(hits)


def _with_call(scores: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """The verdicts in the calls' order, each with its call and `rule` as id@version."""
    calls = scores.assign(
        channel_name=scores["channel"].map(CHANNEL_NAMES),
        **{text: masked(scores[text]) for text in ("agent_name", "team", "queue")},
    )
    known = [column.key for column in (*_CALL, *_TRACE) if column.key in calls and column.key not in verdicts]
    rows = in_order_of(scores, verdicts).merge(calls[["call_id", *known]], on="call_id")
    rule = [f"{i}@{int(v)}" if v == v else i for i, v in zip(rows["rule_id"], rows["rule_version"], strict=True)]
    return rows.assign(rule=rule, rule_title=masked(rows["rule_title"]))


def _without_verdict(lake: Lake, scores: pd.DataFrame, covered: Sequence[RuleCoverage]) -> pd.DataFrame:
    """A row for each call and rule that should have a verdict and has none."""
    import pandas as pd

    rules = rules_of(lake)
    lacking = {rule.rule_id: rule.title for rule in covered if rule.missing}
    given = read_by_day(
        lake, Table.VERDICTS, ["call_id", "rule_id"], lambda rows: rows[rows["rule_id"].isin(lacking)]
    ).drop_duplicates()
    wanted = pd.DataFrame(
        [
            (call_id, rule_id, lacking[rule_id], digest, _NO_VERDICT)
            for call_id, digest in scores[["call_id", "rules_digest"]].itertuples(index=False, name=None)
            for rule_id in sorted(rules.get(digest, frozenset()) & lacking.keys())
        ],
        columns=["call_id", "rule_id", "rule_title", "rules_digest", "reason"],
    )
    pairs = wanted.merge(given, how="left", on=["call_id", "rule_id"], indicator=True)
    return pairs[pairs["_merge"] == "left_only"].drop(columns="_merge")


def _coverage_row(rule: RuleCoverage) -> Mapping[str, Any]:
    return {
        **{column.key: getattr(rule, column.key) for column in _COVERAGE},
        "title": mask(rule.title),
        "severity": SEVERITY_NAMES[rule.severity],
        "versions": "、".join(map(str, rule.versions)),
        "reasons": [f"{mask(reason)}（{n}）" for reason, n in rule.reasons],
    }


def _summary(scores: pd.DataFrame, failures: pd.DataFrame) -> list[str]:
    """What was inspected, with what. No time of writing: the same lake gives the same file."""
    days = sorted(set(scores["day"]) - {UNKNOWN_DAY})
    span = f"通话日期 {days[0]} 至 {days[-1]}" if days else "没有已知日期的通话"
    undated = int((scores["day"] == UNKNOWN_DAY).sum())
    lines = [f"{span}；通话总数 {len(scores)}，其中日期不明 {undated}；未检失败 {len(failures)}。"]
    packs = scores.assign(packs=["、".join(packs) for packs in scores["packs"]])
    for title, by in (
        ("规则包", ["packs", "rules_digest"]),
        ("评分表", ["sheet_id", "sheet_version", "sheet_digest"]),
        ("情绪模型", ["emotion_digest"]),
        ("转写引擎", ["engine"]),
    ):
        for origin, n in packs.groupby(by).size().items():
            lines.append(f"{title} {' '.join(map(str, origin if isinstance(origin, tuple) else (origin,)))}：{n} 通")
    return lines
