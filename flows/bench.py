"""The work of a back-test: every stored call judged and scored under both versions of a pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flows.emotion_models import emotion_model
from flows.language_model import language_model
from flows.problems import internal
from flows.work import Notify
from pipeline.domain.errors import Problem
from pipeline.domain.score import CallScore
from pipeline.domain.verdict import Severity, Verdict, VerdictValue
from pipeline.insight.backtest import JudgedTwice
from pipeline.insight.versions import StoredRule
from pipeline.rulepack.load import Pack, RuleSet
from pipeline.score.inspect import verdicts_of
from pipeline.score.scoring import score_call
from pipeline.score.sheet import ScoreSheet
from pipeline.store.lake import Lake
from pipeline.store.stored import StoredCall, stored_calls

Verdicts = Mapping[str, Verdict]

_OTHER_EMOTION = "当时的情绪模型与现在的不同,情绪由现在的模型重新识别"
_NOT_JUDGED = "在数据湖里没有这个规则包的判定:命中的都算新命中,分数不比较"
_NO_SUCH_RULE = "这一版没有这条规则"


@dataclass(slots=True)
class Bench:
    """Both versions, ready to judge a lake's calls. `rules`: the newer one with the other packs that the sheet needs.

    `older` None: the verdicts that the lake holds, of the rules `held`, are the older version's. `failures` and
    `notes` grow while the calls are judged.
    """

    lake: Lake
    rules: RuleSet
    pack: Pack
    older: Pack | None
    held: Mapping[str, StoredRule]
    sheet: ScoreSheet | None
    emotion_model: Path | None = None
    failures: list[Problem] = field(default_factory=list)
    _titles: Mapping[str, str] = field(init=False)
    _severities: Mapping[str, Severity] = field(init=False)
    _remarks: Counter[str] = field(default_factory=Counter)
    _unanswered: int = 0

    def __post_init__(self) -> None:
        older = () if self.older is None else self.older.rules
        specs = {rule.spec.id: rule.spec for rule in (*older, *self.rules.rules)}
        self._titles = {i: s.title for i, s in self.held.items()} | {i: s.title for i, s in specs.items()}
        self._severities = {i: s.severity for i, s in self.held.items()} | {i: s.severity for i, s in specs.items()}

    def judged(self, total: int, notify: Notify) -> Iterator[JudgedTwice]:
        """Each call under both versions, one at a time; one that cannot be judged is a failure of its own."""
        model, timezone = emotion_model(self.emotion_model), self.lake.timezone.key
        before = None if self.older is None else RuleSet((self.older,))
        answers = self.lake.root / "_state" / "answers"
        both = [self.rules] if before is None else [self.rules, before]
        llm = next((client for rules in both if (client := language_model(rules, answers))), None)
        judge_after = verdicts_of(self.rules, model, timezone=timezone)
        judge_before = None if before is None else verdicts_of(before, model, timezone=timezone)
        for number, stored in enumerate(stored_calls(self.lake), start=1):
            call, transcript = stored.call, stored.transcript
            try:
                after = _by_rule(judge_after(call, transcript, language_model=llm))
                if judge_before is None:
                    older = self._stored(stored)
                else:
                    older = _by_rule(judge_before(call, transcript, language_model=llm))
                one = self._twice(stored, older, after)
            except Exception as error:
                self.failures.append(internal(call, error))
            else:
                self._remark(stored, model.digest, known=bool(older))
                yield one
            notify("backtest", number, total)
        self._unanswered = llm.unanswered if llm else 0

    def notes(self) -> tuple[str, ...]:
        """What was noticed of the calls, in Chinese; whole once all are judged."""
        notes = [f"{calls} 通:{remark}" for remark, calls in sorted(self._remarks.items())]
        if self._unanswered:
            notes.append(f"语言模型有 {self._unanswered} 个问题没有回答,再运行一次会重新问")
        return tuple(notes)

    def _remark(self, stored: StoredCall, emotion_digest: str, *, known: bool) -> None:
        self._remarks.update(stored.gaps)
        self._remarks[_OTHER_EMOTION] += stored.emotion_digest not in ("", emotion_digest)
        self._remarks[_NOT_JUDGED] += not known
        self._remarks += Counter()  # drops what was counted 0 times

    def _stored(self, stored: StoredCall) -> Verdicts:
        """The lake's verdicts of the pack's rules."""
        return {
            rule_id: Verdict(rule_id=rule_id, rule_version=v.rule_version, value=VerdictValue(v.value), reason=v.reason)
            for rule_id, v in stored.verdicts.items()
            if rule_id in self.held
        }

    def _twice(self, stored: StoredCall, older: Verdicts, after: Verdicts) -> JudgedTwice:
        others = {rule: verdict for rule, verdict in after.items() if not rule.startswith(f"{self.pack.spec.id}.")}
        newer = {rule: verdict for rule, verdict in after.items() if rule not in others}
        quarantined = stored.transcript.quarantined_share
        return JudgedTwice(
            call_id=stored.call.call_id,
            before=older,
            after=newer,
            score_before=self._score({**others, **older}, quarantined) if older else None,
            score_after=self._score(after, quarantined),
        )

    def _score(self, verdicts: Verdicts, quarantined: float) -> CallScore | None:
        """The score of one side; a rule of the sheet that only the other side has does not apply."""
        if self.sheet is None:
            return None
        missing = [rule for rule in self.sheet.rules if rule not in verdicts]
        absent = [
            Verdict(rule_id=rule, rule_version=0, value=VerdictValue.NOT_APPLICABLE, reason=_NO_SUCH_RULE)
            for rule in missing
        ]
        return score_call(
            self.sheet, [*verdicts.values(), *absent], self._severities, self._titles, quarantined=quarantined
        )


def _by_rule(verdicts: tuple[Verdict, ...]) -> Verdicts:
    return {verdict.rule_id: verdict for verdict in verdicts}
