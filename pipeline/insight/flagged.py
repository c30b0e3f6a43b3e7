"""The calls that a person should look at, with their evidence, for QA staff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.domain.wording import CHANNEL_NAMES, clock
from pipeline.insight.people import SIGN_COLUMNS, people_of
from pipeline.insight.reviews import REVIEW_HEADER
from pipeline.privacy.frames import masked
from pipeline.store.evidence import (
    EVIDENCE_COLUMNS,
    gravest_first,
    in_order_of,
    read_verdicts,
    readable,
    records,
    verdict_names,
    with_evidence,
)
from pipeline.store.excel import Column, Kind, Sheet, write_workbook
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

if TYPE_CHECKING:
    import pandas as pd

_REVIEW = (Column("review", REVIEW_HEADER, 16), Column("review_note", "复核说明", 30, Kind.WRAP))

_CALL_COLUMNS = (
    Column("call_id", "通话编号", 20),
    Column("score", "得分", 8, Kind.SCORE),
    Column("score_if_confirmed", "存疑项全部成立时的得分", 12, Kind.SCORE),
    Column("grade", "等级", 6),
    Column("fatal", "一票否决", 9),
    Column("agent_id", "坐席编号", 10),
    Column("agent_name", "坐席姓名", 10),
    Column("team", "班组", 12),
    Column("channel_name", "渠道", 9),
    Column("queue", "队列", 10),
    Column("started_at", "开始时间", 19, Kind.DATETIME),
    Column("flag_reasons", "为何标记", 40, Kind.WRAP),
    Column("violated_titles", "违规项", 28, Kind.WRAP),
    Column("suspected_titles", "存疑项", 28, Kind.WRAP),
    Column("risk_titles", "客户风险", 24, Kind.WRAP),
    Column("traits", "客户类型、威胁与失控", 44, Kind.WRAP),
    Column("course", "情绪走势", 44, Kind.WRAP),
    Column("reasons", "扣分明细", 50, Kind.WRAP),
    Column("listen_first", "建议先听", 24, Kind.WRAP),
    Column("quarantined_share", "隔离的识别文字", 10, Kind.PERCENT),
    *_REVIEW,
)

_EVIDENCE_COLUMNS = (
    Column("call_id", "通话编号", 20),
    *EVIDENCE_COLUMNS,
    Column("rule_id", "规则编号", 28),
    Column("rule_version", "规则版本", 9, Kind.INT),
    *_REVIEW,
)

_NOTES = (
    "“待复核”每通一行，最需要关注的在前：一票否决的在最前，其余按得分由低到高，未评分的在后。",
    "“证据”与“待复核”的通话顺序相同，每处证据一行；违规在前，存疑在后。存疑的没有扣分，需要人工确认。",
    "“匹配方式”：逐字与规则的说法一字不差；同音、近音是语音识别可能写错字时按读音找到的；句式符合规则的句式；"
    "测量由时间算出；缺失是应有而没有找到。",
    "“类型与迹象”：客户类型、威胁和双方失控靠哪些迹象得出，每个迹象一行；它们不扣分，只供参考。没有测到的迹象写“未测量”，"
    "不等于没有。怎样得出、怎样提出异议，见 docs/zh/情绪与客户类型.md。",
    "“隔离的识别文字”：语音模型可能凭空写出、没有人说过的文字所占的比例，不参与判断；比例高的请以录音为准。",
    "电话、证件、卡号和邮箱已打码。",
)


def export_flagged(lake: Lake, out: Path, *, timezone: ZoneInfo | None = None) -> int:
    """Write the flagged calls and their evidence to the workbook `out`; gives the number of calls.

    Times of day are in `timezone`, None means the lake's own. Raises LakeError when the lake cannot be read,
    UserError when `out` cannot be written.
    """
    scores = lake.read(Table.SCORES)
    flagged = worst_first(scores[scores["flagged"]])
    shares = lake.read(Table.CALLS, columns=["call_id", "quarantined_share"])
    flagged = flagged.merge(shares, on="call_id", how="left", validate="one_to_one")
    verdicts = gravest_first(in_order_of(flagged, read_verdicts(lake)))
    evidence = with_evidence(verdicts, lake)
    people = people_of(lake, list(flagged["call_id"]))
    calls = flagged_calls(flagged, verdicts, evidence)
    calls = calls.assign(traits=calls["call_id"].map(people.traits), course=calls["call_id"].map(people.course))
    sheets = (
        Sheet("待复核", _CALL_COLUMNS, records(calls, _CALL_COLUMNS)),
        Sheet("证据", _EVIDENCE_COLUMNS, records(readable(evidence), _EVIDENCE_COLUMNS)),
        Sheet("类型与迹象", SIGN_COLUMNS, people.signs),
    )
    notes = (f"共质检 {len(scores)} 通，待复核 {len(flagged)} 通。", *_NOTES)
    write_workbook(out, sheets, timezone=timezone or lake.timezone, title="待复核通话", notes=notes)
    return len(flagged)


def worst_first(scores: pd.DataFrame) -> pd.DataFrame:
    """Fatal ones, then by score, the unscored last; of equal ones those with more suspected rules first."""
    by = ["fatal", "score", "suspected", "call_id"]
    return scores.sort_values(by, ascending=[False, True, False, True], na_position="last", kind="stable")


def flagged_calls(flagged: pd.DataFrame, verdicts: pd.DataFrame, evidence: pd.DataFrame) -> pd.DataFrame:
    """One row per call, masked: what is wrong with it and where to listen first.

    `verdicts` and `evidence` are theirs, the gravest first.
    """
    risk = (verdicts["kind"] == RuleKind.RISK) & (verdicts["verdict"] == VerdictValue.VIOLATED)
    suspected = verdicts["verdict"] == VerdictValue.SUSPECTED
    ids = flagged["call_id"]
    return flagged.assign(
        channel_name=flagged["channel"].map(CHANNEL_NAMES),
        agent_name=masked(flagged["agent_name"]),
        team=masked(flagged["team"]),
        queue=masked(flagged["queue"]),
        flag_reasons=masked(flagged["flag_reasons"]),
        reasons=masked(flagged["reasons"]),
        violated_titles=ids.map(_titles(verdicts[~suspected & ~risk])),
        suspected_titles=ids.map(_titles(verdicts[suspected])),
        risk_titles=ids.map(_titles(verdicts[risk])),
        listen_first=ids.map(_places(evidence)),
    )


def _titles(verdicts: pd.DataFrame) -> pd.Series:
    return masked(verdicts["rule_title"]).groupby(verdicts["call_id"], sort=False).agg("\n".join)


def _places(evidence: pd.DataFrame) -> pd.Series:
    """The first timed evidence of each call's gravest rule that has one."""
    timed = evidence.dropna(subset="start_ms").drop_duplicates("call_id")
    places = [
        f"{clock(int(start_ms))} {name}：{title}"
        for start_ms, name, title in zip(
            timed["start_ms"], verdict_names(timed), masked(timed["rule_title"]), strict=True
        )
    ]
    return timed.assign(listen=places).set_index("call_id")["listen"]
