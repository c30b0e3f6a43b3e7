"""A changed rule pack on the stored calls of a lake, against its older version, before anything is published."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from flows.bench import Bench
from flows.options import GENERAL, default_packs, industries, of_industry
from flows.work import Notify
from pipeline.assets import asset
from pipeline.domain.errors import LakeError, Problem, ProblemCode, RuleError
from pipeline.insight.backtest import compare
from pipeline.insight.changes import Backtest, ComparedRule
from pipeline.insight.reviews import read_reviews
from pipeline.insight.versions import StoredRule, StoredVersion, stored_rules, stored_versions, with_stored_evidence
from pipeline.rulepack.evidence import Evidence, rule_digest, write_evidence
from pipeline.rulepack.load import Pack, load_rules
from pipeline.score.sheet import ScoreSheet, load_sheet
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOptions:
    """`pack` is the newer version, `against` the older one; None: what `lake` holds are the older version's verdicts.

    `packs`: others whose rules the score sheet needs, None for the general one; `sheet` None for the pack's own.
    `emotion_model`: a folder that `zhijian train emotion` wrote, None for the shipped model.
    """

    pack: Path
    lake: Path
    against: Path | None = None
    reviews: tuple[Path, ...] = ()
    packs: tuple[Path, ...] | None = None
    sheet: Path | None = None
    emotion_model: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtested:
    """A back-test and what it rests on. `stored`: whose verdicts the lake holds, where they are the older version.

    `sheet` None: nothing was scored. `notes` say in Chinese what the reader must know. `failures`: calls that could
    not be judged.
    """

    result: Backtest
    pack: Pack
    older: Pack | None
    stored: tuple[StoredVersion, ...]
    lake: str
    sheet: ScoreSheet | None
    notes: tuple[str, ...]
    failures: tuple[Problem, ...]


def backtest(options: BacktestOptions, notify: Notify) -> Backtested:
    """Judges every call of the lake by both versions and compares. Writes nothing but a language model's answers.

    The same verdicts of other packs' rules stand on both sides, so that only the pack's change changes a score.

    Raises:
        RuleError: a pack or sheet cannot be read, or the older version is another pack.
        InputError: a file of reviews cannot be used.
        LakeError: the lake cannot be read, or holds no call.
    """
    lake = Lake(options.lake)
    total = len(lake.read(Table.CALLS, columns=["call_id"]))
    if not total:
        what, remedy = "数据湖里没有通话,无从回测", "请先用 zhijian run 质检一批通话"
        raise LakeError(Problem(code=ProblemCode.NO_CALLS, what=what, remedy=remedy, file=str(options.lake)))
    (pack,) = load_rules([options.pack]).packs
    older = None if options.against is None else _older(options.against, pack)
    others = options.packs if options.packs is not None else () if pack.spec.id == GENERAL else default_packs()
    rules = load_rules([options.pack, *others])
    reviews = read_reviews(options.reviews)
    held = stored_rules(lake, pack.spec.id) if older is None else {}
    compared = tuple(_compared(pack, older, held))
    known = {rule.spec.id for rule in rules.rules} | {rule.rule_id for rule in compared}
    sheet, notes = _sheet(options.sheet or _own_sheet(pack.spec.id), known, compared)
    bench = Bench(lake, rules, pack, older, held, sheet, options.emotion_model)
    result = compare(bench.judged(total, notify), compared, reviews=reviews)
    if older is None:
        result = replace(result, changes=with_stored_evidence(lake, result.changes))
    if reviews.disputed:
        notes.append(f"{len(reviews.disputed)} 处复核在不同的文件里结论不一,不计入准确率")
    if result.reviews_unused:
        notes.append(f"{result.reviews_unused} 处复核的通话不在这个数据湖里")
    return Backtested(
        result=result,
        pack=pack,
        older=older,
        stored=stored_versions(lake, rules.digest) if older is None else (),
        lake=options.lake.resolve().name,
        sheet=sheet,
        notes=(*notes, *_same_version(pack, older), *bench.notes()),
        failures=tuple(bench.failures),
    )


def keep_evidence(found: Backtested, *, today: date) -> int:
    """Writes what is now known of the pack's rules into its `evidence.yml`; gives their number.

    Raises RuleError where what stands there cannot be read, OSError where it cannot be written.
    """
    counts = {change.rule.rule_id: change.after for change in found.result.rules}
    evidence = [
        Evidence(
            rule=rule.spec.id,
            digest=rule_digest(rule),
            calls=counts[rule.spec.id].calls,
            hits=counts[rule.spec.id].hits,
            reviewed=counts[rule.spec.id].reviewed,
            right=counts[rule.spec.id].right,
            date=today,
            on=f"数据湖 {found.lake}",
        )
        for rule in found.pack.rules
    ]
    write_evidence(found.pack.folder, evidence)
    return len(evidence)


def _older(folder: Path, pack: Pack) -> Pack:
    (older,) = load_rules([folder]).packs
    if older.spec.id != pack.spec.id:
        what = f"旧版的包名是“{older.spec.id}”,新版是“{pack.spec.id}”,不是同一个规则包"
        remedy = "--against 请给出同一个规则包的旧版"
        raise RuleError(Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy=remedy, file=str(folder)))
    return older


def _compared(pack: Pack, older: Pack | None, held: Mapping[str, StoredRule]) -> Iterator[ComparedRule]:
    """Every rule that either side has."""
    after = {rule.spec.id: rule.spec for rule in pack.rules}
    specs = {} if older is None else {rule.spec.id: rule.spec for rule in older.rules}
    versions = {i: s.version for i, s in held.items()} | {i: s.version for i, s in specs.items()}
    known = dict(held) | specs | after
    for rule_id in sorted(known):
        status = next((specs_of[rule_id].status for specs_of in (after, specs) if rule_id in specs_of), None)
        yield ComparedRule(
            rule_id=rule_id,
            title=known[rule_id].title,
            kind=known[rule_id].kind,
            version_before=versions.get(rule_id),
            version_after=after[rule_id].version if rule_id in after else None,
            stable=status == "stable",
        )


def _own_sheet(pack_id: str) -> Path:
    """The sheet of the pack's trade, else the standard one."""
    return of_industry(pack_id)[1] if pack_id in industries() else asset("rules/scoresheets/standard.yml")


