"""Judges rules on a call: exactly one verdict per rule, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.verdict import Finding, MatchKind, Verdict, VerdictValue
from pipeline.rulepack.load import CompiledCheck, Rule, RuleSet
from pipeline.rulepack.logic import AtLeast, Check, Expression, Not, Then, Truth, truth_at_least, truth_not
from pipeline.rulepack.operators import OPERATORS
from pipeline.rulepack.reasons import absence, fact, finding_of, negated, passed_reason, unknown_reason, violated_reason
from pipeline.rulepack.region import Region, resolve
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance

_UNKNOWN = {
    Truth.ABSENT: VerdictValue.NOT_APPLICABLE,
    Truth.UNJUDGED: VerdictValue.UNDETERMINED,
    Truth.DOUBTFUL: VerdictValue.SUSPECTED,
}


def judge(rules: RuleSet, view: CallView) -> tuple[Verdict, ...]:
    """One verdict for each rule, in order of rule id.

    A rule that a call's text cannot bring to anything else comes to the same verdict on all calls of a kind: it is
    judged on the first of them.
    """
    if not view.plain or not any(n.text for n in view.normal):
        return tuple(judge_rule(rule, view) for rule in rules.rules)
    idle, touched = view.idle.verdicts, view.found.touched
    verdicts: list[Verdict] = []
    for rule in rules.rules:
        rule_id = rule.spec.id
        closed = view.found.gate(rule_id).closed(touched)
        if closed is None:
            verdicts.append(judge_rule(rule, view))
            continue
        if (rule_id, closed) not in idle:
            idle[rule_id, closed] = judge_rule(rule, view)
        verdicts.append(idle[rule_id, closed])
    return tuple(verdicts)


def judge_rule(rule: Rule, view: CallView, trial: Trial | None = None) -> Verdict:
    """The verdict of one rule. Who hands in a `trial` can afterwards read in it what each check answered.

    A call on which no speech was recognised is judged by no rule. Where it is unknown whether a rule applies, a kept
    rule is `passed`, and a broken one is what the unknown makes it.
    """
    idle = _not_in_force(rule, view)
    if idle:
        return _verdict(rule, VerdictValue.NOT_APPLICABLE, idle)
    if not any(n.text for n in view.normal):
        return _verdict(rule, VerdictValue.UNDETERMINED, "没有识别到任何讲话")
    trial = trial or Trial(rule, view)
    applies = Truth.TRUE if rule.applies is None else trial.truth(rule.applies, Stance.STRICT)
    if applies in (Truth.FALSE, Truth.ABSENT):
        note = "、".join(trial.notes(_why_not(rule, view, trial, applies), applies, Stance.STRICT)[:2])
        return _verdict(
            rule, VerdictValue.NOT_APPLICABLE, f"不适用:{negated(note) if applies is Truth.FALSE else note}"
        )
    # What is expected gets the benefit of the doubt; what is forbidden must be proved.
    stance = Stance.STRICT if rule.forbids else Stance.GENEROUS
    demand = trial.truth(rule.demand, stance)
    good = Truth.FALSE if rule.forbids else Truth.TRUE
    if demand is good:
        findings = [] if rule.forbids else trial.findings(rule.demand, demand, stance)
        return _verdict(rule, VerdictValue.PASSED, passed_reason(rule, findings), findings)
    occasion = [] if rule.applies is None else trial.findings(rule.applies, applies, Stance.STRICT)
    if not demand.known:
        findings = trial.findings(rule.demand, demand, stance)
        reason = unknown_reason(demand, trial.notes(rule.demand, demand, stance), findings)
        return _verdict(
            rule, _UNKNOWN[demand], reason, [*findings, *occasion] if demand is Truth.DOUBTFUL else findings
        )
    findings = trial.findings(rule.demand, demand, stance) or trial.facts(rule.demand, demand, stance)
    if not applies.known:
        assert rule.applies is not None
        reason = unknown_reason(applies, trial.notes(rule.applies, applies, Stance.STRICT), occasion)
        return _verdict(
            rule, _UNKNOWN[applies], f"{reason};若适用则{violated_reason(findings)}", [*findings, *occasion]
        )
    wrong_order = not rule.forbids and all(f.match is not MatchKind.ABSENCE for f in findings)
    reason = ("先后顺序不符:" if wrong_order else "") + violated_reason(findings)
    return _verdict(rule, VerdictValue.VIOLATED, reason, [*findings, *occasion])


def _why_not(rule: Rule, view: CallView, trial: Trial, applies: Truth) -> Expression:
    """The part of `applies` that makes it what it is: the first of which nothing is said at all, or all of it."""
    assert rule.applies is not None
    lacking = view.found.gate(rule.spec.id).lacking(view.found.touched)
    return lacking if lacking is not None and trial.truth(lacking, Stance.STRICT) is applies else rule.applies


def _not_in_force(rule: Rule, view: CallView) -> str | None:
    if rule.spec.status == "deprecated":
        return "规则已停用"
    day = view.day
    if day is None:
        return None
    if day < rule.spec.since:
        return f"规则自 {rule.spec.since} 起生效"
    if rule.spec.until is not None and day > rule.spec.until:
        return f"规则已于 {rule.spec.until} 失效"
    return None


@dataclass(slots=True)
class Trial:
    """The checks of one rule on one call, each evaluated at most once per stance."""

    rule: Rule
    view: CallView
    _outcomes: dict[tuple[str, Stance], Outcome] = field(default_factory=dict)

    @property
    def outcomes(self) -> Mapping[tuple[str, Stance], Outcome]:
        """What has been evaluated so far, in that order."""
        return self._outcomes

    def region(self, name: str, stance: Stance = Stance.GENEROUS) -> Region:
        """Where a check looks. Raises NotJudgedError."""
        return resolve(
            self.rule.checks[name].scope,
            self.view,
            lambda other: self._anchor(other, stance),
            every_hit=name in self.rule.counted,
            severity=self.rule.spec.severity,
        )

    def _anchor(self, name: str, stance: Stance) -> Outcome:
        """An anchor needs only to be plausible: what hangs on a doubtful one is doubtful itself.

        Where finding something would cost the agent, what may have stood in unclear speech is no anchor.
        """
        found = self.outcome(name, Stance.GENEROUS)
        return self.outcome(name, stance) if found.truth is Truth.UNJUDGED else found

    def outcome(self, name: str, stance: Stance) -> Outcome:
        key = (name, stance)
        if key not in self._outcomes:
            check = self.rule.checks[name]
            if self.view.holds_nothing_for(self.rule.spec.id, check):
                idle, idle_key = self.view.idle.outcomes, (self.rule.spec.id, *key)
                if idle_key not in idle:
                    idle[idle_key] = self._evaluated(check, stance)
                self._outcomes[key] = idle[idle_key]
            else:
                self._outcomes[key] = self._evaluated(check, stance)
        return self._outcomes[key]

    def _evaluated(self, check: CompiledCheck, stance: Stance) -> Outcome:
        try:
            region = self.region(check.name, stance)
            outcome = OPERATORS[check.operator].run(check.params, self.view, region, stance)
        except NotJudgedError as unjudged:
            return Outcome(truth=unjudged.truth, note=unjudged.note)
        if check.scope.label is not None:
            speaker = "" if check.scope.speaker is None else SPEAKER_NAMES[check.scope.speaker]
            told = f"{speaker}{check.scope.label.removeprefix(speaker)}"
            return Outcome(truth=outcome.truth, hits=outcome.hits, note=told)
        if outcome.truth is Truth.FALSE and region.missing is not None:
            return Outcome(truth=Truth.FALSE, note=f"{outcome.note}(前提“{region.missing}”没有出现)")
        return outcome

    def truth(self, expression: Expression, stance: Stance) -> Truth:
        match expression:
            case Check(name):
                return self.outcome(name, stance).truth
            case Not(inner):
                return truth_not(self.truth(inner, flipped(stance)))
            case AtLeast(n, parts):
                return truth_at_least(n, [self.truth(p, stance) for p in parts])
            case Then():
                return self._then(expression, stance)[0]

    def _then(self, expression: Then, stance: Stance) -> tuple[Truth, tuple[Hit, ...]]:
        """Whether the order holds, and the hits of the second part that come in order."""
        first, first_hits = self._placed(expression.first, stance)
        second, second_hits = self._placed(expression.second, stance)
        values = (first, second)
        if Truth.FALSE in values:
            return Truth.FALSE, ()
        if Truth.UNJUDGED in values or Truth.ABSENT in values:
            return max(v for v in values if not v.known), ()
        within = expression.within_ms
        if within is not None and not self.view.transcript.has_times:
            return Truth.UNJUDGED if self.view.is_voice else Truth.ABSENT, ()
        ordered = tuple(b for b in second_hits if any(_follows(a, b, within) for a in first_hits))
        if not ordered:
            return Truth.FALSE, ()
        return (Truth.TRUE if values == (Truth.TRUE, Truth.TRUE) else Truth.DOUBTFUL), ordered

    def _placed(self, expression: Expression, stance: Stance) -> tuple[Truth, tuple[Hit, ...]]:
        if isinstance(expression, Then):
            return self._then(expression, stance)
        hits = tuple(
            h for name, hit_stance in self._named(expression, stance) for h in self.outcome(name, hit_stance).hits
        )
        return self.truth(expression, stance), hits

    def _named(self, expression: Expression, stance: Stance) -> list[tuple[str, Stance]]:
        match expression:
            case Check(name):
                return [(name, stance)]
            case Not(inner):
                return self._named(inner, flipped(stance))
            case AtLeast(_, parts):
                return [found for p in parts for found in self._named(p, stance)]
            case Then(first, second):
                return self._named(first, stance) + self._named(second, stance)

    def _deciding(self, expression: Expression, truth: Truth, stance: Stance) -> list[tuple[str, Stance]]:
        """The checks that make `expression` what it is; plain facts of the call only where nothing else does."""
        found = self._leaves(expression, truth, stance)
        placed = [d for d in found if OPERATORS[self.rule.checks[d[0]].operator].placed]
        return placed or found

    def _leaves(self, expression: Expression, truth: Truth, stance: Stance) -> list[tuple[str, Stance]]:
        match expression:
            case Check(name):
                return [(name, stance)]
            case Not(inner):
                return self._leaves(inner, truth_not(truth), flipped(stance))
            case AtLeast(_, parts):
                deciding = [p for p in parts if self.truth(p, stance) is truth]
                return [found for p in deciding for found in self._leaves(p, truth, stance)]
            case Then(first, second):
                return self._named(first, stance) + self._named(second, stance)

    def notes(self, expression: Expression, truth: Truth, stance: Stance) -> list[str]:
        """What the deciding checks say of themselves, each once."""
        deciding = self._deciding(expression, truth, stance)
        return list(dict.fromkeys(o.note for o in (self.outcome(*d) for d in deciding) if o.note))

    def findings(self, expression: Expression, truth: Truth, stance: Stance) -> list[Finding]:
        """The evidence: the deciding checks' hits, or that nothing was found."""
        found: list[Finding] = []
        for name, each in dict.fromkeys(self._deciding(expression, truth, stance)):
            outcome = self.outcome(name, each)
            found += [finding_of(self.rule, name, h) for h in outcome.hits]
            if not outcome.hits and outcome.truth is Truth.FALSE:
                found.append(absence(self.rule, name, outcome.note))
        return found

    def facts(self, expression: Expression, truth: Truth, stance: Stance) -> list[Finding]:
        """The evidence where nothing that was said decides: what is known of the call as a whole (it began at 22)."""
        return [
            fact(self.rule, name, note)
            for name, each in dict.fromkeys(self._deciding(expression, truth, stance))
            if (note := self.outcome(name, each).note)
        ]


def flipped(stance: Stance) -> Stance:
    """The stance under a `not`."""
    return Stance.STRICT if stance is Stance.GENEROUS else Stance.GENEROUS


def _follows(a: Hit, b: Hit, within_ms: int | None) -> bool:
    if b.begin < a.finish:
        return False
    if within_ms is None:
        return True
    return a.end_ms is not None and b.start_ms is not None and b.start_ms - a.end_ms <= within_ms


def _verdict(rule: Rule, value: VerdictValue, reason: str, findings: Sequence[Finding] = ()) -> Verdict:
    return Verdict(
        rule_id=rule.spec.id,
        rule_version=rule.spec.version,
        value=value,
        reason=reason,
        findings=tuple(dict.fromkeys(findings)),
    )
