"""Reads packs from their folders into rules ready to judge. Every problem of every file is reported at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.rulepack.crosscheck import counted, cross_check
from pipeline.rulepack.index import RuleIndex
from pipeline.rulepack.logic import Expression, ExpressionError, parse
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.schema import SCOPE_KEYS, PackSpec, Params, RuleSpec, Scope
from pipeline.rulepack.yamlfile import Document, Location, build, nearest, read_yaml

EVIDENCE_FILE = "evidence.yml"
"""What back-tests found out about a pack's rules; beside them, and no topic."""

_CODE = ProblemCode.RULE_INVALID


@dataclass(frozen=True, slots=True)
class CompiledCheck:
    """A check with its operator's name, parameters and scope, and the line of the file on which it stands."""

    name: str
    operator: str
    params: Params
    scope: Scope
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to judge. `demand` must hold, or must not where `forbids`. `counted`: the checks of which every hit
    counts, as evidence of what is forbidden or for an order; of the others one is enough.
    """

    spec: RuleSpec
    pack_id: str
    checks: Mapping[str, CompiledCheck]
    applies: Expression | None
    demand: Expression
    forbids: bool
    file: str
    line: int
    counted: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counted", frozenset(counted(self)))


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack and where it came from.

    `digest` (SHA-256) is over the rules' content and the model files they use, not over comments or layout.
    """

    spec: PackSpec
    rules: tuple[Rule, ...]
    digest: str
    folder: Path


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of the loaded packs, in order of id, with one index of what they look for in a text."""

    packs: tuple[Pack, ...]
    rules: tuple[Rule, ...] = field(init=False)
    index: RuleIndex = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rules = sorted((r for p in self.packs for r in p.rules), key=lambda r: r.spec.id)
        object.__setattr__(self, "rules", tuple(rules))
        object.__setattr__(self, "index", RuleIndex(rules))

    @property
    def digest(self) -> str:
        """One digest over all packs."""
        return digest_of(self.packs)


def digest_of(packs: Iterable[Pack]) -> str:
    """SHA-256 (hex) over the packs, in whatever order they come."""
    return hashlib.sha256("".join(sorted(p.digest for p in packs)).encode()).hexdigest()


def load_rules(folders: Sequence[Path]) -> RuleSet:
    """The packs of the folders. Raises RuleError with all problems of all packs, duplicate rule ids among them."""
    packs: list[Pack] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            packs.append(load_pack(folder))
        except RuleError as error:
            problems += error.problems
    problems += duplicate_ids(packs)
    if problems:
        raise RuleError(problems)
    return RuleSet(tuple(packs))


def duplicate_ids(packs: Iterable[Pack]) -> list[Problem]:
    """A problem for each rule whose id has been used before, in its own pack or another."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for rule in (r for p in packs for r in p.rules):
        if rule.spec.id in seen:
            what = f"规则编号“{rule.spec.id}”重复,已在 {seen[rule.spec.id]} 中使用"
            problems.append(Problem(code=_CODE, what=what, remedy="请换一个编号", file=rule.file, row=rule.line))
        seen[rule.spec.id] = f"{rule.file} 第 {rule.line} 行"
    return problems


def load_pack(folder: Path) -> Pack:
    """One pack: `pack.yml` and every topic file beside it. Raises RuleError with all problems found."""
    if not (folder / "pack.yml").is_file():
        what = f"“{folder}”里没有 pack.yml,不是规则包"
        raise RuleError(Problem(code=_CODE, what=what, remedy="请给出规则包所在的文件夹", file=str(folder)))
    problems: list[Problem] = []
    rules: list[Rule] = []
    content: list[Any] = []
    spec: PackSpec | None = None
    try:
        document = read_yaml(folder / "pack.yml", name=f"{folder.name}/pack.yml")
        spec = build(PackSpec, document, document.value, (), code=_CODE)
        content.append(document.value)
    except RuleError as error:
        problems += error.problems
    for path in topic_files(folder):
        try:
            document = read_yaml(path, name=f"{folder.name}/{path.name}")
            rules += _read_topic(document, spec.id if spec else None)
            content.append(document.value)
        except RuleError as error:
            problems += error.problems
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yml":
            what = "文件名应以 .yml 结尾,否则不会被读取"
            problems.append(Problem(code=_CODE, what=what, remedy="请改文件名", file=f"{folder.name}/{path.name}"))
    if not rules and not problems:
        problems.append(Problem(code=_CODE, what="规则包里没有规则", remedy="请添加主题文件", file=folder.name))
    if problems or spec is None:
        raise RuleError(problems)
    content += sorted({d for r in rules for c in r.checks.values() for d in c.params.file_digests})
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return Pack(spec, tuple(rules), hashlib.sha256(canonical.encode()).hexdigest(), folder)


def topic_files(folder: Path) -> list[Path]:
    """The rule files of a pack, without `pack.yml`, the cases and the evidence."""
    apart = ("pack.yml", EVIDENCE_FILE)
    return [p for p in sorted(folder.glob("*.yml")) if p.name not in apart and not p.name.endswith(".cases.yml")]


