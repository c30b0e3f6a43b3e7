"""What is unwise in the words that a rule looks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.domain.verdict import RuleKind
from pipeline.rulepack.load import CompiledCheck, Rule
from pipeline.rulepack.logic import leaves
from pipeline.rulepack.operators.near import NearParams
from pipeline.rulepack.operators.words import SHORTEST_BY_SOUND, PhraseParams, RegexParams
from pipeline.text import encode, normalise

SHORT = 2
"""Phrases of so many characters stand by chance inside others (操 in 操作) and sound like many others."""

Finding = tuple[bool, str, str]
"""Whether it is an error, what is wrong, what to do."""


def word_problems(rule: Rule, check: CompiledCheck) -> Iterator[Finding]:
    """Every finding on the phrases and patterns of a check."""
    if isinstance(check.params, PhraseParams):
        yield from _short(rule, check, check.params)
        yield from _never(check, check.params)
        yield from _written(check, check.params)
    if isinstance(check.params, NearParams):
        yield from _run_together(check.params.first + check.params.second)
    if isinstance(check.params, RegexParams) and check.scope.label is None:
        what = f"检查“{check.name}”用了正则,没有写 label"
        yield False, what, "请写出它找的是什么,供人看懂依据"


def _short(rule: Rule, check: CompiledCheck, params: PhraseParams) -> Iterator[Finding]:
    """A banned word must never be short; elsewhere something must narrow down where a short one counts."""
    banned = rule.spec.kind is RuleKind.BANNED and _costs(rule, check.name)
    narrowed = check.scope.within is not None or bool(check.scope.anchors) or bool(params.unless) or params.needed > 1
    for written in params.phrase:
        length = len(normalise(written).text)
        if length > SHORT:
            continue
        if banned:
            yield True, f"禁语“{written}”只有 {length} 个字,极易误报", "请写出更完整的说法"
        elif not narrowed and length == 1:
            yield True, f"检查“{check.name}”:“{written}”只有 1 个字,又没有限定范围", "请写出更完整的说法"
        elif not narrowed:
            what = f"检查“{check.name}”:“{written}”只有 {length} 个字,又没有限定范围,容易误中"
            yield False, what, "请写长一些,或用 within、after、unless 限定"


def _costs(rule: Rule, name: str) -> bool:
    """Whether finding the check's words is what the rule forbids."""
    return rule.forbids and (name, True) in leaves(rule.demand)


def _never(check: CompiledCheck, params: PhraseParams) -> Iterator[Finding]:
    """An exclusion inside a phrase is there whenever the phrase is, by sound as well where it is long enough."""
    for written in dict.fromkeys(params.phrase):
        text = normalise(written).text
        for excuse in params.unless:
            sought = normalise(excuse).text
            if sought in text or (len(sought) >= SHORTEST_BY_SOUND and encode(sought) in encode(text)):
                what = f"检查“{check.name}”:“{written}”里就有 unless 的“{excuse}”,永远不会命中"
                yield True, what, "请删去其一,或把 unless 写得更完整"


def _run_together(phrases: tuple[str, ...]) -> Iterator[Finding]:
    for written in phrases:
        if any(mark in written for mark in "，、；"):
            yield False, f"“{written}”里有全角标点,是不是几个词句连成了一个?", "请用半角逗号隔开各个词句"


def _written(check: CompiledCheck, params: PhraseParams) -> Iterator[Finding]:
    yield from _run_together(params.phrase)
    for text, n in Counter(normalise(p).text for p in params.phrase).items():
        if n > 1:
            yield False, f"检查“{check.name}”:“{text}”写了 {n} 次(规范化后相同)", "请删去重复的说法"
