"""What is wrong or unwise in a pack: reported by `zhijian rules lint`, all at once, with file and line.

An error is something that cannot do what it is there for, or lacks its proof. A warning is something that works and is
probably not meant so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.domain.verdict import VerdictValue
from pipeline.domain.wording import VERDICT_NAMES
from pipeline.rulepack.cases import Case, read_cases
from pipeline.rulepack.evidence import Evidence, evidence_lacks, read_evidence
from pipeline.rulepack.lint_words import word_problems
from pipeline.rulepack.load import EVIDENCE_FILE, Pack, Rule, duplicate_ids, load_pack
from pipeline.rulepack.operators.llm import LlmParams
from pipeline.rulepack.reach import unreachable

MIN_NEGATIVE_SHARE = 0.4
"""Two in five cases of a pack must be near misses that may not fire."""

_FIRES = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)


class Level(StrEnum):
    """How grave a remark is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of the linter."""

    level: Level
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What the linter found in some packs. `rules` counts those that could be read."""

    packs: int
    rules: int
    remarks: tuple[Remark, ...]

    def count(self, level: Level) -> int:
        """The number of remarks of this level."""
        return sum(r.level is level for r in self.remarks)


def lint_folders(folders: Sequence[Path]) -> Linted:
    """Everything that is wrong in the packs: what cannot be read as well as what is unwise.

    Where a pack's rules cannot be read, its cases are still checked as far as they speak for themselves. Raises
    RuleError for a folder that is no pack.
    """
    packs: list[Pack] = []
    remarks: list[Remark] = []
    for folder in folders:
        if not (folder / "pack.yml").is_file():
            load_pack(folder)
        pack, problems = _loaded(folder)
        cases: tuple[Case, ...] | None = None
        try:
            cases = read_cases(folder, None if pack is None else {r.spec.id: r for r in pack.rules})
        except RuleError as error:
            problems += error.problems
        remarks += [Remark(Level.ERROR, p) for p in problems]
        if pack is not None:
            packs.append(pack)
            remarks += lint(pack, cases)
    remarks += [Remark(Level.ERROR, p) for p in duplicate_ids(packs)]
    return Linted(packs=len(folders), rules=sum(len(p.rules) for p in packs), remarks=tuple(_in_order(remarks)))


def _loaded(folder: Path) -> tuple[Pack | None, list[Problem]]:
    try:
        return load_pack(folder), []
    except RuleError as error:
        return None, list(error.problems)


def lint(pack: Pack, cases: Sequence[Case] | None) -> list[Remark]:
    """The linter on a pack that can be read, in order of file and line; `cases` None where theirs cannot."""
    errors = [*_logic(pack), *_evidence(pack), *(() if cases is None else _case_coverage(pack, cases))]
    found = [Remark(Level.ERROR, p) for p in errors]
    for rule in pack.rules:
        for check in rule.checks.values():
            for grave, what, remedy in word_problems(rule, check):
                problem = replace(_problem(rule, what, remedy), row=check.line)
                found.append(Remark(Level.ERROR if grave else Level.WARNING, problem))
    return _in_order(found)


def _in_order(remarks: Sequence[Remark]) -> list[Remark]:
    return sorted(remarks, key=lambda r: (r.problem.file or "", r.problem.row or 0, r.problem.what))


def _problem(rule: Rule, what: str, remedy: str) -> Problem:
    return Problem(
        code=ProblemCode.RULE_INVALID, what=f"{rule.spec.id}:{what}", remedy=remedy, file=rule.file, row=rule.line
    )


def _logic(pack: Pack) -> Iterator[Problem]:
    for rule in pack.rules:
        for what in unreachable(rule):
            yield _problem(rule, what, "请改正表达式")


def _evidence(pack: Pack) -> Iterator[Problem]:
    evidence: Mapping[str, Evidence] = {}
    try:
        evidence = read_evidence(pack.folder)
    except RuleError as error:
        yield from error.problems
    for rule in pack.rules:
        if rule.spec.status == "stable":
            for what in evidence_lacks(rule, evidence):
                yield _problem(rule, f"标为 stable,但{what}", "请改回 test,或用 zhijian rules backtest 补上证据")
    for gone in sorted(evidence.keys() - {r.spec.id for r in pack.rules}):
        what = f"{EVIDENCE_FILE} 里的规则“{gone}”在规则包里没有"
        yield Problem(
            code=ProblemCode.RULE_INVALID, what=what, remedy="请删去这一项", file=f"{pack.folder.name}/{EVIDENCE_FILE}"
        )


def _may_only_suspect(rule: Rule) -> bool:
    """Whether it may be that nothing makes the rule `violated`: a language model's word that does not decide."""
    return any(isinstance(c.params, LlmParams) and not c.params.sure for c in rule.checks.values())


def _case_coverage(pack: Pack, cases: Sequence[Case]) -> Iterator[Problem]:
    """A case that the rule is known to get wrong proves nothing; a deprecated rule judges nothing."""
    verdicts: dict[str, set[VerdictValue]] = defaultdict(set)
    for case in cases:
        if not case.spec.known_miss:
            verdicts[case.spec.rule].add(case.spec.verdict)
    for rule in pack.rules:
        if rule.spec.status == "deprecated":
            continue
        has = verdicts[rule.spec.id]
        wanted = _FIRES if _may_only_suspect(rule) else (VerdictValue.VIOLATED,)
        if not has.intersection(wanted):
            yield _problem(rule, f"没有应判“{'”或“'.join(VERDICT_NAMES[v] for v in wanted)}”的用例", "请补一个")
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
