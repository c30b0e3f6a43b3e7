"""Which rules a call's text concerns: the phrases and patterns of all rules are looked for at once, and what none of
them touches is not judged again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Verdict
from pipeline.rulepack.gates import BESIDE_THE_TEXT, Checks, Gate, gate_of
from pipeline.rulepack.joined import JoinedText
from pipeline.rulepack.logic import Expression, leaves
from pipeline.rulepack.patterns import PatternIndex, PatternKey
from pipeline.rulepack.phrases import PhraseHits, PhraseIndex

if TYPE_CHECKING:
    from pipeline.rulepack.load import Rule
    from pipeline.rulepack.view import Outcome, Stance

CheckKey: TypeAlias = tuple[str, str]
"""A rule's id and the name of one of its checks."""


class Found:
    """What of all rules a call's text holds. `patterns` may match in the turns that are named, and nowhere else.

    `touched` are the checks that may find something in the text, made when it is asked for: what only nearly sounds the
    same has to be looked for. Any other check that rests on the text alone finds nothing.
    """

    def __init__(
        self,
        index: RuleIndex,
        hits: PhraseHits,
        patterns: Mapping[PatternKey, Sequence[int]],
        roles: Sequence[Role],
        *,
        sounded: bool,
    ) -> None:
        self._index = index
        self.hits = hits
        self.patterns = patterns
        self._roles = roles
        self._sounded = sounded

    @cached_property
    def touched(self) -> Checks:
        index, roles = self._index, self._roles
        touched = BESIDE_THE_TEXT
        for phrase, hits in self.hits.equal.items():
            of_phrase = index.by_phrase.get(phrase)
            if of_phrase is not None:
                for hit in hits:
                    touched |= of_phrase[roles[hit.turn]]
        for pattern in self.patterns:
            touched |= index.by_pattern.get(pattern, 0)
        near = index.by_near_phrase if self._sounded else index.by_close_phrase
        for phrase in self.hits.by_phrase if near else ():
            touched |= near.get(phrase, 0)
        return touched

    def touches(self, key: CheckKey) -> bool:
        """Whether a check that rests on the text alone may find something in it."""
        return bool(self.touched & self._index.bits[key])

    def gate(self, rule_id: str) -> Gate:
        """Of one of the rules."""
        return self._index.gates[rule_id]


@dataclass(frozen=True, slots=True)
class Idle:
    """Verdicts by rule and the need that is not met, and outcomes by rule, check and stance, where the text holds
    nothing of what they look for."""

    verdicts: dict[tuple[str, int], Verdict] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, Stance], Outcome] = field(default_factory=dict)


class RuleIndex:
    """Built once for a set of rules. `textual` are the rules that rest on the text alone; `gates` tell of each rule
    whether a call's text may decide it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.textual = frozenset(r.spec.id for r in rules if all(c.params.triggers for c in r.checks.values()))
        keys = [(r.spec.id, name) for r in rules for name in r.checks]
        self.bits: dict[CheckKey, Checks] = {key: 1 << i for i, key in enumerate(keys, start=1)}
        self.gates = {r.spec.id: gate_of(r, {name: self.bits[r.spec.id, name] for name in r.checks}) for r in rules}
        self._idle: dict[object, Idle] = defaultdict(Idle)
        self.by_phrase: dict[str, dict[Role, Checks]] = defaultdict(lambda: dict.fromkeys(Role, 0))
        self.by_pattern: dict[PatternKey, Checks] = defaultdict(int)
        self.by_near_phrase: dict[str, Checks] = defaultdict(int)
        self.by_close_phrase: dict[str, Checks] = defaultdict(int)
        heard: dict[PatternKey, set[Role]] = defaultdict(set)
        for rule in rules:
            benefiting = _for_benefit(rule)
            for name, check in rule.checks.items():
                bit = self.bits[rule.spec.id, name]
                speakers = set(Role) if check.scope.speaker is None else {check.scope.speaker}
                for pattern in check.params.indexed_patterns:
                    heard[pattern] |= speakers
                triggers = check.params.triggers
                if triggers is None:
                    continue
                for pattern in triggers.patterns:
                    self.by_pattern[pattern] |= bit
                for phrase in triggers.phrases:
                    for role in speakers:
                        self.by_phrase[phrase][role] |= bit
                    if triggers.close:
                        self.by_close_phrase[phrase] |= bit
                    if triggers.close or name in benefiting:
                        self.by_near_phrase[phrase] |= bit
        self._phrases = PhraseIndex(p for r in rules for c in r.checks.values() for p in c.params.indexed_phrases)
        self._patterns = PatternIndex(heard)

    def idle(self, kind: object) -> Idle:
        """What rules and checks come to on calls of a kind in which nothing of theirs is found; empty at first."""
        return self._idle[kind]

    def find(self, joined: JoinedText, roles: Sequence[Role], *, sounded: bool = True) -> Found:
        """Goes through a call's text once and through its sound once; `roles` are those of its turns.

        `sounded` is False for typed text, in which nothing is misheard.
        """
        patterns = self._patterns.candidates(joined, roles)
        return Found(self, self._phrases.find(joined), patterns, roles, sounded=sounded)


def _for_benefit(rule: Rule) -> frozenset[str]:
    """The checks that what nearly sounds the same may touch for somebody's benefit."""
    return frozenset(
        (
            *_benevolent(rule.applies, strict=True),
            *_anchors(rule),
            *_benevolent(rule.demand, strict=rule.forbids),
        )
    )


def _benevolent(expression: Expression | None, *, strict: bool) -> Iterator[str]:
    """The checks whose hits need not be sure for somebody's benefit."""
    if expression is not None:
        yield from (name for name, positive in leaves(expression) if positive != strict)


def _anchors(rule: Rule) -> set[str]:
    return {anchor.check for check in rule.checks.values() for _, anchor in check.scope.anchors}
