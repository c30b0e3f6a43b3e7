"""How often each rule was broken, by team and agent, over the calls on which it could be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.insight.rates import LEAST, TOO_FEW
from pipeline.store.evidence import place, read_by_day, read_verdicts, with_evidence
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from pipeline.store.staging import UNKNOWN_DAY

if TYPE_CHECKING:
    import pandas as pd

AGENTS_KINDS = tuple(kind for kind in RuleKind if kind is not RuleKind.RISK)
"""The rules that an agent can be coached on; a risk is about the customer."""

NO_TEAM, NO_AGENT = "（未填班组）", "（未填坐席）"

PERSON = ["team", "agent"]
_FAULT = [*PERSON, "rule_id"]

COMMON_FROM = 0.05
"""An agent who breaks a rule on at least this share of the calls has the fault; once in a hundred is a slip."""

COMMON, PERSONAL, UNCONFIRMED = "共性", "个人", "待确认"
_CLIPS = 3
_RULE = ["rule_id", "rule_version", "rule_title", "kind", "severity"]


def people(scores: pd.DataFrame) -> pd.DataFrame:
    """The calls with who took them: `team` and `agent` are never missing, `name` is the agent's latest known name.

    `half` is 0 on the earlier half of the days that there are calls of, 1 on the later one, -1 where it is unknown.
    """
    days = sorted(set(scores["day"]) - {UNKNOWN_DAY})
    halves = {day: int(n >= len(days) / 2) for n, day in enumerate(days)} if len(days) > 1 else {}
    calls = scores.assign(
        team=scores["team"].fillna(NO_TEAM),
        agent=scores["agent_id"].fillna(scores["agent_name"]).fillna(NO_AGENT),
        half=scores["day"].map(halves).fillna(-1).astype(int),
    )
    named = calls.dropna(subset="agent_name").sort_values(["started_at", "call_id"], na_position="first")
    names = named.drop_duplicates("agent", keep="last").set_index("agent")["agent_name"]
    return calls.assign(name=calls["agent"].map(names))


def faults(lake: Lake, calls: pd.DataFrame) -> pd.DataFrame:
    """One row per team, agent and rule that has a verdict on their calls (see `people`).

    A column per verdict counts calls. `judged` is passed and violated together: what did not apply or could not be
    judged is in neither. `judged_0`, `violated_0`, `judged_1`, `violated_1` are those of the earlier and later half.
    The rule's title, kind, severity and version are the latest, and so is `name`, the agent's.
    """
    who = calls.set_index("call_id")[[*PERSON, "half"]]

    def counted(rows: pd.DataFrame) -> pd.DataFrame:
        ours = rows[rows["kind"].isin(AGENTS_KINDS)].join(who, on="call_id", how="inner")
        return ours.groupby([*PERSON, "half", *_RULE, "verdict"], as_index=False, observed=True).size()

    counts = read_by_day(lake, Table.VERDICTS, ["call_id", *_RULE, "verdict"], counted)
    table = _spread(counts, "verdict", [str(v) for v in VerdictValue])
    table["judged"] = table["passed"] + table["violated"]
    for half in (0, 1):
        part = _spread(counts[counts["half"] == half], "verdict", ["passed", "violated"])
        table[f"violated_{half}"] = part["violated"].reindex(table.index, fill_value=0)
        judged = part["passed"] + part["violated"]
        table[f"judged_{half}"] = judged.reindex(table.index, fill_value=0)
    rules = counts.sort_values("rule_version", kind="stable").drop_duplicates("rule_id", keep="last")
    names = calls[[*PERSON, "name"]].drop_duplicates()
    return table.reset_index().merge(rules[_RULE], on="rule_id", how="left").merge(names, on=PERSON, how="left")


def _spread(counts: pd.DataFrame, column: str, values: list[str]) -> pd.DataFrame:
    """The counts per fault, one column for each of the values."""
    sums = counts.groupby([*_FAULT, column], observed=True)["size"].sum().unstack(column, fill_value=0)
    return sums.reindex(columns=values, fill_value=0).astype(int)


def with_team(table: pd.DataFrame) -> pd.DataFrame:
    """Adds each fault's counts in the whole team, and whether it is common there.

    A fault is common when at least half of the team's agents with enough judged calls have it, and there are two or
    more such agents; else it is personal. Nothing is said with no such agent, or of what is only suspected.
    """
    import numpy as np

    by_team = [table["team"], table["rule_id"]]
    enough = table["judged"] >= LEAST
    has = enough & (table["violated"] >= 1) & (table["violated"] >= COMMON_FROM * table["judged"])
    agents, having = (flags.groupby(by_team).transform("sum") for flags in (enough, has))
    kinds = [
        (table["violated"] == 0, UNCONFIRMED),
        (agents == 0, TOO_FEW),
        ((agents > 1) & (having * 2 >= agents), COMMON),
    ]
    return table.assign(
        team_violated=table["violated"].groupby(by_team).transform("sum"),
        team_judged=table["judged"].groupby(by_team).transform("sum"),
        agents=agents,
        having=having,
        type=np.select([flags for flags, _ in kinds], [name for _, name in kinds], default=PERSONAL),
    )


def clips(lake: Lake, calls: pd.DataFrame) -> pd.DataFrame:
    """For each team, agent and rule (the index) up to three places to listen to, in `clip_1` to `clip_3`.

    Violated before suspected, then the surest, then the latest; never two of one call.
    """
    evidence = with_evidence(read_verdicts(lake, kinds=AGENTS_KINDS), lake)
    evidence["timed"] = evidence["start_ms"].notna()
    order = evidence.sort_values(["timed", "confidence", "n"], ascending=[False, False, True], kind="stable")
    best = order.drop_duplicates(["call_id", "rule_id"])
    best = best.merge(calls[["call_id", *PERSON, "started_at"]], on="call_id")
    best["suspected"] = best["verdict"] == VerdictValue.SUSPECTED
    by = ["suspected", "confidence", "started_at", "call_id"]
    best = best.sort_values(by, ascending=[True, False, False, True], na_position="last", kind="stable")
    best["rank"] = best.groupby(_FAULT, sort=False).cumcount() + 1
    best = best[best["rank"] <= _CLIPS]
    places = best[["start_ms", "turn"]].astype(float).itertuples(index=False, name=None)
    best["clip"] = [
        f"{call_id} @ {place(start_ms, float('nan'), turn)}{'（存疑）' if suspected else ''}"
        for call_id, suspected, (start_ms, turn) in zip(best["call_id"], best["suspected"], places, strict=True)
    ]
    wide = best.set_index([*_FAULT, "rank"])["clip"].unstack("rank")
    return wide.reindex(columns=range(1, _CLIPS + 1)).rename(columns=lambda rank: f"clip_{rank}")
