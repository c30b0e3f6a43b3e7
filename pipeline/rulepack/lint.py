"""What is legal in a pack and still unwise: reported by `zhijian rules lint`, all at once, with file and line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.domain.verdict import RuleKind, VerdictValue
from pipeline.rulepack.cases import Case
from pipeline.rulepack.load import Pack, Rule
from pipeline.rulepack.operators.near import NearParams
from pipeline.rulepack.operators.words import PhraseParams, RegexParams
from pipeline.text import normalise

MIN_NEGATIVE_SHARE = 0.4
"""Two in five cases of a pack must be near misses that may not fire."""

_FIRES = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)


def lint(pack: Pack, cases: Sequence[Case]) -> list[Problem]:
    """Every finding of the linter, in order of file and line."""
    found = [*_phrases(pack), *_case_coverage(pack, cases)]
    return sorted(found, key=lambda p: (p.file or "", p.row or 0, p.what))


def _problem(rule: Rule, what: str, remedy: str) -> Problem:
    return Problem(
        code=ProblemCode.RULE_INVALID, what=f"{rule.spec.id}:{what}", remedy=remedy, file=rule.file, row=rule.line
    )


def _phrases(pack: Pack) -> Iterator[Problem]:
    for rule in pack.rules:
        for check in rule.checks.values():
            if isinstance(check.params, PhraseParams):
                yield from _phrase_problems(rule, check.params)
            if isinstance(check.params, NearParams):
                for written in check.params.first + check.params.second:
                    yield from _run_together(rule, written)
            if isinstance(check.params, RegexParams) and check.scope.label is None:
                yield _problem(rule, f"检查“{check.name}”用了正则,没有写 label", "请写出它找的是什么,供人看懂依据")


def _phrase_problems(rule: Rule, params: PhraseParams) -> Iterable[Problem]:
    normal = {p: normalise(p).text for p in params.phrase}
    for written, text in normal.items():
        if rule.spec.kind is RuleKind.BANNED and len(text) <= 2:
            yield _problem(rule, f"禁语“{written}”只有 {len(text)} 个字,极易误报", "请写出更完整的说法")
        yield from _run_together(rule, written)
        for excuse in params.unless:
            if normalise(excuse).text == text:
                yield _problem(rule, f"“{written}”同时写在 unless 里,永远不会命中", "请删去其一")
    for text, n in Counter(normal.values()).items():
        if n > 1:
            yield _problem(rule, f"“{text}”写了 {n} 次(规范化后相同)", "请删去重复的说法")


def _run_together(rule: Rule, written: str) -> Iterator[Problem]:
    if any(mark in written for mark in "，、；"):
        yield _problem(rule, f"“{written}”里有全角标点,是不是几个词句连成了一个?", "请用半角逗号隔开各个词句")


def _case_coverage(pack: Pack, cases: Sequence[Case]) -> Iterator[Problem]:
    verdicts: dict[str, set[VerdictValue]] = defaultdict(set)
    for case in cases:
        verdicts[case.spec.rule].add(case.spec.verdict)
    for rule in pack.rules:
        has = verdicts[rule.spec.id]
        if VerdictValue.VIOLATED not in has:
            yield _problem(rule, "没有应判“违规”的用例", "请补一个")
        if VerdictValue.PASSED not in has:
            yield _problem(rule, "没有应判“通过”的用例", "请补一个")
        if rule.applies is not None and VerdictValue.NOT_APPLICABLE not in has:
            yield _problem(rule, "写了 applies,但没有“不适用”的用例", "请补一个")
    if cases:
        share = sum(c.spec.verdict not in _FIRES for c in cases) / len(cases)
        if share < MIN_NEGATIVE_SHARE:
            what = f"规则包只有 {share:.0%} 的用例不应命中,应不少于 {MIN_NEGATIVE_SHARE:.0%}"
            yield Problem(
                code=ProblemCode.RULE_INVALID, what=what, remedy="请补近似但不违规的用例", file=pack.folder.name
            )
