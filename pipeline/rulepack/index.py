"""Which rules a call's text concerns: the phrases and patterns of all rules are looked for at once, and what none of
them touches is not judged again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Verdict
from pipeline.rulepack.gates import gate_of
from pipeline.rulepack.joined import JoinedText
from pipeline.rulepack.logic import Expression, leaves
from pipeline.rulepack.patterns import PatternIndex, PatternKey
from pipeline.rulepack.phrases import PhraseHits, PhraseIndex

if TYPE_CHECKING:
    from pipeline.rulepack.load import Rule
    from pipeline.rulepack.view import Outcome, Stance

KeyT = TypeVar("KeyT")
CheckKey: TypeAlias = tuple[str, str]
"""A rule's id and the name of one of its checks."""


class Found:
    """What of all rules a call's text holds. `patterns` may match in the turns that are named, and nowhere else.

    `touched` are the checks that may find something in the text; a check of `by_nearness` may do so also by what only
    nearly sounds the same, and then is in `nearly`, which is made when it is asked for. Any other check that rests on
    the text alone finds nothing.
    """

    def __init__(
        self, index: RuleIndex, hits: PhraseHits, patterns: Mapping[PatternKey, Sequence[int]], roles: Sequence[Role]
    ) -> None:
        self._index = index
        self.hits = hits
        self.patterns = patterns
        self._roles = roles

    @cached_property
    def touched(self) -> frozenset[CheckKey]:
        nothing: frozenset[CheckKey] = frozenset()
        by_phrase, by_pattern, roles = self._index.by_phrase, self._index.by_pattern, self._roles
        said = {(phrase, roles[hit.turn]) for phrase, hits in self.hits.equal.items() for hit in hits}
        matched = {(pattern, roles[turn]) for pattern, turns in self.patterns.items() for turn in turns}
        return nothing.union(
            *(by_phrase.get(one, nothing) for one in said),
            *(by_pattern.get(one, nothing) for one in matched),
        )

    @cached_property
    def nearly(self) -> frozenset[CheckKey]:
        nothing: frozenset[CheckKey] = frozenset()
        return nothing.union(*(self._index.by_near_phrase.get(phrase, nothing) for phrase in self.hits.by_phrase))

    def holds_nothing_for(self, key: CheckKey) -> bool:
        """Whether a check that rests on the text alone finds nothing in it."""
        return key not in self.touched and (key not in self._index.by_nearness or key not in self.nearly)


@dataclass(frozen=True, slots=True)
class Idle:
    """Verdicts by rule, and outcomes by rule, check and stance, where the text holds nothing of what they look for."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, Stance], Outcome] = field(default_factory=dict)


class RuleIndex:
    """Built once for a set of rules. `textual` are the rules that rest on the text alone; `gates` tell of each rule
    whether a call's text may decide it, None where something else may."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.textual = frozenset(r.spec.id for r in rules if all(c.params.triggers for c in r.checks.values()))
        self.gates = {r.spec.id: gate_of(r) for r in rules}
        self._idle: dict[object, Idle] = defaultdict(Idle)
        params = [c.params for r in rules for c in r.checks.values()]
        self._phrases = PhraseIndex(phrase for p in params for phrase in p.indexed_phrases)
        self._patterns = PatternIndex(key for p in params for key in p.indexed_patterns)
        by_phrase: dict[tuple[str, Role], set[CheckKey]] = defaultdict(set)
        by_near_phrase: dict[str, set[CheckKey]] = defaultdict(set)
        by_pattern: dict[tuple[PatternKey, Role], set[CheckKey]] = defaultdict(set)
        for rule in rules:
            near = _by_nearness(rule)
            for name, check in rule.checks.items():
                if check.params.triggers is None:
                    continue
                key = rule.spec.id, name
                heard = Role if check.scope.speaker is None else (check.scope.speaker,)
                for phrase in check.params.triggers.phrases:
                    if name in near:
                        by_near_phrase[phrase].add(key)
                    for role in heard:
                        by_phrase[phrase, role].add(key)
                for pattern in check.params.triggers.patterns:
                    for role in heard:
                        by_pattern[pattern, role].add(key)
        self.by_phrase, self.by_near_phrase, self.by_pattern = (
            _frozen(by_phrase),
            _frozen(by_near_phrase),
            _frozen(by_pattern),
        )
        self.by_nearness = frozenset(key for keys in by_near_phrase.values() for key in keys)

    def idle(self, kind: object) -> Idle:
        """What rules and checks come to on calls of a kind in which nothing of theirs is found; empty at first."""
        return self._idle[kind]

    def find(self, joined: JoinedText, roles: Sequence[Role]) -> Found:
        """Goes through a call's text once and through its sound once; `roles` are those of its turns."""
        return Found(self, self._phrases.find(joined), self._patterns.candidates(joined), roles)


def _by_nearness(rule: Rule) -> frozenset[str]:
    """The checks that what nearly sounds the same may touch: for somebody's benefit, or because they ask for it."""
    asked = {n for n, c in rule.checks.items() if c.params.triggers is not None and c.params.triggers.close}
    return frozenset(
        asked
        | set(_benevolent(rule.applies, strict=True))
        | _anchors(rule)
        | set(_benevolent(rule.demand, strict=rule.forbids))
    )


def _benevolent(expression: Expression | None, *, strict: bool) -> Iterator[str]:
    """The checks whose hits need not be sure for somebody's benefit."""
    if expression is not None:
        yield from (name for name, positive in leaves(expression) if positive != strict)


def _anchors(rule: Rule) -> set[str]:
    return {anchor.check for check in rule.checks.values() for _, anchor in check.scope.anchors}


def _frozen(sets: dict[KeyT, set[CheckKey]]) -> dict[KeyT, frozenset[CheckKey]]:
    return {key: frozenset(found) for key, found in sets.items()}
