"""Whom to coach on what, with which recordings, for supervisors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.domain.wording import KIND_NAMES, SEVERITY_NAMES
from pipeline.insight.faults import PERSON, clips, faults, people, with_team
from pipeline.insight.rates import interval_texts, rate_texts, trends
from pipeline.privacy import mask
from pipeline.privacy.frames import masked
from pipeline.rulepack.load import RuleSet
from pipeline.store.evidence import records
from pipeline.store.excel import Column, Kind, Sheet, write_workbook
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from pipeline.store.staging import UNKNOWN_DAY

if TYPE_CHECKING:
    import pandas as pd

_TOP = 3
_NO_GUIDANCE = "（现用的规则包里没有这条规则）"

_WHO = (Column("team", "班组", 14), Column("agent", "坐席编号", 12), Column("name", "坐席姓名", 12))

_OVERVIEW = (
    Column("calls", "通话数", 8, Kind.INT),
    Column("scored", "已评分", 8, Kind.INT),
    Column("unscored", "未评分", 8, Kind.INT),
    Column("mean_score", "平均分", 8, Kind.SCORE),
    Column("fatal", "一票否决", 9, Kind.INT),
    Column("flagged", "待复核", 8, Kind.INT),
    Column("flagged_share", "待复核占比", 11, Kind.PERCENT),
    Column("flagged_interval", "占比95%区间", 16),
    Column("top", "最多的问题（违规/已判定）", 50, Kind.WRAP),
)

_FAULT_COLUMNS = (
    *_WHO,
    Column("title", "问题", 28),
    Column("type", "问题类型", 9),
    Column("kind_name", "类别", 10),
    Column("severity_name", "严重程度", 9),
    Column("violated", "违规", 7, Kind.INT),
    Column("judged", "已判定", 8, Kind.INT),
    Column("rate", "违规率", 8, Kind.PERCENT),
    Column("interval", "违规率95%区间", 16),
    Column("suspected", "存疑", 7, Kind.INT),
    Column("undetermined", "无法判断", 9, Kind.INT),
    Column("not_applicable", "不适用", 8, Kind.INT),
    Column("team_rate", "全组违规/已判定", 18),
    Column("team_agents", "全组有此问题的坐席", 14),
    Column("earlier", "前半期", 16),
    Column("later", "后半期", 16),
    Column("trend", "趋势", 11),
    Column("clip_1", "建议听 1", 26),
    Column("clip_2", "建议听 2", 26),
    Column("clip_3", "建议听 3", 26),
    Column("guidance", "辅导要点", 50, Kind.WRAP),
    Column("rule_id", "规则编号", 28),
    Column("rule_version", "规则版本", 9, Kind.INT),
)

_NOTES = (
    "违规率＝违规 ÷ 已判定；已判定只含通过和违规。不适用、无法判断、存疑都不算通过，也不在分母里，另列。",
    "95%区间（Wilson）：通话少时违规率不可靠，区间越宽越不可靠。",
    "趋势：把有通话的日子分成前后两半比较；任一半已判定不足 5 通为“数据不足”；差别没有超出偶然的为“无明显变化”。",
    "问题类型：班组里已判定至少 5 通的坐席中，至少一半人违规率达到 5% 的为“共性”，宜集中培训；"
    "其余为“个人”，宜一对一辅导；"
    "没有这样的坐席时为“数据不足”，只有存疑而没有违规时为“待确认”。",
    "建议听：通话编号 @ 时间；先违规后存疑，先确信度高的，再近期的，每段来自不同的通话。",
    "客户风险类规则说的是客户，不计入坐席的问题。电话、证件、卡号和邮箱已打码。",
)


def export_coaching(lake: Lake, out: Path, rules: RuleSet, *, timezone: ZoneInfo | None = None) -> int:
    """Write the workbook `out`: teams, agents, and each one's faults with clips and the guidance of `rules`.

    Gives the number of faults. Raises LakeError when the lake cannot be read, UserError when `out` cannot be written.
    """
    calls = people(lake.read(Table.SCORES))
    table = faults(lake, calls)
    guidance = {rule.spec.id: rule.spec.guidance for rule in rules.rules}
    details = fault_details(with_team(table), clips(lake, calls), guidance)
    team_columns, agent_columns = (*_WHO[:1], *_OVERVIEW), (*_WHO, *_OVERVIEW)
    sheets = (
        Sheet("班组概览", team_columns, records(overview(calls, table, ["team"]), team_columns)),
        Sheet("坐席概览", agent_columns, records(overview(calls, table, [*PERSON]), agent_columns)),
        Sheet("问题明细", _FAULT_COLUMNS, records(details, _FAULT_COLUMNS)),
    )
    write_workbook(out, sheets, timezone=timezone or lake.timezone, title="辅导名单", notes=(_period(calls), *_NOTES))
    return len(details)


def overview(calls: pd.DataFrame, table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row per team or agent (`by`): how many calls, how they scored, and the three most frequent faults."""
    groups = calls.groupby(by)
    rows = groups.agg(
        name=("name", "first"),
        calls=("call_id", "size"),
        scored=("score", "count"),
        mean_score=("score", "mean"),
        fatal=("fatal", "sum"),
        flagged=("flagged", "sum"),
    )
    rows["unscored"] = rows["calls"] - rows["scored"]
    rows["flagged_share"] = rows["flagged"] / rows["calls"]
    rows["flagged_interval"] = interval_texts(rows["flagged"], rows["calls"])
    rows = rows.join(_top_faults(table, by)).reset_index()
    return _masked_names(rows)


