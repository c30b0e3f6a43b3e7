"""Operators of 智能对话分析 as checks of ours, and what of them cannot be said in our language.

Types and parameters are those of its developer reference (detection operator objects; GetRuleDetail). Types of which
the reference does not print the name are told by the parameters that only they have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.rulepack.patterns import compiled
from pipeline.rulepack.sca.read import Fields, ScaOperator

OTHER = {"agent": "customer", "customer": "agent"}


@dataclass(frozen=True, slots=True)
class Check:
    """`check` as a rule file writes it, without its scope; `negated` where its contrary is meant.

    `notes`: what differs. `scoped` is False where the check itself says whose words it is about.
    """

    check: Mapping[str, Any]
    negated: bool = False
    notes: tuple[str, ...] = ()
    scoped: bool = True


class NotCarriedError(Exception):
    """The operator has no counterpart; the message says why, in Chinese."""


def as_check(operator: ScaOperator, role: str | None) -> Check:
    """Our counterpart, for a condition about `role`. Raises NotCarriedError."""
    if operator.kind in _BY_TYPE:
        return _BY_TYPE[operator.kind](operator.param, role)
    if operator.param.get("delayTime") is not None:
        return _overlap(operator.param, role)
    if operator.param.get("maxEmotionChangeValue") is not None:
        raise NotCarriedError("能量检测的分值(1 到 10)没有公开的换算,请改写成 loudness(比平时响多少分贝)")
    raise NotCarriedError(f"没有与“{operator.kind or '未写类型'}”相当的算子")


def _keywords(param: Fields, *, default: int) -> Check:
    words = param.texts("keywords", "operKeyWords")
    if not words:
        raise NotCarriedError("没有写关键词")
    size = param.number("keywordMatchSize")
    wanted = default if size is None else int(size)
    notes = ["同义词扩展没有带过来"] if param.get("keywordExtension") in (True, 1, "1", "true") else []
    if (total := param.number("threshold")) is not None and total > 1:
        notes.append(f"“总共命中 {total:g} 次”没有带过来")
    check: dict[str, Any] = {"phrase": list(words), "match": "exact"}
    if wanted == -1:
        check["min"] = "all"
    elif wanted > 1:
        check["min"] = min(wanted, len(words))
    # Words that must all be there must be in one sentence unless several sentences are looked at together.
    if check.get("min") and param.get("contextChatMatch") not in (True, 1, "true"):
        check["in"] = "turn"
    return Check(check, negated=wanted == 0, notes=tuple(notes))


def _regex(param: Fields) -> Check:
    patterns = [_trimmed(text) for text in param.texts("regex")]
    excluded = [_trimmed(text) for text in param.texts("notRegex")]
    if not any(patterns):
        raise NotCarriedError("没有写正则,或它什么都能匹配")
    for pattern in (*patterns, *excluded):
        try:
            empty = compiled(pattern).search(b"") is not None
        except ValueError as error:
            raise NotCarriedError(str(error)) from None
        if empty:
            raise NotCarriedError(f"正则“{pattern}”能匹配空文本")
    check: dict[str, Any] = {"label": "话里符合导入的句式", "regex": patterns, "match": "exact"}
    notes = ["文字已去掉标点、数字写成阿拉伯数字后再匹配,含标点的正则请核对"]
    if excluded:
        check["unless"] = excluded
        notes.append("排除的正则只排除它碰到的地方,不排除整句")
    return Check(check, notes=tuple(notes))


def _trimmed(pattern: str) -> str:
    """Without the `.*` at its ends, which finds nothing more and makes the whole sentence the evidence."""
    return re.sub(r"^(\.\*)+|(?<!\\)(\.\*)+$", "", pattern.strip())


def _similar(param: Fields) -> Check:
    examples = param.texts("similarlySentences", "references")
    if not examples:
        raise NotCarriedError("没有写相似的例句")
    score = param.number("score")
    threshold = round(min(1.0, max(0.4, (80 if score is None else score) / 100)), 2)
    return Check(
        {"similar": {"similar": list(examples), "threshold": threshold}},
        notes=("相似度的算法不同,请用真实通话试判后调整 threshold",),
    )


def _repeat(param: Fields) -> Check:
    similarity = param.number("similarity_threshold")
    values = {
        "within": int(param.number("from") or 2),
        "similarity": round(min(1.0, max(0.5, similarity if similarity is not None else 0.8)), 2),
        "min_chars": max(2, int(param.number("threshold") or 6)),
        "count": max(1, int(param.number("hit_time") or 1)),
    }
    notes = ("例外的句子没有带过来",) if param.texts("excludes") else ()
    return Check({"repeat": values}, notes=notes)


def _silence(param: Fields, role: str | None) -> Check:
    interval = param.number("interval")
    if interval is None or interval <= 0:
        raise NotCarriedError("没有写静音时长")
    if str(param.get("compareOperator") or "gt") != "gt":
        raise NotCarriedError("“间隔小于”没有相当的算子")
    if param.get("from_end") in (True, 1, "true"):
        raise NotCarriedError("从句尾到句尾计算的间隔没有相当的算子")
    values: dict[str, Any] = {"longer_than": f"{round(interval)}ms"}
    if role is not None:
        values["before"] = role
        if param.get("different_role") in (True, 1, "1", "true"):
            values["after"] = OTHER[role]
    return Check({"silence": values}, scoped=False)


def _speed(param: Fields, role: str | None) -> Check:
    limit = param.number("velocityInMint", "velocity")
    if limit is None:
        raise NotCarriedError("没有写语速")
    over = "call" if param.get("average") in (True, 1, "1", "true") else "turn"
    bound = "min" if str(param.get("compareOperator") or "gt") == "lt" else "max"
    values: dict[str, Any] = {bound: limit, "over": over}
    if (least := param.number("minWordSize")) is not None and least >= 1:
        values["min_chars"] = int(least)
    if over == "call" and role is None:
        raise NotCarriedError("全程平均语速要写明是客服还是客户")
    return Check({"rate": values})


def _overlap(param: Fields, role: str | None) -> Check:
    if role is None:
        raise NotCarriedError("抢话要写明是客服还是客户抢话")
    delay = round(param.number("delayTime") or 0)
    return Check({"overlap": {"by": role, "held": f"{delay}ms"}}, scoped=False)


_BY_TYPE: Mapping[str, Callable[[Fields, str | None], Check]] = {
    "HIT_ANY_KEYWORDS": lambda param, _: _keywords(param, default=1),
    "INCLUDE_KEYWORDS": lambda param, _: _keywords(param, default=-1),
    "REGULAR_EXPRESSION": lambda param, _: _regex(param),
    "SIMILAR_MATCH": lambda param, _: _similar(param),
    "ADVANCED_REPEAT_DETECT": lambda param, _: _repeat(param),
    "INTERVAL_GREATER": _silence,
    "SPEECH_SPEED_CHECK": _speed,
}