def _sheet(path: Path, known: Collection[str], compared: Sequence[ComparedRule]) -> tuple[ScoreSheet | None, list[str]]:
    """The sheet, or None where rules of it are nowhere to be found; and what is to be said of it."""
    sheet = load_sheet(path, rule_ids=None)
    if missing := [rule for rule in sheet.rules if rule not in known]:
        return None, [f"没有算分:评分表“{sheet.title}”里的{_named(missing)}不在这些规则包里,请用 --pack 补上"]
    if not {rule.rule_id for rule in compared}.intersection(sheet.rules):
        what = f"评分表“{sheet.title}”里没有这个规则包的规则,分数不会变;请用 --sheet 给出用到它们的评分表"
        return sheet, [what]
    sides = {rule.rule_id: rule for rule in compared if None in (rule.version_before, rule.version_after)}
    new = [rule for rule in sheet.rules if rule in sides and sides[rule].version_before is None]
    gone = [rule for rule in sheet.rules if rule in sides and sides[rule].version_after is None]
    notes = [f"评分表里的{_named(new)}旧版没有,算旧分数时按不适用"] if new else []
    notes += [f"评分表里的{_named(gone)}新版没有,算新分数时按不适用;发布前请改评分表"] if gone else []
    return sheet, notes


def _same_version(pack: Pack, older: Pack | None) -> Iterator[str]:
    """Rules that judge otherwise than before under the same number."""
    before = {} if older is None else {rule.spec.id: rule for rule in older.rules}
    edited = [
        rule.spec.id
        for rule in pack.rules
        if (was := before.get(rule.spec.id)) is not None
        and rule_digest(was) != rule_digest(rule)
        and was.spec.version == rule.spec.version
    ]
    if edited:
        yield f"{_named(edited)}改了内容而 version 没有加大;发布前请加 1,否则判定说不清是哪一版的"


def _named(rules: Sequence[str]) -> str:
    more = f" 等 {len(rules)} 条" if len(rules) > _MOST_NAMED else ""
    return f"规则 {'、'.join(rules[:_MOST_NAMED])}{more} "
