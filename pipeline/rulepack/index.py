"""Which rules a call's text concerns: the phrases and patterns of all rules are looked for at once, and what none of
them touches is not judged again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pipeline.domain.verdict import MatchKind, Verdict
from pipeline.rulepack.joined import JoinedText
from pipeline.rulepack.logic import leaves
from pipeline.rulepack.patterns import PatternIndex, PatternKey
from pipeline.rulepack.phrases import PhraseHits, PhraseIndex

if TYPE_CHECKING:
    from pipeline.rulepack.load import Rule
    from pipeline.rulepack.view import Outcome, Stance

KeyT = TypeVar("KeyT")
CheckKey: TypeAlias = tuple[str, str]
"""A rule's id and the name of one of its checks."""


@dataclass(frozen=True, slots=True)
class Found:
    """What of all rules a call's text holds. `patterns` may match it, all others do not. `touched`: the checks that may
    find something in the text; any other check that rests on the text alone finds nothing."""

    hits: PhraseHits
    patterns: frozenset[PatternKey]
    touched: frozenset[CheckKey]


@dataclass(frozen=True, slots=True)
class Idle:
    """Verdicts by rule, and outcomes by rule, check and stance, where the text holds nothing of what they look for."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, Stance], Outcome] = field(default_factory=dict)


class RuleIndex:
    """Built once for a set of rules. `textual` are the rules that rest on the text alone."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.textual = frozenset(r.spec.id for r in rules if all(c.params.triggers for c in r.checks.values()))
        self._idle: dict[object, Idle] = defaultdict(Idle)
        params = [c.params for r in rules for c in r.checks.values()]
        self._phrases = PhraseIndex(phrase for p in params for phrase in p.indexed_phrases)
        self._patterns = PatternIndex(key for p in params for key in p.indexed_patterns)
        by_phrase: dict[str, set[CheckKey]] = defaultdict(set)
        by_close: dict[str, set[CheckKey]] = defaultdict(set)
        by_pattern: dict[PatternKey, set[CheckKey]] = defaultdict(set)
        for rule in rules:
            benevolent = set(_benevolent(rule))
            for name, check in rule.checks.items():
                if check.params.triggers is None:
                    continue
                key = rule.spec.id, name
                for phrase in check.params.triggers.phrases:
                    by_phrase[phrase].add(key)
                    if name in benevolent or check.params.triggers.close:
                        by_close[phrase].add(key)
                for pattern in check.params.triggers.patterns:
                    by_pattern[pattern].add(key)
        self._by_phrase, self._by_close, self._by_pattern = _frozen(by_phrase), _frozen(by_close), _frozen(by_pattern)

    def idle(self, kind: object) -> Idle:
        """What rules and checks come to on calls of a kind in which nothing of theirs is found; empty at first."""
        return self._idle[kind]

    def find(self, joined: JoinedText) -> Found:
        """Goes through a call's text once and through its sound once."""
        hits = self._phrases.find(joined)
        patterns = self._patterns.candidates(joined)
        return Found(hits, patterns, frozenset().union(*self._touched(hits, patterns)))

    def _touched(self, hits: PhraseHits, patterns: Iterable[PatternKey]) -> Iterator[frozenset[CheckKey]]:
        nothing: frozenset[CheckKey] = frozenset()
        for phrase, found in hits.by_phrase.items():
            close = all(hit.kind is MatchKind.CLOSE for hit in found)
            yield (self._by_close if close else self._by_phrase).get(phrase, nothing)
        for pattern in patterns:
            yield self._by_pattern.get(pattern, nothing)


def _benevolent(rule: Rule) -> Iterator[str]:
    """The checks whose hits need not be sure for somebody's benefit: there one syllable off counts too."""
    for expression, strict in ((rule.applies, True), (rule.demand, rule.forbids)):
        if expression is not None:
            yield from (name for name, positive in leaves(expression) if positive != strict)
    for check in rule.checks.values():
        yield from (anchor.check for _, anchor in check.scope.anchors)


def _frozen(sets: dict[KeyT, set[CheckKey]]) -> dict[KeyT, frozenset[CheckKey]]:
    return {key: frozenset(found) for key, found in sets.items()}