def _read_topic(document: Document, pack_id: str | None) -> list[Rule]:
    if not isinstance(document.value, list):
        raise RuleError(document.problem(_CODE, (), "主题文件应是规则的列表", "每条规则以“- id:”开头"))
    rules: list[Rule] = []
    problems: list[Problem] = []
    for i, entry in enumerate(document.value):
        spec: RuleSpec | None = None
        try:
            spec = build(RuleSpec, document, entry, (i,), code=_CODE)
            if pack_id is not None and not spec.id.startswith(f"{pack_id}."):
                what = f"规则编号“{spec.id}”应以包名“{pack_id}.”开头"
                raise RuleError(document.problem(_CODE, (i, "id"), what, "请改正编号"))
            rules.append(_compile(spec, document, (i,)))
        except RuleError as error:
            problems += error.problems
            if spec is None:
                problems += _check_problems(entry, document, (i,))
    if problems:
        raise RuleError(problems)
    return rules


def _check_problems(entry: Any, document: Document, at: Location) -> list[Problem]:
    """What is wrong with the checks of a rule whose own keys are already wrong, so that one read shows all."""
    problems: list[Problem] = []
    checks = entry.get("checks") if isinstance(entry, dict) else None
    for name, written in checks.items() if isinstance(checks, dict) else ():
        if isinstance(written, dict):
            try:
                _compile_check(name, written, document, (*at, "checks", name))
            except RuleError as error:
                problems += error.problems
    return problems


def _compile(spec: RuleSpec, document: Document, at: Location) -> Rule:
    problems: list[Problem] = []
    checks: dict[str, CompiledCheck] = {}
    for name, written in spec.checks.items():
        try:
            checks[name] = _compile_check(name, written, document, (*at, "checks", name))
        except RuleError as error:
            problems += error.problems
    expressions: dict[str, Expression] = {}
    for key, text in (("applies", spec.applies), ("expect", spec.expect), ("forbid", spec.forbid)):
        if text is None:
            continue
        try:
            expressions[key] = parse(text)
        except ExpressionError as error:
            problems.append(document.problem(_CODE, (*at, key), str(error), "请改正表达式"))
    if not problems:
        problems += cross_check(checks, expressions, document, at)
    if problems:
        raise RuleError(problems)
    return Rule(
        spec=spec,
        pack_id=spec.id.split(".")[0],
        checks=checks,
        applies=expressions.get("applies"),
        demand=expressions.get("expect") or expressions["forbid"],
        forbids=spec.forbid is not None,
        file=document.file,
        line=document.line((*at, "id")),
    )


def _compile_check(name: str, written: dict[str, Any], document: Document, at: Location) -> CompiledCheck:
    operators = [key for key in written if key in OPERATORS]
    if len(operators) != 1:
        unknown = [key for key in written if key not in SCOPE_KEYS]
        near = nearest(unknown[0], OPERATORS) if unknown and not operators else None
        what = f"检查“{name}”应恰好写一个算子,可用:{'、'.join(OPERATORS)}"
        raise RuleError(document.problem(_CODE, at, what, f"您是否想写“{near}”?" if near else "请改正这项检查"))
    operator = operators[0]
    main = written[operator]
    beside = {k: v for k, v in written.items() if k != operator and k not in SCOPE_KEYS}
    # A mapping holds the parameters; any other value is the main parameter, and the rest stands beside it.
    values, values_at = (main, (*at, operator)) if isinstance(main, dict) else ({operator: main, **beside}, at)
    problems: list[Problem] = []
    if isinstance(main, dict) and beside:
        what = f"检查“{name}”:{'、'.join(beside)} 应写在 {operator} 的花括号里面"
        problems.append(document.problem(_CODE, (*at, next(iter(beside))), what, "请移到里面"))
    scope_values = {k: v for k, v in written.items() if k in SCOPE_KEYS}
    idle = [key for key in scope_values if key not in OPERATORS[operator].params.scope_keys]
    if idle:
        what = f"检查“{name}”:{'、'.join(idle)} 对 {operator} 不起作用"
        problems.append(document.problem(_CODE, (*at, idle[0]), what, "请删去"))
    try:
        scope_keys = () if isinstance(main, dict) else OPERATORS[operator].params.scope_keys
        params = build(OPERATORS[operator].params, document, values, values_at, code=_CODE, beside=scope_keys)
    except RuleError as error:
        problems += error.problems
    try:
        scope = build(Scope, document, scope_values, at, code=_CODE)
    except RuleError as error:
        problems += error.problems
    if not problems and (wrong := params.scope_problem(scope)):
        problems.append(document.problem(_CODE, at, f"检查“{name}”:{wrong}", "请改正"))
    if problems:
        raise RuleError(problems)
    return CompiledCheck(name, operator, params, scope, document.line(at))
