"""Whole rules of 智能对话分析 as rules of ours, with a report of everything that could not be carried over.

A rule that came over whole says so; one that lost a part says which; one whose sense would have changed is left out.
A rule of theirs is hit where its logic holds, so it becomes `forbid`, and one that only denies (`!a`) becomes `expect`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.rulepack.sca.logic import LogicError, translated
from pipeline.rulepack.sca.operators import NotCarriedError, as_check
from pipeline.rulepack.sca.read import ScaAnchor, ScaCondition, ScaRule, ScaRules
from pipeline.rulepack.yamlfile import dump_yaml

_SIDES = {"AFTER": "after", "BEFORE": "before", "AROUND": "around", "CURRENT": "around"}
_DENIES = re.compile(r"not (\w+)")
GUIDANCE = "从智能对话分析导入,请补写客服应该怎么说。"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one rule. `rule_id` is None where it was left out; `notes` say what differs, or why."""

    rid: str
    name: str
    rule_id: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """The files of the new pack by name, and the report in the order of the rules."""

    files: Mapping[str, str]
    reports: tuple[Report, ...]


def carry(rules: ScaRules, *, pack_id: str, title: str, owner: str, since: date) -> Carried:
    """The pack that the rules make, and what was lost on the way."""
    entries: list[dict[str, Any]] = []
    reports: list[Report] = []
    taken: set[str] = set()
    for rule in rules.rules:
        try:
            draft = _Draft(rule, rules.conditions)
            entry = draft.entry(_rule_id(pack_id, rule, taken), since)
        except (NotCarriedError, LogicError) as error:
            reports.append(Report(rule.rid, rule.name, None, (str(error),)))
            continue
        entries.append(entry)
        reports.append(Report(rule.rid, rule.name, str(entry["id"]), tuple(dict.fromkeys(draft.notes))))
    pack = {
        "id": pack_id,
        "version": "0.1.0",
        "title": title,
        "owner": owner,
        "language": "zh",
        "covers": f"从智能对话分析导入的 {len(entries)} 条规则",
    }
    cases = "# 请为每条规则写用例:至少一条违规、一条通过。\n[]\n"
    files = {"pack.yml": dump_yaml(pack), "imported.yml": dump_yaml(entries), "imported.cases.yml": cases}
    return Carried(files if entries else {}, tuple(reports))


@dataclass(slots=True)
class _Draft:
    """One rule on its way: the checks found so far, and the notes."""

    rule: ScaRule
    conditions: Mapping[str, ScaCondition]
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _done: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def entry(self, rule_id: str, since: date) -> dict[str, Any]:
        logic = translated(self.rule.logic, self._condition)
        denied = _DENIES.fullmatch(logic)
        demand = {"expect": denied[1]} if denied else {"forbid": logic}
        return {
            "id": rule_id,
            "title": self.rule.name,
            "kind": "scripted" if denied else "behaviour",
            "severity": "minor",
            "status": "experimental",
            "version": 1,
            "since": since,
            "guidance": self.rule.comments or GUIDANCE,
            "references": [f"智能对话分析 规则 {self.rule.rid}"],
            "checks": self.checks,
            **demand,
        }

    def _condition(self, cid: str) -> str:
        """Our expression for a condition; its checks are added once."""
        if cid in self._done:
            return self._done[cid]
        if cid not in self.conditions:
            raise NotCarriedError(f"没有条件“{cid}”")
        if cid in self._open:
            raise NotCarriedError(f"条件“{cid}”的前置条件绕成了圈")
        self._open.append(cid)
        condition = self.conditions[cid]
        scope = self._scope(condition)
        operators = {operator.oid: operator for operator in condition.operators}

        def operator_of(oid: str) -> str:
            if oid not in operators:
                raise NotCarriedError(f"条件“{cid}”没有算子“{oid}”")
            made = as_check(operators[oid], condition.role)
            name = _name(f"c{cid}_o{oid}" if len(operators) > 1 else f"c{cid}")
            self.checks[name] = {**made.check, **(scope if made.scoped else _anchors(scope))}
            self.notes += [f"条件“{cid}”:{note}" for note in made.notes]
            return f"not {name}" if made.negated else name

        logic = translated(condition.logic, operator_of)
        self._done[cid] = f"({logic})" if " " in logic and not _DENIES.fullmatch(logic) else logic
        self._open.remove(cid)
        return self._done[cid]

    def _scope(self, condition: ScaCondition) -> dict[str, Any]:
        scope: dict[str, Any] = {} if condition.role is None else {"role": condition.role}
        if condition.anchor is not None:
            scope |= self._anchor(condition, condition.anchor)
        elif condition.sentences is not None:
            first, last = condition.sentences
            if first == 1 and last > 0:
                scope["within"] = {"first": f"{last} turns"}
            elif last == -1 and first < 0:
                scope["within"] = {"last": f"{-first} turns"}
            elif (first, last) != (1, -1):
                raise NotCarriedError(f"条件“{condition.cid}”只看第 {first} 到第 {last} 句,没有相当的范围")
        return scope

    def _anchor(self, condition: ScaCondition, anchor: ScaAnchor) -> dict[str, Any]:
        logic = self._condition(anchor.cid)
        if not re.fullmatch(r"\w+", logic):
            raise NotCarriedError(f"条件“{condition.cid}”的前置条件“{anchor.cid}”不是单个算子,没有相当的范围")
        side = _SIDES.get(anchor.location)
        if side is None:
            raise NotCarriedError(f"条件“{condition.cid}”的前置位置“{anchor.location}”没有相当的范围")
        # Behind any hit is behind the first one, before any hit is before the last one.
        hit: int | str = anchor.hit if anchor.hit > 0 else "last" if side == "before" else "first"
        if anchor.hit <= 0 and side == "around":
            self.notes.append(f"条件“{condition.cid}”:前置条件多次命中时只看第一次")
        elif anchor.hit == 0:
            self.notes.append(f"条件“{condition.cid}”:“每次命中”当作“任意一次命中”")
        placed: dict[str, Any] = {"check": logic, "hit": hit}
        reach = 0 if anchor.location == "CURRENT" else _reach(condition.sentences)
        if reach is not None:
            placed["within"] = f"{reach} turns"
            if reach and condition.role is not None:
                self.notes.append(f"条件“{condition.cid}”:前后 {reach} 句按双方的轮次数,原来只数一方的句子")
        return {side: placed}


def _reach(sentences: tuple[int, int] | None) -> int | None:
    """How many sentences from the anchor on are looked at; None for all."""
    if sentences is None or sentences in ((1, -1), (-1, 1)):
        return None
    return max(abs(sentences[0]), abs(sentences[1]))


def _anchors(scope: Mapping[str, Any]) -> dict[str, Any]:
    """What of a scope means something to a check that names the speaker itself."""
    return {key: value for key, value in scope.items() if key != "role"}


def _rule_id(pack_id: str, rule: ScaRule, taken: set[str]) -> str:
    wanted = f"{pack_id}.imported.r{re.sub(r'[^0-9a-z]+', '_', rule.rid.lower()).strip('_') or 'ule'}"
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    taken.add(found)
    return found


def _name(text: str) -> str:
    return re.sub(r"\W+", "_", text)