def _top_faults(table: pd.DataFrame, by: list[str]) -> pd.Series:
    sums = table.groupby([*by, "rule_id", "rule_title"], as_index=False)[["violated", "judged"]].sum()
    broken = sums[sums["violated"] > 0].sort_values(["violated", "judged", "rule_id"], ascending=[False, True, True])
    top = broken.groupby(by, sort=False).head(_TOP)
    lines = masked(top["rule_title"]) + " " + rate_texts(top["violated"], top["judged"])
    return top.assign(top=lines).groupby(by)["top"].agg("\n".join)


def fault_details(table: pd.DataFrame, places: pd.DataFrame, guidance: dict[str, str]) -> pd.DataFrame:
    """Each agent's faults, the most frequent first: whatever was violated or suspected at least once."""
    found = table[(table["violated"] > 0) | (table["suspected"] > 0)]
    order = found.assign(rate=found["violated"] / found["judged"].where(found["judged"] > 0)).sort_values(
        [*PERSON, "violated", "rate", "suspected", "rule_id"], ascending=[True, True, False, False, False, True]
    )
    rows = order.join(places, on=[*PERSON, "rule_id"])
    halves = (rows["violated_0"], rows["judged_0"], rows["violated_1"], rows["judged_1"])
    return _masked_names(rows).assign(
        title=masked(rows["rule_title"]),
        kind_name=rows["kind"].map(KIND_NAMES),
        severity_name=rows["severity"].map(SEVERITY_NAMES),
        interval=interval_texts(rows["violated"], rows["judged"]),
        team_rate=rate_texts(rows["team_violated"], rows["team_judged"]),
        team_agents=[f"{having}/{agents} 人" for having, agents in zip(rows["having"], rows["agents"], strict=True)],
        earlier=rate_texts(*halves[:2]),
        later=rate_texts(*halves[2:]),
        trend=trends(*halves),
        guidance=[mask(guidance.get(rule_id, _NO_GUIDANCE)) for rule_id in rows["rule_id"]],
    )


def _masked_names(rows: pd.DataFrame) -> pd.DataFrame:
    names = [column for column in ("team", "name") if column in rows]
    return rows.assign(**{column: masked(rows[column]) for column in names})


def _period(calls: pd.DataFrame) -> str:
    days = sorted(set(calls["day"]) - {UNKNOWN_DAY})
    span = f"，{days[0]} 至 {days[-1]}" if days else ""
    return f"共 {len(calls)} 通{span}。"
