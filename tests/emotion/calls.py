"""Calls to read a course and types from: who said what, how it felt, and what was measured of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.domain.call import Call, Channel
from pipeline.domain.course import Sign, Trait
from pipeline.domain.emotion import EmotionLabel, TurnEmotion, VoiceVote
from pipeline.domain.signals import Overlap, OverlapKind, Signals
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import Verdict
from pipeline.emotion.seen import CallSeen

A, C = Role.AGENT, Role.CUSTOMER
Said = tuple[Role, str, EmotionLabel | None]


def felt(label: EmotionLabel, probability: float = 0.9, *, voice: VoiceVote | None = None) -> TurnEmotion:
    """`label` with this probability and calm for the rest."""
    shares = dict.fromkeys(EmotionLabel, 0.0)
    shares[EmotionLabel.CALM] += 1 - probability
    shares[label] += probability
    return TurnEmotion(label, probability, shares, voice=voice)


def by_its_neighbours(label: EmotionLabel, probability: float = 0.9) -> TurnEmotion:
    """`label` with this probability by what was said around the turn, whose own words are calm."""
    return replace(felt(label, probability), alone=felt(EmotionLabel.CALM, 1.0).probabilities)


def seen(
    *said: Said,
    channel: Channel = Channel.VOICE,
    signals: Signals | None = None,
    verdicts: Sequence[Verdict] = (),
    metadata: Mapping[str, str] | None = None,
    roles_known: bool = True,
    roles_note: str = "",
    turns: tuple[Turn, ...] | None = None,
    emotions: tuple[TurnEmotion | None, ...] | None = None,
) -> CallSeen:
    """The call in which this was said, turn after turn; None of a label is a turn without an emotion."""
    turns = turns or tuple(Turn(n, role, text) for n, (role, text, _) in enumerate(said))
    return CallSeen(
        call=Call(
            call_id="c1", channel=channel, source="清单.csv", content_hash="h", turns=turns, metadata=metadata or {}
        ),
        transcript=Transcript(turns=turns, engine="given", roles_known=roles_known, roles_note=roles_note),
        signals=signals or Signals(),
        emotions=emotions or tuple(None if label is None else felt(label) for _, _, label in said),
        verdicts={v.rule_id: v for v in verdicts},
    )


def taken(by: Role, turn: int) -> Overlap:
    """An interruption by `by`, who begins `turn`."""
    return Overlap(
        turn * 1000, turn * 1000 + 700, by=by, turn=turn, over_turn=turn - 1, held_ms=900, kind=OverlapKind.INTERRUPTION
    )


def sign(trait: Trait, code: str) -> Sign:
    """The sign of the trait with this code."""
    return next(s for s in trait.signs if s.code == code)
