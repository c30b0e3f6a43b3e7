"""The evidence of verdicts as people read it: one row per finding, in Chinese, masked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.domain.verdict import RuleKind, Severity, VerdictValue
from pipeline.domain.wording import MATCH_NAMES, RISK_FOUND, ROLE_NAMES, SEVERITY_NAMES, VERDICT_NAMES, clock
from pipeline.privacy.frames import masked, masked_part
from pipeline.privacy.mask import mask
from pipeline.store.excel import Column, Kind
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

if TYPE_CHECKING:
    import pandas as pd

NOTABLE = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)
"""The verdicts that a person may have to look at, the graver first."""

EVIDENCE_COLUMNS = (
    Column("rule_title", "规则", 28),
    Column("verdict_name", "判定", 8),
    Column("severity_name", "严重程度", 9),
    Column("time", "时间位置", 14),
    Column("who", "谁说的", 8),
    Column("said", "原话", 50, Kind.WRAP),
    Column("hit", "命中", 20, Kind.WRAP),
    Column("how", "匹配方式", 9),
    Column("confidence", "置信度", 8, Kind.PERCENT),
    Column("why", "说明", 40, Kind.WRAP),
)
"""The columns of `readable`, in the order in which they are read."""

_VERDICT = "call_id rule_id rule_version rule_title kind severity verdict reason rules_digest run_id".split()
_FINDING = "call_id rule_id verdict n turn role start_ms end_ms char_start char_end text matched match".split()
_FINDING += ["confidence", "explanation"]


def read_by_day(
    lake: Lake, table: Table, columns: Sequence[str], keep: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """What `keep` leaves of each day's rows: a year's table need never be in memory whole."""
    import pandas as pd

    days = sorted(lake.read(Table.CALLS, columns=["day"])["day"].unique())
    parts = [keep(lake.read(table, columns=columns, day=day)) for day in days]
    return pd.concat(parts, ignore_index=True) if parts else keep(lake.read(table, columns=columns))


def read_verdicts(
    lake: Lake, *, values: Collection[VerdictValue] = NOTABLE, kinds: Collection[RuleKind] = tuple(RuleKind)
) -> pd.DataFrame:
    """The verdicts with one of these values of rules of these kinds, as the table `verdicts` has them."""
    return read_by_day(
        lake, Table.VERDICTS, _VERDICT, lambda rows: rows[rows["verdict"].isin(values) & rows["kind"].isin(kinds)]
    )


def with_evidence(verdicts: pd.DataFrame, lake: Lake) -> pd.DataFrame:
    """One row per finding of the verdicts, or the bare verdict where it has none: then its reason explains it.

    The rows are in the verdicts' order.
    """
    values, rules = set(verdicts["verdict"]), set(verdicts["rule_id"])
    findings = read_by_day(
        lake, Table.FINDINGS, _FINDING, lambda rows: rows[rows["verdict"].isin(values) & rows["rule_id"].isin(rules)]
    )
    rows = verdicts.merge(findings, how="left", on=["call_id", "rule_id", "verdict"])
    rows["explanation"] = rows["explanation"].where(rows["n"].notna(), rows["reason"])
    return rows


def in_order_of(calls: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that belong to one of the calls, in the calls' order."""
    place = rows["call_id"].map({call_id: n for n, call_id in enumerate(calls["call_id"])})
    return rows.assign(_place=place).dropna(subset="_place").sort_values("_place", kind="stable").drop(columns="_place")


def gravest_first(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Calls in the order they come in; of each call violated before suspected, then by severity, then by rule."""
    order = verdicts.assign(
        _call=verdicts.groupby("call_id", sort=False).ngroup(),
        _verdict=verdicts["verdict"].map({v: i for i, v in enumerate(NOTABLE)}),
        _severity=verdicts["severity"].map({s: i for i, s in enumerate(Severity)}),
    )
    keys = ["_call", "_verdict", "_severity"]
    return order.sort_values([*keys, "rule_id"], kind="stable").drop(columns=keys)


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the columns that people read to the rows of `with_evidence`, personal data masked."""
    hits = [
        masked_part(*hit) if isinstance(hit[1], str) else ""
        for hit in rows[["text", "matched", "char_start", "char_end"]].itertuples(index=False, name=None)
    ]
    whys = [
        mask(why.replace(matched, hit) if isinstance(matched, str) and matched != hit else why)
        for why, matched, hit in zip(rows["explanation"], rows["matched"], hits, strict=True)
    ]
    return rows.assign(
        rule_title=masked(rows["rule_title"]),
        verdict_name=verdict_names(rows),
        severity_name=rows["severity"].map(SEVERITY_NAMES),
        time=spans(rows),
        who=rows["role"].map(ROLE_NAMES),
        said=masked(rows["text"]),
        hit=hits,
        how=rows["match"].map(MATCH_NAMES),
        why=whys,
    )


def verdict_names(rows: pd.DataFrame) -> pd.Series:
    """违规, 存疑 …; for a violated rule of kind risk 风险."""
    names = rows["verdict"].map(VERDICT_NAMES)
    return names.mask((rows["kind"] == RuleKind.RISK) & (rows["verdict"] == VerdictValue.VIOLATED), RISK_FOUND)


def spans(rows: pd.DataFrame) -> list[str]:
    """`03:07–03:12` of each row, with the turn where there is no time (a chat), 全程 where there is neither."""
    places = rows[["start_ms", "end_ms", "turn"]].astype(float).itertuples(index=False, name=None)
    return [place(*p) for p in places]


def place(start_ms: float, end_ms: float, turn: float) -> str:
    """Where something is in a call; NaN is not known. Turns are counted from 1, as people do."""
    if start_ms == start_ms:
        ends = [clock(int(ms)) for ms in (start_ms, end_ms) if ms == ms]
        return "–".join(dict.fromkeys(ends))
    return f"第 {int(turn) + 1} 句" if turn == turn else "全程"


def records(rows: pd.DataFrame, columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    """The rows as a spreadsheet writer takes them: only what `columns` name, in the rows' order."""
    keys = [column.key for column in columns if column.key in rows]
    return [dict(zip(keys, row, strict=True)) for row in rows[keys].itertuples(index=False, name=None)]
