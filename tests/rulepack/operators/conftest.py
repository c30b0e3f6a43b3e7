"""Operators asked directly, without a pack around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Transcript
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.index import RuleIndex
from pipeline.rulepack.logic import AtLeast, Check
from pipeline.rulepack.region import Region, resolve
from pipeline.rulepack.schema import Params, Scope
from pipeline.rulepack.view import CallView, Outcome, Stance, view_call
from pipeline.signals import measure

Run = Callable[[Any, CallView, Region, Stance], Outcome]


def view_of(
    dialogue: str, *params: Params, probability: float = 1.0, metadata: Mapping[str, str] | None = None
) -> CallView:
    """A written dialogue, with what these parameters want to find in it; a phone call where it has times."""
    turns = parse_dialogue(dialogue, word_probability=probability)
    channel = Channel.CHAT if turns[0].start_ms is None else Channel.VOICE
    transcript = Transcript(turns=turns, engine="given", duration_ms=max(t.end_ms or 0 for t in turns) or None)
    call = Call(call_id="c", channel=channel, source="s", content_hash="h", turns=turns, metadata=metadata or {})
    signals = measure(transcript, channel=channel)
    return view_call(call, transcript, signals, [None] * len(turns), RuleIndex([_rule(params)]))


def _rule(params: Sequence[Params]) -> Any:
    """What an index looks at of a rule."""
    checks = {f"c{i}": SimpleNamespace(params=each, scope=Scope()) for i, each in enumerate(params)}
    demand = AtLeast(1, tuple(map(Check, checks)))
    return SimpleNamespace(spec=SimpleNamespace(id="r"), checks=checks, applies=None, demand=demand, forbids=False)


def outcome_of(run: Run, params: Params, view: CallView, *, stance: Stance = Stance.STRICT, **scope: Any) -> Outcome:
    """What an operator answers in a scope that hangs on no other check."""

    def no_anchor(name: str) -> Outcome:
        raise AssertionError(name)

    return run(params, view, resolve(Scope.model_validate(scope), view, no_anchor), stance)
