"""One judgement explained, on a call of a lake, of a file, or of a rule's case."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.emotion_models import emotion_model
from flows.language_model import language_model
from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, ProblemCode, RuleError
from pipeline.domain.transcript import Transcript
from pipeline.emotion import load_default
from pipeline.intake import read
from pipeline.rulepack.cases import Case, load_cases
from pipeline.rulepack.load import Rule, RuleSet, digest_of, load_rules
from pipeline.rulepack.trace import Trace, trace_rule
from pipeline.rulepack.yamlfile import nearest
from pipeline.score.inspect import view_of
from pipeline.store.lake import Lake
from pipeline.store.stored import StoredVerdict, stored_call
from pipeline.transcribe import transcribe_calls

_MOST_PACKS = 3
"""A call is judged by the pack for every trade, one trade's and perhaps one of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A trace and what it rests on. `gaps`: what is not known of the call any more, in Chinese.

    `stored` is the lake's own verdict, and `same_rules` whether it came from the rules that explain it now.
    """

    call: Call
    transcript: Transcript
    trace: Trace
    gaps: tuple[str, ...] = ()
    stored: StoredVerdict | None = None
    same_rules: bool = True


def explain_stored(rules: RuleSet, rule: Rule, root: Path, call_id: str, *, emotions: Path | None = None) -> Explained:
    """The judgement of a call of a lake, with the rules as they are now. Raises LakeError, ModelError.

    `emotions` is the folder of the emotion model, None for the shipped one.
    """
    lake = Lake(root)
    timezone = lake.timezone.key
    found = stored_call(lake, call_id)
    model = emotion_model(emotions)
    gaps = list(found.gaps)
    if found.emotion_digest not in ("", model.digest):
        gaps.append("当时的情绪模型与现在的不同,情绪由现在的模型重新识别")
    stored = found.verdicts.get(rule.spec.id)
    if stored is not None:
        rules = _as_then(rules, stored.rules_digest)
    asked = language_model(rules, root / "_state" / "answers")
    view = view_of(found.call, found.transcript, rules, model, timezone=timezone, language_model=asked)
    return Explained(
        call=found.call,
        transcript=found.transcript,
        trace=trace_rule(rule, view),
        gaps=tuple(gaps),
        stored=stored,
        same_rules=stored is not None and stored.rules_digest == rules.digest,
    )


def _as_then(rules: RuleSet, digest: str) -> RuleSet:
    """Those of the packs that the call was judged by, since a lake seldom knows all trades; all where none are."""
    sizes = range(1, min(len(rules.packs), _MOST_PACKS) + 1)
    some = (packs for size in sizes for packs in combinations(rules.packs, size))
    return next((RuleSet(packs) for packs in some if digest_of(packs) == digest), rules)


def explain_file(
    rules: RuleSet, rule: Rule, path: Path, call_id: str | None, *, emotions: Path | None = None
) -> Explained:
    """The judgement of a call of a file that holds transcripts or chats. Raises InputError."""
    found = read([path])
    if found.failures:
        raise InputError(found.failures)
    written = {c.call_id: c for c in found.calls if c.turns is not None}
    if call_id is None and len(written) == 1:
        call_id = next(iter(written))
    if call_id not in written:
        known = "、".join(list(written)[:8]) or "没有;录音请先用 zhijian run 转写"
        what = "没有写通话编号" if call_id is None else f"文件里没有通话“{call_id}”"
        raise InputError(Problem(code=ProblemCode.BAD_VALUE, what=what, remedy=f"文件里的通话:{known}", file=str(path)))
    call = written[call_id]
    (transcript,) = transcribe_calls([call], None)
    if not isinstance(transcript, Transcript):
        raise transcript
    with TemporaryDirectory() as answers:
        asked = language_model(rules, Path(answers))
        view = view_of(call, transcript, rules, emotion_model(emotions), language_model=asked)
        return Explained(call=call, transcript=transcript, trace=trace_rule(rule, view))


def explain_case(named: str) -> Explained:
    """The judgement of a case, named `FILE:NAME`, or `FILE:RULE:NAME` where several are called so. Raises RuleError."""
    file, _, name = named.partition(".cases.yml:")
    path = Path(f"{file}.cases.yml")
    if not name or not path.is_file():
        what = f"“{named}”不是用例"
        remedy = "请写成 用例文件:用例名,如 rules/general/opening.cases.yml:接起先问好"
        raise RuleError(Problem(code=ProblemCode.FILE_MISSING, what=what, remedy=remedy))
    rules = load_rules([path.parent])
    cases = [c for c in load_cases(rules.packs[0]) if Path(c.file).name == path.name]
    named_so = [c for c in cases if name in (c.spec.name, f"{c.spec.rule}:{c.spec.name}")]
    if len(named_so) > 1:
        what = f"有 {len(named_so)} 个用例都叫“{name}”"
        remedy = f"请写上规则编号,如 {path}:{named_so[0].spec.rule}:{name}"
        raise RuleError(Problem(code=ProblemCode.RULE_INVALID, what=what, remedy=remedy, file=str(path)))
    if not named_so:
        names = list(dict.fromkeys(c.spec.name for c in cases))
        near = nearest(name, names)
        remedy = f"您是否想写“{near}”?" if near else f"文件里的用例:{'、'.join(names[:5])}"
        raise RuleError(Problem(code=ProblemCode.RULE_INVALID, what=f"没有用例“{name}”", remedy=remedy, file=str(path)))
    case = named_so[0]
    return Explained(call=case.call, transcript=case.transcript, trace=trace_case(rules, case))


def trace_case(rules: RuleSet, case: Case) -> Trace:
    """How a case's verdict came about."""
    rule = next(r for r in rules.rules if r.spec.id == case.spec.rule)
    view = view_of(case.call, case.transcript, rules, load_default(), language_model=case.language_model)
    return trace_rule(rule, view)
